"""Ranks procedures and kinds of talk for a text: what the classifier says, helped by the nearest examples."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bot.search.classifier import probabilities
from bot.search.compiled import Compiled
from bot.search.features import KINDS, features
from bot.search.material import TALK
from bot.search.phrases import Word

_CLOSER = 8  # owners whose examples are looked at
_EXAMPLES = 25.0  # how much likeness to examples counts beside the classifier's score


@dataclass(frozen=True, slots=True)
class Score:
    """How likely an owner is meant (0 to 1, all together 1), and how near its examples are (0 to 1)."""

    owner: str
    share: float
    near: float


class Ranking:
    """Asks what was learnt."""

    def __init__(self, learnt: Compiled) -> None:
        self._learnt = learnt
        self._talks = [at for at, owner in enumerate(learnt.owners.owners) if owner.startswith(TALK)]

    def rank(self, words: Sequence[Word]) -> list[Score]:
        """The most likely owners, best first, and behind them the likeliest kind of talk."""
        learnt = self._learnt
        vector = learnt.vocabulary.vector(features(words))
        scores = learnt.owners.scores(vector)
        spread = learnt.neighbours.spread_out(vector, len(learnt.vocabulary.keys))
        best = set(np.argsort(-scores)[:_CLOSER])
        if self._talks:
            best.add(max(self._talks, key=lambda at: scores[at]))
        near = {at: learnt.neighbours.near(learnt.owners.owners[at], spread) for at in best}
        for at, likeness in near.items():
            scores[at] += _EXAMPLES * likeness
        shares = probabilities(scores)
        return [
            Score(learnt.owners.owners[at], float(shares[at]), near[at])
            for at in sorted(near, key=lambda at: -shares[at])
        ]

    def explain(self, words: Sequence[Word], owner: str, most: int = 8) -> tuple[dict[str, float], list[str]]:
        """What speaks for the owner: the sum of each kind of feature, and the features that say most."""
        learnt = self._learnt
        vector = learnt.vocabulary.vector(features(words))
        said = learnt.owners.speaks(vector, owner)
        kinds: dict[str, float] = defaultdict(float)
        for row, value in zip(vector.rows, said, strict=True):
            kinds[KINDS[learnt.vocabulary.keys[row][0]]] += float(value)
        strongest = np.argsort(-said)[:most]
        return dict(kinds), [learnt.vocabulary.keys[vector.rows[at]][1:] for at in strongest if said[at] > 0]
