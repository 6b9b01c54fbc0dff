"""How a text asks: which side of a procedure it is about, and whether it is work of ours at all.

For the side two judges weigh together: phrases that staff keep in vocabulary.yaml, and what was
learnt from the example questions, which are sorted by aspect.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bot.knowledge.models import Aspect
from bot.search.classifier import Vector, probabilities
from bot.search.compiled import OUTSIDE, Compiled
from bot.search.features import asking
from bot.search.phrases import Phrases, Word

# When two aspects are named, the more specific question is the real one.
_ORDER = (
    Aspect.FEE,
    Aspect.HOW_ONLINE,
    Aspect.TIME,
    Aspect.WHERE,
    Aspect.DOCUMENTS,
    Aspect.WHO,
    Aspect.RESULT,
    Aspect.LEGAL,
    Aspect.WHAT,
)
# "được không" ends many questions that are really about who, where or how; "online" decides.
_WEIGHTS = {Aspect.LEGAL: 0.35, Aspect.WHAT: 0.3, Aspect.HOW_ONLINE: 1.6, Aspect.FEE: 1.3}
_PHRASES = 1.5  # how much the phrases count beside what was learnt
_TOO_OFTEN = 3.0  # most examples only name their subject; people who ask mean a side of it


class Aspects:
    """Finds what is asked about."""

    def __init__(self, phrases: Mapping[Aspect, Sequence[str]], learnt: Compiled) -> None:
        self._phrases = Phrases((phrase, aspect) for aspect, listed in phrases.items() for phrase in listed)
        self._learnt = learnt

    def read(self, words: list[Word]) -> Vector:
        """How the text asks, for the two questions below."""
        return self._learnt.asking.vector(asking(words))

    def find(self, words: list[Word], vector: Vector | None) -> Aspect | None:
        """The aspect asked, or None when the text asks for none in particular; without ``vector`` (a text
        that is a procedure's name) only the phrases judge, for a name in itself asks nothing."""
        said = self._said(words)
        if vector is None and not said:
            return None
        scores = {aspect: _PHRASES * weight for aspect, weight in said.items()}
        learnt = self._learnt.aspects
        for name, score in zip(learnt.owners, learnt.scores(vector), strict=True) if vector else ():
            scores[Aspect(name)] = scores.get(Aspect(name), 0.0) + float(score)
        scores[Aspect.WHAT] = scores.get(Aspect.WHAT, 0.0) - _TOO_OFTEN
        best = max(scores, key=lambda aspect: (round(scores[aspect], 1), -_ORDER.index(aspect)))
        return None if best is Aspect.WHAT and Aspect.WHAT not in said else best

    def outside(self, vector: Vector) -> float:
        """How likely (0 to 1) a text asks for nothing that is our work, whatever words it shares with it."""
        field = self._learnt.field
        if OUTSIDE not in field.owners:
            return 0.0
        shares = probabilities(field.scores(vector))
        return float(shares[field.owners.index(OUTSIDE)])

    def _said(self, words: list[Word]) -> dict[Aspect, float]:
        """What the phrases say: longer ones weigh more, and so do those near the end."""
        weights: dict[Aspect, float] = {}
        for start, end, aspect in self._phrases.find(words):
            weight = _WEIGHTS.get(aspect, 1.0) * (end - start) ** 1.5 * (1 + 0.5 * end / len(words))
            weights[aspect] = weights.get(aspect, 0.0) + weight
        return weights
