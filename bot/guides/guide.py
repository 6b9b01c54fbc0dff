"""A guide as it is walked: blocks put in, conditions parsed, papers taken from the procedure."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Generic, TypeVar

from bot.guides.expressions import NO, YES, Expression, Facts
from bot.guides.models import Check, How, NotNeeded, Question, Step, Trouble
from bot.knowledge.models import Document, Fee, Procedure, Source, Way

T = TypeVar("T")

# Facts every guide knows without asking; the values of a yes/no fact are yes and no.
BUILT_IN: dict[str, frozenset[str]] = {
    "helper": frozenset({YES, NO}),  # done for somebody else
    "ward": frozenset({YES, NO}),  # the person has saved a ward
    "fee": frozenset({"none", "some", "unclear"}),  # what filing online costs in this case
    "level": frozenset({"full", "partial", "unknown"}),  # how far the procedure goes online
}
ANYWHERE = "any"
PLACEHOLDERS = frozenset(
    {"service", "name", "ward", "fee", "time", "filing_page", "page", "papers", "paper", "portal", "vneid"}
)


@dataclass(frozen=True, slots=True)
class Timed(Generic[T]):
    """Something that holds under a condition; ``file`` and ``line`` name its place for motcua check."""

    item: T
    when: Expression
    file: str = ""
    line: int = 1

    def holds(self, facts: Facts) -> bool:
        """Whether it is shown: it holds, or nobody can say yet that it does not."""
        return self.when(facts) is not False


@dataclass(frozen=True, slots=True)
class Paper:
    """One paper of the procedure as the guide speaks of it."""

    key: str  # its place in the procedure's list, such as "p0"
    document: Document
    how: How
    when: Expression
    tip: str | None = None
    skip: str | None = None


@dataclass(frozen=True, slots=True)
class Guide:
    """One guide, valid and ready; ``version`` changes with any word of it."""

    id: str
    name: str
    procedure: Procedure
    questions: tuple[Timed[Question], ...]
    papers: tuple[Paper, ...]
    not_needed: tuple[Timed[NotNeeded], ...]
    checks: tuple[Timed[Check], ...]
    steps: tuple[Timed[Step], ...]
    troubles: dict[str, Trouble]
    added: dict[str, str]  # step -> the line the guide adds to a block's words
    conditions: dict[str, Expression]  # those of the procedure, said in facts of the guide
    visit: Expression  # it ends at a counter; see ``ways``
    kinds: dict[str, frozenset[str]]
    sources: tuple[Source, ...]
    checked: date
    version: str
    serves: tuple[str, ...] = ()
    by_choice: bool = False
    intro: str | None = None
    end: str | None = None
    is_general: bool = False
    file: str = field(default="", compare=False)

    def step(self, id_: str) -> Step | None:
        """The step of that id (for a repeated one: without the part after the colon)."""
        plain = id_.partition(":")[0]
        return next((timed.item for timed in self.steps if timed.item.id == plain), None)

    def question(self, fact: str) -> Question | None:
        """The question that asks this fact."""
        return next((timed.item for timed in self.questions if timed.item.fact == fact), None)

    def check(self, id_: str) -> Check | None:
        """The check of that id."""
        return next((timed.item for timed in self.checks if timed.item.id == id_), None)

    def troubles_at(self, id_: str) -> dict[str, Trouble]:
        """What may go wrong at that step, the guide's own troubles first."""
        plain = id_.partition(":")[0]
        here = {key: trouble for key, trouble in self.troubles.items() if plain in trouble.at}
        return here | {key: trouble for key, trouble in self.troubles.items() if ANYWHERE in trouble.at}

    def own_troubles(self) -> dict[str, Trouble]:
        """What may go wrong anywhere in this guide."""
        ids = {timed.item.id for timed in self.steps} | {ANYWHERE}
        return {key: trouble for key, trouble in self.troubles.items() if ids & {*trouble.at}}

    def needed(self, facts: Facts, today: date) -> list[tuple[Paper, bool]]:
        """The papers of this case, each with whether it is sure; those not needed online left out."""
        listed = []
        for paper in self.papers:
            value = paper.when(facts)
            if value is not False and paper.skip is None and paper.document.holds_on(today):
                listed.append((paper, value is True))
        return listed

    def spared(self, facts: Facts) -> list[str]:
        """What need not be brought, with the reason."""
        papers = [f"{p.document.name}: {p.skip}" for p in self.papers if p.skip and p.when(facts) is not False]
        return papers + [timed.item.text for timed in self.not_needed if timed.holds(facts)]

    def attached(self, facts: Facts, today: date, has: Collection[str] = ()) -> list[Paper]:
        """The papers to photograph and attach: the sure ones, and of the others those ticked off (``has``)."""
        return [
            paper
            for paper, is_sure in self.needed(facts, today)
            if paper.how in ("photo", "original") and (is_sure or paper.key in has)
        ]

    def ways(self, facts: Facts) -> tuple[Way, ...]:
        """How it is handed in: online, or on paper in a visit; both while an answer that decides is missing."""
        is_visit = self.visit(facts)
        return ("online", "paper") if is_visit is None else ("paper",) if is_visit else ("online",)

    def fees_due(self, facts: Facts, today: date, way: Way) -> list[Fee]:
        """What is paid when filing that way in this case, as far as it can be told."""
        return [
            fee
            for fee in self.procedure.fees
            if fee.way in ("any", way)
            and fee.holds_on(today)
            and not fee.apart
            and (fee.when is None or self.conditions[fee.when](facts) is not False)
        ]

    def fee(self, facts: Facts, today: date) -> str:
        """Whether that is anything: none, some or unclear (a value of the fact ``fee``)."""
        kinds = {_kind(self.fees_due(facts, today, way)) for way in self.ways(facts)}
        return kinds.pop() if len(kinds) == 1 else "unclear"

    def times(self, facts: Facts, today: date) -> list[str]:
        """How long it takes in this case: one entry, or several while an answer that decides is missing."""
        ways = ("any", *self.ways(facts))
        listed = [time for time in self.procedure.time if time.way in ways and time.holds_on(today)]
        values = [True if time.when is None else self.conditions[time.when](facts) for time in listed]
        sure = [time.text for time, value in zip(listed, values, strict=True) if value]
        open_ = [time.text for time, value in zip(listed, values, strict=True) if value is None]
        return sure[:1] or open_ or [time.text for time in self.procedure.time[:1]]


def _kind(due: Sequence[Fee]) -> str:
    amounts = [fee.amount for fee in due]
    if not amounts or None in amounts:
        return "unclear"
    return "none" if not any(amounts) else "some" if all(amounts) else "unclear"
