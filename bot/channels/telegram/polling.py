"""Long polling: asks Telegram for updates and confirms each only after it is stored."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

import structlog

from bot.channels.telegram.intake import Intake
from bot.channels.telegram.parse import NAME
from bot.channels.telegram.patience import Patience

log = structlog.get_logger(__name__)

# After a week of silence Telegram starts from a random id (core.telegram.org/bots/api#update), maybe
# below ours; without an offset it gives what is not confirmed, so a silent day lets ours go.
FORGET_OFFSET_SECONDS = 86_400.0
HURRY_SECONDS = 0.1  # the least time for an empty answer; a stub that never waits must not spin us
Fetch = Callable[[int | None], Awaitable[list[dict[str, Any]]]]


class Poller:
    """The loop. ``fetch`` asks Telegram for updates from an offset on, which confirms those before."""

    def __init__(self, fetch: Fetch, intake: Intake, patience: Patience) -> None:
        self._fetch = fetch
        self._intake = intake
        self._patience = patience

    async def run(self) -> None:
        """Polls until cancelled; only a refused token ends it."""
        clock = asyncio.get_running_loop().time
        offset: int | None = None
        heard_at = clock()
        while True:
            asked_at = clock()
            updates = await self._patience.until_done("getUpdates", partial(self._fetch, offset))
            for raw in updates:
                await self._store(raw)
                offset = raw["update_id"] + 1
                heard_at = clock()
            if not updates and clock() - heard_at > FORGET_OFFSET_SECONDS:
                offset = None
            if not updates and clock() - asked_at < HURRY_SECONDS:
                await asyncio.sleep(HURRY_SECONDS)

    async def _store(self, raw: dict[str, Any]) -> None:
        tries = 0
        while True:
            try:
                return await self._intake.take(raw)
            except Exception as error:  # whatever the store has, the message must not be lost
                if not tries:
                    # Only the name: the text of a database error may quote the message.
                    log.error("update can't be stored; trying on", channel=NAME, error=type(error).__name__)
                await self._patience.pause(tries)
                tries += 1
