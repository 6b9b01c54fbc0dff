"""A text as words with their places, for masking: what stands beside a word decides what it is."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import overload

from bot.search.phrases import Word, split
from bot.vietnamese import fold, normalise_tone

OPEN, CLOSE = "‹", "›"
_TOKEN = re.compile(rf"{OPEN}[^{OPEN}{CLOSE}]*{CLOSE}|[^\W_]+")
_BREAKS = re.compile(r"[.,;:!?()\n]")


@dataclass(frozen=True, slots=True)
class Token:
    """A word or a sign of masking, and where it stands in the text."""

    text: str
    start: int
    end: int
    word: Word
    is_sign: bool


class Tokens:
    """The tokens of a text in order."""

    def __init__(self, text: str, signs: Iterable[str]) -> None:
        """``signs``: the signs of masking with their brackets; others are what people typed."""
        known = set(signs)
        self._text = text
        sure = any(word.sure for word in split(text))
        self._tokens: list[Token] = []
        for match in _TOKEN.finditer(text):
            if match[0].startswith(OPEN) and match[0] not in known:
                inner = re.finditer(r"[^\W_]+", match[0])
                self._tokens += [self._token(one[0], match.start() + one.start(), sure) for one in inner]
            else:
                self._tokens.append(self._token(match[0], match.start(), sure, match[0] in known))
        letters = "".join(token.text for token in self._tokens if not token.is_sign)
        self.said = {token.word.folded for token in self._tokens}
        self._has_small = any(char.islower() for char in letters)

    @staticmethod
    def _token(text: str, start: int, sure: bool, is_sign: bool = False) -> Token:
        typed = "" if is_sign else normalise_tone(text.lower())
        return Token(text, start, start + len(text), Word(typed, fold(typed), sure), is_sign)

    def __len__(self) -> int:
        return len(self._tokens)

    @overload
    def __getitem__(self, at: int) -> Token: ...
    @overload
    def __getitem__(self, at: slice) -> list[Token]: ...
    def __getitem__(self, at: int | slice) -> Token | list[Token]:
        return self._tokens[at]

    def has_numbers(self) -> bool:
        """Whether anything here may be a house number."""
        return any(token.is_sign or token.text[0].isdigit() for token in self._tokens)

    def gap(self, at: int) -> str:
        """What stands between a token and the one before it."""
        return self._text[self._tokens[at - 1].end : self._tokens[at].start] if 0 < at < len(self) else ""

    def joined(self, at: int) -> bool:
        """Whether no comma or full stop parts a token from the one before."""
        return not _BREAKS.search(self.gap(at))

    def says_colon(self, at: int) -> bool:
        """Whether a colon announces this token."""
        return ":" in self.gap(at)

    def is_capital(self, at: int) -> bool:
        """Whether a word begins with a capital, in a text that is not all capitals."""
        return self._has_small and at < len(self) and self[at].text[0].isupper()

    def while_capital(self, at: int, most: int) -> int:
        """One past the run of capitalised words that begins here, of at most so many."""
        end = at
        while end < at + most and self.is_capital(end) and (end == at or self.joined(end)):
            end += 1
        return end


class Words:
    """A list of phrases to be found at a place in the tokens."""

    def __init__(self, phrases: Iterable[str]) -> None:
        self._by_first: dict[str, list[list[Word]]] = {}
        for phrase in sorted((split(phrase) for phrase in phrases), key=len, reverse=True):
            self._by_first.setdefault(phrase[0].folded, []).append(phrase)

    def any_in(self, tokens: Tokens) -> bool:
        """Whether a phrase may occur at all: quickly answered, as most texts have none."""
        return not self._by_first.keys().isdisjoint(tokens.said)

    def at(self, tokens: Tokens, at: int, exactly: bool = False) -> int:
        """How many tokens the longest phrase that begins here has; 0 when none does.

        ``exactly``: with the accents listed, even where the text has none."""
        if not 0 <= at < len(tokens):
            return 0
        for phrase in self._by_first.get(tokens[at].word.folded, ()):
            here = [token.word for token in tokens[at : at + len(phrase)]]
            if len(here) == len(phrase) and all(_is_said(a, b, exactly) for a, b in zip(phrase, here, strict=True)):
                return len(phrase)
        return 0

    def ending(self, tokens: Tokens, end: int) -> int:
        """How many tokens the longest phrase that ends just before ``end`` has; 0 when none does."""
        return max((n for n in range(1, min(5, end + 1)) if self.at(tokens, end - n) == n), default=0)


def _is_said(listed: Word, typed: Word, exactly: bool) -> bool:
    """As ``Word.is_same``, but a listed word without accents ("bao") is not one typed with them ("bảo")."""
    may_lack_accents = typed.typed == typed.folded and not typed.sure and not exactly
    return listed.typed == typed.typed or (may_lack_accents and listed.folded == typed.folded)
