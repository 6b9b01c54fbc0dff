"""Reads knowledge/guides: every guide valid, or a list of everything that is wrong."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType

from bot.errors import KnowledgeError, Problem
from bot.guides import limits, routes
from bot.guides.building import Builder, Shelf, Source
from bot.guides.general import GENERAL, GeneralFile, Guides
from bot.guides.guide import Guide, Timed
from bot.guides.models import Block, GuideFile, Question, Secrets
from bot.knowledge.models import Procedure
from bot.knowledge.yaml_lines import lines_of, read


def load_guides(folder: Path, procedures: Mapping[str, Procedure]) -> Guides:
    """The guides of a knowledge folder; raises KnowledgeError."""
    problems: list[Problem] = []
    general_path = folder / GENERAL
    general = read(general_path, GeneralFile)
    blocks = dict(_blocks(folder / "blocks", general.never_asked, problems))
    if problems:  # every guide would complain about the same block
        raise KnowledgeError(problems)
    shelf = Shelf(MappingProxyType(blocks), procedures, general.forms)
    guides: dict[str, Guide] = {}
    advice: list[Problem] = []
    pictures = {path.name: path.read_text(encoding="utf-8") for path in (folder / "pictures").glob("*.svg")}
    for path in sorted(folder.glob("*.yaml")):
        if path.name != GENERAL:
            guide = _one(path, shelf, general.never_asked, problems, advice)
            if guide is not None:
                guides[guide.id] = guide
    problems += _crossed(guides, procedures)
    advice += [found for guide in guides.values() for found in limits.pictures(guide, pictures)]
    every = Guides(guides, general, Source(str(general_path), lines_of(general_path)), shelf, advice, pictures)
    problems += every.problems()
    if problems:
        raise KnowledgeError(problems)
    return every


def _one(path: Path, shelf: Shelf, words: Secrets, problems: list[Problem], advice: list[Problem]) -> Guide | None:
    try:
        file = read(path, GuideFile)
    except KnowledgeError as error:
        problems.extend(error.problems)
        return None
    source = Source(str(path), lines_of(path))
    builder = Builder(path.stem, file, source, shelf)
    guide = builder.build()
    problems.extend(builder.problems)
    advice.extend(builder.advice)
    if guide is not None:
        advice.extend(limits.advice(guide, source))
        problems.extend(routes.problems(guide, source))
        problems.extend(limits.problems(guide, source, words))
        problems.extend(limits.of_troubles(file.troubles, source, words))
    return guide


def _blocks(folder: Path, words: Secrets, problems: list[Problem]) -> Iterator[tuple[str, tuple[Block, Source]]]:
    seen: dict[str, str] = {}
    for path in sorted(folder.glob("*.yaml")):
        try:
            block = read(path, Block)
        except KnowledgeError as error:
            problems.extend(error.problems)
            continue
        source = Source(str(path), lines_of(path))
        problems.extend(limits.of_troubles(block.troubles, source, words))
        for kind, ids in (("check", [check.id for check in block.checks]), ("trouble", list(block.troubles))):
            for id_ in ids:
                if (name := f"{kind} {id_}") in seen:
                    problems.append(source.problem((), f"{kind}_twice", id_))
                seen[name] = path.stem
        yield path.stem, (block, source)


def _crossed(guides: Mapping[str, Guide], procedures: Mapping[str, Procedure]) -> list[Problem]:
    """A procedure's button leads to one guide; a choice leads to a guide or procedure that exists."""
    found = []
    served: dict[str, str] = {}
    chosen: set[str] = set()
    for guide in guides.values():
        for id_ in () if guide.by_choice else (guide.procedure.id, *guide.serves):
            if id_ in served:
                found.append(_problem(guide, "served_twice", f"{id_} ({served[id_]})"))
            served[id_] = guide.id
        for timed in guide.questions:
            for choice in timed.item.choices.values():
                if choice.guide and choice.guide not in procedures and choice.guide not in guides:
                    found.append(_at(timed, "no_guide", choice.guide))
                chosen.add(choice.guide or "")
    lost = [guide for guide in guides.values() if guide.by_choice and guide.id not in chosen]
    return found + [_problem(guide, "unreachable", guide.id) for guide in lost]


def _at(timed: Timed[Question], kind: str, about: str) -> Problem:
    return Problem(timed.file, timed.line, "choices", f"{kind}: {about}", kind, (("about", about),))


def _problem(guide: Guide, kind: str, about: str) -> Problem:
    return Problem(guide.file, 1, "procedure", f"{kind}: {about}", kind, (("about", about),))
