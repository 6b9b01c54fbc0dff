"""Walks every way through a guide in thought: what nobody reaches, what nobody answers, what never ends."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import product

from bot.errors import Problem
from bot.guides.building import Source
from bot.guides.expressions import UNSURE, Expression
from bot.guides.guide import BUILT_IN, Guide
from bot.guides.models import Question, Step

TOO_MANY = 5_000  # ways through the questions of one guide; beyond that nobody can review it


def paths(guide: Guide) -> Iterator[dict[str, str]]:
    """The answers of every way through questions and walk that reaches the end."""
    asked: list[tuple[Question | Step, Expression]] = [(t.item, t.when) for t in guide.questions]
    asked += [(t.item, t.when) for t in guide.steps if t.item.fact]
    used = sorted({name for _, when in asked for name in when.names if name in BUILT_IN})
    for values in product(*(sorted(BUILT_IN[name]) for name in used)):
        yield from _ways(guide, asked, dict(zip(used, values, strict=True)), 0)


def _ways(
    guide: Guide, asked: list[tuple[Question | Step, Expression]], facts: dict[str, str], at: int
) -> Iterator[dict[str, str]]:
    while at < len(asked) and asked[at][1](facts) is False:
        at += 1
    if at == len(asked):
        yield facts
        return
    item = asked[at][0]
    for value in answers(guide, item):
        choice = item.choices.get(value)
        if choice is None or not (choice.guide or choice.stop or choice.go):
            yield from _ways(guide, asked, {**facts, str(item.fact): value}, at + 1)


def answers(guide: Guide, item: Question | Step) -> list[str]:
    """The values a question or a step offers, in the order of its buttons."""
    listed = list(item.choices) or ["yes", "no"]
    return [*listed, UNSURE] if isinstance(item, Question) and item.unsure else listed


def problems(guide: Guide, source: Source) -> Iterator[Problem]:
    """Everything wrong with the ways through this guide."""
    ways = []
    for way in paths(guide):
        ways.append(way)
        if len(ways) > TOO_MANY:
            yield source.problem(("questions",), "too_many_ways", str(TOO_MANY))
            return
    if not ways:
        yield source.problem(("questions",), "never_ends", guide.id)
        return
    yield from _never_ending(guide, source)
    yield from _order(guide)
    judge = _Judge(ways)
    for file, line, name, when in _conditional(guide):
        if verdict := judge(when):
            yield Problem(file, line, name, f"{verdict}: {name}", verdict, (("about", name),))


def _conditional(guide: Guide) -> Iterator[tuple[str, int, str, Expression]]:
    for question in guide.questions:
        yield question.file, question.line, question.item.fact, question.when
    for step in guide.steps:
        yield step.file, step.line, step.item.id, step.when
    for check in guide.checks:
        yield check.file, check.line, check.item.id, check.when
    for entry in guide.not_needed:
        yield entry.file, entry.line, "not_needed", entry.when


class _Judge:
    """Says of a condition whether no way fulfils it, or some way leaves it without an answer."""

    def __init__(self, ways: list[dict[str, str]]) -> None:
        self._ways = ways
        self._cases: dict[frozenset[str], list[dict[str, str]]] = {}

    def __call__(self, when: Expression) -> str:
        if not when.names:
            return "unreachable" if when({}) is False else ""
        cases = self._cases_of(when.names)
        values = [when(case) for case in cases]
        if all(value is False for value in values):
            return "unreachable"
        for case, value in zip(cases, values, strict=True):
            if value is None and any(name not in case for name in when.names) and UNSURE not in case.values():
                return "unanswered"
        return ""

    def _cases_of(self, names: frozenset[str]) -> list[dict[str, str]]:
        """The different combinations of these facts that occur; facts of the house take every value."""
        if names not in self._cases:
            own = {tuple((n, way[n]) for n in sorted(names) if n in way) for way in self._ways}
            house = sorted((names & BUILT_IN.keys()) - self._ways[0].keys())
            built = [[(name, value) for value in sorted(BUILT_IN[name])] for name in house]
            self._cases[names] = [dict(case) | dict(extra) for case in sorted(own) for extra in product(*built)]
        return self._cases[names]


def _order(guide: Guide) -> Iterator[Problem]:
    """A condition may look only at what was asked before it."""
    known = set(BUILT_IN)
    for question in guide.questions:
        yield from _early(question.when.names - known, question.file, question.line)
        known.add(question.item.fact)
    for check in guide.checks:
        yield from _early(check.when.names - known, check.file, check.line)
    for entry in guide.not_needed:
        yield from _early(entry.when.names - known, entry.file, entry.line)
    for step in guide.steps:
        yield from _early(step.when.names - known, step.file, step.line)
        if step.item.fact:
            known.add(step.item.fact)


def _early(names: Iterable[str], file: str, line: int) -> Iterator[Problem]:
    for name in sorted(names):
        yield Problem(file, line, "when", f"unanswered: {name}", "unanswered", (("about", name),))


def _never_ending(guide: Guide, source: Source) -> Iterator[Problem]:
    """A step all of whose answers lead back, or a jump to nowhere."""
    places = {timed.item.id: at for at, timed in enumerate(guide.steps)}
    for at, timed in enumerate(guide.steps):
        jumps = [choice.go for choice in timed.item.choices.values()]
        for go in jumps:
            if go and go not in places:
                yield Problem(timed.file, timed.line, timed.item.id, f"no step {go}", "no_step", (("about", go),))
        if jumps and all(go and places.get(go, at + 1) <= at for go in jumps):
            about = (("about", timed.item.id),)
            yield Problem(timed.file, timed.line, timed.item.id, "loop without end", "never_ends", about)


def unused(guide: Guide) -> set[str]:
    """Questions that change nothing."""
    used = {name for *_, when in _conditional(guide) for name in when.names}
    used |= {name for paper in guide.papers for name in paper.when.names}
    timed = (*guide.procedure.fees, *guide.procedure.time)
    used |= {name for fact in timed if fact.when for name in guide.conditions[fact.when].names}
    used |= guide.visit.names
    deciding = {t.item.fact for t in guide.questions if any(c.guide or c.stop for c in t.item.choices.values())}
    return {t.item.fact for t in guide.questions} - used - deciding
