"""Which side of a procedure a question asks about: papers, fee, time, place…"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bot.knowledge.models import Aspect
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


class Aspects:
    """Finds the aspect by the phrases of vocabulary.yaml."""

    def __init__(self, phrases: Mapping[Aspect, Sequence[str]]) -> None:
        self._phrases = Phrases((phrase, aspect) for aspect, listed in phrases.items() for phrase in listed)

    def find(self, words: list[Word]) -> Aspect | None:
        """The aspect asked, or None: longer phrases weigh more, and so do those near the end,
        where Vietnamese puts the question word."""
        weights: dict[Aspect, float] = {}
        for start, end, aspect in self._phrases.find(words):
            weight = _WEIGHTS.get(aspect, 1.0) * (end - start) ** 1.5 * (1 + 0.5 * end / len(words))
            weights[aspect] = weights.get(aspect, 0.0) + weight
        if not weights:
            return None
        return max(weights, key=lambda aspect: (round(weights[aspect], 1), -_ORDER.index(aspect)))
