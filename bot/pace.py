"""How fast a platform lets us send: over all chats and within one chat, with pauses it asks for."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from bot.channels.base import Limits

_KEEP = 5000  # chats whose last sending time is remembered
_BURST = 3


class Pace:
    """Gives each call its moment; ``turn`` returns when the call may be made."""

    def __init__(self, limits: Limits, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep) -> None:
        self._gap = 1 / limits.per_second if limits.per_second else 0.0
        self._chat_gap = 1 / limits.per_chat_second if limits.per_chat_second else 0.0
        self._sleep = sleep
        self._next = 0.0
        self._paused_until = 0.0
        self._chats: dict[str, float] = {}

    def pause(self, seconds: float) -> None:
        """No call at all for so long: the platform said so."""
        self._paused_until = max(self._paused_until, _now() + seconds)

    async def turn(self, chat_id: str) -> None:
        """Waits for the next free moment of the platform and of this chat."""
        moment = max(self._next, _now(), self._chat_moment(chat_id))
        self._next = max(self._next, _now()) + self._gap
        while (wait := max(moment, self._paused_until) - _now()) > 0:
            await self._sleep(wait)

    def _chat_moment(self, chat_id: str) -> float:
        """A chat may get ``_BURST`` messages at once (the parts of one answer), then one per gap."""
        if not self._chat_gap:
            return 0.0
        now = _now()
        if len(self._chats) > _KEEP:
            self._chats = {chat: at for chat, at in self._chats.items() if at > now}
        booked = max(self._chats.get(chat_id, 0.0), now - _BURST * self._chat_gap) + self._chat_gap
        self._chats[chat_id] = booked
        return booked


def _now() -> float:
    return asyncio.get_running_loop().time()
