"""Who works on which chat: messages of one chat in order, chats side by side."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

import structlog

from bot.store import inbox
from bot.store.database import Database
from bot.tasks import Tasks

log = structlog.get_logger()
Chat = tuple[str, str]
_SWEEP = 5.0
_ORPHAN = timedelta(seconds=15)  # a message that waits so long was left by a crash


class Turns:
    """Wakes a worker per chat. ``work`` handles all that waits in that chat."""

    def __init__(self, database: Database, channels: list[str], work: Callable[[Chat], Awaitable[None]]) -> None:
        self._database = database
        self._channels = channels
        self._work = work
        self._busy: dict[Chat, bool] = {}  # chat -> something new came while it was being worked on
        self._tasks = Tasks()

    async def start(self) -> None:
        """Resumes what a crash left, then keeps a slow eye on it."""
        await self.sweep(timedelta(0))
        self._tasks.start(self._tasks.repeat(_SWEEP, self.sweep))

    async def stop(self, patience: float = 5.0) -> None:
        """Waits for the turns under way; what is not done stays in the inbox."""
        await self._tasks.stop(patience)

    @property
    def is_idle(self) -> bool:
        """Whether no turn is under way."""
        return not self._busy

    def wake(self, chat: Chat) -> None:
        """Something waits in this chat."""
        if chat in self._busy:
            self._busy[chat] = True
        else:
            self._busy[chat] = False
            self._tasks.start(self._run(chat))

    async def sweep(self, age: timedelta = _ORPHAN) -> None:
        """Wakes the chats that have waited longer than ``age``."""
        before = datetime.now(UTC) - age
        async with self._database.reading() as connection:
            chats = await inbox.left_behind(connection, self._channels, before)
        for chat in chats:
            if chat not in self._busy:
                await self._database.write(lambda c, chat=chat: inbox.count_attempt(c, *chat))  # type: ignore[misc]
                self.wake(chat)

    async def _run(self, chat: Chat) -> None:
        try:
            again = True
            while again:
                self._busy[chat] = False
                await self._work(chat)
                again = self._busy[chat]
        except Exception:  # storage trouble: the message is still in the inbox, the sweep returns
            log.exception("turn interrupted", channel=chat[0])
        finally:
            self._busy.pop(chat, None)
