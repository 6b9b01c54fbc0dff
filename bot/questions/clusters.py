"""Gathers kept questions of the same meaning, by the features search itself goes by."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from bot.knowledge.library import Library
from bot.search.compiled import Compiled
from bot.search.features import WEIGHTS, features
from bot.search.preparing import Preparation
from bot.store.unanswered import Unanswered

# Found by trying on 36 questions of 10 meanings and on example questions of 47 procedures: words, sounds and
# runs of letters; pairs and accents only part what is the same. Rare features count more than in search itself.
_KINDS = {"w": 1.0, "s": 0.7, "c": 0.5}
_ALIKE = 0.40  # likeness (0 to 1) to the middle of a cluster from which a question belongs to it
_NEW, _RARE = 0.7, 1.5  # what a feature never seen weighs, as a share of the rarest; the power of all weights
Vector = Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Asked:
    """One question over all its rows: days, channels, reasons."""

    key: str
    text: str
    count: int
    last_day: date
    rows: tuple[Unanswered, ...]

    @classmethod
    def of(cls, rows: Sequence[Unanswered]) -> Asked:
        """``rows``: all of one key, oldest first."""
        return cls(
            rows[0].key, rows[0].text, sum(row.count for row in rows), max(row.day for row in rows), tuple(rows)
        )


@dataclass(frozen=True, slots=True)
class Cluster:
    """Questions of one meaning, the one most asked first. ``number`` stays the same as long as its
    oldest row is kept."""

    questions: tuple[Asked, ...]

    @property
    def rows(self) -> list[Unanswered]:
        """All rows of all questions."""
        return [row for asked in self.questions for row in asked.rows]

    @property
    def number(self) -> int:
        """The id of the oldest row."""
        return min(row.id for row in self.rows)

    @property
    def count(self) -> int:
        """How often it was asked."""
        return sum(asked.count for asked in self.questions)

    @property
    def last_day(self) -> date:
        """The day it was asked last."""
        return max(asked.last_day for asked in self.questions)

    @property
    def why(self) -> Counter[str]:
        """How often for which reason."""
        found: Counter[str] = Counter()
        for row in self.rows:
            found[row.why] += row.count
        return found

    @property
    def offered(self) -> frozenset[str]:
        """The ids of what was offered in vain."""
        return frozenset(id_ for row in self.rows for id_ in row.offered)

    def since(self, first: date) -> Cluster | None:
        """What of it was asked from that day on; None when nothing was."""
        kept = [[row for row in asked.rows if row.day >= first] for asked in self.questions]
        found = sorted((Asked.of(rows) for rows in kept if rows), key=lambda one: -one.count)
        return Cluster(tuple(found)) if found else None


class Meaning:
    """Turns a text into weighted features of length one."""

    def __init__(self, library: Library, learnt: Compiled) -> None:
        self._ready = Preparation(library.vocabulary, learnt.known)
        vocabulary = learnt.vocabulary
        pairs = zip(vocabulary.keys, vocabulary.scale, strict=True)
        self._rare = {key: float(scale) / WEIGHTS[key[0]] for key, scale in pairs if key[0] in _KINDS}
        self._new = vocabulary.unknown * _NEW

    def __call__(self, text: str) -> Vector:
        """The features of a text; unlike search's own vector it keeps words never seen."""
        vector = {
            key: (1 + math.log(n)) * (self._rare.get(key, self._new) * _KINDS[key[0]]) ** _RARE
            for key, n in features(self._ready(text)).items()
            if key[0] in _KINDS
        }
        length = math.sqrt(sum(value * value for value in vector.values())) or 1.0
        return {key: value / length for key, value in vector.items()}


class _Gathering:
    """Clusters while they grow, each with the sum of the vectors in it."""

    def __init__(self) -> None:
        self.members: list[list[Asked]] = []
        self._squares: list[float] = []  # of the lengths of the sums
        self._sums: dict[str, dict[int, float]] = defaultdict(dict)  # feature -> cluster -> sum

    def add(self, asked: Asked, vector: Vector) -> None:
        """Puts the question into the cluster it is most like, or into one of its own."""
        products: dict[int, float] = defaultdict(float)
        for key, value in vector.items():
            for at, total in self._sums[key].items():
                products[at] += value * total
        likeness = {at: product / math.sqrt(self._squares[at]) for at, product in products.items()}
        best = max(likeness, key=lambda at: likeness[at], default=-1)
        if best < 0 or likeness[best] < _ALIKE:
            best = len(self.members)
            self.members.append([])
            self._squares.append(0.0)
        self.members[best].append(asked)
        self._squares[best] += 2 * products[best] + 1
        for key, value in vector.items():
            totals = self._sums[key]
            totals[best] = totals.get(best, 0.0) + value


def clusters(rows: Iterable[Unanswered], meaning: Callable[[str], Vector]) -> list[Cluster]:
    """Leader clustering: the most asked questions come first, each joins the cluster whose middle it is most like.

    The clusters come most asked first.
    """
    by_key: dict[str, list[Unanswered]] = defaultdict(list)
    for row in rows:
        by_key[row.key].append(row)
    asked = sorted(map(Asked.of, by_key.values()), key=lambda one: (-one.count, one.rows[0].id))
    gathering = _Gathering()
    for one in asked:
        gathering.add(one, meaning(one.text))
    found = [Cluster(tuple(members)) for members in gathering.members]
    return by_weight(found)


def by_weight(found: Iterable[Cluster]) -> list[Cluster]:
    """The most asked first; of those asked as often the one asked last."""
    return sorted(found, key=lambda cluster: (-cluster.count, -cluster.last_day.toordinal(), cluster.number))
