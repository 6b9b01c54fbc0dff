"""Work that comes round by the clock, done by one replica at a time."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial

from bot.store.database import Database
from bot.tasks import Tasks


@dataclass(frozen=True, slots=True)
class Job:
    """``run`` every ``every`` seconds, counted from the end of the round before. A round that raises is
    logged and tried again next time, so ``run`` must be fit to be cut short anywhere."""

    name: str
    every: float
    run: Callable[[], Awaitable[None]]


class Jobs:
    """Runs the jobs of one process; of several replicas only one is in the same job at a time."""

    def __init__(self, database: Database, jobs: Sequence[Job]) -> None:
        self._database = database
        self._jobs = list(jobs)
        self._tasks = Tasks()

    def add(self, job: Job) -> None:
        """One more job; before ``start``."""
        self._jobs.append(job)

    async def start(self) -> None:
        """Begins; the first round of each job comes at once."""
        for job in self._jobs:
            self._tasks.start(self._tasks.repeat(job.every, partial(self._round, job), at_once=True))

    async def stop(self, patience: float = 5.0) -> None:
        """Lets the rounds under way finish."""
        await self._tasks.stop(patience)

    async def _round(self, job: Job) -> None:
        async with self._database.alone(job.name) as is_ours:
            if is_ours:
                await job.run()
