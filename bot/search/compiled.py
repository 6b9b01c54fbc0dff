"""What search has learnt, and a copy of it on disk: learning takes seconds, reading the copy does not."""

from __future__ import annotations

import contextlib
import os
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np

from bot.knowledge.library import Library
from bot.knowledge.vocabulary import Vocabulary as Words
from bot.search.classifier import Classifier, Vector, Vocabulary, learn
from bot.search.features import asking, features
from bot.search.material import TALK, Text, digest, known_words, texts_of
from bot.search.neighbours import Neighbours
from bot.search.packing import load, packed, save, unpacked
from bot.search.phrases import split
from bot.search.preparing import Preparation
from bot.vietnamese import fold

OUTSIDE = "outside"
_FEWER = 6  # rounds that are enough where there are few owners to tell apart
_KEPT = 8  # copies on disk; those unused for longest go


@dataclass(frozen=True, slots=True)
class Compiled:
    """All that is learnt from one version of the knowledge."""

    known: frozenset[str]
    vocabulary: Vocabulary
    owners: Classifier  # procedures, common questions and kinds of talk
    neighbours: Neighbours
    asking: Vocabulary  # how texts ask, whatever about
    aspects: Classifier
    field: Classifier  # whether a text is work of ours at all


def is_learnt(library: Library, folder: Path) -> bool:
    """Whether ``folder`` has a copy of just this knowledge."""
    return (folder / f"{digest(library)}.npz").exists()


def compiled(library: Library, folder: Path | None, side_by_side: bool = False) -> Compiled:
    """From the copy in ``folder`` when there is one of just this knowledge, else learnt and kept there."""
    path = folder / f"{digest(library)}.npz" if folder else None
    if path is not None and (found := _load(path)) is not None:
        return found
    fresh = learnt(library, side_by_side)
    if path is not None:
        _save(fresh, path)
    return fresh


def learnt(library: Library, side_by_side: bool = False) -> Compiled:
    """Learns from the library's texts; takes seconds. ``side_by_side``: on two cores, for a process that does
    nothing else; what comes out is the same."""
    known = known_words(library)
    texts = [text for text in texts_of(library) if split(text.text)]
    given = (texts, library.vocabulary, known)
    if not side_by_side:
        return Compiled(known, *_about(*given), *_asking(*given))
    with ProcessPoolExecutor(1, get_context("spawn")) as other:
        how = other.submit(_asking, *given)
        return Compiled(known, *_about(*given), *how.result())


def _about(texts: Sequence[Text], words: Words, known: frozenset[str]) -> tuple[Vocabulary, Classifier, Neighbours]:
    """What texts are about."""
    ready, names = Preparation(words, known), [text.owner for text in texts]
    vocabulary, forms = _vectors(texts, lambda text: features(ready(text)))
    owners = learn(forms, names, [text.weight for text in texts], len(vocabulary.keys))
    return vocabulary, owners, Neighbours.of(names, forms[0])


def _asking(
    texts: Sequence[Text], words: Words, known: frozenset[str]
) -> tuple[Vocabulary, Classifier, Classifier]:
    """How texts ask, and whether they ask for work of ours."""
    ready = Preparation(words, known)
    how, asked = _vectors(texts, lambda text: asking(ready.repair(split(text))), rare_tells=False)
    labelled = [at for at, text in enumerate(texts) if text.aspect]
    sorted_ = [[form[at] for at in labelled] for form in asked]
    aspects = learn(sorted_, [texts[at].aspect for at in labelled], [1.0] * len(labelled), len(how.keys))
    fields = [OUTSIDE if text.owner.startswith(TALK) else "inside" for text in texts]
    return how, aspects, learn(asked, fields, [1.0] * len(texts), len(how.keys), _FEWER)


def _vectors(
    texts: Sequence[Text], count: Callable[[str], Counter[str]], rare_tells: bool = True
) -> tuple[Vocabulary, list[list[Vector]]]:
    """The texts as they are, and as people type them without accents."""
    forms = [[count(form(text.text)) for text in texts] for form in (str, fold)]
    vocabulary = Vocabulary.of(forms[0], rare_tells)
    return vocabulary, [[vocabulary.vector(counts) for counts in form] for form in forms]


def _save(found: Compiled, path: Path) -> None:
    near = found.neighbours
    arrays: dict[str, Any] = {
        "known": packed(sorted(found.known)),
        "owner_names": packed(found.owners.owners),
        "owner_weights": found.owners.weights,
        "near_names": packed(near.owners),
        "near_ends": near.ends,
        "near_starts": near.starts,
        "near_rows": near.rows,
        "near_values": near.values,
        "field_names": packed(found.field.owners),
        "field_weights": found.field.weights,
        "aspect_names": packed(found.aspects.owners),
        "aspect_weights": found.aspects.weights,
    }
    for name, vocabulary in (("words", found.vocabulary), ("asking", found.asking)):
        arrays[f"{name}_keys"] = packed(vocabulary.keys)
        arrays[f"{name}_scale"] = vocabulary.scale
        arrays[f"{name}_unknown"] = np.array(vocabulary.unknown)
    save(path, arrays)
    with contextlib.suppress(OSError):  # another process may be tidying as well
        copies = sorted(path.parent.glob("*.npz"), key=lambda copy: copy.stat().st_mtime)
        for old in copies[:-_KEPT]:
            old.unlink()


def _load(path: Path) -> Compiled | None:
    """The copy, or None when there is none or it is damaged (then it is made again)."""
    arrays = load(path)
    if arrays is None:
        return None
    with contextlib.suppress(OSError):
        os.utime(path)
    try:
        near = (arrays[f"near_{name}"] for name in ("ends", "starts", "rows", "values"))
        return Compiled(
            frozenset(unpacked(arrays["known"])),
            _vocabulary(arrays, "words"),
            Classifier(unpacked(arrays["owner_names"]), arrays["owner_weights"]),
            Neighbours(unpacked(arrays["near_names"]), *near),
            _vocabulary(arrays, "asking"),
            Classifier(unpacked(arrays["aspect_names"]), arrays["aspect_weights"]),
            Classifier(unpacked(arrays["field_names"]), arrays["field_weights"]),
        )
    except (ValueError, KeyError):
        return None


def _vocabulary(arrays: dict[str, Any], name: str) -> Vocabulary:
    unknown = float(arrays[f"{name}_unknown"])
    return Vocabulary(unpacked(arrays[f"{name}_keys"]), arrays[f"{name}_scale"], unknown)
