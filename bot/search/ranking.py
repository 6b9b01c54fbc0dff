"""Ranks procedures for a text: likeness to each procedure as a whole and to single example questions.

Weights are those of TF-IDF with cosine similarity (Manning, Raghavan, Schütze: Introduction to
Information Retrieval, ch. 6), counted over procedures so that a word which tells procedures apart
weighs most. Features: words, pairs of neighbours, words by sound (l/n, s/x, ch/tr, d/gi/r are one),
and runs of four letters, which survive typing errors.
"""

from __future__ import annotations

import heapq
import math
import re
from array import array
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

from bot.knowledge.models import Procedure
from bot.search.phrases import Word

OUTSIDE = ""  # the id of "no procedure at all"
_SOUNDS = ((re.compile(r"^tr"), "ch"), (re.compile(r"^(gi|r)(?=[aeiouy])"), "d"), (re.compile(r"^s"), "x"))
_SLIM = "wps"  # kinds of features that single examples are compared by
_CLOSER = 12  # procedures whose examples are looked at
_NEAREST = 3  # examples of a procedure that count
_WEIGHTS = {"w": 1.0, "p": 0.9, "a": 0.5, "s": 0.45, "c": 0.3}


def sound(word: str) -> str:
    """One spelling for what sounds alike in the region: l/n, s/x, ch/tr, d/gi/r, i/y."""
    for pattern, replacement in _SOUNDS:
        word = pattern.sub(replacement, word)
    return word.replace("l", "n", 1).replace("y", "i") if word[:1] == "l" else word.replace("y", "i")


def features(words: Sequence[Word]) -> Counter[str]:
    """What is counted of a text; the first letter names the kind."""
    found: Counter[str] = Counter()
    folded = [word.folded for word in words]
    for word in words:
        found["w" + word.folded] += 1
        found["s" + sound(word.folded)] += 1
        if word.typed != word.folded:
            found["a" + word.typed] += 1
    found.update(f"p{first} {second}" for first, second in pairwise(folded))
    run = f"_{'_'.join(folded)}_"
    found.update("c" + run[at : at + 4] for at in range(len(run) - 3))
    return found


@dataclass(frozen=True, slots=True)
class Score:
    """How well a procedure fits: the total (0 to 1) and its two parts."""

    id: str
    total: float
    whole: float
    example: float


class Postings:
    """An inverted index in flat arrays: a list of pairs per feature would take ten times the memory."""

    def __init__(self, vectors: Iterable[Mapping[str, float]]) -> None:
        index: dict[str, list[tuple[int, float]]] = defaultdict(list)
        for number, vector in enumerate(vectors):
            for key, value in vector.items():
                index[key].append((number, value))
        self._rows = {key: row for row, key in enumerate(index)}
        self._numbers = array("H", [number for found in index.values() for number, _ in found])
        self._values = array("f", [value for found in index.values() for _, value in found])
        self._starts = array("I", accumulate(map(len, index.values()), initial=0))

    def gather(self, vector: Mapping[str, float]) -> dict[int, float]:
        """The likeness of each indexed vector to this one; those without anything in common left out."""
        scores: dict[int, float] = defaultdict(float)
        for key, weight in vector.items():
            row = self._rows.get(key)
            if row is not None:
                here = slice(self._starts[row], self._starts[row + 1])
                for number, value in zip(self._numbers[here], self._values[here], strict=True):
                    scores[number] += weight * value
        return scores


class Ranking:
    """An index over procedures; build it once, ask it often."""

    def __init__(self, texts: Mapping[str, Sequence[tuple[float, Sequence[Word]]]]) -> None:
        """``texts``: id → its texts, each with the weight of its field, in order of authority."""
        self.ids = list(texts)
        known: dict[str, str] = {}  # one string per feature, however many texts have it
        counted = {
            id_: [(weight, _shared(features(words), known)) for weight, words in parts]
            for id_, parts in texts.items()
        }
        self._idf = _inverse_frequency(counted.values())
        self._wholes = Postings(self._vector(_sum(parts)) for parts in counted.values())
        self._examples = [self._index_examples(parts) for parts in counted.values()]

    def _index_examples(self, parts: list[tuple[float, dict[str, int]]]) -> Postings:
        slim = ({key: float(n) for key, n in part.items() if key[0] in _SLIM} for _, part in parts)
        return Postings(map(self._vector, slim))

    def _vector(self, counts: Mapping[str, float]) -> dict[str, float]:
        """Weighted and of length one."""
        vector = {
            key: (1 + math.log(n) if n > 1 else n) * self._idf[key] * _WEIGHTS[key[0]]
            for key, n in counts.items()
            if key in self._idf
        }
        length = math.sqrt(sum(value * value for value in vector.values())) or 1.0
        return {key: value / length for key, value in vector.items()}

    def rank(self, words: Sequence[Word], top: int = 10) -> list[Score]:
        """The best procedures for a text, best first; scores of 0 left out."""
        counts = {key: float(n) for key, n in features(words).items()}
        wholes = self._wholes.gather(self._vector(counts))
        slim = self._vector({key: n for key, n in counts.items() if key[0] in _SLIM})
        scores = []
        for owner in heapq.nlargest(_CLOSER, wholes, key=wholes.__getitem__):
            nearest = heapq.nlargest(_NEAREST, self._examples[owner].gather(slim).values())
            near = sum(nearest) / _NEAREST
            scores.append(Score(self.ids[owner], (wholes[owner] + near) / 2, wholes[owner], near))
        return sorted(scores, key=lambda score: -score.total)[:top]


def _shared(counts: Counter[str], known: dict[str, str]) -> dict[str, int]:
    """The counts under the strings known already."""
    return {known.setdefault(key, key): n for key, n in counts.items()}


def _sum(parts: Iterable[tuple[float, Mapping[str, int]]]) -> dict[str, float]:
    total: dict[str, float] = defaultdict(float)
    for weight, part in parts:
        for key, n in part.items():
            total[key] += weight * n
    return total


def _inverse_frequency(groups: Iterable[list[tuple[float, dict[str, int]]]]) -> dict[str, float]:
    seen: Counter[str] = Counter()
    size = 0
    for parts in groups:
        size += 1
        seen.update({key for _, part in parts for key in part})
    # Runs and sounds that half of all procedures share say nothing, and cost most of the time.
    return {key: math.log(1 + size / n) for key, n in seen.items() if key[0] not in "cs" or n <= size / 2}


def texts_of(procedure: Procedure, split: Mapping[str, list[Word]]) -> list[tuple[float, Sequence[Word]]]:
    """The fields of a procedure that search looks at, with their weights."""
    fields = [(3.0, procedure.name), (1.0, procedure.official_name), (1.0, procedure.summary)]
    fields += [(2.0, alias) for alias in procedure.aliases]
    fields += [(1.0, question) for question in procedure.questions]
    fields += [(0.3, document.name) for document in procedure.documents]
    return [(weight, split[text]) for weight, text in fields]
