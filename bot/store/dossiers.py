"""The last known state of dossiers, and the tries that are counted against guessing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.dossiers.state import State
from bot.store.tables import dossier_tries, dossiers
from bot.store.upsert import insert

_FIELDS = [field.name for field in fields(State)]
_FIND = sa.select(dossiers).where(
    dossiers.c.number == sa.bindparam("number"), dossiers.c.source == sa.bindparam("source")
)
_KNOWN = sa.select(
    dossiers.c.number, dossiers.c.state_key, dossiers.c.as_of, dossiers.c.phone_key, dossiers.c.id_key
)


def state_of(row: Any) -> State:
    """The state in a row."""
    return State(**{name: getattr(row, name) for name in _FIELDS})


async def find(connection: AsyncConnection, number: str, source: str) -> tuple[State, datetime] | None:
    """The last known state, and when the source was last asked."""
    row = (await connection.execute(_FIND, {"number": number, "source": source})).first()
    return (state_of(row), row.checked_at) if row else None


async def known(connection: AsyncConnection, source: str, numbers: Sequence[str]) -> dict[str, Any]:
    """What is stored of these numbers, enough to see what is new: number -> row."""
    rows = await connection.execute(_KNOWN.where(dossiers.c.source == source, dossiers.c.number.in_(numbers)))
    return {row.number: row for row in rows}


async def put(connection: AsyncConnection, states: Sequence[State], now: datetime) -> None:
    """Writes states; never over newer news, whoever writes at the same time."""
    if not states:
        return
    statement = insert(connection, dossiers)
    others = {c.name: statement.excluded[c.name] for c in dossiers.columns if c.name not in ("number", "source")}
    statement = statement.on_conflict_do_update(
        index_elements=["number", "source"], set_=others, where=dossiers.c.as_of <= statement.excluded.as_of
    )
    rows = [
        {name: getattr(state, name) for name in _FIELDS} | {"state_key": state.state_key, "checked_at": now}
        for state in states
    ]
    await connection.execute(statement, rows)


async def mark_checked(connection: AsyncConnection, source: str, numbers: Sequence[str], now: datetime) -> None:
    """Notes that the source was asked after these and had nothing to say."""
    await connection.execute(
        sa.update(dossiers)
        .where(dossiers.c.source == source, dossiers.c.number.in_(numbers))
        .values(checked_at=now)
    )


async def has_any(connection: AsyncConnection, source: str) -> bool:
    """Whether anything is known from that source."""
    found = await connection.scalar(sa.select(dossiers.c.number).where(dossiers.c.source == source).limit(1))
    return found is not None


async def totals(connection: AsyncConnection) -> list[tuple[str, int, datetime]]:
    """Per source: how many dossiers, and the newest news."""
    rows = await connection.execute(
        sa.select(dossiers.c.source, sa.func.count(), sa.func.max(dossiers.c.as_of))
        .group_by(dossiers.c.source)
        .order_by(dossiers.c.source)
    )
    return [(row[0], row[1], row[2]) for row in rows]


# --- tries ---

WRONG, SIGN, LOOK = "wrong", "sign", "look"  # no such number or sign; a wrong sign; a number looked up


def _count(column: sa.Column[str], kinds: tuple[str, ...], distinct: bool = False) -> sa.Select[int]:
    counted = sa.func.count(sa.distinct(dossier_tries.c.number)) if distinct else sa.func.count()
    return sa.select(counted).where(
        column == sa.bindparam("key"), dossier_tries.c.at > sa.bindparam("since"), dossier_tries.c.kind.in_(kinds)
    )


_WRONG_BY = {name: _count(dossier_tries.c[name], (WRONG, SIGN)) for name in ("person", "network")}
_SIGNS_OF = _count(dossier_tries.c.number, (SIGN,))
_LOOKED = _count(dossier_tries.c.person, (LOOK,), distinct=True)


async def wrong_tries(connection: AsyncConnection, by: str, key: str, since: datetime) -> int:
    """Wrong tries of a ``person`` or ``network`` since then."""
    return await connection.scalar(_WRONG_BY[by], {"key": key, "since": since}) or 0


async def wrong_signs(connection: AsyncConnection, number: str, since: datetime) -> int:
    """Wrong second signs given for a number (its hash), by anyone."""
    return await connection.scalar(_SIGNS_OF, {"key": number, "since": since}) or 0


async def numbers_looked_up(connection: AsyncConnection, person: str, since: datetime) -> int:
    """How many different numbers a person looked up."""
    return await connection.scalar(_LOOKED, {"key": person, "since": since}) or 0


async def add_try(
    connection: AsyncConnection, kind: str, person: str, network: str, number: str, now: datetime
) -> None:
    """Counts one try; hashes only."""
    values = {"kind": kind, "person": person, "network": network, "number": number, "at": now}
    await connection.execute(sa.insert(dossier_tries), values)


async def tidy(connection: AsyncConnection, before: datetime) -> None:
    """Forgets tries older than that."""
    await connection.execute(sa.delete(dossier_tries).where(dossier_tries.c.at < before))
