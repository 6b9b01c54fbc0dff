"""Makes a text ready to be compared: spelling repaired, politeness dropped, everyday words explained."""

from __future__ import annotations

from collections.abc import Iterable

from bot.knowledge.vocabulary import Vocabulary
from bot.search.phrases import Phrases, Word, split
from bot.search.spelling import Spelling


class Preparation:
    """The same for the texts search learns from and for those that people type."""

    def __init__(self, vocabulary: Vocabulary, known: Iterable[str]) -> None:
        """``known``: the folded words that need no repair."""
        self._spelling = Spelling(known, vocabulary.abbreviations)
        self._synonyms = Phrases((says, split(s.means)) for s in vocabulary.synonyms for says in s.says)
        self._fillers = Phrases((phrase, split(phrase)[0]) for phrase in vocabulary.fillers)

    def repair(self, words: list[Word]) -> list[Word]:
        """The words as they were probably meant."""
        return self._spelling.repair(words)

    def explain(self, repaired: list[Word]) -> list[Word]:
        """Without politeness, and with the words that the everyday ones among them stand for."""
        dropped = {
            at
            for start, end, first in self._fillers.find(repaired)
            if end - start > 1 or repaired[start].typed == first.typed  # a bare "the" may be "thế" or "thẻ"
            for at in range(start, end)
        }
        kept = [word for at, word in enumerate(repaired) if at not in dropped] or repaired
        means = {id(meaning): meaning for _, _, meaning in self._synonyms.find(kept)}
        return kept + [word for meaning in means.values() for word in meaning]

    def __call__(self, text: str) -> list[Word]:
        """A text made ready."""
        return self.explain(self.repair(split(text)))
