"""Tasks that run beside the turns: kept until they are done, ended in good order."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine

import structlog

log = structlog.get_logger()


class Tasks:
    """Holds on to tasks (asyncio keeps only weak references) and ends them together."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()
        self._stopping = asyncio.Event()

    def start(self, work: Coroutine[object, object, None]) -> None:
        """Runs the work in the background."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def stop(self, patience: float) -> None:
        """Lets the work under way finish for ``patience`` seconds, then cuts it off."""
        self._stopping.set()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=patience)
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def repeat(self, seconds: float, work: Callable[[], Awaitable[None]], at_once: bool = False) -> None:
        """Does the work every so often until ``stop``, which waits for a round under way."""
        while at_once or not await self._stops_within(seconds):
            at_once = False
            try:
                await work()
            except Exception:  # the database may be away for a while; the next round tries again
                log.exception("sweep failed", work=getattr(work, "__qualname__", ""))

    async def _stops_within(self, seconds: float) -> bool:
        try:
            await asyncio.wait_for(self._stopping.wait(), seconds)
        except TimeoutError:
            return False
        return True
