"""A whole bot in a process of its own, a Bot API server that is not Telegram's, and a conversation:
by long polling and by webhook."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.channels.telegram_server import TOKEN, TelegramServer
from tests.conftest import ROOT, until


@pytest.fixture
async def telegram() -> AsyncIterator[TelegramServer]:
    server = TelegramServer()
    await server.open()
    yield server
    await server.close()


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


@asynccontextmanager
async def running(folder: Path, telegram: TelegramServer, public: bool) -> AsyncIterator[str]:
    """``motcua run`` with its own data folder; yields its address."""
    port = _free_port()
    address = f"http://127.0.0.1:{port}"
    config = folder / "config.yaml"
    config.write_text(f"knowledge: {ROOT}/knowledge\nweb: {{port: {port}}}\ntelegram: {{poll_timeout: 1}}\n")
    environment = {
        **{key: value for key, value in os.environ.items() if key != "DATABASE_URL"},
        "MOTCUA_CONFIG": str(config),
        "MOTCUA_DATA": str(folder / "data"),
        "TELEGRAM_TOKEN": TOKEN,
        "TELEGRAM_BASE_URL": telegram.url,
        "PUBLIC_URL": address if public else "",
    }
    bot = subprocess.Popen([sys.executable, "-m", "bot", "run"], cwd=ROOT, env=environment, stderr=subprocess.PIPE)
    try:
        yield address
    finally:
        bot.send_signal(signal.SIGTERM)
        _, errors = bot.communicate(timeout=20)
    assert bot.returncode == 0, errors.decode()
    assert TOKEN not in errors.decode()


def said(number: int, text: str) -> dict[str, Any]:
    """An update as Telegram sends it."""
    person = {"id": 7, "is_bot": False, "first_name": "A"}
    chat = {"id": 7, "type": "private", "first_name": "A"}
    entities = (
        [{"type": "bot_command", "offset": 0, "length": len(text.split()[0])}] if text.startswith("/") else []
    )
    message = {
        "message_id": number,
        "date": 1790000000,
        "chat": chat,
        "from": person,
        "text": text,
        "entities": entities,
    }
    return {"update_id": 1000 + number, "message": message}


def tapped(number: int, data: str) -> dict[str, Any]:
    """A tap on a button."""
    update = said(number, "x")
    message = {key: value for key, value in update["message"].items() if key != "entities"}
    query = {"id": str(number), "from": message["from"], "chat_instance": "1", "data": data, "message": message}
    return {"update_id": update["update_id"], "callback_query": query}


async def _converse(telegram: TelegramServer, deliver: Any) -> None:
    sent = telegram.called
    await deliver(said(1, "/start"))
    await until(lambda: len(sent("sendMessage")) == 1)
    await deliver(said(2, "lam giay khai sinh"))
    await deliver(said(2, "lam giay khai sinh"))
    await until(lambda: len(sent("sendMessage")) == 2)
    answer = sent("sendMessage")[1]
    assert "<b>Đăng ký khai sinh</b>" in answer["text"]
    keys = [key for row in answer["reply_markup"]["inline_keyboard"] for key in row]
    fee = next(key["callback_data"] for key in keys if key.get("callback_data", "").startswith("procedures:fee"))
    await deliver(tapped(3, fee))
    await until(lambda: len(sent("sendMessage")) == 3)
    assert "60 ngày" in sent("sendMessage")[2]["text"]
    await until(lambda: sent("answerCallbackQuery"))
    await deliver(said(4, "thế mất bao lâu"))
    await until(lambda: len(sent("sendMessage")) == 4)
    assert "thời gian" in sent("sendMessage")[3]["text"]


async def test_a_conversation_by_polling(tmp_path: Path, telegram: TelegramServer) -> None:
    async with running(tmp_path, telegram, public=False):
        await _converse(telegram, telegram.push)


async def test_a_conversation_by_webhook(tmp_path: Path, telegram: TelegramServer) -> None:
    async with running(tmp_path, telegram, public=True) as address:
        await until(lambda: telegram.called("setWebhook"))
        hook = telegram.called("setWebhook")[0]
        assert hook["url"].startswith(address)

        async def deliver(update: dict[str, Any]) -> None:
            headers = {"X-Telegram-Bot-Api-Secret-Token": hook["secret_token"]}
            async with (
                aiohttp.ClientSession() as session,
                session.post(hook["url"], json=update, headers=headers) as got,
            ):
                assert got.status == 200

        await _converse(telegram, deliver)


async def test_an_unreachable_telegram_leaves_the_web_chat_working(tmp_path: Path) -> None:
    telegram = TelegramServer()
    await telegram.open()
    await telegram.close()  # its address is now nobody's
    async with running(tmp_path, telegram, public=False) as address:

        async def page() -> bool:
            try:
                async with aiohttp.ClientSession() as session, session.get(address) as got:
                    return got.status == 200
            except aiohttp.ClientError:
                return False

        for _ in range(200):
            if await page():
                break
            import asyncio

            await asyncio.sleep(0.05)
        assert await page()
