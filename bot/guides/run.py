"""A person's run through a guide: what was answered and done. Where one stands follows from that.

So an earlier answer can change and an edited guide can take over: the next open thing is found anew,
and what was done stays done. All functions are pure; the place a run is kept is bot/guides/keeping.py.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from bot.guides.expressions import NO, UNSURE, YES, Facts
from bot.guides.guide import Guide, Paper
from bot.guides.models import Step

ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"  # nothing that looks like something else
GAVE_UP = 2  # failures in a row after which a person is offered


class Stage(StrEnum):
    """What is asked next."""

    WHO = "who"
    CONSENT = "consent"
    QUESTION = "question"
    STOP = "stop"
    PAPERS = "papers"
    CHECK = "check"
    WALK = "walk"
    NUMBER = "number"
    RATING = "rating"
    WORD = "word"
    DONE = "done"


class Run(BaseModel):
    """What a person has said and done in one guide; nothing in it names anybody."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    id: str
    guide: str
    version: str = ""
    begun: date | None = None
    facts: dict[str, str] = Field({})  # answers, also the built-in ``helper``
    consent: date | None = None  # the day the other person agreed, for helpers
    has: tuple[str, ...] = ()  # keys of papers ticked off
    is_ready: bool = False  # the papers are complete
    checks: dict[str, str] = Field({})  # check -> "good", "fixed" or "left"
    passed: tuple[str, ...] = ()  # steps done
    at: str = ""  # the step last shown
    view: str = ""  # something laid over the next open thing, such as "stuck:" or "tick:p2"
    tried: int = 0  # how many fixes of the trouble in view did not help
    failures: int = 0  # in a row
    numbered: bool = False  # the reference number has been spoken of
    rating: int = 0
    is_over: bool = False
    remind: bool = True
    reminded: bool = False

    @property
    def key(self) -> str:
        """The short name that buttons carry."""
        return self.id[:4]

    def with_(self, **changes: Any) -> Run:
        """A copy with these changes."""
        return self.model_copy(update=changes)

    def seen(self, view: str = "", **changes: Any) -> Run:
        """A copy that shows something else."""
        return self.with_(view=view, **changes)


@dataclass(frozen=True, slots=True)
class World:
    """What the next thing to do depends on besides the run."""

    today: date
    has_ward: bool = False


@dataclass(frozen=True, slots=True)
class Position:
    """The next open thing; ``id`` names the question, check or step."""

    stage: Stage
    id: str = ""


@dataclass(frozen=True, slots=True)
class Leg:
    """One step of the walk as it comes in this run; ``paper`` for a step repeated per paper."""

    id: str
    step: Step
    paper: Paper | None = None


def begin(guide: Guide, today: date | None = None, before: Run | None = None) -> Run:
    """A new run; answers of another guide that mean the same are taken over."""
    facts = {}
    if before is not None:
        kept = {name: value for name, value in before.facts.items() if value in guide.kinds.get(name, ())}
        facts = {name: value for name, value in kept.items() if name == "helper" or guide.question(name)}
    id_ = "".join(secrets.choice(ALPHABET) for _ in range(12))
    consent = before.consent if before else None
    return Run(id=id_, guide=guide.id, version=guide.version, begun=today, facts=facts, consent=consent)


def facts_of(guide: Guide, run: Run, world: World) -> dict[str, str]:
    """Everything that is known: answers and the facts every guide knows."""
    known = {**run.facts, "ward": YES if world.has_ward else NO, "level": guide.procedure.online.level}
    known["fee"] = guide.fee(known, world.today)
    return known


def legs(guide: Guide, run: Run, world: World, facts: Facts | None = None) -> list[Leg]:
    """The steps of this run, in order; ``facts`` where they are known already."""
    facts = facts_of(guide, run, world) if facts is None else facts
    listed = []
    for timed in guide.steps:
        if not timed.holds(facts):
            continue
        if timed.item.each is None:
            listed.append(Leg(timed.item.id, timed.item))
        else:
            papers = guide.attached(facts, world.today, run.has)
            listed += [Leg(f"{timed.item.id}:{paper.key}", timed.item, paper) for paper in papers]
    return listed


def position(guide: Guide, run: Run, world: World) -> Position:
    """The next open thing."""
    if "helper" not in run.facts:
        return Position(Stage.WHO)
    if run.facts["helper"] == YES and run.consent is None:
        return Position(Stage.CONSENT)
    facts = facts_of(guide, run, world)
    for timed in guide.questions:
        question = timed.item
        if timed.when(facts) is not False:
            if question.fact not in run.facts:
                return Position(Stage.QUESTION, question.fact)
            choice = question.choices.get(run.facts[question.fact])
            if choice and choice.stop:
                return Position(Stage.STOP, question.fact)
    if not run.is_ready:
        return Position(Stage.PAPERS)
    if not run.passed:
        for check in guide.checks:
            if check.holds(facts) and check.item.id not in run.checks:
                return Position(Stage.CHECK, check.item.id)
    has_number = False
    for leg in legs(guide, run, world, facts):
        if leg.id not in run.passed:
            ask = has_number and not run.numbered  # what comes after may take weeks
            return Position(Stage.NUMBER) if ask else Position(Stage.WALK, leg.id)
        has_number = has_number or leg.step.number
    if not run.numbered:
        return Position(Stage.NUMBER)
    if not run.rating:
        return Position(Stage.RATING)
    return Position(Stage.DONE if run.is_over else Stage.WORD)


# --- what a person does ---


def answer(guide: Guide, run: Run, fact: str, value: str) -> Run:
    """Answers a question, the first time or again; other answers stay unless their question falls away."""
    question = guide.question(fact)
    if question is None or value not in (*guide.kinds[fact], *((UNSURE,) if question.unsure else ())):
        return run.seen()
    facts = {**run.facts, fact: value}
    for timed in guide.questions:
        if timed.item.fact in facts and timed.when(facts) is False:
            del facts[timed.item.fact]
    return run.seen(facts=facts)


def tick(run: Run, paper: str, has: bool = True) -> Run:
    """Marks a paper as there or not."""
    others = tuple(key for key in run.has if key != paper)
    return run.with_(has=(*others, paper) if has else others)


def all_ready(guide: Guide, run: Run, world: World) -> Run:
    """All papers are there."""
    needed = guide.needed(facts_of(guide, run, world), world.today)
    return run.seen(has=tuple(paper.key for paper, is_sure in needed if is_sure), is_ready=True)


def note_check(run: Run, id_: str, outcome: str) -> Run:
    """Notes how a check before sending came out."""
    return run.seen(checks={**run.checks, id_: outcome})


def done(guide: Guide, run: Run, id_: str, value: str = "") -> Run:
    """A step is done; its answer may lead back to an earlier one."""
    step = guide.step(id_)
    if step is None or id_ in run.passed:
        return run.seen()
    facts = run.facts
    if step.fact:
        if value not in guide.kinds[step.fact]:
            return run.seen()
        facts = {**facts, step.fact: value}
        choice = step.choices.get(value)
        if choice is not None and choice.go:
            return _back_to(guide, run.with_(facts=facts), choice.go)
    return run.seen(passed=(*run.passed, id_), facts=facts, tried=0, failures=0)


def _back_to(guide: Guide, run: Run, target: str) -> Run:
    """From that step on everything is open again."""
    order = [timed.item.id for timed in guide.steps]
    again = set(order[order.index(target) :])
    facts_again = {timed.item.fact for timed in guide.steps if timed.item.id in again}
    facts = {name: value for name, value in run.facts.items() if name not in facts_again}
    passed = tuple(id_ for id_ in run.passed if id_.partition(":")[0] not in again)
    return run.seen(passed=passed, facts=facts, tried=0, failures=0)


def not_fixed(guide: Guide, run: Run, trouble: str) -> Run:
    """A way out did not help: the next one, and after two in a row a person."""
    known = guide.troubles.get(trouble)
    failures, tried = run.failures + 1, run.tried + 1
    if known is None or failures >= GAVE_UP or tried >= len(known.fix):
        return run.seen(f"person:{trouble}", failures=failures, tried=0)
    return run.seen(f"trouble:{trouble}", failures=failures, tried=tried)


def fixed(run: Run) -> Run:
    """Out of trouble: back to the step."""
    return run.seen(tried=0, failures=0)


def moved_on(guide: Guide, run: Run, world: World) -> Run:
    """The run in the guide as it is now: same-named step, answers that still mean something."""
    if run.version == guide.version:
        return run
    facts = {name: value for name, value in run.facts.items() if value in (*guide.kinds.get(name, ()), UNSURE)}
    run = run.with_(version=guide.version, facts=facts, view="", tried=0)
    order = [leg.id for leg in legs(guide, run, world)]
    if run.at not in order and ":" in run.at:  # the paper is gone, its step may stand
        run = run.with_(at=next((id_ for id_ in order if id_.startswith(run.at.partition(":")[0])), ""))
    if run.passed and run.at in order:
        before = order[: order.index(run.at)]
        run = run.with_(passed=tuple(dict.fromkeys((*run.passed, *before))))
    return run
