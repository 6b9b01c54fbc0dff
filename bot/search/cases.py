"""Questions about a special case of the matter in hand: "nếu mất giấy chứng sinh thì sao"."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

from bot.knowledge.vocabulary import Vocabulary
from bot.search.phrases import Phrases, Word, split

_LONGEST = 16  # words; a longer text tells a story of its own
_SAME = 0.5  # share of the rare words of a question that a line must have
_PAIR = 0.5  # how much two words side by side count beside the words alone


class Cases:
    """Finds what a text asks about beyond the question itself."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._begins = Phrases((phrase, True) for phrase in vocabulary.cases)
        self._ends = Phrases((phrase, True) for phrase in vocabulary.case_ends)
        small = (*vocabulary.fillers, *vocabulary.small_words)
        self._small = {word.folded for phrase in small for word in split(phrase) if " " not in phrase}

    def about(self, words: list[Word], asking: set[int]) -> list[Word]:
        """The words that name the case; empty when the text asks about none.

        ``asking``: positions of words that only ask ("mất bao lâu").
        """
        begins = [end for start, end, _ in self._begins.find(words) if start == 0]
        ends = [(start, end) for start, end, _ in self._ends.find(words) if end >= len(words) - 2]
        if not (begins or ends) or len(words) > _LONGEST:
            return []
        first = max(begins, default=0)
        left_out = asking | {at for start, end in ends for at in range(start, end)}
        kept = [word for at, word in enumerate(words) if at >= first and at not in left_out]
        return kept if any(not self.is_small(word) for word in kept) else []

    def core(self, words: list[Word], asking: set[int]) -> list[Word]:
        """The words left when those that ask, greet or say nothing are put aside."""
        return [word for at, word in enumerate(words) if at not in asking and not self.is_small(word)]

    def ends(self, words: list[Word]) -> bool:
        """Whether the text ends as such a question does: "thì sao"."""
        return any(end >= len(words) - 2 for _, end, _ in self._ends.find(words))

    def is_small(self, word: Word) -> bool:
        """Whether the word says nothing by itself."""
        return word.folded in self._small


def matching(lines: Sequence[str], about: Sequence[str]) -> list[int]:
    """Which lines speak of the case, best first: they share its rare words. Rare is what few lines have.

    ``about``: folded words. Nothing is found rather than something that merely looks alike.
    """
    asked = _parts(about)
    parts = [set(_parts([word.folded for word in split(line)])) for line in lines]
    seen = Counter(part for found in parts for part in found if part in asked)
    weight = {part: _weight(part) * math.log((len(lines) + 1) / (seen[part] or 1)) for part in asked}
    whole = sum(weight.values()) or 1.0
    scores = [sum(weight[part] for part in asked if part in found) / whole for found in parts]
    return [at for at in sorted(range(len(lines)), key=lambda at: -scores[at]) if scores[at] >= _SAME]


def _parts(words: Sequence[str]) -> list[str]:
    return list(dict.fromkeys([*words, *(f"{one} {two}" for one, two in pairwise(words))]))


def _weight(part: str) -> float:
    return _PAIR if " " in part else 1.0
