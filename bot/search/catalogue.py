"""Finds imported procedures by their official names; asked only when no authored one answers.

TF-IDF with cosine similarity over words and pairs of neighbours (as in ranking.py), kept lean:
words that stand in a tenth of all names say nothing and are left out.
"""

from __future__ import annotations

import heapq
import math
from array import array
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

from bot.search.phrases import Word, split

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

    def __init__(self, names: Mapping[str, tuple[str, str]]) -> None:
        """``names``: id → (code, official name)."""
        self._ids = [(id_, code) for id_, (code, _) in names.items()]
        self.by_code = {code: id_ for id_, code in self._ids}
        folded = [[word.folded for word in split(name)] for _, name in names.values()]
        self._exact = {_plain(words): id_ for id_, words in zip(names, folded, strict=True)}
        counted = [_features(words) for words in folded]
        seen = Counter(key for features in counted for key in features)
        most = max(_COMMON * len(counted), 3)
        self._known = set(seen)
        self._idf = {key: math.log(1 + len(counted) / n) for key, n in seen.items() if n <= most}
        postings: dict[str, list[tuple[int, float]]] = defaultdict(list)
        for at, features in enumerate(counted):
            weights = {key: self._idf[key] for key in features if key in self._idf}
            length = math.sqrt(sum(w * w for w in weights.values())) or 1.0
            for key, weight in weights.items():
                postings[key].append((at, weight / length))
        self._postings = {
            key: (array("H", [at for at, _ in found]), array("f", [w for _, w in found]))
            for key, found in postings.items()
        }

    def exactly(self, words: list[Word]) -> str:
        """The id whose official name the words are, with or without "procedure" before it; empty if none."""
        return self._exact.get(_plain([word.folded for word in words]), "")

    def find(self, words: list[Word], without: Mapping[str, object]) -> list[Named]:
        """The nearest, best first; ``without``: codes that authored procedures answer."""
        features = _features([word.folded for word in words])
        rare = math.log(1 + len(self._ids))  # a word no name has speaks against every name
        unknown = {key for key in features if key[0] == "w" and key not in self._known}
        weights = {key: rare if key in unknown else self._idf.get(key, 0.0) for key in features}
        length = math.sqrt(sum(w * w for w in weights.values())) or 1.0
        scores: dict[int, float] = defaultdict(float)
        for key, weight in weights.items():
            if weight and key in self._postings:
                for at, value in zip(*self._postings[key], strict=True):
                    scores[at] += weight * value
        best = heapq.nlargest(_TOP * 2, scores, key=scores.__getitem__)
        found = [Named(*self._ids[at], scores[at] / length) for at in best]
        return [named for named in found if named.code not in without][:_TOP]


def _plain(words: list[str]) -> tuple[str, ...]:
    return tuple(words[2:] if words[:2] == ["thu", "tuc"] else words)


def _features(words: list[str]) -> set[str]:
    return {f"w{word}" for word in words} | {f"p{a} {b}" for a, b in pairwise(words)}
