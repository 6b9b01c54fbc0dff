"""Cleans a text of the portal: composed Unicode, lost spaces, "no information", page furniture."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter

from bot.catalogue.words import any_of, portal

_LETTERS = [chr(code) for code in range(0x41, 0x1EFA) if chr(code).isalpha()]  # Vietnamese ends at U+1EF9
LOWER = "".join(letter for letter in _LETTERS if letter.islower())
UPPER = "".join(letter for letter in _LETTERS if letter.isupper())
_LOST_SPACE = re.compile(
    rf"(?<=[{LOWER}])(?=[{UPPER}][{LOWER}])|(?<=[;:])(?=[{UPPER}])|(?<=[{LOWER}]\.)(?=[{UPPER}])"
)


class Cleaner:
    """Cleans texts and counts what it had to do (``done``), for the report."""

    def __init__(self) -> None:
        self.done: Counter[str] = Counter()

    def composed(self, text: str) -> str:
        """NFC without furniture at the end; the lines stay."""
        plain = text if text.isascii() else unicodedata.normalize("NFC", text)
        if plain != text:
            self.done["decomposed Unicode composed"] += 1
        found = re.search(any_of(portal().furniture), plain)
        if found:
            self.done["page furniture cut off"] += 1
            plain = plain[: found.start()]
        return plain.strip()

    def line(self, text: str) -> str:
        """One line: single spaces, lost spaces put back; empty when it says nothing."""
        flat = " ".join(self.composed(text).split()).strip(" ;")
        if flat in portal().nothing:
            self.done['"no information" emptied'] += 1
            return ""
        spaced = _LOST_SPACE.sub(" ", flat)
        if spaced != flat:
            self.done["lost spaces put back"] += 1
        return spaced.lstrip("-+*• ").strip()
