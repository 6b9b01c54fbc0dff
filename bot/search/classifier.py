"""A softmax regression over the features of a text: which owner (a procedure, a kind of talk, an aspect)
speaks like that. It learns from the repository's own texts, within seconds, the same on every machine.

Each owner's score is a plain sum over the features of the text, so that every decision can be
explained word by word. Method: multinomial logistic regression by stochastic gradient descent
(Bishop: Pattern Recognition and Machine Learning, 4.3.4), with a share of the features left out at
every step (dropout), so that no single word decides alone.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bot.search.features import WEIGHTS
from bot.search.phrases import Word

Floats = NDArray[np.float32]
_RATE, _DROPPED, _SEED = 16.0, 0.3, 7
_ALWAYS = "wp"  # kinds of features kept even when only one text has them


@dataclass(frozen=True, slots=True)
class Sample:
    """A text to learn from: whose it is, its words, and how much it counts."""

    owner: str
    words: Sequence[Word]
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Vector:
    """The known features of a text as numbers: rows of the vocabulary and their values."""

    rows: NDArray[np.int32]
    values: Floats


class Vocabulary:
    """The features known, each with its weight."""

    def __init__(self, keys: Sequence[str], scale: Floats, unknown: float) -> None:
        """``unknown``: the weight of a word never seen, which makes everything else less likely."""
        self.keys = list(keys)
        self.scale = scale
        self.unknown = unknown
        self._rows = {key: row for row, key in enumerate(self.keys)}

    @classmethod
    def of(cls, texts: Sequence[Counter[str]], rare_tells: bool = True) -> Vocabulary:
        """The vocabulary of these texts; ``rare_tells``: what few texts have weighs more (it does for what
        a text is about, not for how it asks)."""
        seen = Counter(key for text in texts for key in text)
        keys = sorted(key for key, n in seen.items() if n > 1 or key[0] in _ALWAYS)

        def rarity(count: int) -> float:
            return math.log((1 + len(texts)) / (1 + count)) + 1 if rare_tells else 1.0

        scale = [WEIGHTS[key[0]] * rarity(seen[key]) for key in keys]
        return cls(keys, np.array(scale, np.float32), rarity(0))

    def vector(self, counts: Mapping[str, int]) -> Vector:
        """A text of length one; words never seen count for the length and for nothing else."""
        known = [(row, n) for key, n in counts.items() if (row := self._rows.get(key)) is not None]
        strange = sum(key[0] == "w" and key not in self._rows for key in counts)
        rows = np.array([row for row, _ in known], np.int32)
        values = (1 + np.log(np.array([n for _, n in known], np.float32))) * self.scale[rows]
        length = math.sqrt(float(values @ values) + strange * self.unknown**2) or 1.0
        return Vector(rows, (values / length).astype(np.float32))


class Classifier:
    """Owners and what each feature says for or against each of them."""

    def __init__(self, owners: Sequence[str], weights: NDArray[np.float16]) -> None:
        """``weights``: features x owners."""
        self.owners = list(owners)
        self.weights = weights

    def scores(self, vector: Vector) -> Floats:
        """The score of every owner: the logarithm of how likely, but for a constant."""
        found: Floats = vector.values @ self.weights[vector.rows].astype(np.float32)
        return found

    def speaks(self, vector: Vector, owner: str) -> NDArray[np.float32]:
        """What each feature of the text adds to the owner's score, beyond what it adds to all."""
        weights = self.weights[vector.rows].astype(np.float32)
        column: Floats = weights[:, self.owners.index(owner)] - weights.mean(axis=1)
        return vector.values * column


def probabilities(scores: Floats) -> Floats:
    """Scores turned into shares that add up to one."""
    raised = np.exp(scores - scores.max())
    found: Floats = raised / raised.sum()
    return found


def learn(
    forms: Sequence[Sequence[Vector]], owners: Sequence[str], counts: Sequence[float], size: int, rounds: int = 10
) -> Classifier:
    """Trains on the texts; the same texts give the same classifier.

    ``forms``: each text as written and in other forms (without accents), seen in turn, round by round;
    ``size``: that of the vocabulary. The weights are the mean of the later rounds, which depends less on
    chance than the last one alone (Polyak averaging).
    """
    names = sorted(set(owners))
    if len(names) < 2:  # nothing to tell apart
        return Classifier(names, np.zeros((size, len(names)), np.float16))
    column = {name: at for at, name in enumerate(names)}
    wanted = [column[owner] for owner in owners]
    pulls = np.sqrt(np.array(counts, np.float32))
    weights = np.zeros((size, len(names)), np.float32)
    later = np.zeros_like(weights)
    random = np.random.default_rng(_SEED)
    steps, done = rounds * len(owners), 0
    for number in range(rounds):
        vectors = forms[number % len(forms)]
        for at in random.permutation(len(owners)):
            rate = _RATE * (1 - done / steps) * pulls[at]
            _step(weights, vectors[at], wanted[at], rate, random)
            done += 1
        if number >= rounds // 2:
            later += weights
    return Classifier(names, (later / (rounds - rounds // 2)).astype(np.float16))


def _step(weights: Floats, vector: Vector, wanted: int, rate: float, random: np.random.Generator) -> None:
    kept = random.random(len(vector.rows), np.float32) > _DROPPED
    rows = vector.rows[kept]
    values: Floats = vector.values[kept] / np.float32(math.sqrt(1 - _DROPPED))
    concerned = weights[rows]
    wrong = -probabilities(values @ concerned)
    wrong[wanted] += 1
    weights[rows] = concerned + values[:, None] * (np.float32(rate) * wrong)
