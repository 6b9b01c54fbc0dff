"""Writes that go first, and those that go together: none lost, none told wrongly, no stranger's fault shared."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store import inbox
from bot.store.database import Database
from bot.store.tables import inbox as table
from bot.store.together import Together
from tests.conftest import a_message


async def _stored(database: Database) -> int:
    async with database.reading() as connection:
        return int(await connection.scalar(sa.select(sa.func.count()).select_from(table)) or 0)


async def test_of_messages_that_come_together_each_is_new_once(database: Database) -> None:
    arrivals = Together(database, inbox.add_many)
    messages = [a_message(f"câu {n}") for n in range(150)]
    twice = [message for message in messages for _ in range(2)]
    told = await asyncio.gather(*(arrivals.add(message) for message in twice))
    assert sum(told) == len(messages) == await _stored(database)
    assert await arrivals.add(messages[7]) is False


async def test_what_waits_goes_in_one_transaction(database: Database) -> None:
    sizes: list[int] = []

    async def store(_connection: AsyncConnection, things: Sequence[int]) -> list[bool]:
        sizes.append(len(things))
        return [True] * len(things)

    together = Together(database, store)
    await asyncio.gather(*(together.add(n) for n in range(250)))
    assert sizes == [100, 100, 50]


async def test_one_that_cannot_be_stored_fails_alone(database: Database) -> None:
    async def store(connection: AsyncConnection, things: Sequence[str]) -> Sequence[bool]:
        if "bad" in things:
            raise ValueError("bad")
        return await inbox.add_many(connection, [a_message(thing) for thing in things])

    together = Together(database, store)
    told = await asyncio.gather(*map(together.add, ["a", "bad", "b"]), return_exceptions=True)
    assert [told[0], told[2]] == [True, True]
    assert isinstance(told[1], ValueError)
    assert await _stored(database) == 2


async def test_whoever_went_away_does_not_hold_up_the_others(database: Database) -> None:
    arrivals = Together(database, inbox.add_many)
    gone = asyncio.create_task(arrivals.add(a_message("một")))
    stays = asyncio.create_task(arrivals.add(a_message("hai")))
    await asyncio.sleep(0)
    gone.cancel()
    assert await stays is True
    assert await _stored(database) == 2


async def test_what_goes_first_waits_for_one_change_and_not_for_all(tmp_path: object) -> None:
    database = await Database.open(f"sqlite+aiosqlite:///{tmp_path}/first.db")
    order: list[str] = []
    begun = asyncio.Event()

    async def change(_connection: AsyncConnection, name: str) -> None:
        order.append(name)
        begun.set()
        await asyncio.sleep(0)

    many = [asyncio.create_task(database.write(lambda c, n=n: change(c, str(n)))) for n in range(50)]  # type: ignore[misc]
    await begun.wait()
    await database.write(lambda c: change(c, "first"), first=True)
    place = order.index("first")
    await asyncio.gather(*many)
    assert place <= 2
    assert [name for name in order if name != "first"] == [str(n) for n in range(50)], "and nothing is done twice"
    await database.close()


@pytest.mark.parametrize("first", [True, False])
async def test_a_failing_change_fails_for_the_one_who_asked(database: Database, first: bool) -> None:
    async def wrong(_connection: AsyncConnection) -> None:
        raise ValueError("wrong")

    with pytest.raises(ValueError, match="wrong"):
        await database.write(wrong, first=first)
    assert await database.write(lambda c: inbox.add(c, a_message()), first=first) is True
