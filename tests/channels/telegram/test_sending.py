"""Sending: one call for a reply, what each failure means, the transport."""

from __future__ import annotations

import logging

import pytest
import telegram
from structlog.testing import capture_logs

from bot.channels.telegram import TelegramChannel
from bot.channels.telegram.transport import AiohttpTransport
from bot.errors import (
    ChannelMoved,
    ChannelRefused,
    ChannelThrottled,
    ChannelUnavailable,
    CitizenUnreachable,
    ConfigError,
    ReplyRejected,
)
from bot.messages import Button
from tests.channels.telegram.shared import (
    GATEWAY_PAGE,
    Make,
    a_delivery,
)
from tests.channels.telegram_server import TOKEN, Canned, TelegramServer, refusal


async def test_reply_is_one_call(server: TelegramServer, sender: TelegramChannel) -> None:
    buttons = (
        Button("Giấy tờ", "procedures:aspect:documents"),
        Button("Nộp", url="https://dichvucong.gov.vn"),
    )
    await sender.send(a_delivery("Phí < **8.000** & 'x'", *buttons, thread="7"))
    assert [call.method for call in server.calls] == ["sendMessage"]
    assert server.called("sendMessage") == [
        {
            "chat_id": "123",
            "text": "Phí &lt; <b>8.000</b> &amp; 'x'",
            "parse_mode": "HTML",
            "link_preview_options": {"is_disabled": True},
            "message_thread_id": 7,
            "reply_markup": {
                "inline_keyboard": [
                    [
                        {"text": "Giấy tờ", "callback_data": "procedures:aspect:documents"},
                        {"text": "Nộp", "url": "https://dichvucong.gov.vn"},
                    ]
                ]
            },
        }
    ]


async def test_general_topic_is_addressed_by_leaving_it_out(
    server: TelegramServer, sender: TelegramChannel
) -> None:
    await sender.send(a_delivery(thread="1"))
    assert "message_thread_id" not in server.called("sendMessage")[0]


async def test_refused_markup_goes_out_once_more_as_plain_text(
    server: TelegramServer, sender: TelegramChannel
) -> None:
    trouble = refusal(400, "Bad Request: can't parse entities: unsupported start tag")
    server.answer_next("sendMessage", trouble)
    await sender.send(a_delivery())
    assert server.called("sendMessage")[1]["text"] == "Dạ, lệ phí là 8.000 đồng."
    assert "parse_mode" not in server.called("sendMessage")[1]
    server.answer_next("sendMessage", trouble, trouble)
    with pytest.raises(ReplyRejected):
        await sender.send(a_delivery())
    assert len(server.called("sendMessage")) == 4


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (refusal(429, "Too Many Requests: retry after 3", retry_after=3), ChannelThrottled),
        (refusal(403, "Forbidden: bot was blocked by the user"), CitizenUnreachable),
        (refusal(403, "Forbidden: bot was kicked from the group chat"), CitizenUnreachable),
        (refusal(400, "Bad Request: chat not found"), CitizenUnreachable),
        (refusal(400, "Bad Request: user is deactivated"), CitizenUnreachable),
        (refusal(400, "Bad Request: group chat was upgraded", migrate_to_chat_id=-1009), ChannelMoved),
        (refusal(400, "Bad Request: message thread not found"), ReplyRejected),
        (refusal(400, "Bad Request: message is too long"), ReplyRejected),
        (refusal(401, "Unauthorized"), ChannelRefused),
        (refusal(404, "Not Found"), ChannelRefused),
        (refusal(409, "Conflict: odd"), ChannelUnavailable),
        (refusal(500, "Internal Server Error"), ChannelUnavailable),
        (Canned(502, GATEWAY_PAGE), ChannelUnavailable),
        (Canned(403, GATEWAY_PAGE), ChannelUnavailable),
        (Canned(404, GATEWAY_PAGE), ChannelUnavailable),
        (Canned(302, GATEWAY_PAGE), ChannelUnavailable),
        (Canned(200, GATEWAY_PAGE), ChannelUnavailable),
        (Canned(200, {"ok": True}), ChannelUnavailable),
        (Canned(200, {"ok": False}), ChannelUnavailable),
        (Canned(200, [1]), ChannelUnavailable),
    ],
)
async def test_each_failure_has_its_meaning(
    server: TelegramServer, sender: TelegramChannel, answer: Canned, expected: type[Exception]
) -> None:
    server.answer_next("sendMessage", answer)
    with pytest.raises(expected) as caught:
        await sender.send(a_delivery())
    assert type(caught.value) is expected
    assert TOKEN not in str(caught.value)
    if isinstance(caught.value, ChannelThrottled):
        assert caught.value.retry_after == 3.0
    if isinstance(caught.value, ChannelMoved):
        assert caught.value.new_chat_id == "-1009"


async def test_no_connection_is_unavailable(server: TelegramServer, sender: TelegramChannel) -> None:
    await server.close()
    with pytest.raises(ChannelUnavailable) as caught:
        await sender.send(a_delivery())
    assert TOKEN not in str(caught.value)
    await sender.stop()
    with pytest.raises(ChannelUnavailable):
        await sender.send(a_delivery())


async def test_strange_copy_of_a_sent_message_does_not_send_it_twice(
    server: TelegramServer, sender: TelegramChannel
) -> None:
    server.answer_next("sendMessage", Canned(200, {"ok": True, "result": {"message_id": 1}}))
    await sender.send(a_delivery())
    assert len(server.calls) == 1


def test_limits_count_as_telegram_does() -> None:
    assert TelegramChannel.limits.measure("a😀") == 3


def test_empty_token_is_a_mistake_in_the_settings() -> None:
    with pytest.raises(ConfigError):
        TelegramChannel(" ")


# Transport


async def test_transport_carries_files(server: TelegramServer) -> None:
    transport = AiohttpTransport()
    bot = telegram.Bot(TOKEN, f"{server.url}/bot", request=transport, get_updates_request=AiohttpTransport())
    await bot.send_document("123", b"%PDF", filename="mẫu đơn.pdf", caption="Mẫu")
    await transport.shutdown()
    [call] = server.calls
    assert list(call.files.values()) == [b"%PDF"]
    assert call.parameters["caption"] == "Mẫu"


async def test_slow_answer_is_timed_out(server: TelegramServer) -> None:
    transport = AiohttpTransport()
    with pytest.raises(telegram.error.TimedOut):
        await transport.call(f"{server.url}/bot{TOKEN}/getUpdates", {"timeout": 50}, 0.02)
    await transport.shutdown()


async def test_no_log_shows_the_token(server: TelegramServer, make: Make, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG), capture_logs() as logs:
        channel = await make()
        await channel.send(a_delivery("bí mật"))
        server.is_token_revoked = True
        with pytest.raises(ChannelRefused):
            await channel.send(a_delivery())
    assert TOKEN not in caplog.text + str(logs)
    assert "bí mật" not in caplog.text + str(logs)
