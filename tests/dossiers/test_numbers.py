"""Reference numbers: every written form is understood, nothing else is taken for one."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from bot.dossiers.numbers import Flaw, Kind, find, find_reference, is_near, parse

TODAY = date(2026, 11, 25)
FORMS = yaml.safe_load((Path(__file__).parent / "forms.yaml").read_text(encoding="utf-8"))


@pytest.mark.parametrize(("text", "meant"), FORMS.items())
def test_written_forms(text: str, meant: list[str]) -> None:
    assert [number.text for number in find(text, TODAY).numbers] == meant
    assert find_reference(text) == (meant[0] if meant else None)


def test_there_are_at_least_sixty_written_forms() -> None:
    assert sum(bool(meant) for meant in FORMS.values()) >= 60


@pytest.mark.parametrize(
    ("text", "flaw"),
    [
        ("H24.77.20-250915", Flaw.SHORT),
        ("H24.77.20-250915-12", Flaw.SHORT),
        ("H24.77.20-2509-0012", Flaw.SHORT),
        ("H24.77.11-120915-12", Flaw.SHORT),
        ("H24.77.20-250915-0012345678", Flaw.LONG),
        ("H24.77.20-251345-0012", Flaw.DAY),
        ("H24.77.20-250230-0012", Flaw.DAY),
        ("H24.77.20-990915-0012", Flaw.FUTURE),
        ("H24.77.20-261126-0012", Flaw.FUTURE),
    ],
)
def test_what_is_wrong_is_known(text: str, flaw: Flaw) -> None:
    found = find(f"hồ sơ {text} đâu rồi", TODAY)
    assert (found.numbers, found.flaws) == ((), (flaw,))
    assert is_near(text)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("H24.77.20-250915-0012", Kind.CITY),
        ("H23.12.05-240110-0450", Kind.CITY),
        ("H24.77.20-260915-1500123", Kind.PORTAL),
        ("G01.899.909-260916-890028", Kind.POLICE),
        ("G09.20-20260609-0092637", Kind.MINISTRY),
        ("H15.50.05.13-261008-0975", Kind.PROVINCE),
        ("03706/2026/07906", Kind.INSURANCE),
    ],
)
def test_the_kind_of_a_number(text: str, kind: Kind) -> None:
    number = parse(text)
    assert number is not None
    assert number.kind is kind


@pytest.mark.parametrize("text", ["H24.77.20 250915 0012", "H24.77.20-250915-0012 Nguyen Van A", "", "H24"])
def test_a_bar_code_must_hold_the_number_and_nothing_else(text: str) -> None:
    assert parse(text) is None


days = st.dates(date(2016, 1, 1), TODAY)


@st.composite
def numbers(draw: st.DrawFn) -> str:
    """Any valid number of today's shapes."""
    letter = draw(st.sampled_from("HG"))
    code = draw(st.integers(1, 63))
    groups = draw(st.lists(st.integers(0, 99), min_size=1, max_size=3))
    day = draw(days)
    running = draw(st.integers(0, 9999))
    unit = ".".join([f"{letter}{code:02}", *(f"{group:02}" for group in groups)])
    return f"{unit}-{day:%y%m%d}-{running:04}" if letter == "H" else f"{unit}-{day:%Y%m%d}-{running:07}"


NOISE = {
    "lower case": str.lower,
    "spaces": lambda text: text.replace("-", " ").replace(".", " "),
    "en dashes": lambda text: text.replace("-", " – "),
    "commas": lambda text: text.replace(".", ","),
    "one dash lost": lambda text: text[::-1].replace("-", "", 1)[::-1],
    "letter O": lambda text: text[0] + text[1:].replace("0", "O"),
    "dots for dashes": lambda text: text.replace("-", "."),
}


@given(numbers(), st.sampled_from(sorted(NOISE)))
def test_every_valid_number_survives_noise(number: str, noise: str) -> None:
    found = find(f"cho hỏi hồ sơ {NOISE[noise](number)} đến đâu rồi ạ", TODAY)
    # What can be read in two ways is asked back, never guessed.
    assert [one.text for one in found.numbers] == [number] or found.flaws == (Flaw.UNCLEAR,)
    if noise in ("lower case", "en dashes", "commas"):
        assert [one.text for one in found.numbers] == [number]


@given(numbers(), st.sampled_from(sorted(NOISE)), st.sampled_from(sorted(NOISE)))
def test_two_kinds_of_noise_never_make_another_number(number: str, first: str, second: str) -> None:
    found = find(NOISE[first](NOISE[second](number)), TODAY)
    assert [one.text for one in found.numbers] in ([number], [])


@given(
    st.one_of(
        st.from_regex(r"\A0[35789]\d{8}\Z"),
        st.from_regex(r"\A0[35789]\d{2}[ .-]\d{3}[ .-]\d{3}\Z"),
        st.from_regex(r"\A(\+84|84)[35789]\d{8}\Z"),
        st.from_regex(r"\A0\d{11}\Z"),
        st.from_regex(r"\A\d{9}\Z"),
        days.map(lambda day: f"{day:%d/%m/%Y}"),
        days.map(lambda day: f"{day:%d-%m-%y}"),
    ),
    st.sampled_from(["", "nhà H12 ", "phòng G05, ", "hẻm 24 ", "h ", "số "]),
)
def test_no_phone_id_or_day_is_taken_for_a_number(other: str, before: str) -> None:
    assert find_reference(f"{before}{other}") is None


@given(st.text(max_size=300))
def test_any_text_is_read_without_error(text: str) -> None:
    find(text, TODAY)
    is_near(text)
