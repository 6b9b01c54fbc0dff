"""Takes updates, from polling and webhook alike, and hands them in at the door."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

import structlog

from bot.channels.base import Door
from bot.channels.zalo_bot.api import BotApi
from bot.channels.zalo_bot.parse import NAME, read
from bot.errors import ChannelThrottled, ChannelUnavailable
from bot.messages import Message

log = structlog.get_logger(__name__)
HURRY_SECONDS = 0.1  # the least time for an empty answer; a server that never waits must not spin us


class Intake:
    """Reads one update and stores it; ``on_new`` is told of every message that was not known."""

    def __init__(self, door: Door, bot_name: str, on_new: Callable[[Message], None]) -> None:
        self._door = door
        self._bot_name = bot_name
        self._on_new = on_new

    async def take(self, update: Any) -> None:
        """Returns once it is safe. Junk is logged and passed over: it would only come again."""
        try:
            message = read(update, self._bot_name, datetime.now(UTC))
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            log.warning("update can't be read", channel=NAME, error=type(error).__name__)
            return
        if message is not None and await self._door.receive(message):
            self._on_new(message)


class Poller:
    """The loop of long polling."""

    def __init__(
        self, api: BotApi, intake: Intake, timeout: int, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    ) -> None:
        self._api = api
        self._intake = intake
        self._timeout = timeout
        self._sleep = sleep

    async def run(self) -> None:
        """Polls until cancelled; a refused token (ChannelRefused) and strange refusals end it."""
        clock, failed = asyncio.get_running_loop().time, 0
        while True:
            asked_at = clock()
            try:
                updates = await self._api.updates(self._timeout)
            except (ChannelUnavailable, ChannelThrottled) as error:
                if not failed:
                    log.warning("Zalo Bot can't be reached; trying on", reason=str(error))
                await self._sleep(growing(failed))
                failed += 1
                continue
            failed = 0
            for update in updates:
                await self._store(update)
            if not updates and clock() - asked_at < HURRY_SECONDS:
                await asyncio.sleep(HURRY_SECONDS)

    async def _store(self, update: dict[str, Any]) -> None:
        """Zalo will not give it again, so it is tried until it is stored."""
        tries = 0
        while True:
            try:
                return await self._intake.take(update)
            except Exception as error:  # whatever the store has, the message must not be lost
                if not tries:
                    log.error("update can't be stored; trying on", channel=NAME, error=type(error).__name__)
                await self._sleep(growing(tries))
                tries += 1


def growing(tries: int) -> float:
    """1 s, 2 s, 4 s ... 60 s, each a little off so that many bots don't return at once."""
    return min(60.0, 2.0 ** min(tries, 6) * random.uniform(0.75, 1.25))
