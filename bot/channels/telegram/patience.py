"""Repeats a call to Telegram until it succeeds: growing pauses, and one log line per outage."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from typing import TypeVar

import structlog
from telegram.error import BadRequest, Conflict, InvalidToken, RetryAfter, TelegramError

from bot.channels.telegram.failures import seconds

log = structlog.get_logger(__name__)

SHORTEST, LONGEST = 1.0, 60.0
CONFLICT_SECONDS = 20.0
T = TypeVar("T")
Sleep = Callable[[float], Awaitable[None]]

_WORDS = {
    Conflict: "Telegram says another process receives for this token (or a webhook is set): run only one",
    RetryAfter: "Telegram asks us to slow down",
    BadRequest: "Telegram does not accept the call",
}


class Patience:
    """The pauses between tries; ``sleep`` is replaced in tests."""

    def __init__(self, sleep: Sleep = asyncio.sleep) -> None:
        self._sleep = sleep

    async def until_done(self, what: str, call: Callable[[], Awaitable[T]]) -> T:
        """The result of the call, however long it takes. Only a refused token ends it."""
        tries, told = 0, set[str]()
        while True:
            try:
                result = await call()
            except InvalidToken:
                raise
            except TelegramError as error:
                words = _WORDS.get(type(error), "Telegram can't be reached; trying on")
                if words not in told:
                    told.add(words)
                    log.warning(words, call=what, reason=str(error)[:200])
                await self._sleep(_pause_after(error, tries))
                tries += 1
                continue
            if tries:
                log.info("Telegram answers again", call=what, failed_tries=tries)
            return result

    async def pause(self, tries: int) -> None:
        """The pause after the try with this number, counted from 0."""
        await self._sleep(growing(tries))


def growing(tries: int) -> float:
    """1 s, 2 s, 4 s ... 60 s, each a little off so that many bots don't return at once."""
    wished = 2.0 ** min(tries, 6) * random.uniform(0.75, 1.25)
    return min(LONGEST, max(SHORTEST, wished))


def _pause_after(error: TelegramError, tries: int) -> float:
    if isinstance(error, RetryAfter):
        return max(SHORTEST, seconds(error.retry_after))
    if isinstance(error, Conflict):
        return max(CONFLICT_SECONDS, growing(tries))
    return growing(tries)
