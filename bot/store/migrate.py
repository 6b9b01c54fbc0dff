"""Brings the database to the newest shape at start, under a lock so that replicas don't race."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.errors import StoreError

_FOLDER = Path(__file__).parent / "migrations"
HEAD = "0006"  # the newest revision; a test compares it with the folder


async def migrate(connection: AsyncConnection) -> None:
    """Upgrades to HEAD; raises StoreError for a database that a newer version has changed."""
    async with connection.begin():  # on SQLite BEGIN IMMEDIATE, which already shuts others out
        if connection.dialect.name == "postgresql":
            await connection.execute(sa.text("SELECT pg_advisory_xact_lock(7400)"))
        await connection.run_sync(_upgrade)


def _upgrade(connection: sa.Connection) -> None:
    if sa.inspect(connection).has_table("alembic_version"):
        current = connection.scalar(sa.text("SELECT version_num FROM alembic_version"))
        if current == HEAD:
            return
        if current is not None and current > HEAD:
            raise StoreError(f"database has revision {current}, newer than this program ({HEAD}): update it")
    from alembic import command  # slow to import, and needed only when there is something to do
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_FOLDER))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
