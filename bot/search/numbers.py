"""A choice by number: "2", "số 2". The numbers of dossiers are read in bot/dossiers/numbers.py."""

from __future__ import annotations

from bot.search.phrases import Word

_CHOICE_WORDS = frozenset({"so", "nut", "chon", "muc", "thu", "cai", "y", "phuong", "an"})


def choice_number(words: list[Word]) -> int:
    """The number when the text is just a choice, such as "2" or "số 2"; else 0."""
    digits = [word.folded for word in words if word.folded.isascii() and word.folded.isdigit()]
    others = [word for word in words if not word.folded.isdigit()]
    if len(digits) == 1 and len(digits[0]) <= 2 and all(word.folded in _CHOICE_WORDS for word in others):
        return int(digits[0])
    return 0
