"""The webhook: its secret, junk, and what is stored before the answer."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.channels.telegram import ALLOWED_UPDATES, TelegramChannel
from bot.channels.telegram.webhook import BODY_BYTES
from tests.channels.telegram.shared import (
    House,
    Make,
    recorded,
    text_update,
)
from tests.channels.telegram_server import TelegramServer


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
