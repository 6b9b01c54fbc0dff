"""Puts a guide together from its file, the blocks and its procedure; names every fault with file and line."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TypeVar

from bot.errors import Problem
from bot.guides.expressions import NO, UNSURE, YES, Expression, ExpressionError, both, is_reserved, parse
from bot.guides.guide import BUILT_IN, Guide, Paper, Timed
from bot.guides.models import Block, Check, CheckUse, GuideFile, How, Step, Trouble
from bot.knowledge.models import Document, Procedure
from bot.knowledge.yaml_lines import Place, line_of

T = TypeVar("T")
_YES_NO = frozenset({YES, NO})


@dataclass(frozen=True, slots=True)
class Source:
    """A file with the lines of its keys."""

    path: str
    lines: dict[Place, int]

    def line(self, place: Place) -> int:
        """The line of that place, or of the nearest thing around it."""
        return line_of(self.lines, place)

    def problem(self, place: Place, kind: str, about: str) -> Problem:
        """Something wrong there, in the words of check.yaml."""
        key = ".".join(map(str, place))
        return Problem(self.path, self.line(place), key, f"{kind}: {about}", kind, (("about", about),))


@dataclass(frozen=True, slots=True)
class Shelf:
    """What guides are built from."""

    blocks: Mapping[str, tuple[Block, Source]]
    procedures: Mapping[str, Procedure]
    forms: tuple[str, ...]  # first words of papers that are forms, filled in on the web


@dataclass(frozen=True, slots=True)
class _Placed:
    """A step before its conditions are parsed, with where it and its use are written."""

    step: Step
    source: Source
    place: Place
    used_when: str | None = None
    used_at: Place = ()


class Builder:
    """Builds one guide; ``problems`` fills on the way, and ``advice`` with what a procedure's edit left behind:
    that must not stop the procedure's new facts from being told."""

    def __init__(self, id_: str, file: GuideFile, source: Source, shelf: Shelf) -> None:
        self._id = id_
        self._file = file
        self._source = source
        self._shelf = shelf
        self._kinds = dict(BUILT_IN)
        self.conditions: dict[str, Expression] = {}
        self.problems: list[Problem] = []
        self.advice: list[Problem] = []

    def build(self) -> Guide | None:
        """The guide; None when something is wrong, which then stands in ``problems``."""
        file = self._file
        for place, id_ in self._named_procedures():
            if id_ not in self._shelf.procedures:
                self._wrong(place, "no_procedure", id_)
        procedure = self._shelf.procedures.get(file.procedure)
        placed = list(self._placed())
        self._learn_facts(placed)
        if procedure is None:
            return None
        self.conditions = self._meanings(procedure)
        guide = Guide(
            self._id,
            file.name or procedure.name,
            procedure,
            questions=tuple(self._timed(q, q.when, ("questions", at)) for at, q in enumerate(file.questions)),
            papers=tuple(self._papers(procedure)),
            not_needed=tuple(self._timed(n, n.when, ("not_needed", at)) for at, n in enumerate(file.not_needed)),
            checks=tuple(self._checks()),
            steps=tuple(self._parsed(one) for one in placed),
            troubles=self._troubles(placed),
            added={id_: line for item in file.walk for id_, line in item.add.items()},
            conditions=self.conditions,
            visit=self._parse(_visit(file), ("visit",)),
            kinds=self._kinds,
            sources=file.sources,
            checked=file.checked,
            version=self._version(placed),
            serves=file.serves,
            by_choice=file.by_choice,
            intro=file.intro,
            end=file.end,
            file=self._source.path,
        )
        return None if self.problems else guide

    def _named_procedures(self) -> Iterator[tuple[Place, str]]:
        yield ("procedure",), self._file.procedure
        for at, id_ in enumerate(self._file.serves):
            yield ("serves", at), id_

    def _wrong(self, place: Place, kind: str, about: str, source: Source | None = None) -> None:
        self.problems.append((source or self._source).problem(place, kind, about))

    # --- facts and conditions ---

    def _learn_facts(self, placed: list[_Placed]) -> None:
        for at, question in enumerate(self._file.questions):
            self._learn(question.fact, frozenset(question.choices), ("questions", at, "fact"), self._source)
        for one in placed:
            if one.step.fact:
                place = (*one.place, "fact")
                self._learn(one.step.fact, frozenset(one.step.choices), place, one.source)

    def _learn(self, fact: str, values: frozenset[str], place: Place, source: Source) -> None:
        if fact in self._kinds or is_reserved(fact):
            self._wrong(place, "fact_twice", fact, source)
        if UNSURE in values:
            self._wrong(place, "unknown_value", UNSURE, source)
        self._kinds[fact] = values or _YES_NO

    def _parse(self, text: str | None, place: Place, source: Source | None = None) -> Expression:
        try:
            return parse(text or "always", self._kinds)
        except ExpressionError as error:
            self._wrong(place, error.kind, error.about, source)
            return parse("always", {})

    def _timed(self, item: T, when: str | None, place: Place) -> Timed[T]:
        return Timed(item, self._parse(when, (*place, "when")), self._source.path, self._source.line(place))

    def _meanings(self, procedure: Procedure) -> dict[str, Expression]:
        """What each condition of the procedure means in facts of this guide."""
        meanings = {}
        for key, words in procedure.conditions.items():
            same = key if self._kinds.get(key) == _YES_NO else None
            text = self._file.conditions.get(key) or same
            if text is None and any(document.when == key for document in procedure.documents):
                self.advice.append(self._source.problem(("conditions",), "condition_open", f"{key} ({words})"))
            meanings[key] = self._parse(text or "maybe", ("conditions", key))
        for key in self._file.conditions:
            if key not in procedure.conditions:
                self.advice.append(self._source.problem(("conditions", key), "condition_gone", key))
        return meanings

    # --- papers ---

    def _papers(self, procedure: Procedure) -> Iterator[Paper]:
        notes = {note.name: (at, note) for at, note in enumerate(self._file.papers)}
        known = {document.name for document in procedure.documents}
        for name, (at, _) in notes.items():
            if name not in known:
                self.advice.append(self._source.problem(("papers", at, "name"), "no_paper", name))
        for number, document in enumerate(procedure.documents):
            when = self.conditions[document.when] if document.when else self._parse(None, ())
            how = how_of(document, self._shelf.forms)
            if document.name not in notes:
                yield Paper(f"p{number}", document, how, when)
                continue
            at, note = notes[document.name]
            when = both(when, self._parse(note.when, ("papers", at, "when")))
            yield Paper(f"p{number}", document, note.how or how, when, note.tip, note.skip)

    # --- checks, steps, troubles ---

    def _checks(self) -> Iterator[Timed[Check]]:
        offered = {
            check.id: (check, source, at)
            for block, source in self._shelf.blocks.values()
            for at, check in enumerate(block.checks)
        }
        for at, use in enumerate(self._file.checks):
            if use.use is None:
                yield self._timed(_own_check(use), use.when, ("checks", at))
            elif use.use not in offered:
                self._wrong(("checks", at), "no_check", use.use)
            else:
                check, source, number = offered[use.use]
                own = self._timed(check, use.when, ("checks", at))
                general = self._parse(check.when, ("checks", number, "when"), source)
                yield replace(own, when=both(own.when, general))

    def _placed(self) -> Iterator[_Placed]:
        for at, item in enumerate(self._file.walk):
            if item.block is None:
                yield _Placed(item.as_step(), self._source, ("walk", at))
                continue
            if item.block not in self._shelf.blocks:
                self._wrong(("walk", at), "no_block", item.block)
                continue
            block, source = self._shelf.blocks[item.block]
            for id_ in sorted({*item.skip, *item.add} - {step.id for step in block.steps}):
                self._wrong(("walk", at), "no_step", id_)
            for number, step in enumerate(block.steps):
                if step.id not in item.skip:
                    yield _Placed(step, source, ("steps", number), item.when, ("walk", at, "when"))

    def _parsed(self, one: _Placed) -> Timed[Step]:
        when = self._parse(one.step.when, (*one.place, "when"), one.source)
        if one.used_when:
            when = both(self._parse(one.used_when, one.used_at), when)
        return Timed(one.step, when, one.source.path, one.source.line(one.place))

    def _troubles(self, placed: list[_Placed]) -> dict[str, Trouble]:
        used = {item.block for item in self._file.walk}
        named = {one.step.button for one in placed}
        shared = {
            id_: trouble
            for name, (block, _) in self._shelf.blocks.items()
            for id_, trouble in block.troubles.items()
            if name in used or id_ in named  # the steps of another portal may have the same names
        }
        return {**self._file.troubles, **{id_: t for id_, t in shared.items() if id_ not in self._file.troubles}}

    def _version(self, placed: list[_Placed]) -> str:
        words = self._file.model_dump_json() + "".join(one.step.model_dump_json() for one in placed)
        return hashlib.sha256(words.encode()).hexdigest()[:12]


def how_of(document: Document, forms: tuple[str, ...]) -> How:
    """How a paper goes online when the guide does not say: forms are filled in, the rest is photographed."""
    if document.show:
        return "show"
    if document.form or document.name.startswith(forms):
        return "form"
    return "photo"


def _visit(file: GuideFile) -> str:
    if isinstance(file.visit, str):
        return file.visit
    return "always" if file.visit else "never"


def _own_check(use: CheckUse) -> Check:
    return Check.model_validate(use.model_dump(exclude={"use"}))
