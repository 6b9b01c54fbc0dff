"""How fast a platform lets us send: over all chats and within one chat, with pauses it asks for.

When there is a queue, answers go before notices, and notices before announcements.
"""

from __future__ import annotations

import asyncio
import heapq
import itertools
from collections.abc import Awaitable, Callable

from bot.channels.base import Limits

_KEEP = 5000  # chats whose last sending time is remembered
_BURST = 3


class Pace:
    """Gives each call its moment; ``turn`` returns when the call may be made."""

    def __init__(self, limits: Limits, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep) -> None:
        self._gap = 1 / limits.per_second if limits.per_second else 0.0
        self._credit = (max(1, limits.burst) - 1) * self._gap  # calls saved up while nothing was sent
        self._chat_gap = 1 / limits.per_chat_second if limits.per_chat_second else 0.0
        self._sleep = sleep
        self._next = 0.0
        self._paused_until = 0.0
        self._chats: dict[str, float] = {}
        self._queue: list[tuple[int, int, asyncio.Future[None]]] = []
        self._waiting: dict[str, asyncio.Future[None]] = {}
        self._numbers = itertools.count()
        self._pump: asyncio.Task[None] | None = None

    def pause(self, seconds: float) -> None:
        """No call at all for so long: the platform said so."""
        self._paused_until = max(self._paused_until, _now() + seconds)

    async def turn(self, chat_id: str, priority: int = 0) -> None:
        """Waits for the next free moment of this chat and of the platform; the lowest priority goes first."""
        while (wait := self._chat_moment(chat_id) - _now()) > 0:
            await self._sleep(wait)
        self._book(chat_id)
        if not self._gap:
            while (wait := self._paused_until - _now()) > 0:
                await self._sleep(wait)
            return
        moment: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting[chat_id] = moment
        self._enqueue(priority, moment)
        try:
            await moment
        finally:
            self._waiting.pop(chat_id, None)

    def hurry(self, chat_id: str, priority: int) -> None:
        """Something more urgent came up in a chat that is in the queue already."""
        if (moment := self._waiting.get(chat_id)) is not None:
            self._enqueue(priority, moment)

    def stop(self) -> None:
        """Nobody waits any more."""
        if self._pump is not None:
            self._pump.cancel()

    def _enqueue(self, priority: int, moment: asyncio.Future[None]) -> None:
        heapq.heappush(self._queue, (priority, next(self._numbers), moment))
        if self._pump is None or self._pump.done():
            self._pump = asyncio.create_task(self._give_turns())

    async def _give_turns(self) -> None:
        while self._queue:
            if (wait := max(self._next - self._credit, self._paused_until) - _now()) > 0:
                await self._sleep(wait)
                continue
            _, _, moment = heapq.heappop(self._queue)
            if not moment.done():  # it may have been hurried past its old place, or given up
                self._next = max(self._next, _now()) + self._gap
                moment.set_result(None)

    def _chat_moment(self, chat_id: str) -> float:
        """A chat may get ``_BURST`` messages at once (the parts of one answer), then one per gap."""
        if not self._chat_gap:
            return 0.0
        return self._chats.get(chat_id, 0.0) - (_BURST - 1) * self._chat_gap

    def _book(self, chat_id: str) -> None:
        if not self._chat_gap:
            return
        now = _now()
        if len(self._chats) > _KEEP:
            self._chats = {chat: at for chat, at in self._chats.items() if at > now}
        self._chats[chat_id] = max(self._chats.get(chat_id, 0.0), now) + self._chat_gap


def _now() -> float:
    return asyncio.get_running_loop().time()
