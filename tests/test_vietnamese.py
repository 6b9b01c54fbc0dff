"""Folding, words and tone marks."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.vietnamese import fold, has_accents, nfc, normalise_tone, words

_VOWELS = "aăâeêioôơuưy"
_TONES = ["", "\u0300", "\u0301", "\u0303", "\u0309", "\u0323"]
_LETTERS = [unicodedata.normalize("NFC", vowel + tone) for vowel in _VOWELS for tone in _TONES] + ["đ"]
_ALPHABET = [*"bcdghklmnpqrstvx 0123456789.,/?-", *_LETTERS, *(letter.upper() for letter in _LETTERS)]
vietnamese = st.text(st.sampled_from(_ALPHABET))


@given(vietnamese)
def test_folding_gives_plain_lower_case(text: str) -> None:
    assert fold(text).isascii()
    assert fold(text) == fold(text).lower()
    assert len(fold(text)) == len(text)


@given(vietnamese)
def test_decomposed_text_folds_alike(text: str) -> None:
    apart = unicodedata.normalize("NFD", text)
    assert fold(apart) == fold(text)
    assert words(apart) == words(text)
    assert nfc(apart) == text
    assert normalise_tone(apart) == normalise_tone(text)
    assert has_accents(apart) == has_accents(text)


@given(st.text())
def test_folding_twice_changes_nothing_more_and_never_raises(text: str) -> None:
    assert all(word.isascii() for word in words(text))
    assert normalise_tone(normalise_tone(text)) == normalise_tone(text)
    assert nfc(nfc(text)) == nfc(text)


@given(vietnamese)
def test_moving_the_tone_changes_no_letter(text: str) -> None:
    assert fold(normalise_tone(text)) == fold(text)


@given(vietnamese)
def test_only_signs_count_as_accents(text: str) -> None:
    assert has_accents(text) == any(letter in _LETTERS and not letter.isascii() for letter in text.lower())


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("hoà", "hòa"),
        ("Thuỷ Nguyên", "Thủy Nguyên"),
        ("THUỴ HƯƠNG", "THỤY HƯƠNG"),
        ("Hoà Bình", "Hòa Bình"),
        ("khoẻ", "khỏe"),
        ("quý", "quý"),
        ("Quỳnh", "Quỳnh"),
        ("hoàng", "hoàng"),
        ("toàn", "toàn"),
        ("huệ", "huệ"),
        ("của", "của"),
    ],
)
def test_both_styles_of_tone_become_one(old: str, new: str) -> None:
    assert normalise_tone(old) == new


def test_words_are_letters_and_digits_without_signs() -> None:
    assert words("Đăng ký CT01, ở phường Thuỷ-Đường?") == ["dang", "ky", "ct01", "o", "phuong", "thuy", "duong"]
    assert words("😀 …") == []
