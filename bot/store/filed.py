"""Numbers that a person was given at the end of a guide, before any source knows them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.dossiers.state import State
from bot.messages import Place
from bot.store.follows import UNKNOWN, mine, save
from bot.store.tables import dossiers, follows


async def file(
    connection: AsyncConnection, place: Place, number: str, source: str, may_verify: bool, most: int, now: datetime
) -> None:
    """Follows a number of which nothing is known yet. Verified at once (``may_verify``) only for the chat that
    gives it first, and for at most so many that a chat still waits for."""
    others = sa.select(follows.c.id).where(follows.c.number == number)
    waiting = sa.select(sa.func.count()).where(*mine(place), follows.c.told_status == UNKNOWN)
    is_first = (await connection.execute(others.limit(1))).first() is None
    verified = may_verify and is_first and (await connection.scalar(waiting) or 0) < most
    unknown = State(number, source, UNKNOWN, now)
    await save(connection, place, unknown, now, verified=verified or None, following=True)


async def still_unknown(connection: AsyncConnection, source: str, numbers: Sequence[str], now: datetime) -> None:
    """The source was asked after these; it does not know all of them yet."""
    waiting = (follows.c.number.in_(numbers), follows.c.source == source, follows.c.told_status == UNKNOWN)
    await connection.execute(sa.update(follows).where(*waiting).values(updated_at=now))


async def to_poll(connection: AsyncConnection, source: str, before: datetime, most: int) -> list[str]:
    """Such numbers that the source was not asked after since then, the longest waiting first."""
    rows = await connection.scalars(
        sa.select(follows.c.number)
        .where(
            follows.c.source == source,
            follows.c.told_status == UNKNOWN,
            follows.c.following.is_(True),
            follows.c.updated_at < before,
            ~sa.exists().where(dossiers.c.number == follows.c.number, dossiers.c.source == source),
        )
        .order_by(follows.c.updated_at)
        .limit(most)
    )
    return list(dict.fromkeys(rows))
