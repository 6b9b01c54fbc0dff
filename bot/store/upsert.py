"""INSERT that gives way to an existing row: the same words for both databases."""

from __future__ import annotations

from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection


def insert(connection: AsyncConnection, table: sa.Table) -> Any:
    """An insert that knows ``on_conflict_do_nothing`` and ``on_conflict_do_update``."""
    return _insert(connection.dialect.name, table)


@cache
def _insert(dialect: str, table: sa.Table) -> Any:
    return postgresql.insert(table) if dialect == "postgresql" else sqlite.insert(table)


@cache
def upsert(dialect: str, table: sa.Table) -> Any:
    """An insert that overwrites the other columns of a row with the same primary key."""
    statement = _insert(dialect, table)
    keys = [column.name for column in table.primary_key]
    others = {c.name: statement.excluded[c.name] for c in table.columns if c.name not in keys}
    return statement.on_conflict_do_update(index_elements=keys, set_=others)
