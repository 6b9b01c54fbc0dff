"""The Bot channel: polling and webhook in, text out, each refusal with its meaning, the month's allowance."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from structlog.testing import capture_logs

from bot.channels.base import parts
from bot.channels.zalo_bot import Options, ZaloBot
from bot.channels.zalo_bot.parse import photo_of, read
from bot.channels.zalo_bot.render import to_markdown
from bot.errors import (
    ChannelRefused,
    ChannelThrottled,
    ChannelUnavailable,
    CitizenUnreachable,
    ConfigError,
    QuotaUsedUp,
    ReplyRejected,
)
from bot.messages import Button, Delivery, Reply
from bot.store.database import Database
from bot.zalo.keeping import CountOf
from tests.channels.telegram.shared import House, Pauses
from tests.channels.zalo_bot_server import PERSON, TOKEN, ZaloBotServer, said
from tests.conftest import until

PAYLOADS = sorted((Path(__file__).parents[2] / "payloads" / "zalo_bot").glob("*.json"))
NOW = datetime(2026, 11, 24, 6, 10, 1, tzinfo=UTC)
Make = Callable[..., Awaitable[ZaloBot]]


class Count:
    """The month's messages, in memory."""

    def __init__(self) -> None:
        self.number = 0

    async def add(self, at: datetime) -> int:
        self.number += 1
        return self.number

    async def sent(self, at: datetime) -> int:
        return self.number


@pytest.fixture
def house() -> House:
    return House()


@pytest.fixture
def count() -> Count:
    return Count()


@pytest.fixture
async def server() -> AsyncIterator[ZaloBotServer]:
    server = ZaloBotServer()
    await server.open()
    yield server
    await server.close()


@pytest.fixture
async def make(server: ZaloBotServer, count: Count) -> AsyncIterator[Make]:
    made: list[ZaloBot] = []

    async def build(house: House | None = None, **settings: Any) -> ZaloBot:
        wanted = {"base_url": server.url, "poll_timeout": 1, "photo_hosts": ("127.0.0.1",), **settings}
        channel = ZaloBot(Options(TOKEN, **wanted), count, now=lambda: NOW, sleep=Pauses())
        made.append(channel)
        if house is not None:
            await channel.start(house)
        return channel

    yield build
    for channel in made:
        await channel.stop()


def a_delivery(text: str = "Lệ phí **8.000 đồng**.", chat: str = PERSON) -> Delivery:
    return Delivery(1, "zalo_bot", chat, "", Reply(text))


# Reading


@pytest.mark.parametrize("path", PAYLOADS, ids=lambda path: path.stem)
def test_recorded_update_means_what_it_should(path: Path) -> None:
    case = json.loads(path.read_text(encoding="utf-8"))
    found = read(case["update"], "Bot Một Cửa", NOW)
    assert found is not None
    message = {**asdict(found), "received_at": found.received_at.isoformat()}
    assert message.pop("channel") == "zalo_bot"
    assert {key: value for key, value in message.items() if value not in ("", False)} == case["expect"]
    assert "Trần Thị Mẫu" not in repr(found)


def test_a_mention_is_cut_out_also_when_the_bots_name_is_not_set() -> None:
    update = said("@Bot Thử giấy khai sinh", 1)
    update["message"]["chat"]["chat_type"] = "GROUP"
    for name in ("", "Bot Thử"):
        found = read(update, name, NOW)
        assert found is not None
        assert (found.text, found.in_group) == ("giấy khai sinh", True)


def test_times_in_seconds_and_milliseconds_and_nonsense() -> None:
    update = said("x", 1)
    for date in (1795500600, 1795500600456, 1795500600.9):
        update["message"]["date"] = date
        found = read(update, "", NOW)
        assert found is not None
        assert found.received_at.replace(microsecond=0) == datetime(2026, 11, 24, 6, 10, tzinfo=UTC)
    for date in (None, "x", True, -1, 10**30):
        update["message"]["date"] = date
        found = read(update, "", NOW)
        assert found is not None
        assert found.received_at == NOW


def test_pictures_by_either_name_and_other_bots_ignored() -> None:
    cases = {path.stem: json.loads(path.read_text(encoding="utf-8"))["update"] for path in PAYLOADS}
    assert photo_of(cases["image_documented"]) == photo_of(cases["image_captured"]) == "https://files.zdn.vn/p.jpg"
    other = said("tôi cũng là bot", 1)
    other["message"]["from"]["is_bot"] = True
    assert read(other, "", NOW) is None


# Polling


async def test_polling_hands_messages_in_once_and_shows_typing(
    server: ZaloBotServer, make: Make, house: House
) -> None:
    await make(house)
    await server.push(said("một", 1), said("một", 1), said("hai", 2))
    await until(lambda: house.texts == ["một", "hai"])
    await until(lambda: len(server.called("sendChatAction")) == 2)
    assert server.called("getUpdates")[0] == {"timeout": "1"}
    assert len(server.called("deleteWebhook")) == 1, "while a webhook is set, polling is silent"


async def test_nothing_new_is_no_failure(server: ZaloBotServer, make: Make, house: House) -> None:
    with capture_logs() as logs:
        server.answer_next("getUpdates", *[(200, {"ok": False, "error_code": 408})] * 2)
        server.answer_next("getUpdates", (200, {"ok": False, "errorCode": 408}), (408, {"ok": False}))
        await make(house)
        await until(lambda: len(server.called("getUpdates")) >= 5)
    assert [line for line in logs if line["log_level"] in ("warning", "error")] == []


async def test_polling_goes_on_after_trouble(server: ZaloBotServer, make: Make, house: House) -> None:
    server.answer_next("getMe", (502, "<html>"))
    server.answer_next("getUpdates", (500, "x"), (200, "x"), (200, {"ok": False, "error_code": 500}), (429, {}))
    server.answer_next("getUpdates", (200, {"ok": True, "result": {"strange": 1}}), (200, {"ok": True}))
    await make(house)
    await server.push(said("vẫn tới", 1))
    await until(lambda: house.texts == ["vẫn tới"])


async def test_what_can_not_be_stored_is_tried_until_it_is(server: ZaloBotServer, make: Make, house: House) -> None:
    house.failures = 3
    await make(house)
    await server.push(said("đừng mất tôi", 1))
    await until(lambda: house.texts == ["đừng mất tôi"])


@pytest.mark.parametrize("answer", [None, (401, "not json")])
async def test_a_refused_token_ends_it_with_one_clear_line(
    server: ZaloBotServer, make: Make, house: House, answer: Any, caplog: pytest.LogCaptureFixture
) -> None:
    server.is_token_revoked = True
    if answer:
        server.answer_next("getMe", answer)
    with caplog.at_level(logging.DEBUG), capture_logs() as logs:
        channel = await make(house)
        await until(lambda: channel.refused)
        with pytest.raises(ChannelRefused):
            await channel.send(a_delivery())
    assert [line["event"] for line in logs if "ZALO_BOT_TOKEN is refused" in line["event"]]
    assert TOKEN not in caplog.text + str(logs)


def test_a_token_that_is_none_is_a_mistake_in_the_settings() -> None:
    with pytest.raises(ConfigError):
        ZaloBot(Options("  "), Count())


# Webhook


async def test_the_webhook_takes_only_what_carries_the_secret(
    server: ZaloBotServer, make: Make, house: House
) -> None:
    channel = await make(public_url="https://motcua.example/")
    app = web.Application()
    app.add_routes(channel.routes())
    own = TestServer(app)
    await own.start_server(access_log=None)
    site = f"http://127.0.0.1:{own.port}"
    server.webhook = {"secret_token": channel.secret}
    assert await server.post(site, said("sớm quá", 1)) == 503
    await channel.start(house)
    await until(lambda: len(server.called("setWebhook")) == 1)
    assert server.webhook["url"] == "https://motcua.example/zalo-bot/webhook"
    assert [await server.post(site, said("qua cổng", 1)) for _ in range(2)] == [200, 200]
    assert await server.post(site, said("giả", 2), secret="wrong") == 403
    assert await server.post(site, said("giả", 2), secret="") == 403
    assert await server.post(site, b"", secret="") == 200, "an empty probe"
    for junk in (b"x", b"[]", b"{}", b"null", b'{"event_name": "message.text.received"}'):
        assert await server.post(site, junk) == 200
    house.failures = 1
    assert await server.post(site, said("lần nữa", 3)) == 503
    assert await server.post(site, said("lần nữa", 3)) == 200
    assert house.texts == ["qua cổng", "lần nữa"]
    await own.close()


async def test_a_webhook_zalo_can_not_reach_is_reported(server: ZaloBotServer, make: Make, house: House) -> None:
    server.can_reach_webhook = False
    with capture_logs() as logs:
        await make(house, public_url="https://motcua.example")
        await until(lambda: any(line.get("hint") for line in logs))


# Sending


async def test_a_reply_is_one_call_of_plain_text(server: ZaloBotServer, make: Make, count: Count) -> None:
    channel = await make()
    await channel.send(a_delivery())
    assert server.called("sendMessage") == [{"chat_id": PERSON, "text": "Lệ phí 8.000 đồng."}]
    assert count.number == 1
    await channel.send_photo(PERSON, "https://x.vn/qr.png", "**Mã**")
    assert server.called("sendPhoto") == [{"chat_id": PERSON, "photo": "https://x.vn/qr.png", "caption": "Mã"}]


async def test_bold_words_when_switched_on(server: ZaloBotServer, make: Make) -> None:
    await (await make(markdown=True)).send(a_delivery("**Phí** 2*3_4"))
    assert server.called("sendMessage")[0] == {
        "chat_id": PERSON,
        "text": "**Phí** 2\\*3\\_4",
        "parse_mode": "markdown",
    }
    assert to_markdown("** lẻ") == "\\*\\* lẻ"


async def test_choices_are_numbers_with_their_links(make: Make) -> None:
    reply = Reply("Chọn:", (Button("Giấy tờ", "procedures:documents:x"), Button("Trang", url="https://x.vn")))
    (part,) = parts(reply, (await make()).limits)
    assert part.text == "Chọn:\n\n1. Giấy tờ\n2. Trang: https://x.vn"


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ((200, {"ok": False, "error_code": 400, "description": "text"}), ReplyRejected),
        ((200, {"ok": False, "errorCode": 403}), CitizenUnreachable),
        ((404, {"ok": False}), CitizenUnreachable),
        ((200, {"ok": False, "error_code": 401}), ChannelRefused),
        ((200, {"ok": False, "error_code": 408}), ChannelUnavailable),
        ((200, {"ok": False, "error_code": 500}), ChannelUnavailable),
        ((200, {"ok": False, "error_code": 429}), ChannelThrottled),
        ((429, "busy"), ChannelThrottled),
        ((403, "<html>firewall</html>"), ChannelUnavailable),
        ((502, "<html>"), ChannelUnavailable),
        ((200, "<html>"), ChannelUnavailable),
        ((401, "no"), ChannelRefused),
    ],
)
async def test_each_failure_has_its_meaning(
    server: ZaloBotServer, make: Make, answer: Any, expected: type[Exception], count: Count
) -> None:
    server.answer_next("sendMessage", answer)
    with pytest.raises(expected) as caught:
        await (await make()).send(a_delivery())
    assert type(caught.value) is expected or issubclass(type(caught.value), expected)
    assert TOKEN not in str(caught.value)
    assert count.number == 0


async def test_when_the_months_messages_are_used_up_what_waits_stays(
    server: ZaloBotServer, make: Make, count: Count
) -> None:
    channel = await make(messages_a_month=10)
    server.quota = 10
    with capture_logs() as logs:
        for _ in range(10):
            await channel.send(a_delivery())
    assert [line["sent"] for line in logs if "ALARM" in line["event"]] == [8, 10]
    with pytest.raises(QuotaUsedUp):
        await channel.send(a_delivery())


async def test_pictures_come_from_zalos_hosts_only(server: ZaloBotServer, make: Make) -> None:
    channel = await make()
    assert await channel.photo(f"{server.url}/p.jpg") == b"\xff\xd8picture"
    with pytest.raises(ReplyRejected):
        await channel.photo("https://evil.example/p.jpg")


async def test_the_count_of_a_month_is_shared_by_all_replicas(database: Database) -> None:
    counts = [CountOf(database, "331"), CountOf(database, "331")]
    assert sorted(await asyncio.gather(*(one.add(NOW) for one in counts))) == [1, 2]
    assert await counts[0].sent(NOW) == 2
    assert await counts[0].sent(NOW.replace(month=12)) == 0
    late = datetime(2026, 11, 30, 18, tzinfo=UTC)  # already December in Hải Phòng
    assert await counts[0].add(late) == 1
