"""Pure text functions for Vietnamese: composed form, folding of accents, words."""

from __future__ import annotations

import re
import unicodedata

_WORD = re.compile(r"[a-z0-9]+")
_KEPT = 0x3000  # letters below are remembered; a flood of rare signs must not fill the memory


class _Folds(dict[int, str]):
    """What each character becomes without its accents, worked out when first seen."""

    def __missing__(self, code: int) -> str:
        bare = "".join(c for c in unicodedata.normalize("NFD", chr(code)) if not unicodedata.combining(c))
        if code < _KEPT:
            self[code] = bare
        return bare


_FOLDS = _Folds({ord("đ"): "d", ord("ð"): "d"})


def _pairs() -> dict[str, str]:
    """Old and new style put the tone on different letters of these pairs: oà/òa, uỷ/ủy."""
    tones = "\u0300\u0301\u0303\u0309\u0323"
    spelled = [pair for lower in ("oa", "oe", "uy") for pair in (lower, lower.title(), lower.upper())]
    return {nfc(pair + tone): nfc(pair[0] + tone + pair[1]) for pair in spelled for tone in tones}


def nfc(text: str) -> str:
    """Composed Unicode, as everything in the house is kept."""
    return text if text.isascii() else unicodedata.normalize("NFC", text)


_PAIRS = _pairs()
_LATE_TONE = re.compile(rf"(?<![qQ])(?:{'|'.join(_PAIRS)})(?![^\W\d_])")


def fold(text: str) -> str:
    """Lower case without accents: "Đăng Ký" and "dang ky" become equal; works on NFD as well."""
    plain = text.lower()
    return plain if plain.isascii() else plain.translate(_FOLDS)


def words(text: str) -> list[str]:
    """The folded words of a text, letters and digits only."""
    return _WORD.findall(fold(text))


def has_accents(text: str) -> bool:
    """Whether any letter carries a Vietnamese sign, đ included."""
    return not text.isascii() and fold(text) != text.lower()


def normalise_tone(text: str) -> str:
    """NFC with the tone where most people put it (hòa, thủy), so that both styles are equal."""
    if text.isascii():
        return text
    return _LATE_TONE.sub(lambda found: _PAIRS[found[0]], nfc(text))
