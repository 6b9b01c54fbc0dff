"""What the tests of the OA channel share: what is kept, in memory, and a delivery to send."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from bot.channels.zalo_oa.keeping import Keeping, Pair
from bot.channels.zalo_oa.login import Attempt
from bot.messages import Button, Delivery, Form, Reply

PAYLOADS = Path(__file__).parents[2] / "payloads" / "zalo_oa"
PERSON = "8220045612378904561"
GROUP = "group:6007733119955224408"


def recorded(name: str) -> dict[str, Any]:
    """The event of a payload file."""
    event: dict[str, Any] = json.loads((PAYLOADS / f"{name}.json").read_text(encoding="utf-8"))["event"]
    return event


class Shelf:
    """The pair of tokens, in memory; ``saves`` counts commits."""

    def __init__(self, pair: Pair | None) -> None:
        self.pair = pair
        self.saves = 0
        self.trouble = ""
        self._lock = asyncio.Lock()

    @asynccontextmanager
    async def lock(self) -> AsyncIterator[None]:
        async with self._lock:
            yield

    async def load(self) -> Pair | None:
        return self.pair

    async def save(self, pair: Pair) -> None:
        self.pair, self.trouble = pair, ""
        self.saves += 1

    async def note_problem(self, problem: str) -> None:
        self.trouble = problem

    async def problem(self) -> str:
        return self.trouble


class People:
    """When people wrote, in memory."""

    def __init__(self) -> None:
        self.at: dict[str, datetime] = {}
        self.forgotten: list[str] = []

    async def heard(self, user_id: str, at: datetime) -> None:
        self.at[user_id] = max(at, self.at.get(user_id, at))

    async def last_heard(self, user_id: str) -> datetime | None:
        return self.at.get(user_id)

    async def window_closed(self, user_id: str, at: datetime) -> None:
        self.at[user_id] = at - timedelta(days=400)

    async def forget(self, user_id: str) -> None:
        self.forgotten.append(user_id)


class Sent:
    """Ids of what was sent, in memory."""

    def __init__(self) -> None:
        self.ids: dict[str, str] = {}
        self.is_broken = False

    async def note(self, message_id: str, chat_id: str, at: datetime) -> None:
        if self.is_broken:
            raise OSError("the disk is full")
        self.ids[message_id] = chat_id

    async def is_ours(self, message_id: str) -> bool:
        return message_id in self.ids


class Staff:
    """Whom staff answer by hand, in memory."""

    def __init__(self) -> None:
        self.ends: dict[str, datetime] = {}

    async def wrote(self, user_id: str, until: datetime) -> None:
        self.ends[user_id] = max(until, self.ends.get(user_id, until))

    async def until(self, user_id: str) -> datetime | None:
        return self.ends.get(user_id)


class Book:
    """The lines of template messages, in memory."""

    def __init__(self) -> None:
        self.lines: dict[str, dict[str, Any]] = {}

    async def begin(self, tracking_id: str, template: str, by: str, now: datetime, patience: timedelta) -> str:
        line = self.lines.get(tracking_id)
        if line is not None and line["state"] == "sent":
            return "sent"
        if line is not None and line["state"] == "asked" and now - line["at"] < patience:
            return "asked"
        self.lines[tracking_id] = {"state": "asked", "at": now, "by": by, "template": template}
        return "new"

    async def settle(self, tracking_id: str, state: str, message_id: str, reason: str, now: datetime) -> None:
        self.lines[tracking_id] |= {"state": state, "message_id": message_id, "reason": reason}

    async def delivered(self, message_id: str, tracking_id: str, at: datetime) -> None:
        for key, line in self.lines.items():
            if key == tracking_id or line.get("message_id") == message_id:
                line |= {"state": "sent", "delivered_at": at}

    async def rated(self, message_id: str, tracking_id: str, rate: int) -> None:
        for key, line in self.lines.items():
            if key == tracking_id or line.get("message_id") == message_id:
                line["rate"] = rate


class Attempts:
    """Consents under way, in memory."""

    def __init__(self) -> None:
        self.begun: list[Attempt] = []

    async def begin(self, attempt: Attempt) -> None:
        self.begun.append(attempt)

    async def take(self, state: str, since: datetime) -> Attempt | None:
        for attempt in reversed(self.begun):
            if attempt.begun_at >= since and state in ("", attempt.state):
                self.begun.remove(attempt)
                return attempt
        return None


class Kept:
    """All of it."""

    def __init__(self, pair: Pair | None) -> None:
        self.tokens, self.people, self.sent, self.templates = Shelf(pair), People(), Sent(), Book()
        self.staff = Staff()

    @property
    def all(self) -> Keeping:
        return Keeping(self.tokens, self.people, self.sent, self.templates, self.staff)


def a_delivery(
    text: str = "Lệ phí là **8.000 đồng**.",
    *buttons: Button,
    chat: str = PERSON,
    form: Form | None = None,
    priority: int = 0,
    attempts: int = 0,
) -> Delivery:
    return Delivery(1, "zalo_oa", chat, "", Reply(text, buttons, form), attempts, priority)
