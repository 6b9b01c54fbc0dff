"""What the search found in a text: the decision and everything that explains it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from bot.knowledge.models import Aspect, Procedure
from bot.search.places import PlaceAnswer


class Decision(StrEnum):
    """What to do with a text; the values are part of the command contract."""

    ANSWER = "answer"
    CHOOSE = "choose"
    NONE = "none"
    DOSSIER = "dossier"
    OFFICE = "office"
    SMALLTALK = "smalltalk"
    COMMAND = "command"


@dataclass(frozen=True, slots=True)
class Hit:
    """One procedure: how likely it is meant (0 to 1), and how near its example questions are (0 to 1)."""

    procedure: Procedure
    score: float
    near: float = 0.0


@dataclass(frozen=True, slots=True)
class Reading:
    """How a text was understood."""

    text: str
    decision: Decision
    hits: tuple[Hit, ...] = ()
    aspect: Aspect | None = None
    interrupts: str = ""  # handler that a command or an emergency calls
    topic: str = ""  # kind of small talk, of emergency, or the argument of a command
    place: PlaceAnswer | None = None
    is_follow_up: bool = False  # begins like something that hangs on the question before
    is_bare: bool = False  # nothing but question words: names no subject of its own
    answer: str = ""  # "agree" or "refuse" when the text is just that
    number: int = 0  # "2", "số 2": a choice by number
    danger: str = ""  # a kind of emergency that the text also speaks of: its numbers come first
    address: str = ""  # what the person calls themselves: "bác", "cô"
    understood_as: str = ""  # the text after repair
    why: str = ""

    @property
    def codes(self) -> list[str]:
        """Official codes, best first, at most ten."""
        if self.decision not in (Decision.ANSWER, Decision.CHOOSE):
            return []
        return list(dict.fromkeys(code for hit in self.hits for code in hit.procedure.codes()))[:10]


EMPTY = Reading("", Decision.NONE)
