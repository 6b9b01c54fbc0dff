"""Template messages: lengths before sending, one tracking id per send, nothing known to have gone goes again."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from bot.channels.zalo_oa import ZaloOA
from bot.channels.zalo_oa.templates import Parameter, Template, filled, normal_phone, tracking_of
from bot.errors import ChannelLater, ChannelRefused, QuotaUsedUp, ReplyRejected
from bot.messages import Form
from tests.channels.zalo_oa.shared import PERSON, Kept
from tests.channels.zalo_oa_server import ZaloOAServer

NEWS = Form("dossier_status", (("code", "H24-1"), ("status", "đã có kết quả")))
BY_PHONE = "/message/template"


async def test_by_phone_goes_once_under_its_tracking_id(server: ZaloOAServer, channel: ZaloOA, kept: Kept) -> None:
    for _ in range(3):
        await channel.templates.to_phone("0912 345 678", NEWS, "mc-1")
    assert server.called(BY_PHONE) == [
        {
            "phone": "84912345678",
            "template_id": "310511",
            "template_data": {"code": "H24-1", "status": "đã có kết quả"},
            "tracking_id": "mc-1",
        }
    ]
    assert kept.templates.lines["mc-1"]["state"] == "sent"
    assert "912345678" not in str(kept.templates.lines)


async def test_without_an_answer_it_waits_for_the_event_before_it_goes_again(
    server: ZaloOAServer, channel: ZaloOA, kept: Kept
) -> None:
    server.answer_next(BY_PHONE, (502, "<html>"))
    for _ in range(2):
        with pytest.raises(ChannelLater):
            await channel.templates.to_phone("0912345678", NEWS, "mc-1")
    assert len(server.calls) == 1
    server.now += timedelta(minutes=11)
    await channel.templates.to_phone("0912345678", NEWS, "mc-1")
    assert server.tracked == {"mc-1": 1}


async def test_a_delivery_event_tells_that_it_went_after_all(
    server: ZaloOAServer, channel: ZaloOA, kept: Kept
) -> None:
    server.answer_next(BY_PHONE, (502, "<html>"))
    with pytest.raises(ChannelLater):
        await channel.templates.to_phone("0912345678", NEWS, "mc-1")
    await kept.templates.delivered("m1", "mc-1", server.now)
    server.now += timedelta(minutes=11)
    await channel.templates.to_phone("0912345678", NEWS, "mc-1")
    assert len(server.calls) == 1


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        (-118, ReplyRejected),
        (-139, ReplyRejected),
        (-1121, ReplyRejected),
        (-115, QuotaUsedUp),
        (-144, ChannelLater),
        (-133, ChannelLater),
        (-131, ChannelRefused),
        (-146, ChannelRefused),
    ],
)
async def test_each_failure_has_its_meaning_and_is_written_down(
    server: ZaloOAServer, channel: ZaloOA, kept: Kept, code: int, expected: type[Exception]
) -> None:
    server.answer_next(BY_PHONE, code)
    with pytest.raises(expected):
        await channel.templates.to_phone("0912345678", NEWS, "mc-1")
    assert kept.templates.lines["mc-1"]["state"] == "failed"
    assert str(code) in kept.templates.lines["mc-1"]["reason"]
    await channel.templates.to_phone("0912345678", NEWS, "mc-1")
    assert server.tracked == {"mc-1": 1}, "what failed for sure may be tried again"


async def test_a_stale_token_is_renewed_here_too(server: ZaloOAServer, channel: ZaloOA) -> None:
    server.access = "made by another"
    await channel.templates.to_phone("0912345678", NEWS, "mc-1")
    assert [call.error for call in server.calls] == [-124, 0, 0]


async def test_by_user_id_zalo_gets_no_tracking_id(server: ZaloOAServer, channel: ZaloOA, kept: Kept) -> None:
    await channel.templates.send_for(7, PERSON, NEWS)
    await channel.templates.send_for(7, PERSON, NEWS)
    (body,) = server.called("/v3.0/oa/message/template")
    assert set(body) == {"user_id", "template_id", "template_data"}
    (line,) = kept.templates.lines.values()
    assert line["message_id"]


async def test_status_of_a_message(server: ZaloOAServer, channel: ZaloOA) -> None:
    assert await channel.templates.status("m1") == 1
    assert server.calls[-1].body == {"message_id": "m1"}


def test_lengths_and_missing_values_are_found_before_sending() -> None:
    template = Template("1", parameters={"code": Parameter(""), "status": Parameter("state", 5, cut=True)})
    assert filled(template, Form("x", (("code", "H24"), ("state", "rất dài")))) == {"code": "H24", "status": "rất…"}
    with pytest.raises(ReplyRejected, match="no value for code"):
        filled(template, Form("x", (("state", "a"),)))
    with pytest.raises(ReplyRejected, match="code is longer than 30"):
        filled(template, Form("x", (("code", "x" * 31), ("state", "a"))))
    assert filled(Template("1", parameters={"a": Parameter("", default="-")}), Form("x")) == {"a": "-"}


async def test_an_unknown_template_names_the_setting(channel: ZaloOA) -> None:
    with pytest.raises(ReplyRejected, match=r"zalo_oa\.templates"):
        await channel.templates.to_user(PERSON, Form("nothing"), "mc-1")


@pytest.mark.parametrize(
    "phone", ["0912345678", "+84912345678", "84912345678", "912345678", "0912.345.678", " 091 234 5678 "]
)
def test_numbers_are_brought_into_one_shape(phone: str) -> None:
    assert normal_phone(phone) == "84912345678"


@pytest.mark.parametrize("phone", ["", "114", "02253842835", "+1 202 555 0100", "09123456789", "0112345678", "abc"])
def test_what_can_not_be_a_mobile_number_is_refused(phone: str) -> None:
    with pytest.raises(ReplyRejected):
        normal_phone(phone)


@pytest.mark.parametrize("what", [("7", "u", NEWS), ("7", "v", NEWS), ("8", "u", NEWS)])
def test_tracking_ids_are_stable_short_and_apart(what: Any) -> None:
    assert tracking_of(*what) == tracking_of(*what)
    assert len(tracking_of(*what)) <= 48
    assert tracking_of("7", "u", NEWS) != tracking_of("8", "u", NEWS)
