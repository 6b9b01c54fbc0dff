"""Repairs spelling: abbreviations, Telex and VNI leftovers, words run together, slips of one letter."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from rapidfuzz import process
from rapidfuzz.distance import OSA

from bot.search.phrases import Word, split

_TONES = str.maketrans("", "", "sfrxj")
_VNI = re.compile(r"(?<=[a-z])[0-9]")
_DOUBLED = re.compile(r"([aeod])\1")
_REPEATED = re.compile(r"(.)\1+")
_LONGEST = 7  # letters of the longest Vietnamese syllable ("nghiêng")


class Spelling:
    """Knows the words of the knowledge; turns what was typed into such words where it can."""

    def __init__(self, known: Iterable[str], abbreviations: Mapping[str, str]) -> None:
        self.known = frozenset(known)
        self._by_length: dict[int, list[str]] = {}
        for word in sorted(self.known):
            self._by_length.setdefault(len(word), []).append(word)
        self._short = {word.typed: split(full) for key, full in abbreviations.items() for word in split(key)[:1]}
        self._seen: dict[str, str] = {}

    def repair(self, words: list[Word]) -> list[Word]:
        """The words, with what is no known word replaced by what was probably meant."""
        repaired: list[Word] = []
        for word in words:
            full = self._short.get(word.typed)
            if full is not None:
                repaired += full
            elif word.folded in self.known or any(char.isdigit() for char in word.folded[:1]):
                repaired.append(word)
            else:
                repaired += self._guess(word)
        return repaired

    def _guess(self, word: Word) -> list[Word]:
        if word.folded not in self._seen:
            if len(self._seen) > 20_000:  # whatever people type, memory stays bounded
                self._seen.clear()
            self._seen[word.folded] = self._correct(word.folded)
        return [Word(part, part) for part in self._seen[word.folded].split()] or [word]

    def _correct(self, word: str) -> str:
        if len(word) > 40:
            return word
        for candidate in _typed_as(word):
            if candidate in self.known:
                return candidate
        parts = self._apart(word) if len(word) > _LONGEST - 1 else None
        if parts:
            return " ".join(parts)
        return self._nearest(word)

    def _nearest(self, word: str) -> str:
        if not 4 <= len(word) <= 12:
            return word
        near = [w for size in (len(word) - 1, len(word), len(word) + 1) for w in self._by_length.get(size, ())]
        best = process.extractOne(word, near, scorer=OSA.distance, score_cutoff=1)
        return str(best[0]) if best else word

    def _apart(self, word: str) -> list[str] | None:
        """Cuts a run of syllables ("lamgiaykhaisinh") into known words, as few as possible."""
        best: list[list[str] | None] = [[]] + [None] * len(word)
        for end in range(1, len(word) + 1):
            for start in range(max(0, end - _LONGEST), end):
                before, piece = best[start], word[start:end]
                if before is None or piece not in self.known or (len(piece) < 2 and piece not in "oy"):
                    continue
                now = best[end]
                if now is None or len(before) + 1 < len(now):
                    best[end] = [*before, piece]
        return best[-1]


def _typed_as(word: str) -> Iterable[str]:
    """What the keys of a Telex or VNI keyboard would have made of it, then doubled letters undone."""
    telex = _DOUBLED.sub(r"\1", word).replace("w", "")
    for shape in (telex, _VNI.sub("", word), _REPEATED.sub(r"\1", word)):
        yield shape
        if len(shape) > 2:
            yield shape[0] + shape[1:].translate(_TONES)
            if shape[-1] in "sfrxj":
                yield shape[:-1]
