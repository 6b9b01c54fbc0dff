"""The gentle reminder of an unfinished guide: once, by day, unless declined."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

from bot.guides.keeping import Kept
from bot.guides.schedule import is_day
from bot.messages import Delivery, Place, Reply
from bot.notices import Notices
from bot.store import guides
from bot.store.database import Database

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

Say = Callable[[Kept, Place, datetime], Reply | None]  # the words; None when the guide is gone


class Reminders:
    """Finds who is due and queues the reminder in the same transaction that notes it."""

    def __init__(self, database: Database, notices: Notices, say: Say) -> None:
        self._database = database
        self._notices = notices
        self._runs = guides.GuideRuns(database)
        self._say = say

    async def round(self, now: datetime) -> int:
        """Reminds all who are due at ``now``; returns how many."""
        if not is_day(now):
            return 0
        told = 0
        for place, kept in await self._runs.due(now):
            deliveries = await self._remind(place, kept, now)
            self._notices.push(deliveries)
            told += bool(deliveries)
        return told

    async def _remind(self, place: Place, kept: Kept, now: datetime) -> list[Delivery]:
        reply = self._say(kept, place, now)

        async def change(connection: AsyncConnection) -> list[Delivery]:
            if not await guides.reminded(connection, kept) or reply is None:
                return []
            return await self._notices.add(connection, place, reply, now)

        return await self._database.write(change)
