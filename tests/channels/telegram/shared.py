"""What the tests of the Telegram channel share: the door, pauses, recorded updates."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from bot.channels.telegram import TelegramChannel
from bot.errors import (
    StoreError,
)
from bot.messages import Button, Delivery, Message, Reply

PAYLOADS = Path(__file__).parents[2] / "payloads" / "telegram"
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


def recorded(name: str) -> Any:
    return json.loads((PAYLOADS / f"{name}.json").read_text())["update"]


def text_update(number: int, text: str) -> dict[str, Any]:
    update: dict[str, Any] = recorded("text")
    update["update_id"] = update["message"]["message_id"] = number
    update["message"]["text"] = text
    return update


def a_delivery(text: str = "Dạ, lệ phí là **8.000 đồng**.", *buttons: Button, thread: str = "") -> Delivery:
    return Delivery(1, "telegram", "123", thread, Reply(text, buttons))
