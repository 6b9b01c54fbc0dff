"""The Telegram channel against a strict fake of the Bot API: polling, webhook, outages, refusals."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
import telegram
from aiohttp import web
from aiohttp.test_utils import TestServer
from structlog.testing import capture_logs

from bot.channels.telegram import ALLOWED_UPDATES, TelegramChannel, polling
from bot.channels.telegram.patience import growing
from bot.channels.telegram.transport import AiohttpTransport
from bot.channels.telegram.webhook import BODY_BYTES
from bot.errors import (
    ChannelMoved,
    ChannelRefused,
    ChannelThrottled,
    ChannelUnavailable,
    CitizenUnreachable,
    ConfigError,
    ReplyRejected,
    StoreError,
)
from bot.messages import Button, Delivery, Message, Reply
from tests.channels.telegram_server import TOKEN, Canned, TelegramServer, refusal

PAYLOADS = Path(__file__).parents[1] / "payloads" / "telegram"
COMMANDS = [("start", "Bắt đầu"), ("help", "Hướng dẫn")]
GATEWAY_PAGE = "<html>Bad gateway</html>"


class House:
    """The door: remembers what was handed in."""

    def __init__(self) -> None:
        self.messages: dict[str, Message] = {}
        self.receipts = 0
        self.reachable: list[tuple[str, bool]] = []
        self.moves: list[tuple[str, str]] = []
        self.failures = 0

    async def receive(self, message: Message) -> bool:
        if self.failures:
            self.failures -= 1
            raise StoreError("the disk is full")
        self.receipts += 1
        known = message.message_id in self.messages
        self.messages.setdefault(message.message_id, message)
        return not known

    async def set_reachable(self, channel: str, chat_id: str, reachable: bool) -> None:
        self.reachable.append((chat_id, reachable))

    async def move_chat(self, channel: str, old_id: str, new_id: str) -> None:
        self.moves.append((old_id, new_id))

    @property
    def texts(self) -> list[str]:
        return [message.text for message in self.messages.values()]


class Pauses:
    """Takes the place of sleeping: notes the pause and lets others run."""

    def __init__(self) -> None:
        self.taken: list[float] = []

    async def __call__(self, seconds: float) -> None:
        self.taken.append(seconds)
        await asyncio.sleep(0)


Make = Callable[..., Awaitable[TelegramChannel]]


@pytest.fixture
def house() -> House:
    return House()


@pytest.fixture
def pauses() -> Pauses:
    return Pauses()


@pytest.fixture
async def server() -> AsyncIterator[TelegramServer]:
    server = TelegramServer()
    await server.open()
    yield server
    await server.close()


@pytest.fixture
async def make(server: TelegramServer, house: House, pauses: Pauses) -> AsyncIterator[Make]:
    made: list[TelegramChannel] = []

    async def start(**settings: Any) -> TelegramChannel:
        channel = TelegramChannel(TOKEN, base_url=server.url, sleep=pauses, **settings)
        made.append(channel)
        await channel.start(house)
        return channel

    yield start
    for channel in made:
        await channel.stop()


@pytest.fixture
async def sender(server: TelegramServer) -> AsyncIterator[TelegramChannel]:
    channel = TelegramChannel(TOKEN, base_url=server.url)
    yield channel
    await channel.stop()


def recorded(name: str) -> Any:
    return json.loads((PAYLOADS / f"{name}.json").read_text())["update"]


def text_update(number: int, text: str) -> dict[str, Any]:
    update: dict[str, Any] = recorded("text")
    update["update_id"] = update["message"]["message_id"] = number
    update["message"]["text"] = text
    return update


def a_delivery(text: str = "Dạ, lệ phí là **8.000 đồng**.", *buttons: Button, thread: str = "") -> Delivery:
    return Delivery(1, "telegram", "123", thread, Reply(text, buttons))


# Polling


async def test_polling_starts_by_removing_a_webhook_and_setting_the_menu(
    server: TelegramServer, make: Make
) -> None:
    await make(commands=COMMANDS)
    await server.until(lambda: server.called("getUpdates") and server.called("setMyCommands"))
    assert [call.method for call in server.calls][:2] == ["getMe", "deleteWebhook"]
    assert server.called("getUpdates")[0] == {"timeout": 50, "allowed_updates": list(ALLOWED_UPDATES)}
    [menu] = server.called("setMyCommands")
    assert menu["commands"][1] == {"command": "help", "description": "Hướng dẫn"}


async def test_polled_messages_arrive_in_order_and_are_confirmed(
    server: TelegramServer, make: Make, house: House
) -> None:
    await make()
    await server.push(*(text_update(n, f"câu {n}") for n in range(1, 251)))
    await server.until(lambda: not server.pending)
    assert house.texts == [f"câu {n}" for n in range(1, 251)]


async def test_update_is_confirmed_only_after_it_is_stored(
    server: TelegramServer, make: Make, house: House, pauses: Pauses
) -> None:
    house.failures = 3
    await make()
    with capture_logs() as logs:
        await server.push(text_update(1, "một"), text_update(2, "hai"))
        await server.until(lambda: not server.pending)
    assert house.texts == ["một", "hai"]
    assert len(pauses.taken) == 3
    assert len([line for line in logs if line["log_level"] == "error"]) == 1


async def test_unreadable_update_does_not_hold_up_the_others(
    server: TelegramServer, make: Make, house: House
) -> None:
    await make()
    broken = {"update_id": 1, "message": {"from": "bí mật"}}
    with capture_logs() as logs:
        await server.push(broken, text_update(2, "hai"))
        await server.until(lambda: not server.pending)
    assert house.texts == ["hai"]
    assert "bí mật" not in str(logs)


async def test_tap_is_answered_even_when_the_answer_fails(server: TelegramServer, make: Make, house: House) -> None:
    server.answer_next("answerCallbackQuery", refusal(400, "Bad Request: query is too old"))
    await make()
    forged = recorded("tap_forged_long")
    await server.push(recorded("tap"), forged | {"update_id": 900}, recorded("tap_game") | {"update_id": 901})
    await server.until(lambda: len(server.called("answerCallbackQuery")) == 3)
    assert [message.tapped for message in house.messages.values()] == ["procedures:aspect:fee"]
    assert house.receipts == 2


async def test_blocking_and_moving_are_reported(server: TelegramServer, make: Make, house: House) -> None:
    await make()
    await server.push(*(recorded(name) for name in ("blocked", "unblocked", "migrate_to", "migrate_from")))
    await server.until(lambda: len(house.moves) == 2)
    assert house.reachable == [("9007199254740", False), ("9007199254740", True)]
    assert house.moves == [("-55", "-100200")] * 2


async def test_start_does_not_wait_and_an_outage_costs_one_line(
    server: TelegramServer, make: Make, house: House, pauses: Pauses
) -> None:
    await server.close()
    with capture_logs() as logs:
        await make()
        await server.until(lambda: len(pauses.taken) > 8)
        await server.open()
        await server.push(text_update(1, "vẫn nhận"))
        await server.until(lambda: house.texts)
    assert house.texts == ["vẫn nhận"]
    assert len([line for line in logs if line["log_level"] == "warning"]) == 1
    assert all(1 <= pause <= 60 for pause in pauses.taken)
    assert TOKEN not in str(logs)


async def test_polling_survives_a_broken_connection(server: TelegramServer, make: Make, house: House) -> None:
    server.answer_next(
        "getUpdates",
        Canned(502, GATEWAY_PAGE),
        Canned(404, GATEWAY_PAGE),
        Canned(200, GATEWAY_PAGE),
        Canned(200, {"ok": True}),
        refusal(500, "Internal Server Error"),
        refusal(429, "Too Many Requests: retry after 7", retry_after=7),
    )
    channel = await make()
    await server.push(text_update(1, "một"))
    await server.until(lambda: house.texts)
    assert not channel.refused


async def test_second_poller_is_told_clearly_and_tried_slowly(
    server: TelegramServer, make: Make, house: House, pauses: Pauses
) -> None:
    server.answer_next("getUpdates", *[refusal(409, "Conflict: terminated by other getUpdates request")] * 3)
    with capture_logs() as logs:
        await make()
        await server.push(text_update(1, "một"))
        await server.until(lambda: house.texts)
    assert min(pauses.taken) >= 20
    assert len([line for line in logs if "another process" in line["event"]]) == 1


async def test_refused_token_stops_only_this_channel_with_one_line(server: TelegramServer, make: Make) -> None:
    server.is_token_revoked = True
    with capture_logs() as logs:
        channel = await make()
        await server.until(lambda: channel.refused)
        with pytest.raises(ChannelRefused):
            await channel.send(a_delivery())
    errors = [line["event"] for line in logs if line["log_level"] == "error"]
    assert errors == ["TELEGRAM_TOKEN is refused by Telegram: Unauthorized"]
    assert server.called("getUpdates") == []


async def test_token_revoked_while_polling(server: TelegramServer, make: Make) -> None:
    server.answer_next("getUpdates", refusal(401, "Unauthorized"))
    channel = await make()
    await server.until(lambda: channel.refused)


async def test_offset_is_forgotten_after_long_silence(
    server: TelegramServer, make: Make, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(polling, "FORGET_OFFSET_SECONDS", 0.0)
    monkeypatch.setattr(polling, "HURRY_SECONDS", 0.001)
    await make(poll_timeout=0)
    await server.push(text_update(1_000_000, "trước"))
    await server.until(lambda: not server.pending and "offset" not in server.called("getUpdates")[-1])
    await server.push(text_update(7, "sau một tuần"))
    await server.until(lambda: len(house.texts) == 2)


async def test_redelivered_update_has_the_same_id(server: TelegramServer, make: Make, house: House) -> None:
    for _ in range(2):
        channel = await make()
        await server.push(text_update(1, "một"))
        await server.until(lambda: not server.pending)
        await channel.stop()
    assert house.receipts == 2
    assert list(house.messages) == ["9007199254740:1"]


def test_pauses_grow_to_a_minute() -> None:
    assert 1 <= growing(0) <= 1.25
    assert 45 <= growing(50) <= 60


# Webhook


@pytest.fixture
async def hooked(server: TelegramServer, make: Make) -> AsyncIterator[str]:
    """The address of our own web server, once the webhook is set."""
    channel = await make(public_url="https://motcua.example/bot/")
    app = web.Application(client_max_size=10)
    app.add_routes(channel.routes())
    async with TestServer(app) as site:
        await server.until(lambda: server.webhook)
        server.webhook["url"] = server.webhook["url"].replace("/bot/", "/")  # a proxy in front cuts it off
        yield str(site.make_url("")).rstrip("/")


async def test_webhook_is_set_with_a_secret_and_polling_stays_off(server: TelegramServer, hooked: str) -> None:
    [wanted] = server.called("setWebhook")
    assert wanted["url"] == "https://motcua.example/telegram/webhook"
    assert wanted["allowed_updates"] == list(ALLOWED_UPDATES)
    assert wanted["max_connections"] == 40
    assert len(wanted["secret_token"]) == 64
    assert server.called("getUpdates") == server.called("deleteWebhook") == []


async def test_posted_update_is_stored_before_200(server: TelegramServer, hooked: str, house: House) -> None:
    house.failures = 1
    assert await server.post_webhook(hooked, text_update(1, "một")) == 503
    assert house.texts == []
    assert await server.post_webhook(hooked, text_update(1, "một")) == 200
    assert await server.post_webhook(hooked, text_update(1, "một")) == 200
    assert house.texts == ["một"]


@pytest.mark.parametrize("secret", ["wrong", "ế", " "])
async def test_wrong_secret_is_turned_away(server: TelegramServer, hooked: str, house: House, secret: str) -> None:
    assert await server.post_webhook(hooked, text_update(1, "một"), secret=secret) == 403
    assert house.receipts == 0


@pytest.mark.parametrize(
    "junk",
    [b"", b"{", b"\xff", b"[]", b"null", b"1", b"{}", b'{"update_id": 1, "message": 3}', b"[" * 100_000,
     b'{"update_id": 1, "callback_query": {"id": "1"}}', b'{"update_id": "x", "message": {}}'],
)  # fmt: skip
async def test_junk_is_taken_so_that_it_does_not_come_again(
    server: TelegramServer, hooked: str, house: House, junk: bytes
) -> None:
    assert await server.post_webhook(hooked, junk) == 200
    assert house.receipts == 0


async def test_too_long_body_is_turned_away(server: TelegramServer, hooked: str) -> None:
    assert await server.post_webhook(hooked, b" " * (BODY_BYTES + 1)) == 413


async def test_group_message_waits_until_the_bot_knows_its_name(
    server: TelegramServer, make: Make, house: House
) -> None:
    await server.close()
    channel = await make(public_url="https://motcua.example", secret="s")
    server.webhook = {"url": "https://x/telegram/webhook", "secret_token": "s"}
    app = web.Application()
    app.add_routes(channel.routes())
    async with TestServer(app) as site:
        where = str(site.make_url("")).rstrip("/")
        assert await server.post_webhook(where, recorded("group_mention")) == 503
        assert await server.post_webhook(where, recorded("text")) == 200
        await channel.stop()
        assert await server.post_webhook(where, recorded("text")) == 503


async def test_polling_needs_no_route(server: TelegramServer, sender: TelegramChannel) -> None:
    assert list(sender.routes()) == []


# Sending


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
