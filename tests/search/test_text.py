"""Spelling, phrases and numbers: what is repaired, what is recognised, what is left alone."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.knowledge.vocabulary import Talk
from bot.search.features import sound
from bot.search.numbers import choice_number
from bot.search.phrases import Phrases, Talks, folded, split
from bot.search.spelling import Spelling

KNOWN = ("lam giay khai sinh dang ky ket hon tam tru can cuoc bao lau so do mat tien phuong nhu the nao").split()  # noqa: SIM905 - a sentence is easier to read
SPELLING = Spelling(KNOWN, {"ko": "không", "cccd": "căn cước", "lm": "làm"})


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("lm cccd", "lam can cuoc"),
        ("lafm giaays khai sinh", "lam giay khai sinh"),
        ("ddang kys keets hoon", "dang ky ket hon"),
        ("lamgiaykhaisinh", "lam giay khai sinh"),
        ("phuonngg", "phuong"),
        ("phuog", "phuong"),
        ("giấy khai sinh", "giay khai sinh"),
        ("xyzzy 123", "xyzzy 123"),
    ],
)
def test_spelling_is_repaired(typed: str, meant: str) -> None:
    assert " ".join(word.folded for word in SPELLING.repair(split(typed))) == meant


@given(st.text(max_size=200))
def test_repair_never_fails_and_leaves_known_words_alone(text: str) -> None:
    repaired = SPELLING.repair(split(text))
    kept = [word for word in split(text) if word.folded in SPELLING.known and word.typed not in ("ko", "lm")]
    assert [word for word in kept if word in repaired] == kept


@given(st.text(st.characters(max_codepoint=0x1EFF)))
def test_words_folded_at_once_are_the_words_folded_one_by_one(text: str) -> None:
    assert folded(text) == [word.folded for word in split(text)]


def test_a_word_typed_with_accents_must_have_the_right_ones() -> None:
    phrases = Phrases([("giá", "price")])
    assert phrases.find(split("giá vàng"))
    assert phrases.find(split("gia vang"))
    assert not phrases.find(split("gia đình già"))[1:]
    assert not phrases.find(split("già"))


def test_an_exception_beside_a_phrase_switches_it_off() -> None:
    talks = Talks({"fire": Talk(contains=("bị cháy",), unless=("sổ",))}, ["ạ"])
    assert talks.contained(split("nhà bị cháy")) == "fire"
    assert talks.contained(split("sổ đỏ bị cháy")) == ""


@pytest.mark.parametrize(
    ("text", "number"),
    [("2", 2), ("số 2", 2), ("so 12", 12), ("2 con", 0), ("hai", 0), ("", 0), ("123", 0), ("1 2", 0)],
)
def test_a_choice_by_number(text: str, number: int) -> None:
    assert choice_number(split(text)) == number


@pytest.mark.parametrize(
    ("one", "other"), [("lam", "nam"), ("sinh", "xinh"), ("tro", "cho"), ("giay", "ray"), ("ly", "ni")]
)
def test_words_that_sound_alike_here_are_one(one: str, other: str) -> None:
    assert sound(one) == sound(other)
