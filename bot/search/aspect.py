"""Which side of a procedure a question asks about: papers, fee, time, place…

Two judges weigh together: phrases that staff keep in vocabulary.yaml, and what was learnt from the
example questions, which are sorted by aspect.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bot.knowledge.models import Aspect
from bot.search.compiled import Compiled
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
_PHRASES = 0.5  # how much the phrases count beside what was learnt


class Aspects:
    """Finds the aspect that is asked about."""

    def __init__(self, phrases: Mapping[Aspect, Sequence[str]], learnt: Compiled) -> None:
        self._phrases = Phrases((phrase, aspect) for aspect, listed in phrases.items() for phrase in listed)
        self._learnt = learnt

    def find(self, words: list[Word]) -> Aspect | None:
        """The aspect asked, or None when the text asks for none in particular."""
        said = self._said(words)
        scores = {aspect: _PHRASES * weight for aspect, weight in said.items()}
        if len(self._learnt.aspects.owners) > 1:
            vector = self._learnt.asking.read(words)
            for name, score in zip(self._learnt.aspects.owners, self._learnt.aspects.scores(vector), strict=True):
                scores[Aspect(name)] = scores.get(Aspect(name), 0.0) + float(score)
        elif not scores:
            return None
        best = max(scores, key=lambda aspect: (round(scores[aspect], 1), -_ORDER.index(aspect)))
        return None if best is Aspect.WHAT and not said else best

    def _said(self, words: list[Word]) -> dict[Aspect, float]:
        """What the phrases say: longer ones weigh more, and so do those near the end, where Vietnamese
        puts the question word."""
        weights: dict[Aspect, float] = {}
        for start, end, aspect in self._phrases.find(words):
            weight = _WEIGHTS.get(aspect, 1.0) * (end - start) ** 1.5 * (1 + 0.5 * end / len(words))
            weights[aspect] = weights.get(aspect, 0.0) + weight
        return weights
