"""Sending: one call by the way that is open, and what each refusal of Zalo means."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Any

import pytest
from structlog.testing import capture_logs

from bot.channels.base import parts
from bot.channels.zalo_oa import ZaloOA, limits_of
from bot.channels.zalo_oa.failures import OA, ZBS, Do, failure, when
from bot.channels.zalo_oa.policy import Policy, Route
from bot.channels.zalo_oa.render import message, to_plain, value_of
from bot.errors import (
    ChannelError,
    ChannelLater,
    ChannelRefused,
    ChannelThrottled,
    ChannelUnavailable,
    CitizenUnreachable,
    QuotaUsedUp,
    ReplyRejected,
    WindowClosed,
)
from bot.messages import Button, Form, Reply
from tests.channels.zalo_oa.shared import GROUP, PERSON, Kept, a_delivery
from tests.channels.zalo_oa_server import START, ZaloOAServer

CS = "/v3.0/oa/message/cs"
BUTTONS = (Button("Giấy tờ", "procedures:documents:khai-sinh"), Button("Trang", url="https://dichvucong.gov.vn"))
NEWS = Form("dossier_status", (("code", "H24-1"), ("status", "đã có kết quả")))


@pytest.fixture(autouse=True)
def _window(server: ZaloOAServer) -> None:
    server.heard[PERSON] = START


async def test_a_reply_is_one_call(server: ZaloOAServer, channel: ZaloOA, kept: Kept) -> None:
    await channel.send(a_delivery("Phí **8.000 đồng**\n\n1. Giấy tờ\n2. Trang", *BUTTONS))
    assert server.sent == [
        {
            "recipient": {"user_id": PERSON},
            "message": {
                "text": "Phí 8.000 đồng\n\n1. Giấy tờ\n2. Trang",
                "attachment": {
                    "type": "template",
                    "payload": {
                        "buttons": [
                            {
                                "title": "1. Giấy tờ",
                                "type": "oa.query.hide",
                                "payload": "~mc~procedures:documents:khai-sinh",
                            },
                            {
                                "title": "2. Trang",
                                "type": "oa.open.url",
                                "payload": {"url": "https://dichvucong.gov.vn"},
                            },
                        ]
                    },
                },
            },
        }
    ]
    assert server.calls[0].headers["access_token"] == "access-0"
    assert "Authorization" not in server.calls[0].headers
    assert list(kept.sent.ids.values()) == [PERSON]


async def test_a_message_that_left_is_not_sent_again_because_its_id_could_not_be_kept(
    server: ZaloOAServer, channel: ZaloOA, kept: Kept
) -> None:
    kept.sent.is_broken = True
    await channel.send(a_delivery())
    assert len(server.sent) == 1


async def test_a_group_gets_text_without_buttons_and_calls_nobody(server: ZaloOAServer, channel: ZaloOA) -> None:
    await channel.send(a_delivery("Mời [@6007733119955224408]\n1. Giấy tờ", BUTTONS[0], chat=GROUP))
    (body,) = server.called("/v3.0/oa/group/message")
    assert body["recipient"] == {"group_id": "6007733119955224408"}
    assert body["message"] == {"text": "Mời  \n1. Giấy tờ"}


def test_decomposed_letters_are_composed_and_markup_is_left_out() -> None:
    assert to_plain("**Phí** e\u0302\u0301 * 2") == "Phí ế * 2"


def test_long_labels_are_cut_in_the_button_but_whole_in_the_list() -> None:
    label = "Đăng ký khai sinh cho trẻ em có cha mẹ chưa đăng ký kết hôn"
    reply = Reply("Chọn:", (Button(label, "menu:show:"),))
    (part,) = parts(reply, limits_of(100))
    (button,) = message(part.text, part.buttons)["attachment"]["payload"]["buttons"]
    assert f"1. {label}" in part.text
    assert len(button["title"]) <= 35
    assert button["title"].endswith("…")


def test_a_long_answer_is_cut_at_paragraphs_and_only_its_end_has_buttons() -> None:
    reply = Reply("\n\n".join(f"Đoạn {n}. " + "chữ " * 150 for n in range(6)), BUTTONS)
    made = parts(reply, limits_of(100))
    assert len(made) > 1
    assert all(len(part.text) <= 1900 for part in made)
    assert [bool(part.buttons) for part in made] == [False] * (len(made) - 1) + [True]
    assert made[-1].text.endswith("1. Giấy tờ\n2. Trang")
    assert all(part.text.startswith("Đoạn") for part in made)


def test_a_button_that_could_not_come_back_is_left_out_and_keeps_the_numbers_of_the_others() -> None:
    flawed = (Button("Hỏng", "có dấu"), Button("Tệp", url="http://["), Button("Tốt", "menu:show:"))
    (button,) = message("x", flawed)["attachment"]["payload"]["buttons"]
    assert button["title"] == "3. Tốt"


def test_payloads_are_nothing_a_person_types_and_do_not_begin_with_a_hash() -> None:
    (button, _) = message("x", BUTTONS)["attachment"]["payload"]["buttons"]
    assert button["payload"].startswith("~")
    assert value_of(button["payload"]) == "procedures:documents:khai-sinh"
    assert value_of("procedures:documents:khai-sinh") == ""


def test_shown_taps_carry_the_label_and_buttons_can_be_switched_off() -> None:
    (button, _) = message("x", BUTTONS, "show")["attachment"]["payload"]["buttons"]
    assert (button["type"], button["payload"]) == ("oa.query.show", "Giấy tờ")
    assert message("x", BUTTONS, "none") == {"text": "x"}


async def test_where_buttons_are_refused_the_text_goes_with_its_numbers(
    server: ZaloOAServer, channel: ZaloOA
) -> None:
    server.takes_buttons = False
    await channel.send(a_delivery("Chọn\n1. Giấy tờ", BUTTONS[0]))
    await channel.send(a_delivery("Lại\n1. Giấy tờ", BUTTONS[0]))
    assert [body["message"] for body in server.sent] == [{"text": "Chọn\n1. Giấy tờ"}, {"text": "Lại\n1. Giấy tờ"}]
    assert [call.error for call in server.calls] == [-233, 0, 0], "once refused, buttons rest for an hour"
    server.takes_buttons = True
    server.now += timedelta(minutes=61)
    await channel.send(a_delivery("Nữa\n1. Giấy tờ", BUTTONS[0]))
    assert "attachment" in server.sent[-1]["message"]


# The 7-day window


async def test_outside_the_window_nothing_goes_and_the_reason_is_told_without_a_call(
    server: ZaloOAServer, channel: ZaloOA, kept: Kept
) -> None:
    kept.people.at[PERSON] = START - timedelta(days=7)
    with pytest.raises(WindowClosed, match="7 days"):
        await channel.send(a_delivery())
    assert server.calls == []


async def test_of_whom_we_know_nothing_zalo_decides_and_we_remember(
    server: ZaloOAServer, channel: ZaloOA, kept: Kept
) -> None:
    server.heard.clear()
    for _ in range(2):
        with pytest.raises(WindowClosed):
            await channel.send(a_delivery())
    assert len(server.calls) == 1


@pytest.mark.parametrize("is_known", [True, False])
async def test_outside_the_window_a_template_goes_where_one_is_set_up(
    server: ZaloOAServer, channel: ZaloOA, kept: Kept, is_known: bool
) -> None:
    server.heard.clear()
    if is_known:
        kept.people.at[PERSON] = START - timedelta(days=30)
    await channel.send(a_delivery("Hồ sơ có kết quả", form=NEWS, priority=1))
    (body,) = server.called("/v3.0/oa/message/template")
    assert body["template_data"] == {"code": "H24-1", "status": "đã có kết quả"}


async def test_inside_the_window_the_words_go_and_no_template_is_paid(
    server: ZaloOAServer, channel: ZaloOA, kept: Kept
) -> None:
    kept.people.at[PERSON] = START - timedelta(days=6, hours=23)
    await channel.send(a_delivery(form=NEWS))
    assert len(server.sent) == 1


async def test_notices_keep_the_night_and_answers_do_not(server: ZaloOAServer, channel: ZaloOA) -> None:
    server.now = START.replace(hour=16)  # 23:00 in Hải Phòng
    with pytest.raises(ChannelLater) as caught:
        await channel.send(a_delivery(priority=1))
    assert caught.value.until.isoformat() == "2026-11-24T23:05:00+00:00"
    await channel.send(a_delivery(priority=0))
    assert len(server.sent) == 1


@pytest.mark.parametrize(
    ("hour", "until"), [(14, None), (15, "24T23:05"), (20, "24T23:05"), (22, "24T23:05"), (23, None)]
)
def test_the_night_ends_in_the_morning(hour: int, until: str | None) -> None:
    held = Policy().hold_until(START.replace(hour=hour, minute=0))
    assert (held.isoformat()[8:16] if held else None) == until


def test_a_quiet_time_by_day_and_none_at_all() -> None:
    noon = Policy(quiet_from=12, quiet_until=14)  # START is 13:10
    assert noon.hold_until(START) == START.replace(hour=7, minute=5, second=0)
    assert noon.hold_until(START.replace(hour=7, minute=30)) is None
    assert Policy(quiet_from=5, quiet_until=5).hold_until(START) is None


def test_routes() -> None:
    policy = Policy()
    assert policy.route(None, START, False) is Route.CS
    assert policy.route(START - timedelta(days=6), START, False) is Route.CS
    assert policy.route(START - timedelta(days=8), START, True) is Route.TEMPLATE
    assert policy.route(START - timedelta(days=8), START, False) is Route.NONE


# Failures


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (-32, ChannelThrottled),
        (-213, CitizenUnreachable),
        (-217, CitizenUnreachable),
        (-227, CitizenUnreachable),
        (-244, CitizenUnreachable),
        (-230, WindowClosed),
        (-232, WindowClosed),
        (-201, ReplyRejected),
        (-210, ReplyRejected),
        (-233, ReplyRejected),
        (-240, ReplyRejected),
        (-248, ReplyRejected),
        (-211, QuotaUsedUp),
        (-321, QuotaUsedUp),
        (-218, ChannelLater),
        (-234, ChannelLater),
        (-214, ChannelLater),
        (-204, ChannelRefused),
        (-221, ChannelRefused),
        (-223, ChannelRefused),
        (-224, ChannelRefused),
        (-320, ChannelRefused),
        (-200, ChannelUnavailable),
        (-999, ChannelUnavailable),
        ({"message": "no code"}, ChannelUnavailable),
        ({"error": "x"}, ChannelUnavailable),
        ((502, "<html>Bad gateway</html>"), ChannelUnavailable),
        ((200, "<html>hello</html>"), ChannelUnavailable),
        ((200, "[1]"), ChannelUnavailable),
        ((429, "slow down"), ChannelThrottled),
        ((302, ""), ChannelUnavailable),
    ],
)
async def test_each_failure_has_its_meaning(
    server: ZaloOAServer, channel: ZaloOA, answer: Any, expected: type[Exception]
) -> None:
    server.answer_next(CS, answer)
    with pytest.raises(ChannelError) as caught:
        await channel.send(a_delivery())
    assert isinstance(caught.value, expected)
    assert "access-0" not in str(caught.value)


@pytest.mark.parametrize("code", [-200, -999])
async def test_what_may_pass_is_tried_once_more_and_then_given_up(
    server: ZaloOAServer, channel: ZaloOA, code: int
) -> None:
    server.answer_next(CS, code)
    with pytest.raises(ReplyRejected, match=str(code)):
        await channel.send(a_delivery(attempts=1))


def test_every_code_of_the_tables_has_an_error() -> None:
    for table in (OA, ZBS):
        for code in table:
            assert isinstance(failure(code, "x", START, 0, table), ChannelError)


def test_advice_tells_the_operator_what_to_do() -> None:
    assert "package" in str(failure(-224, "x", START))
    assert "motcua zalo login" in str(failure(-223, "x", START))


def test_when_to_try_again() -> None:
    assert isinstance(found := failure(-32, "", START), ChannelThrottled)
    assert 59 <= found.retry_after <= 60
    assert when(Do.MORNING, START).isoformat() == "2026-11-24T23:05:00+00:00"
    assert when(Do.MORNING, START.replace(hour=19)).isoformat() == "2026-11-24T23:05:00+00:00"
    assert when(Do.TOMORROW, START).isoformat() == "2026-11-24T23:05:00+00:00"
    assert when(Do.NEXT_MONTH, START).isoformat() == "2026-11-30T23:05:00+00:00"
    assert when(Do.SOON, START) == START + timedelta(minutes=5)


async def test_a_used_up_minute_is_waited_out_without_another_call(server: ZaloOAServer, channel: ZaloOA) -> None:
    server.per_minute = 2
    for _ in range(2):
        await channel.send(a_delivery())
    with pytest.raises(ChannelThrottled):
        await channel.send(a_delivery())
    assert len(server.calls) == 2, "the header said that nothing is left"
    server.now += timedelta(minutes=1)
    await channel.send(a_delivery())
    assert len(server.sent) == 3


async def test_the_interface_itself_refuses_what_is_too_fast(server: ZaloOAServer, channel: ZaloOA) -> None:
    server.per_minute = 0
    with pytest.raises(ChannelThrottled):
        await channel.send(a_delivery())


@pytest.mark.parametrize("per_minute", [1, 2, 60, 100, 2000, 4000])
def test_the_pace_never_exceeds_the_package(per_minute: int) -> None:
    limits = limits_of(per_minute)
    assert limits.burst + limits.per_second * 60 <= per_minute + 0.5
    assert limits.per_second > 0


async def test_no_connection_is_unavailable(server: ZaloOAServer, channel: ZaloOA) -> None:
    await server.close()
    with pytest.raises(ChannelUnavailable):
        await channel.send(a_delivery())


async def test_a_slow_answer_is_waited_for_and_none_at_all_is_no_answer_in_time(
    server: ZaloOAServer, channel: ZaloOA
) -> None:
    server.delay = 0.05
    await channel.send(a_delivery("chậm"))
    assert [body["message"]["text"] for body in server.sent] == ["chậm"]
    server.delay, channel._http._read_seconds = 0.5, 0.05
    with pytest.raises(ChannelUnavailable, match="no answer in time"):
        await channel.send(a_delivery("lâu quá"))


async def test_no_log_shows_token_or_words(
    server: ZaloOAServer, channel: ZaloOA, caplog: pytest.LogCaptureFixture
) -> None:
    server.answer_next(CS, -233, -201)
    with caplog.at_level(logging.DEBUG), capture_logs() as logs:
        with pytest.raises(ReplyRejected):
            await channel.send(a_delivery("bí mật", BUTTONS[0]))
        server.access = "changed"
        await channel.send(a_delivery("bí mật"))
    shown = caplog.text + str(logs)
    assert "bí mật" not in shown
    assert "access-" not in shown
    assert "refresh-" not in shown


# Pictures


async def test_a_picture_is_fetched_from_zalos_hosts_only(server: ZaloOAServer, channel: ZaloOA) -> None:
    assert (await channel.photo(f"{server.url}/picture.jpg"))[:2] == b"\xff\xd8"
    for address in (
        "https://evil.example/x.jpg",
        "http://f7.zdn.vn/x.jpg",
        "https://zdn.vn.evil.example/x.jpg",
        "https://notzdn.vn/x.jpg",
        "file:///etc/passwd",
        "",
        "https://[",
    ):
        with pytest.raises(ReplyRejected):
            await channel.photo(address)
    with pytest.raises(ReplyRejected):
        await channel.photo(f"{server.url}/picture.jpg?bytes={11 * 1024 * 1024}")
    with pytest.raises(ReplyRejected):
        await channel.photo(f"{server.url}/picture.jpg?to=http://169.254.169.254/")
