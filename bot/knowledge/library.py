"""Everything in knowledge/, read and cross-checked in one go: all of it is valid, or none is used."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import Annotated

from pydantic import Field

from bot.errors import KnowledgeError, Problem
from bot.guides.general import Guides
from bot.guides.loading import load_guides
from bot.knowledge.common import CommonAnswer, CommonFile, as_answer
from bot.knowledge.dossiers import Dossiers
from bot.knowledge.groups import Group, GroupsFile, problems_of
from bot.knowledge.menu import Menu, Section
from bot.knowledge.models import Aspect, Key, Line, Procedure, Strict
from bot.knowledge.places import Places, load_places
from bot.knowledge.vocabulary import Vocabulary
from bot.knowledge.yaml_lines import read
from bot.texts import Texts


class ProcedureFile(Procedure):
    """A procedure's file: the id comes from its name."""

    id: str = ""


Questions = tuple[Line, ...]


class Examples(Strict):
    """knowledge/examples/<id>.yaml: questions by the aspect they ask about."""

    questions: Questions = ()  # nobody has said yet what they ask about
    documents: Questions = ()
    fee: Questions = ()
    time: Questions = ()
    where: Questions = ()
    how_online: Questions = ()
    who: Questions = ()
    result: Questions = ()
    legal: Questions = ()
    what: Questions = ()

    def by_aspect(self) -> dict[Aspect, Questions]:
        """The questions of which it is known what they ask about."""
        return {aspect: asked for aspect in Aspect if (asked := getattr(self, aspect.value))}

    def all(self) -> Questions:
        """Every question, once."""
        return tuple(dict.fromkeys(chain(self.questions, *self.by_aspect().values())))


class Outside(Strict):
    """outside.yaml: messages that are no work of the counter, by the kind of talk (texts ``talk.<kind>``)."""

    kinds: dict[Key, Annotated[Questions, Field(min_length=1)]]


@dataclass(frozen=True, slots=True)
class Library:
    """The knowledge of one moment; replaced as a whole when files change."""

    procedures: dict[str, Procedure]
    by_code: dict[str, Procedure]
    places: Places
    vocabulary: Vocabulary
    menu: Menu
    texts: Texts
    dossiers: Dossiers
    guides: Guides
    common: dict[str, CommonAnswer] = field(default_factory=dict)  # questions that are no procedure
    outside: dict[str, tuple[Line, ...]] = field(default_factory=dict)  # messages that are no work of ours, by kind
    groups: dict[str, Group] = field(default_factory=dict)  # procedures people mix up, with the question
    imported: Mapping[str, Procedure] = field(default_factory=dict)  # the national catalogue, by id

    def find(self, id_: str) -> Procedure | None:
        """The procedure or common question of that id, authored or imported."""
        return self.procedures.get(id_) or self.common.get(id_) or self.imported.get(id_)

    @property
    def answerable(self) -> dict[str, Procedure]:
        """All that is authored, by id: procedures first."""
        return {**self.procedures, **self.common}

    def of_section(self, section: Section) -> list[Procedure]:
        """The procedures under a menu entry, in the order of their names."""
        chosen = [self.procedures[id_] for id_ in section.procedures]
        listed = {procedure.id for procedure in chosen}
        of_sectors = [p for p in self.procedures.values() if p.sector in section.sectors and p.id not in listed]
        return chosen + sorted(of_sectors, key=lambda p: p.name)


def load_library(folder: Path) -> Library:
    """Reads all of knowledge/; raises KnowledgeError listing every problem found."""
    problems: list[Problem] = []
    procedures = dict(_procedures(folder, problems))
    if not procedures and not problems:
        problems.append(Problem(str(folder), 1, "", "no procedures found"))
    loaded = [
        _try(problems, lambda: load_places(folder)),
        _try(problems, lambda: read(folder / "vocabulary.yaml", Vocabulary)),
        _try(problems, lambda: read(folder / "menu.yaml", Menu)),
        _try(problems, lambda: Texts.load(folder / "texts.yaml")),
        _try(problems, lambda: read(folder / "common.yaml", CommonFile)),
        _try(problems, lambda: read(folder / "outside.yaml", Outside)),
        _try(problems, lambda: read(folder / "dossiers.yaml", Dossiers)),
        _try(problems, lambda: load_guides(folder / "guides", procedures)),
        _try(problems, lambda: read(folder / "choices.yaml", GroupsFile)),
    ]
    if problems:
        raise KnowledgeError(problems)
    places, vocabulary, menu, texts, common, outside, dossiers, guides, choices = loaded
    library = Library(
        procedures,
        {code: p for p in reversed(procedures.values()) for code in reversed(p.codes())},
        places,
        vocabulary,
        menu,
        texts.with_facts(places.hotlines),
        dossiers,
        guides,
        {question.id: as_answer(question) for question in common.questions},
        outside.kinds,
        {group.id: group for group in choices.groups},
    )
    problems = [
        *_crossed(folder, library),
        *problems_of(folder / "choices.yaml", choices.groups, library.answerable),
    ]
    if problems:
        raise KnowledgeError(problems)
    return library


def _try(problems: list[Problem], load):  # type: ignore[no-untyped-def]
    try:
        return load()
    except KnowledgeError as error:
        problems.extend(error.problems)
        return None


def _procedures(folder: Path, problems: list[Problem]) -> Iterator[tuple[str, Procedure]]:
    examples = {path.stem: path for path in sorted((folder / "examples").glob("*.yaml"))}
    seen: dict[str, Path] = {}
    for path in sorted((folder / "procedures").glob("*/*.yaml")):
        questions = examples.pop(path.stem, None)
        if path.stem in seen:
            problems.append(Problem(str(path), 1, "", f"same file name as {seen[path.stem]}"))
        seen[path.stem] = path
        try:
            file = read(path, ProcedureFile)
            asked = read(questions, Examples) if questions else Examples()
        except KnowledgeError as error:
            problems.extend(error.problems)
            continue
        problems.extend(_inside(path, file))
        yield (
            path.stem,
            file.model_copy(update={"id": path.stem, "questions": asked.all(), "asked": asked.by_aspect()}),
        )
    for path in examples.values():
        problems.append(
            Problem(str(path), 1, "", "no procedure of this name", "no_procedure", (("about", path.stem),))
        )


def _inside(path: Path, file: Procedure) -> Iterator[Problem]:
    used = {
        fact.when for facts in (file.documents, file.fees, file.time, file.where) for fact in facts if fact.when
    }
    for key in sorted(used - set(file.conditions)):
        yield Problem(
            str(path),
            1,
            "when",
            f"unknown condition {key}: add it under conditions",
            "unknown_condition",
            (("about", key),),
        )
    for key in sorted(set(file.conditions) - used):
        yield Problem(
            str(path), 1, "conditions", f"{key} is never used by a `when`", "unused_condition", (("about", key),)
        )
    if file.sector != path.parent.name:
        yield Problem(
            str(path),
            1,
            "sector",
            f"{file.sector} but the file lies in {path.parent.name}/",
            "wrong_sector",
            (("about", file.sector),),
        )


def _crossed(folder: Path, library: Library) -> Iterator[Problem]:
    owners: dict[str, str] = {}
    for procedure in library.procedures.values():
        place = str(folder / "procedures" / procedure.sector / f"{procedure.id}.yaml")
        for code in procedure.codes()[:1]:
            if code in owners:
                yield Problem(
                    place, 1, "code", f"{code} is also that of {owners[code]}", "same_code", (("about", code),)
                )
            owners[code] = procedure.id
        for key, listed in (("related", procedure.related), ("covers", procedure.covers)):
            for other in listed:
                if other not in library.procedures:
                    yield Problem(place, 1, key, f"no procedure {other}", "no_procedure", (("about", other),))
        for where in procedure.where:
            if where.office and where.office not in library.places.offices:
                yield Problem(
                    place,
                    1,
                    "where",
                    f"no office {where.office} in offices.yaml",
                    "no_office",
                    (("about", where.office),),
                )
    for kind in (*library.outside, *library.vocabulary.talk):
        if not library.texts.has(f"talk.{kind}"):
            yield Problem(str(folder / "texts.yaml"), 1, f"talk.{kind}", "no reply for this kind of talk")
    sectors = {procedure.sector for procedure in library.procedures.values()}
    for section in library.menu.sections:
        unknown = {*section.procedures} - set(library.procedures) | {*section.sectors} - sectors
        for name in sorted(unknown):
            yield Problem(
                str(folder / "menu.yaml"),
                1,
                section.id,
                f"no procedure or sector {name}",
                "no_procedure",
                (("about", name),),
            )
