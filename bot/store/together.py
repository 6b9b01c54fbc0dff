"""What comes in the same moment is stored together: few statements, one flush to disk.

A platform waits for our answer while we store what it brought, and repeats or gives up when it waits too long;
so these writes also go before all others.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store.database import Database

T = TypeVar("T")
_MOST = 100  # of one kind in one transaction


class Together(Generic[T]):
    """Stores things of one kind; those that come while others are being stored wait and go together.

    ``store`` writes many and tells of each whether it was new; it may be run again.
    """

    def __init__(
        self, database: Database, store: Callable[[AsyncConnection, Sequence[T]], Awaitable[Sequence[bool]]]
    ) -> None:
        self._database = database
        self._store = store
        self._waiting: list[tuple[T, asyncio.Future[bool]]] = []
        self._storing: asyncio.Task[None] | None = None

    async def add(self, thing: T) -> bool:
        """Returns once it is safe, and whether it was new. Raises what the database raises."""
        future: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._waiting.append((thing, future))
        if self._storing is None or self._storing.done():
            self._storing = asyncio.create_task(self._work())
        return await future

    async def _work(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting[:_MOST], self._waiting[_MOST:]
            try:
                await self._keep(batch)
            except Exception:  # one of them may be at fault: each on its own, and whoever brought it hears of it
                for one in batch:
                    await self._keep_alone(one)

    async def _keep(self, batch: list[tuple[T, asyncio.Future[bool]]]) -> None:
        things = [thing for thing, _ in batch]
        stored = await self._database.write(lambda c: self._store(c, things), first=True)
        for (_, future), is_new in zip(batch, stored, strict=True):
            if not future.done():  # else whoever brought it is gone
                future.set_result(is_new)

    async def _keep_alone(self, one: tuple[T, asyncio.Future[bool]]) -> None:
        try:
            await self._keep([one])
        except Exception as error:  # goes to the one who waits for it
            if not one[1].done():
                one[1].set_exception(error)
