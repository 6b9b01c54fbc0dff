"""Finds listed phrases in a text, word by word; a word typed with accents must have the right ones."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from bot.knowledge.vocabulary import Talk
from bot.vietnamese import fold, nfc, normalise_tone

T = TypeVar("T")


_BETWEEN = re.compile(r"[^\w/]|_")  # what stands between words
_ACCENTED = 0.35  # share of accented words from which a text counts as typed with accents (usual: 0.75)


@dataclass(frozen=True, slots=True)
class Word:
    """One word of a text: as typed (lower case, NFC) and folded. ``sure``: the text around it has
    accents, so that a word without any was meant so ("cho" is not "chờ")."""

    typed: str
    folded: str
    sure: bool = False

    def is_same(self, other: Word) -> bool:
        """Equal, or one of the two was typed without accents in a text without accents."""
        return self.folded == other.folded and (
            self.typed == other.typed or self._may_lack_accents or other._may_lack_accents
        )

    @property
    def _may_lack_accents(self) -> bool:
        return self.typed == self.folded and not self.sure


def split(text: str) -> list[Word]:
    """The words of a text, in order."""
    pairs = [(word, fold(word)) for word in _BETWEEN.sub(" ", normalise_tone(text.lower())).split()]
    accented = sum(word != folded for word, folded in pairs)
    sure = accented >= _ACCENTED * len(pairs)
    return [Word(word, folded, sure and accented > 0) for word, folded in pairs]


def folded(text: str) -> list[str]:
    """The words of a text as ``split`` folds them; quicker where nothing else of them is needed."""
    return fold(_BETWEEN.sub(" ", nfc(text.lower()))).split()


class Phrases(Generic[T]):
    """A set of phrases, each with what it stands for."""

    def __init__(self, phrases: Iterable[tuple[str, T]]) -> None:
        self._single: dict[str, list[tuple[list[Word], T]]] = {}
        self._longer: dict[tuple[str, str], list[tuple[list[Word], T]]] = {}  # by their first two words
        for phrase, value in phrases:
            words = split(phrase)
            if len(words) == 1:
                self._single.setdefault(words[0].folded, []).append((words, value))
            elif words:
                self._longer.setdefault((words[0].folded, words[1].folded), []).append((words, value))

    def find(self, words: list[Word]) -> list[tuple[int, int, T]]:
        """All occurrences: (first word, one past the last, value), in order of the text."""
        found: list[tuple[int, int, T]] = []
        last = len(words) - 1
        for start, word in enumerate(words):
            for phrase, value in self._single.get(word.folded, ()):
                if phrase[0].is_same(word):
                    found.append((start, start + 1, value))
            if start == last:
                break
            for phrase, value in self._longer.get((word.folded, words[start + 1].folded), ()):
                end = start + len(phrase)
                if end <= len(words) and all(map(Word.is_same, phrase, words[start:end])):
                    found.append((start, end, value))
        return found

    def whole(self, words: list[Word]) -> T | None:
        """What the text stands for when it is one of the phrases and nothing else."""
        for start, end, value in self.find(words):
            if start == 0 and end == len(words):
                return value
        return None


class Talks:
    """Recognises the kinds of talk of vocabulary.yaml."""

    def __init__(self, talks: Mapping[str, Talk], fillers: Iterable[str]) -> None:
        """``fillers``: words that may stand around a phrase without changing it."""
        self._whole = Phrases((phrase, kind) for kind, talk in talks.items() for phrase in talk.whole)
        self._contains = Phrases((phrase, kind) for kind, talk in talks.items() for phrase in talk.contains)
        self._surely = Phrases((phrase, kind) for kind, talk in talks.items() for phrase in talk.surely)
        self._unless = {kind: Phrases((phrase, True) for phrase in talk.unless) for kind, talk in talks.items()}
        self._fillers = {word.folded for filler in fillers for word in split(filler)}

    def whole(self, words: list[Word]) -> str:
        """The kind of talk the whole text is, politeness aside; empty if none."""
        bare = [word for word in words if word.folded not in self._fillers]
        return self._whole.whole(words) or self._whole.whole(bare) or ""

    def contained(self, *readings: list[Word]) -> str:
        """The kind of talk that occurs in the text, read in one way or another; empty if none, or if an
        exception stands beside it."""
        return self._within(self._contains, readings)

    def sure(self, *readings: list[Word]) -> str:
        """The kind of talk that a text is for sure, whatever procedure its other words name; empty if none."""
        return self._within(self._surely, readings)

    def _within(self, phrases: Phrases[str], readings: Iterable[list[Word]]) -> str:
        for words in readings:
            for _, _, kind in phrases.find(words):
                if not self._unless[kind].find(words):
                    return kind
        return ""
