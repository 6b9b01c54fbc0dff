"""Makes a kept question known: tried out on a copy of knowledge/, and taken over only if nothing known is lost."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bot.asking import records
from bot.catalogue.imported import id_of
from bot.config import Config
from bot.errors import QuestionError
from bot.knowledge.examples import with_texts
from bot.knowledge.library import Library
from bot.knowledge.models import Aspect, Procedure
from bot.questions.known import Comparison, Known, of_file, of_library
from bot.reload import Shelf
from bot.search.reader import Reader
from bot.vietnamese import nfc, words

_ALIAS = 6  # words of an alias at most
_NAMED = 5  # lost questions named in a refusal
_LONGEST = 400  # characters of a line in knowledge/


@dataclass(frozen=True, slots=True)
class Attachment:
    """What is to be added to whom. ``group``: the key of the examples file for ``questions``."""

    procedure: Procedure
    aliases: tuple[str, ...]
    questions: tuple[str, ...]
    group: str


def shelf_of(config: Config, folder: Path) -> Shelf:
    """The knowledge in that folder with the reader built on it, as the bot would use it."""
    return Shelf(folder, config.settings.search, config.catalogue, config.cache)


def find_procedure(library: Library, name: str) -> Procedure:
    """By file name, by code, or the id of a common question; QuestionError when there is none to attach to."""
    found = library.procedures.get(name) or library.common.get(name) or library.by_code.get(name)
    if found is not None:
        return found
    if library.imported.get(name) or library.imported.get(id_of(name)):
        raise QuestionError(
            f"{name} stands in the national catalogue only: write its file first (motcua knowledge new)"
        )
    raise QuestionError(f"no procedure {name}: give the name of its file, such as khai-sinh, or its code")


def planned(shelf: Shelf, texts: Sequence[str], procedure: Procedure, aspect: Aspect | None) -> Attachment:
    """What to add as what: a short text that asks for nothing in particular names the procedure (an alias),
    any other is an example. ``texts``: masked and bare. QuestionError when there is nothing new in them."""
    library = shelf.library
    taken = {
        tuple(words(text)): owner.id
        for owner in library.answerable.values()
        for text in (owner.name, *owner.aliases, *owner.questions)
    }
    aliases: list[str] = []
    questions: list[str] = []
    for text in dict.fromkeys(nfc(text)[:_LONGEST] for text in texts):
        key = tuple(words(text))
        if not key:
            raise QuestionError("without personal data nothing is left of this question")
        if (owner := taken.get(key)) is not None and owner != procedure.id:
            raise QuestionError(f'"{text}" already belongs to {owner}: take it out there first')
        if owner is None:
            taken[key] = procedure.id
            (aliases if _is_name(shelf.reader, text, aspect) else questions).append(text)
    if not aliases and not questions:
        raise QuestionError(f"{procedure.id} has this question already")
    return Attachment(procedure, tuple(aliases), tuple(questions), aspect.value if aspect else "questions")


def _is_name(reader: Reader, text: str, aspect: Aspect | None) -> bool:
    asks = reader.read(text).aspect
    return aspect is None and len(words(text)) <= _ALIAS and asks in (None, Aspect.WHAT)


def known_questions(config: Config, library: Library, file: Path | None) -> list[Known]:
    """What is asked before and after; ``file``: more questions, else those of the setting."""
    settings = config.settings.questions
    path = file or (config.root / settings.known if settings.known else None)
    more = of_file(path, library, records(path)) if path else ()
    return [*of_library(library, settings.sample), *more]


@contextmanager
def tried(config: Config, attachment: Attachment) -> Iterator[tuple[Shelf, dict[Path, str]]]:
    """The knowledge as it would be, learnt anew, and the changed files; KnowledgeError when it is not valid."""
    folder = config.knowledge
    changed = with_texts(folder, attachment.procedure, attachment.aliases, attachment.questions, attachment.group)
    with tempfile.TemporaryDirectory(prefix="motcua-") as place:
        trial = shutil.copytree(folder, Path(place) / "knowledge")
        for path, text in changed.items():
            (trial / path.relative_to(folder)).write_text(text, encoding="utf-8")
        yield shelf_of(config, trial), changed


def are_found(attachment: Attachment, reader: Reader) -> dict[str, bool]:
    """For each text that is added, whether it then leads to the procedure."""
    own = frozenset([attachment.procedure.id])
    texts = (*attachment.aliases, *attachment.questions)
    return {text: Known(text, own, "").is_found(reader) for text in texts}


def refusal(comparison: Comparison, tolerance: float) -> str:
    """Why this must not go live, in one line that names what would be lost; empty when it may."""
    if not comparison.is_worse(tolerance):
        return ""
    lost = comparison.lost()
    named = ", ".join(
        f'"{one.text}" ({", ".join(sorted(one.owners)) or "no question for us"})' for one in lost[:_NAMED]
    )
    more = f" and {len(lost) - _NAMED} more" if len(lost) > _NAMED else ""
    return f"{len(lost)} known questions would be lost: {named}{more}; choose other words, or add --anyway"


def take_over(changed: dict[Path, str], before: dict[Path, bytes]) -> None:
    """Replaces the files, each at once; QuestionError when somebody has edited one of them meanwhile."""
    for path, content in before.items():
        if (path.read_bytes() if path.exists() else b"") != content:
            raise QuestionError(f"{path} was edited meanwhile: nothing is changed, try again")
    for path, text in changed.items():
        fresh = path.with_name(f"{path.name}.{os.getpid()}")  # no .yaml: a running bot looks at those only
        fresh.write_text(text, encoding="utf-8")
        if path.exists():
            shutil.copymode(path, fresh)
        os.replace(fresh, path)
