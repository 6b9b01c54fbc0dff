"""The texts search learns from: names, aliases and example questions, and what is none of our business."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

from bot.knowledge.library import Library
from bot.knowledge.models import Procedure
from bot.search.phrases import split

TALK = "talk:"  # before the kind of talk, where a procedure's id would stand
_FORMAT = 5  # raise it when the same texts would be learnt otherwise
_NAME, _ALIAS, _PLAIN = 3.0, 2.0, 1.0


@dataclass(frozen=True, slots=True)
class Text:
    """One text and whose it is; ``aspect`` is what it asks about, where that is known."""

    owner: str
    text: str
    weight: float
    aspect: str = ""


def texts_of(library: Library) -> Iterator[Text]:
    """Everything there is to learn from, in an order that does not change."""
    for procedure in library.answerable.values():
        yield from _of_procedure(procedure)
    for kind, listed in library.outside.items():
        yield from (Text(TALK + kind, text, _PLAIN) for text in listed)
    for kind, talk in library.vocabulary.talk.items():
        yield from (Text(TALK + kind, text, _PLAIN) for text in (*talk.whole, *talk.contains))


def _of_procedure(procedure: Procedure) -> Iterator[Text]:
    named = [(_NAME, procedure.name), (_PLAIN, procedure.official_name), (_PLAIN, procedure.summary)]
    named += [(_ALIAS, alias) for alias in procedure.aliases]
    yield from (Text(procedure.id, text, weight) for weight, text in named)
    about = {text: aspect.value for aspect, listed in procedure.asked.items() for text in listed}
    yield from (Text(procedure.id, text, _PLAIN, about.get(text, "")) for text in procedure.questions)


def known_words(library: Library) -> frozenset[str]:
    """The folded words of the knowledge: what is among them needs no repair."""
    vocabulary = library.vocabulary
    listed = [text for synonym in vocabulary.synonyms for text in (*synonym.says, synonym.means)]
    listed += [phrase for phrases in vocabulary.aspects.values() for phrase in phrases]
    listed += [text.text for text in texts_of(library)]
    listed += [document.name for p in library.procedures.values() for document in p.documents]
    return frozenset(word.folded for text in listed for word in split(text))


def digest(library: Library) -> str:
    """Changes whenever something changes that search learns from."""
    found = hashlib.sha256(str(_FORMAT).encode())
    for text in texts_of(library):
        found.update(repr(text).encode())
    found.update(library.vocabulary.model_dump_json().encode())
    return found.hexdigest()[:32]
