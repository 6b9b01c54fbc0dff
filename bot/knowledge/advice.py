"""``motcua check`` in the words of knowledge/check.yaml: what is wrong, and what could be better."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path
from string import Formatter

from bot.errors import Problem
from bot.knowledge.library import Library
from bot.knowledge.models import Line, Procedure, Strict
from bot.knowledge.yaml_lines import Place, line_of, lines_of

_CODE = re.compile(r"\b\d\.\d{6}\b")
_SENTENCE = re.compile(r"(?<=[.!?;])\s+")
# What a person reads; official names and laws are quoted as they are.
_READ = (
    "summary",
    "who",
    "documents",
    "decides",
    "time",
    "fees",
    "result",
    "sent_back",
    "notes",
    "unsure",
    "conditions",
)


class Words(Strict):
    """check.yaml."""

    place: Line
    ok: Line
    count: Line
    keys: dict[str, Line]
    errors: dict[str, Line]
    warnings: dict[str, Line]
    longest_sentence: int
    fewest_aliases: int
    fewest_questions: int
    jargon: tuple[Line, ...]

    def explain(self, problem: Problem) -> str:
        """One line for staff: file, line, what is wrong."""
        last = problem.key.rsplit(".", 1)[-1]
        named = [self.keys[part] for part in problem.key.split(".") if part in self.keys]
        template = self.errors.get(problem.kind) or self.warnings.get(problem.kind) or self.errors["other"]
        known = {"key": named[-1] if named else problem.key, "last": last, "reason": problem.reason}
        context = known | dict(problem.context)
        text = template.format(
            **{name: context.get(name, "") for _, name, _, _ in Formatter().parse(template) if name}
        )
        return self.place.format(file=Path(problem.file).name, line=problem.line, text=text)


def warnings(library: Library, folder: Path, words: Words, today: date) -> Iterator[Problem]:
    """What is allowed but could be better, procedure by procedure."""
    yield from library.guides.advice
    for procedure in library.procedures.values():
        path = folder / "procedures" / procedure.sector / f"{procedure.id}.yaml"
        lines = lines_of(path)
        for place, kind, about in _about(procedure, library, words, today):
            key = ".".join(map(str, place))
            yield Problem(str(path), line_of(lines, place), key, "", kind, (("about", about),))


def _about(p: Procedure, library: Library, words: Words, today: date) -> Iterator[tuple[Place, str, str]]:
    if len(p.aliases) < words.fewest_aliases:
        yield ("aliases",), "few_aliases", str(len(p.aliases))
    if len(p.questions) < words.fewest_questions:
        yield (), "few_questions", str(len(p.questions))
    if p.recheck is None:
        yield ("checked",), "no_recheck", ""
    elif p.recheck < today:
        yield ("recheck",), "overdue", f"{p.recheck:%d/%m/%Y}"
    for at, fee in enumerate(p.fees):
        if fee.amount and not fee.unit:
            yield ("fees", at), "fee_without_unit", ""
    for at, paper in enumerate(p.documents):
        if not (paper.originals or paper.copies or paper.show or paper.note or paper.unsure):
            yield ("documents", at), "document_without_count", ""
    for place, text in _texts(p):
        for sentence in _SENTENCE.split(text):
            if (length := len(sentence.split())) > words.longest_sentence:
                yield place, "long_sentence", str(length)
        for word in words.jargon:
            if re.search(rf"\b{re.escape(word)}\b", text, re.IGNORECASE):
                yield place, "jargon", word
        for code in _CODE.findall(text):
            if code not in library.by_code and code not in p.codes():
                yield place, "unknown_code", code


def _texts(procedure: Procedure) -> Iterator[tuple[Place, str]]:
    """Every text people read, with its place in the file."""
    data = procedure.model_dump(include=set(_READ))
    for key in _READ:
        yield from _inside(data[key], (key,))


def _inside(value: object, place: Place) -> Iterator[tuple[Place, str]]:
    if isinstance(value, str) and place[-1] not in ("when", "way", "office", "basis", "form"):
        yield place, value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from _inside(inner, (*place, key))
    elif isinstance(value, Iterable) and not isinstance(value, str):
        for at, inner in enumerate(value):
            yield from _inside(inner, (*place, at))
