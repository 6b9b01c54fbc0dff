"""Questions that got no answer, or a wrong one: a row per question, channel, reason and day, with a count."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store.tables import unanswered
from bot.store.upsert import insert


@dataclass(frozen=True, slots=True)
class Unanswered:
    """One such question, masked. ``key``: its folded words, at most 200 characters; ``why``: ``none``
    (not understood), ``none_of_these`` (the choices offered were wrong), ``wrong`` (so was the answer)."""

    key: str
    text: str
    channel: str
    why: str
    day: date
    offered: tuple[str, ...] = ()
    count: int = 1
    id: int = 0


async def add(connection: AsyncConnection, question: Unanswered) -> None:
    """Counts the question; the text first written stays, what was offered last counts."""
    statement = insert(connection, unanswered)
    statement = statement.on_conflict_do_update(
        index_elements=["key", "channel", "why", "day"],
        set_={"count": unanswered.c.count + 1, "offered": statement.excluded.offered},
    )
    values = {
        "key": question.key,
        "text": question.text,
        "channel": question.channel,
        "why": question.why,
        "day": question.day,
        "offered": " ".join(question.offered),
        "count": 1,
    }
    await connection.execute(statement, values)


async def all_kept(connection: AsyncConnection) -> list[Unanswered]:
    """All questions that are kept, oldest row first."""
    rows = await connection.execute(sa.select(unanswered).order_by(unanswered.c.id))
    return [
        Unanswered(
            row.key,
            row.text,
            row.channel,
            row.why,
            row.day,
            tuple(row.offered.split()),
            row._mapping["count"],  # row.count is the method of tuples
            row.id,
        )
        for row in rows
    ]


async def drop(connection: AsyncConnection, keys: Sequence[str]) -> int:
    """Deletes all rows of these questions; how many rows that were."""
    deleted = 0
    for key in keys:
        deleted += (await connection.execute(sa.delete(unanswered).where(unanswered.c.key == key))).rowcount
    return deleted


async def tidy(connection: AsyncConnection, before: date) -> None:
    """Deletes what is from before that day."""
    await connection.execute(sa.delete(unanswered).where(unanswered.c.day < before))
