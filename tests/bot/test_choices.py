"""More choices than a platform shows: the rest waits behind the last button, and numbers choose."""

from __future__ import annotations

from bot import choices
from bot.channels.base import Limits, parts
from bot.messages import Button, Conversation, Reply
from tests.conftest import a_message

MANY = (*(Button(f"Việc {n}", f"menu:open:{n}") for n in range(1, 8)), Button("Trang", url="https://x.vn"))


def _conversation() -> Conversation:
    return Conversation("fake", "chat", "person")


def test_few_choices_are_left_alone() -> None:
    reply = Reply("Chọn", MANY[:5])
    assert choices.paged(reply, 5, "Xem thêm", _conversation()) is reply


def test_the_last_button_leads_to_the_rest() -> None:
    conversation = _conversation()
    reply = choices.paged(Reply("Chọn", MANY), 5, "Xem thêm", conversation)
    assert [button.label for button in reply.buttons] == ["Việc 1", "Việc 2", "Việc 3", "Việc 4", "Xem thêm"]
    choices.remember(conversation, reply)
    tap = choices.as_tap(a_message("số 5"), conversation)
    assert choices.asks_for_more(tap)
    assert choices.rest(tap, conversation) == MANY[4:]
    again = choices.as_tap(a_message("xem them"), conversation)
    assert again.tapped == tap.tapped


def test_an_old_list_does_not_show_a_newer_one() -> None:
    conversation = _conversation()
    old = choices.paged(Reply("Chọn", MANY), 5, "Xem thêm", conversation).buttons[-1]
    choices.paged(Reply("Chọn", MANY[::-1]), 5, "Xem thêm", conversation)
    assert choices.rest(a_message(tapped=old.value), conversation) == ()
    assert choices.rest(a_message(tapped="more:"), _conversation()) == ()


def test_numbered_lines_stand_in_the_text_where_the_platform_needs_them() -> None:
    reply = Reply("Chọn:", MANY[6:])
    (plain,) = parts(reply, Limits(text=100))
    (both,) = parts(reply, Limits(text=100, choices="both"))
    (numbers,) = parts(reply, Limits(text=100, choices="numbers"))
    assert plain == reply
    assert both.text == "Chọn:\n\n1. Việc 7\n2. Trang"
    assert numbers.text == "Chọn:\n\n1. Việc 7\n2. Trang: https://x.vn"
    assert both.buttons == numbers.buttons == reply.buttons
