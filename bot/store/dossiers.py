"""The last known state of dossiers, and the tries that are counted against guessing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.dossiers.state import State
from bot.store.tables import Instant, dossier_tries, dossiers
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


@dataclass(frozen=True, slots=True)
class Tries:
    """What was tried before: wrong numbers and signs, wrong signs for this number, different numbers looked up."""

    by_person: int
    by_network: int
    signs_of_number: int
    looked_by_person: int
    looked_by_network: int


def _count(by: str, kinds: tuple[str, ...], since: str, distinct: bool = False) -> sa.ScalarSelect[int]:
    counted = sa.func.count(sa.distinct(dossier_tries.c.number)) if distinct else sa.func.count()
    return (
        sa.select(counted)
        .where(
            dossier_tries.c[by] == sa.bindparam(by),
            dossier_tries.c.at > sa.bindparam(since, type_=Instant),
            dossier_tries.c.kind.in_(kinds),
        )
        .scalar_subquery()
    )


_TRIES = sa.select(
    _count("person", (WRONG, SIGN), "hour"),
    _count("network", (WRONG, SIGN), "hour"),
    _count("number", (SIGN,), "day"),
    _count("person", (LOOK,), "hour", distinct=True),
    _count("network", (LOOK,), "hour", distinct=True),
)


async def tries(
    connection: AsyncConnection, person: str, network: str, number: str, hour: datetime, day: datetime
) -> Tries:
    """Counts since ``hour`` and ``day``; person, network and number are hashes."""
    values = {"person": person, "network": network, "number": number, "hour": hour, "day": day}
    return Tries(*(await connection.execute(_TRIES, values)).one())


async def add_try(
    connection: AsyncConnection, kind: str, person: str, network: str, number: str, now: datetime
) -> None:
    """Counts one try; hashes only."""
    values = {"kind": kind, "person": person, "network": network, "number": number, "at": now}
    await connection.execute(sa.insert(dossier_tries), values)


async def tidy(connection: AsyncConnection, before: datetime) -> None:
    """Forgets tries older than that."""
    await connection.execute(sa.delete(dossier_tries).where(dossier_tries.c.at < before))
