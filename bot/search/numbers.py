"""Numbers in a text: a choice ("2", "số 2") and the reference number of a dossier."""

from __future__ import annotations

import re

from bot.search.phrases import Word

# Shapes seen in use, see docs/architecture.md: {unit}-{yymmdd or yyyymmdd}-{4 to 7 digits},
# and social insurance nnnnn/yyyy/nnnnn. People type spaces and commas for dashes and dots.
_REFERENCE = re.compile(
    r"(?<![\w.])([GH]\d{2}(?:[ .,]{1,2}\d{2,3}){0,4})\s*[-–— ]\s*(\d{8}|\d{6})\s*[-–— ]\s*(\d{4,7})(?!\d)",
    re.IGNORECASE,
)
_INSURANCE = re.compile(r"(?<!\d)(\d{5})/(20\d{2})/(\d{5})(?!\d)")
_CHOICE_WORDS = frozenset({"so", "nut", "chon", "muc", "thu", "cai", "y", "phuong", "an"})


def choice_number(words: list[Word]) -> int:
    """The number when the text is just a choice, such as "2" or "số 2"; else 0."""
    digits = [word.folded for word in words if word.folded.isascii() and word.folded.isdigit()]
    others = [word for word in words if not word.folded.isdigit()]
    if len(digits) == 1 and len(digits[0]) <= 2 and all(word.folded in _CHOICE_WORDS for word in others):
        return int(digits[0])
    return 0


def find_reference(text: str) -> str | None:
    """The first reference number in the text, in its official shape; None when there is none."""
    if match := _REFERENCE.search(text):
        unit = re.sub(r"[ .,]+", ".", match[1].upper())
        return f"{unit}-{match[2]}-{match[3]}"
    if match := _INSURANCE.search(text):
        return "/".join(match.groups())
    return None
