"""One turn inside a guide: the run as it was and as it becomes, and what the words need to know."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from bot.guides.guide import Guide
from bot.guides.keeping import Kept
from bot.guides.run import Leg, Position, Run, World, facts_of, legs, position
from bot.messages import Button
from handlers.base import CONTEXT, Turn

MARK = "guide"  # the key in a conversation's data that says which run is in front


@dataclass(slots=True)
class Session:
    """A turn with a guide and a run; the actions change ``run``."""

    turn: Turn
    guide: Guide
    kept: Kept
    run: Run
    updated: bool = False  # the guide was edited since the person was last here
    notes: list[str] = field(default_factory=list)  # said before the screen
    _memo: tuple[Run, dict[str, str], list[Leg], Position] | None = None

    @property
    def world(self) -> World:
        """The day and whether a ward is saved."""
        return World(self.turn.today, self.turn.conversation.ward in self.turn.library.places.communes)

    @property
    def position(self) -> Position:
        """The next open thing."""
        return self._known[3]

    @property
    def facts(self) -> dict[str, str]:
        """All that is known."""
        return self._known[1]

    @property
    def legs(self) -> list[Leg]:
        """The steps of this run."""
        return self._known[2]

    @property
    def _known(self) -> tuple[Run, dict[str, str], list[Leg], Position]:
        """What follows from the run, found once for each."""
        if self._memo is None or self._memo[0] is not self.run:
            facts = facts_of(self.guide, self.run, self.world)
            walk = legs(self.guide, self.run, self.world, facts)
            self._memo = (self.run, facts, walk, position(self.guide, self.run, self.world))
        return self._memo

    @property
    def is_visit(self) -> bool | None:
        """Whether this case ends at a counter; None while an answer that decides is missing."""
        return self.guide.visit(self.facts)

    def leg(self, id_: str) -> tuple[int, int, Leg | None]:
        """Number, count and the step of that id."""
        listed = self.legs
        at = next((at for at, leg in enumerate(listed, 1) if leg.id == id_), 0)
        return at, len(listed), listed[at - 1] if at else None

    @property
    def now(self) -> datetime:
        """The moment of the turn."""
        return self.turn.now

    def text(self, key: str, **values: object) -> str:
        """A text of the block ``guides``."""
        return self.turn.texts(f"guides.{key}", **values)

    def worded(self, key: str, **values: object) -> str:
        """A text that has other words (``_visit``) for a case that ends at a counter."""
        return self.text(f"{key}_visit" if self.is_visit else key, **values)

    def button(self, label: str, step: str, argument: str = "") -> Button:
        """A button of this run; ``label`` is a key of the texts without its ``b_``."""
        return self.named(self.text(f"b_{label}"), step, argument)

    def named(self, label: str, step: str, argument: str = "") -> Button:
        """A button with words of its own."""
        return Button(
            label, f"guides:{step}:{self.run.key}.{argument}" if argument else f"guides:{step}:{self.run.key}"
        )


@dataclass(frozen=True, slots=True)
class Mark:
    """What a conversation remembers of the run in front, enough to understand the next words."""

    key: str
    guide: str
    stage: str
    id: str
    view: str

    @classmethod
    def of(cls, turn: Turn) -> Mark | None:
        """The mark of this conversation; None when no guide is in front."""
        parts = turn.conversation.data.get(MARK, "").split("|")
        return cls(*parts) if len(parts) == 5 else None

    @classmethod
    def put(cls, session: Session) -> None:
        """Notes where the run stands."""
        where = session.position
        parts = (session.run.key, session.guide.id, where.stage.value, where.id, session.run.view)
        session.turn.conversation.data[MARK] = "|".join(parts)
        session.turn.conversation.data.pop(CONTEXT, None)
        session.turn.conversation.waiting_for = "guides:run"

    @staticmethod
    def clear(turn: Turn) -> None:
        """No guide is in front any more."""
        turn.conversation.data.pop(MARK, None)
        turn.conversation.data.pop(CONTEXT, None)
        if turn.conversation.waiting_for == "guides:run":
            turn.conversation.waiting_for = ""
