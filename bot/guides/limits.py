"""What fits on every channel, and what may never be said: texts, buttons, names of a guide."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from functools import cache
from typing import Any

from bot.errors import Problem
from bot.guides.building import Source
from bot.guides.guide import ANYWHERE, PLACEHOLDERS, Guide, Timed
from bot.guides.models import CHOICES, TEXT, Choices, Secrets, Step, Trouble
from bot.guides.routes import unused
from bot.guides.texts import LONGEST, fill, placeholders, step_lines

_HEAD = "x" * 20  # "step 12/14" before the title, in bold
_SENTENCE = re.compile(r"(?<=[.!?;:])\s+|\n")
_FIXED = {"ward": 40, "fee": 60, "filing_page": 0, "page": 0, "portal": 9, "vneid": 9}
_FILLED = {name: "x" * length for name, length in {**LONGEST, **_FIXED}.items()}
_FIXED_AT_STEP = 3  # done, stuck, later
_HELPER = {"helper": "yes"}


def problems(guide: Guide, source: Source, words: Secrets) -> Iterator[Problem]:
    """Everything in a guide that does not fit or does not belong."""
    yield from _questions(guide, source)
    yield from _checks(guide)
    yield from _steps(guide)
    for file, line, text in _texts(guide):
        if asked := asks_a_secret(text, words):
            yield _at(file, line, "asks_secret", asked)
    ids = {timed.item.id for timed in guide.steps}
    for id_, trouble in guide.troubles.items():
        place = ("troubles", id_)
        if place in source.lines and not ids & {*trouble.at} and ANYWHERE not in trouble.at:
            yield source.problem(place, "unreachable", id_)


def advice(guide: Guide, source: Source) -> Iterator[Problem]:
    """Questions that change nothing (any more), and buttons of one message that say the same."""
    yield from _same_labels(guide)
    for fact in sorted(unused(guide)):
        at = next(at for at, timed in enumerate(guide.questions) if timed.item.fact == fact)
        yield source.problem(("questions", at), "fact_unused", fact)


def pictures(guide: Guide, known: Collection[str]) -> Iterator[Problem]:
    """Pictures that are named but not drawn."""
    for timed in guide.steps:
        if timed.item.picture and timed.item.picture not in known:
            yield _wrong(timed, "no_picture", timed.item.picture)


def _same_labels(guide: Guide) -> Iterator[Problem]:
    for question in guide.questions:
        yield from _twice([choice.label for choice in question.item.choices.values()], question)
    for step in guide.steps:
        labels = [trouble.label for trouble in guide.troubles_at(step.item.id).values()]
        yield from _twice([*labels, *(choice.label for choice in step.item.choices.values())], step)


def _twice(labels: list[str], timed: Timed[Any]) -> Iterator[Problem]:
    for label in sorted({label for label in labels if labels.count(label) > 1}):
        yield _wrong(timed, "label_twice", label)


def of_troubles(troubles: Mapping[str, Trouble], source: Source, words: Secrets) -> Iterator[Problem]:
    """The troubles of a file: their texts, and no step named twice."""
    for id_, trouble in troubles.items():
        line = source.line(("troubles", id_, "fix"))
        for text in trouble.fix:
            yield from _text(text, source.path, line, id_)
            if asked := asks_a_secret(text, words):
                yield _at(source.path, line, "asks_secret", asked)
        if len(set(trouble.at)) < len(trouble.at):
            yield source.problem(("troubles", id_, "at"), "trouble_twice", id_)


def _questions(guide: Guide, source: Source) -> Iterator[Problem]:
    for at, timed in enumerate(guide.questions):
        question = timed.item
        place = ("questions", at)
        fixed = (1 if question.unsure else 0) + 1  # not sure, later
        yield from _buttons(len(question.choices) or 2, fixed, timed, question.fact)
        text = "\n".join([question.ask, *([question.why] if question.why else [])])
        yield from _text(text, source.path, source.line(place), question.fact)
        for choice in question.choices.values():
            if choice.go:
                yield source.problem((*place, "choices"), "no_step", choice.go)


def _checks(guide: Guide) -> Iterator[Problem]:
    for timed in guide.checks:
        for text in (timed.item.ask, timed.item.fix):
            yield from _text(text, timed.file, timed.line, timed.item.id)


def _steps(guide: Guide) -> Iterator[Problem]:
    seen: set[str] = set()
    for timed in guide.steps:
        step = timed.item
        if step.id in seen:
            yield _wrong(timed, "step_twice", step.id)
        seen.add(step.id)
        if step.choices and not step.fact:
            yield _wrong(timed, "choices_without_fact", step.id)
        buttons = (1 if step.link else 0) + (1 if step.button else 0)
        own = len(step.choices) or (2 if step.fact else 1)
        yield from _buttons(own, buttons + _FIXED_AT_STEP - 1, timed, step.id)
        if step.button and step.button not in guide.troubles:
            yield _wrong(timed, "no_trouble", step.button)
        text = _HEAD + step.title + "\n" + "\n".join(step_lines(guide, step, _HELPER))
        yield from _text(text, timed.file, timed.line, step.id, step.long is not None)
        yield from _dead_ends(step.choices, timed)


def _texts(guide: Guide) -> Iterator[tuple[str, int, str]]:
    """Every text a person reads, troubles aside, with its place."""
    for question in guide.questions:
        yield question.file, question.line, question.item.ask
    for check in guide.checks:
        yield from ((check.file, check.line, text) for text in (check.item.ask, check.item.fix))
    for step in guide.steps:
        yield from ((step.file, step.line, text) for text in step_lines(guide, step.item, _HELPER))


def _dead_ends(choices: Choices, timed: Timed[Step]) -> Iterator[Problem]:
    for choice in choices.values():
        if choice.guide or choice.stop:
            yield _wrong(timed, "not_in_walk", timed.item.id)


def _buttons(own: int, fixed: int, timed: Timed[Any], name: str) -> Iterator[Problem]:
    if own + fixed > CHOICES:
        yield _wrong(timed, "too_many_buttons", f"{name}: {own + fixed}")


def _text(text: str, file: str, line: int, name: str, may_be_long: bool = False) -> Iterator[Problem]:
    length = len(fill(text, _FILLED))
    if length > TEXT and not may_be_long:
        yield _at(file, line, "text_too_long", f"{name}: {length}")
    for unknown in sorted(set(placeholders(text)) - PLACEHOLDERS):
        yield _at(file, line, "unknown_placeholder", "{" + unknown + "}")


def asks_a_secret(text: str, words: Secrets) -> str:
    """The first sentence that would make people send an ID number, passcode or OTP here; empty if none."""
    for sentence in _SENTENCE.split(text.replace("**", "")):
        asks = re.search(rf"{_any(words.asking)}.*{_any(words.secrets)}", sentence, re.IGNORECASE)
        if asks and not re.search(_any(words.unless), sentence, re.IGNORECASE):
            return sentence
    return ""


@cache
def _any(words: tuple[str, ...]) -> str:
    return rf"\b(?:{'|'.join(map(re.escape, words))})\b"


def _wrong(timed: Timed[Any], kind: str, about: str) -> Problem:
    return _at(timed.file, timed.line, kind, about)


def _at(file: str, line: int, kind: str, about: str) -> Problem:
    return Problem(file, line, "", f"{kind}: {about}", kind, (("about", about),))
