"""Pure text functions for Vietnamese: composed form, folding of accents, words."""

from __future__ import annotations

import re
import unicodedata

_TONES = "\u0300\u0301\u0303\u0309\u0323"
_STROKES = str.maketrans({"đ": "d", "Đ": "D", "ð": "d", "Ð": "D"})
_WORD = re.compile(r"[a-z0-9]+")
# Old and new style put the tone on different letters of these pairs: hoà/hòa, thuỷ/thủy.
_PAIRS = re.compile(r"([ou])([aey])([" + _TONES + r"])(?![a-z\u0300-\u036f])")


def nfc(text: str) -> str:
    """Composed Unicode, as everything in the house is kept."""
    return unicodedata.normalize("NFC", text)


def fold(text: str) -> str:
    """Lower case without accents: "Đăng Ký" and "dang ky" become equal; works on NFD as well."""
    plain = text.lower()
    if plain.isascii():
        return plain
    decomposed = unicodedata.normalize("NFD", plain.translate(_STROKES))
    return "".join(char for char in decomposed if not unicodedata.combining(char))


def words(text: str) -> list[str]:
    """The folded words of a text, letters and digits only."""
    return _WORD.findall(fold(text))


def has_accents(text: str) -> bool:
    """Whether any letter carries a Vietnamese sign, đ included."""
    return fold(text) != text.lower()


def normalise_tone(text: str) -> str:
    """NFC with the tone where the older style puts it (hòa, thủy), so that both styles are equal."""
    if text.isascii():
        return text
    decomposed = unicodedata.normalize("NFD", text)
    moved = _PAIRS.sub(
        lambda m: m[0] if m[1] == "u" and m.start() and decomposed[m.start() - 1] in "qQ" else m[1] + m[3] + m[2],
        decomposed,
    )
    return unicodedata.normalize("NFC", moved)
