"""Photos on Telegram: getFile, then the file; too large ones and refusals; a message taken out of a group."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.channels.telegram import PHOTO_BYTES, TelegramChannel
from bot.errors import ChannelError, ReplyRejected
from bot.messages import Message

TOKEN = "42:secret"


class Files:
    """A Bot API server with one file."""

    def __init__(self) -> None:
        self.size = 7
        self.deleted: list[tuple[str, str]] = []

    async def get_file(self, request: web.Request) -> web.Response:
        asked = await request.post()
        if asked["file_id"] != "photo-1":
            return web.json_response({"ok": False, "error_code": 400, "description": "Bad Request"}, status=400)
        file = {"file_id": "photo-1", "file_unique_id": "u", "file_size": self.size, "file_path": "photos/1.jpg"}
        return web.json_response({"ok": True, "result": file})

    async def file(self, request: web.Request) -> web.Response:
        return web.Response(body=b"picture")

    async def delete(self, request: web.Request) -> web.Response:
        asked = await request.post()
        self.deleted.append((str(asked["chat_id"]), str(asked["message_id"])))
        return web.json_response({"ok": True, "result": True})


@pytest.fixture
async def files() -> Files:
    return Files()


@pytest.fixture
async def channel(files: Files) -> AsyncIterator[TelegramChannel]:
    app = web.Application()
    app.router.add_post(f"/bot{TOKEN}/getFile", files.get_file)
    app.router.add_post(f"/bot{TOKEN}/deleteMessage", files.delete)
    app.router.add_get(f"/file/bot{TOKEN}/photos/1.jpg", files.file)
    server = TestServer(app)
    await server.start_server()
    channel = TelegramChannel(TOKEN, base_url=str(server.make_url("")).rstrip("/"))
    await channel._transport.initialize()
    yield channel
    await channel.stop()
    await server.close()


async def test_the_picture_is_fetched(channel: TelegramChannel) -> None:
    assert await channel.photo("photo-1") == b"picture"


async def test_a_picture_too_large_is_not_fetched(channel: TelegramChannel, files: Files) -> None:
    files.size = PHOTO_BYTES + 1
    with pytest.raises(ReplyRejected):
        await channel.photo("photo-1")


async def test_an_unknown_picture_is_an_error_of_the_channel(channel: TelegramChannel) -> None:
    with pytest.raises(ChannelError) as caught:
        await channel.photo("gone")
    assert TOKEN not in str(caught.value)


async def test_a_message_is_taken_out_of_a_group(channel: TelegramChannel, files: Files) -> None:
    fields: dict[str, Any] = {"channel": "telegram", "user_id": "7", "text": "", "received_at": datetime.now(UTC)}
    await channel.remove(Message(chat_id="-5", message_id="-5:31", in_group=True, **fields))
    assert files.deleted == [("-5", "31")]
    await channel.remove(Message(chat_id="-5", message_id="tap:9", in_group=True, **fields))
    assert len(files.deleted) == 1
