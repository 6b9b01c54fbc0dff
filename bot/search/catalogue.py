"""Finds imported procedures by their official names; asked only when no authored one answers.

TF-IDF with cosine similarity over words and pairs of neighbours (as in ranking.py), kept lean:
words that stand in a tenth of all names say nothing and are left out.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, pairwise

import numpy as np

from bot.search.packing import Arrays, packed, unpacked
from bot.search.phrases import Word, folded

# Likeness from which a record counts: as good as its name; among choices; alone.
SURE, NEAR, FAINT = 0.75, 0.35, 0.30
_COMMON = 0.1  # share of names from which a word tells nothing apart
_TOP = 6


@dataclass(frozen=True, slots=True)
class Named:
    """An imported procedure with its likeness to the question (0 to 1)."""

    id: str
    code: str
    score: float


class CatalogueIndex:
    """Built once per version of the catalogue, whatever happens to the authored knowledge."""

    def __init__(self, ids: Sequence[tuple[str, str]], arrays: Arrays) -> None:
        """``ids``: (id, code) of each record; ``arrays``: what ``arrays_of`` made of their names."""
        self._ids = ids
        self.by_code = {code: id_ for id_, code in ids}
        names, ends = unpacked(arrays["names"]), arrays["ends"].tolist()
        self._exact = {name: id_ for (id_, _), name in zip(ids, names, strict=True)}
        self._spans = dict(zip(unpacked(arrays["keys"]), pairwise([0, *ends]), strict=True))
        self._rows, self._values = arrays["rows"], arrays["values"]
        self._most = max(_COMMON * len(ids), 3)

    def _idf(self, key: str) -> float:
        """How much a feature tells: nothing when a tenth of the names have it, most when none does."""
        start, end = self._spans.get(key, (0, 0))
        if not end:  # a word no name has speaks against every name, a pair of words does not
            return math.log(1 + len(self._ids)) if key[0] == "w" else 0.0
        return math.log(1 + len(self._ids) / (end - start)) if end - start <= self._most else 0.0

    def exactly(self, words: list[Word]) -> str:
        """The id whose official name the words are, with or without "procedure" before it; empty if none."""
        return self._exact.get(_plain([word.folded for word in words]), "")

    def find(self, words: list[Word], without: Mapping[str, object]) -> list[Named]:
        """The nearest, best first; ``without``: codes that authored procedures answer."""
        weights = {key: self._idf(key) for key in _features([word.folded for word in words])}
        length = math.sqrt(sum(w * w for w in weights.values())) or 1.0
        scores = np.zeros(len(self._ids), np.float32)
        for key, weight in weights.items():
            start, end = self._spans.get(key, (0, 0))
            if weight and end:
                scores[self._rows[start:end]] += np.float32(weight) * self._values[start:end]
        best = np.argsort(-scores, kind="stable")[: _TOP * 2].tolist()
        found = [
            Named(self._ids[at][0], self._ids[at][1], float(scores[at]) / length) for at in best if scores[at] > 0
        ]
        return [named for named in found if named.code not in without][:_TOP]


def arrays_of(names: Sequence[str]) -> Arrays:
    """What the index needs of the official names; ``names`` in the order of the records."""
    words = [folded(name) for name in names]
    counted = [_features(of_name) for of_name in words]
    seen = Counter(chain.from_iterable(counted))
    most = max(_COMMON * len(names), 3)
    postings: dict[str, list[tuple[int, float]]] = {key: [] for key in seen}
    for at, features in enumerate(counted):
        weights = {key: math.log(1 + len(names) / seen[key]) for key in features if seen[key] <= most}
        length = math.sqrt(sum(w * w for w in weights.values())) or 1.0
        for key in features:
            postings[key].append((at, weights.get(key, 0.0) / length))
    listed = list(chain.from_iterable(postings.values()))
    return {
        "names": packed([_plain(of_name) for of_name in words]),
        "keys": packed(list(postings)),
        "ends": np.cumsum([len(found) for found in postings.values()], dtype=np.int32),
        "rows": np.array([at for at, _ in listed], np.int32),
        "values": np.array([value for _, value in listed], np.float32),
    }


def _plain(words: list[str]) -> str:
    return " ".join(words[2:] if words[:2] == ["thu", "tuc"] else words)


def _features(words: list[str]) -> set[str]:
    return {f"w{word}" for word in words} | {f"p{a} {b}" for a, b in pairwise(words)}
