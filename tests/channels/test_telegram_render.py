"""How a reply looks in Telegram."""

from __future__ import annotations

import html
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from structlog.testing import capture_logs

from bot.channels.telegram.render import keyboard, to_html, to_plain
from bot.messages import Button
from tests.channels.telegram_server import visible_text

ANY_TEXT = st.text(st.one_of(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"),
                             st.sampled_from("*<>&;\"'b/ \n#")))  # fmt: skip


@given(ANY_TEXT)
def test_any_text_becomes_sound_html_that_reads_as_the_original(text: str) -> None:
    markup = to_html(text)
    assert re.sub(r"<b>|</b>", "", markup).count("<") == 0
    assert html.unescape(re.sub(r"</?b>", "**", markup)) == html.unescape(html.escape(text, quote=False))
    assert visible_text(markup) == to_plain(text)


@pytest.mark.parametrize(
    ("text", "markup"),
    [
        ("**Lệ phí:** 8.000 đồng", "<b>Lệ phí:</b> 8.000 đồng"),
        ("**a** và **b**", "<b>a</b> và <b>b</b>"),
        ("**<b>&**", "<b>&lt;b&gt;&amp;</b>"),
        ("2 ** 3 ** 4", "2 ** 3 ** 4"),
        ("** a **", "** a **"),
        ("**mở mãi", "**mở mãi"),
        ("**hai\ndòng**", "**hai\ndòng**"),
        ("\"ngoặc\" 'đơn'", "\"ngoặc\" 'đơn'"),
    ],
)
def test_bold_and_escaping(text: str, markup: str) -> None:
    assert to_html(text) == markup


def test_half_a_surrogate_pair_is_left_out() -> None:
    assert to_html("a\ud83db") == to_plain("a\ud83db") == "ab"


def shape(*labels: str) -> list[list[str]]:
    board = keyboard([Button(label, "menu:open") for label in labels])
    return [[button.text for button in row] for row in board.inline_keyboard] if board else []


def test_short_buttons_share_a_row_and_long_ones_do_not() -> None:
    long = "Đăng ký khai sinh cho trẻ"
    assert shape("A", "B", "C", long, "D", "E") == [["A", "B"], ["C"], [long], ["D", "E"]]


def test_too_long_label_is_cut() -> None:
    [[label]] = shape("x" * 100)
    assert len(label) == 64
    assert label.endswith("…")


@pytest.mark.parametrize(
    "button",
    [
        Button("ấ", "ế" * 22),
        Button("x"),
        Button(" ", "menu:open"),
        Button("x", url="javascript:alert(1)"),
        Button("x", url="http://[bad"),
        Button("x", url="dichvucong.gov.vn"),
    ],
)
def test_button_telegram_would_refuse_is_dropped_with_a_reason(button: Button) -> None:
    with capture_logs() as logs:
        assert keyboard([button]) is None
    assert [line["event"] for line in logs] == ["button dropped"]
    assert logs[0]["reason"]


def test_button_with_an_address_opens_it() -> None:
    board = keyboard([Button("Cổng Dịch vụ công", url="https://dichvucong.gov.vn/?a=1&b=2")])
    assert board is not None
    assert board.inline_keyboard[0][0].url == "https://dichvucong.gov.vn/?a=1&b=2"
    assert board.inline_keyboard[0][0].callback_data is None
