"""Work by the clock: one replica at a time, and a round that fails does not end it."""

from __future__ import annotations

import asyncio

from bot.jobs import Job, Jobs
from bot.store.database import Database
from tests.conftest import until


async def test_a_lock_is_held_by_one_at_a_time_and_freed_after(database: Database) -> None:
    alone = database.alone
    async with alone("renewal") as first, alone("renewal") as second, alone("other") as third:
        assert (first, second, third) == (True, False, True)
    async with database.alone("renewal") as again:
        assert again


async def test_who_waits_for_the_lock_gets_it_in_the_end(database: Database) -> None:
    inside: list[str] = []

    async def enter(name: str) -> None:
        async with database.alone("renewal", wait=True) as is_ours:
            assert is_ours
            inside.append(name)
            assert len(inside) == 1
            await asyncio.sleep(0.01)
            inside.remove(name)

    await asyncio.gather(*(enter(str(number)) for number in range(4)))


async def test_of_two_replicas_one_does_the_round(database: Database, database_url: str) -> None:
    other = await Database.open(database_url)
    started: list[str] = []
    go_on = asyncio.Event()

    async def work(name: str) -> None:
        started.append(name)
        await go_on.wait()

    replicas = [Jobs(db, [Job("poll", 0.01, lambda n=str(n): work(n))]) for n, db in enumerate((database, other))]
    for jobs in replicas:
        await jobs.start()
    await until(lambda: started)
    await asyncio.sleep(0.1)
    assert len(started) == 1
    go_on.set()
    for jobs in replicas:
        await jobs.stop()
    await other.close()


async def test_a_round_that_fails_is_followed_by_the_next(database: Database) -> None:
    rounds: list[int] = []

    async def fail() -> None:
        rounds.append(1)
        raise RuntimeError("the source is away")

    jobs = Jobs(database, [Job("poll", 0.01, fail)])
    await jobs.start()
    await until(lambda: len(rounds) >= 3)
    await jobs.stop()
