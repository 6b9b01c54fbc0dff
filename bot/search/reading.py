"""What the search found in a text: the decision and everything that explains it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from bot.knowledge.models import Aspect, Procedure
from bot.search.places import PlaceAnswer

NAMED = "exactly a name"


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
    group: str = ""  # the group of choices.yaml whose question tells the first hits apart
    options: tuple[str, ...] = ()  # values of its options that are still possible
    needs: tuple[str, ...] = ()  # ids of two procedures asked for in one message
    about: tuple[str, ...] = ()  # folded words that name a special case: "nếu mất giấy chứng sinh thì sao"
    subject: Hit | None = None  # what those words alone would be about
    what_if: bool = False  # ends in "thì sao"
    other_case: bool = False  # asks for the case not chosen before
    answer: str = ""  # "agree" or "refuse" when the text is just that
    number: int = 0  # "2", "số 2": a choice by number
    danger: str = ""  # a kind of emergency that the text also speaks of: its numbers come first
    rejects: bool = False  # says that we misunderstood the question before
    address: str = ""  # what the person calls themselves: "bác", "cô"
    understood_as: str = ""  # the text after repair
    why: str = ""

    @property
    def codes(self) -> list[str]:
        """Official codes, best first, at most ten."""
        if self.decision not in (Decision.ANSWER, Decision.CHOOSE):
            return []
        listed = [hit.procedure.codes() for hit in self.hits]
        own = [codes[0] for codes in listed if codes] if self.group or self.needs else []  # all options fit in
        return list(dict.fromkeys([*own, *(code for codes in listed for code in codes)]))[:10]


EMPTY = Reading("", Decision.NONE)
