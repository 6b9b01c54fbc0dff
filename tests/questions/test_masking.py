"""Masking: nothing personal is left, whatever people type, and questions stay readable."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.knowledge.library import load_library
from bot.questions.masking import Masking
from bot.vietnamese import fold, words
from tests.conftest import ROOT

LIBRARY = load_library(ROOT / "knowledge")
MASK = Masking(LIBRARY.vocabulary, LIBRARY.places)
FAMILIES = ["Nguyễn", "Trần", "Lê", "Phạm", "Hoàng", "Vũ", "Đặng", "Bùi", "Đỗ", "Ngô"]
MIDDLES = ["Văn", "Thị", "Đức", "Minh", "Ngọc", "Quang", "Thu"]
GIVEN = ["Hạnh", "Bình", "Dũng", "Giang", "Hùng", "Khánh", "Linh", "Phúc", "Quỳnh", "Tuấn", "Yến"]
STREETS = ["Lạch Tray", "Trần Phú", "Cát Dài", "Lê Lợi", "Điện Biên Phủ", "Tôn Đức Thắng"]
WRITINGS = [str, str.lower, fold, str.upper, lambda text: fold(text).upper()]


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("sđt em 0912 345 678 gọi lại nhé", "sđt em ‹số› gọi lại nhé"),
        ("căn cước 031085001234 hết hạn đổi ở đâu", "căn cước ‹số› hết hạn đổi ở đâu"),
        ("G22.99.12-260115-0001 nộp phí chưa", "‹số› nộp phí chưa"),
        ("gửi vào an.nguyen@gmail.com được không", "gửi vào ‹liên hệ› được không"),
        ("xe 15B1-123.45 sang tên thế nào", "xe ‹biển số› sang tên thế nào"),
        ("nhà số 12 ngõ 34 đường lê lợi, phường Gia Viên", "‹địa chỉ›, phường Gia Viên"),
        ("ở 45/6 Trần Phú xin giấy độc thân", "ở ‹địa chỉ› xin giấy độc thân"),
        ("em tên Lan, tên con là Bảo Ngọc", "em tên ‹tên›, tên con là ‹tên›"),
        ("chong em nguyen van manh di tu", "chong em ‹tên› di tu"),
        ("mật khẩu là hoahong mà không vào được", "mật khẩu là ‹mật khẩu› mà không vào được"),
        ("xem fb.com/lan.nguyen.90 giúp em", "xem ‹liên hệ› giúp em"),
        ("số không chín một hai ba bốn năm sáu bảy tám", "số ‹số›"),
    ],
)
def test_what_is_personal_gives_way_to_a_sign(text: str, masked: str) -> None:
    assert MASK(text) == masked


@pytest.mark.parametrize(
    "text",
    [
        "đổi tên đệm cho con trong giấy khai sinh",
        "người đứng tên là bố tôi đã mất",
        "mật khẩu là gì",
        "sinh năm 1985 có được trợ cấp không",
        "xây nhà 2 tầng có phải xin phép",
        "nhà ở quận Lê Chân thì ra phường nào",
        "trẻ 14 tuổi làm căn cước",
        "mẫu 01 CNKD lấy ở đâu",
    ],
)
def test_what_is_nobodys_stays(text: str) -> None:
    assert MASK(text) == text


def test_hardly_any_example_question_is_touched() -> None:
    asked = [q for p in LIBRARY.procedures.values() for q in p.questions][::7]
    touched = [text for text in asked if MASK(text) != " ".join(text.split())]
    assert len(touched) < len(asked) * 0.01, touched


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=120))
def test_no_long_number_is_left_and_masking_twice_changes_nothing(text: str) -> None:
    masked = MASK(text)
    assert MASK(masked) == masked
    for run in re.findall(r"\d{4,}", masked):
        assert re.fullmatch(r"(19|20)\d\d", run)


@settings(max_examples=150, deadline=None)
@given(
    st.text(alphabet="0123456789", min_size=8, max_size=14),
    st.text(alphabet=" .-", max_size=1),
    st.integers(1, 4),
    st.sampled_from(["", "sđt ", "cccd số ", "gọi em theo ", "so dien thoai:"]),
)
def test_numbers_are_found_however_they_are_cut(digits: str, between: str, size: int, before: str) -> None:
    cut = between.join(digits[at : at + size] for at in range(0, len(digits), size))
    masked = MASK(f"{before}{cut} thì làm sao")
    assert not re.search(r"\d", masked)
    assert masked.endswith("thì làm sao")


@settings(max_examples=200, deadline=None)
@given(
    st.sampled_from(FAMILIES),
    st.sampled_from(MIDDLES),
    st.sampled_from(GIVEN),
    st.sampled_from(["em tên là {}", "tôi tên {}", "họ và tên: {}", "tên cháu là {}", "tên: {}"]),
    st.sampled_from(WRITINGS),
)
def test_names_after_the_word_name_are_masked(family: str, middle: str, given_: str, said: str, write) -> None:  # type: ignore[no-untyped-def]
    name = f"{family} {middle} {given_}"
    masked = MASK(write(f"{said.format(name)}, hỏi đổi căn cước"))
    kept = words(MASK.bare(masked))
    assert fold(given_) not in kept
    assert fold(family) not in kept
    assert kept[-2:] == ["can", "cuoc"]


@settings(max_examples=100, deadline=None)
@given(
    st.integers(1, 899),
    st.sampled_from(["", "/12", "/3/7", "a"]),
    st.sampled_from(STREETS),
    st.sampled_from(["số nhà {} đường {}", "ở số {} phố {}", "số {} ngõ 5 đường {}", "{} đường {}"]),
    st.sampled_from(WRITINGS[:3]),
)
def test_addresses_with_a_house_number_are_masked(number: int, more: str, street: str, said: str, write) -> None:  # type: ignore[no-untyped-def]
    masked = MASK(write(f"{said.format(f'{number}{more}', street)}, xin xác nhận cư trú"))
    assert not re.search(r"\d", masked)
    assert fold(street).split()[0] not in words(MASK.bare(masked))
    assert words(masked)[-4:] == ["xac", "nhan", "cu", "tru"]


@settings(max_examples=100, deadline=None)
@given(st.from_regex(r"[1-9]\d[A-H][1-9]?[- ]\d{3}\.?\d{2}", fullmatch=True))
def test_number_plates_are_masked(plate: str) -> None:
    assert not re.search(r"\d", MASK(f"mất biển {plate} làm lại ở đâu"))


def test_signs_that_no_database_takes_are_left_out() -> None:
    assert MASK("xin\x00 giấy\x1b[31m\n phép") == "xin giấy [31m phép"


def test_a_long_text_is_cut_and_signs_are_dropped_for_learning() -> None:
    assert len(MASK("sổ đỏ " * 5000)) <= 500
    assert MASK.bare("tên ‹tên›, ‹số›, đổi căn cước") == "tên, đổi căn cước"
