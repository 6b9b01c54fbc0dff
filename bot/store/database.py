"""Opens the database and gives two doors: ``reading`` and ``write``.

On SQLite all writes of a moment share one transaction, so that one flush to disk serves them all;
on PostgreSQL each has its own. A write is a function of a connection that may be run again.
"""

from __future__ import annotations

import asyncio
import fcntl
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from bot.errors import StoreError
from bot.store.migrate import migrate

T = TypeVar("T")
Change = Callable[[AsyncConnection], Awaitable[Any]]
Write = tuple[Change, asyncio.Future[Any]]
_BATCH = 64  # changes that share one SQLite transaction
_TURNS_AT_ONCE = 8  # each holds one connection, and may need one more to read or write: both must be there
_PATIENCE = 3600.0  # seconds to wait for a free connection: in a rush work waits, it does not fail


class Database:
    """One database, open. Make it with ``await Database.open(url)``, end with ``close``."""

    def __init__(self, reader: AsyncEngine, writer: AsyncEngine) -> None:
        self._reader = reader
        self._writer = writer
        self.is_sqlite = reader.dialect.name == "sqlite"
        self._first: list[Write] = []
        self._queue: list[Write] = []
        self._flusher: asyncio.Task[None] | None = None
        self._turns = asyncio.Semaphore(_TURNS_AT_ONCE)

    @classmethod
    async def open(cls, url: str) -> Database:
        """Connects and migrates; raises StoreError with one line when that is impossible."""
        try:
            reader, writer = _engines(url)
            try:
                async with _one_at_a_time(reader), writer.connect() as connection:
                    await migrate(connection)
            except BaseException:
                await writer.dispose()
                raise
            return cls(reader, writer)
        except (SQLAlchemyError, OSError, ImportError, ValueError) as error:
            reason = str(getattr(error, "orig", None) or error).splitlines()[0]
            raise StoreError(f"database can't be opened: {reason}") from error

    async def close(self) -> None:
        """Finishes what is being written and closes all connections."""
        while self._flusher is not None and not self._flusher.done():
            await asyncio.wait([self._flusher])
        await self._reader.dispose()
        await self._writer.dispose()

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncConnection]:
        """A connection for reading only."""
        async with self._reader.connect() as connection:
            yield connection

    @asynccontextmanager
    async def turn(self, channel: str, chat_id: str) -> AsyncIterator[AsyncConnection]:
        """A reading connection that, on PostgreSQL, holds the chat's lock against other replicas."""
        async with self._turns, self._reader.connect() as connection:
            if self.is_sqlite:
                yield connection
                return
            key = zlib.crc32(f"{channel}:{chat_id}".encode())
            await connection.execute(sa.text("SELECT pg_advisory_xact_lock(7401, :key)"), {"key": key - 2**31})
            yield connection

    @asynccontextmanager
    async def alone(self, name: str, wait: bool = False) -> AsyncIterator[bool]:
        """Holds the lock of that name against all other processes on this database while inside.

        Yields whether it was got; with ``wait`` it always is, in the end. A crash releases it.
        """
        if self.is_sqlite:
            async with _file_lock(Path(f"{self._reader.url.database}.{name}.lock"), wait) as is_ours:
                yield is_ours
            return
        ask = "pg_advisory_xact_lock" if wait else "pg_try_advisory_xact_lock"
        async with self._reader.connect() as connection:
            key = zlib.crc32(name.encode()) - 2**31
            got = await connection.scalar(sa.text(f"SELECT {ask}(7402, :key)"), {"key": key})
            yield wait or bool(got)

    async def write(self, change: Callable[[AsyncConnection], Awaitable[T]], first: bool = False) -> T:
        """Runs ``change`` in a transaction and returns its result once it is committed; with ``first``
        before all that waits."""
        if not self.is_sqlite:
            async with self._writer.begin() as connection:
                return await change(connection)
        future: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        (self._first if first else self._queue).append((change, future))
        if self._flusher is None or self._flusher.done():
            self._flusher = asyncio.create_task(self._flush())
        return await future

    async def _flush(self) -> None:
        while batch := self._next():
            try:
                await self._commit(batch)
            except Exception as error:
                if len(batch) == 1:
                    _settle(batch[0][1], error=error)
                    continue
                for change, future in batch:  # one of them is at fault: let it fail alone
                    try:
                        await self._commit([(change, future)])
                    except Exception as single:
                        _settle(future, error=single)

    def _next(self) -> list[Write]:
        if self._first:
            batch = [self._first.pop(0)]
        else:
            batch, self._queue = self._queue[:_BATCH], self._queue[_BATCH:]
        return batch

    async def _commit(self, batch: list[Write]) -> None:
        """Writes the batch; what goes first and comes meanwhile waits for one change, not for all of them."""
        results: list[Any] = []
        async with self._writer.begin() as connection:
            for change, _ in batch:
                results.append(await change(connection))
                if self._first:
                    break
        for (_, future), result in zip(batch, results, strict=False):
            _settle(future, result=result)
        self._queue[:0] = batch[len(results) :]


@asynccontextmanager
async def _file_lock(path: Path, wait: bool) -> AsyncIterator[bool]:
    """A lock on a file beside the database; the system releases it when the process dies."""
    with path.open("w") as lock:
        try:
            if wait:
                await asyncio.to_thread(fcntl.flock, lock, fcntl.LOCK_EX)
            else:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            is_ours = True
        except BlockingIOError:
            is_ours = False
        yield is_ours


@asynccontextmanager
async def _one_at_a_time(engine: AsyncEngine) -> AsyncIterator[None]:
    """Turning a new SQLite file to WAL fails at once, without waiting, when two try together."""
    path = engine.url.database
    if engine.dialect.name != "sqlite" or not path:
        yield
        return
    async with _file_lock(Path(path + ".lock"), wait=True):
        yield


def _settle(future: asyncio.Future[Any], result: object = None, error: Exception | None = None) -> None:
    if future.done():  # the waiter was cancelled
        return
    if error is not None:
        future.set_exception(error)
    else:
        future.set_result(result)


def _engines(url: str) -> tuple[AsyncEngine, AsyncEngine]:
    if not url.startswith("sqlite"):
        engine = create_async_engine(
            url, pool_size=2 * _TURNS_AT_ONCE, max_overflow=8, pool_pre_ping=True, pool_timeout=_PATIENCE
        )
        return engine, engine
    reader = create_async_engine(
        url,
        pool_size=_TURNS_AT_ONCE,
        max_overflow=_TURNS_AT_ONCE + 8,
        pool_timeout=_PATIENCE,
        isolation_level="AUTOCOMMIT",
        pool_reset_on_return=None,
    )
    writer = create_async_engine(url, pool_size=1, max_overflow=0)
    for engine in (reader, writer):
        _prepare_sqlite(engine)

    @sa.event.listens_for(writer.sync_engine, "begin")
    def on_begin(connection: sa.Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return reader, writer


def _prepare_sqlite(engine: AsyncEngine) -> None:
    """WAL so that readers never wait; FULL so that a commit survives a power cut; our own BEGIN,
    as https://docs.sqlalchemy.org/en/20/dialects/sqlite.html advises."""

    @sa.event.listens_for(engine.sync_engine, "connect")
    def on_connect(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in ("busy_timeout=10000", "journal_mode=WAL", "synchronous=FULL", "temp_store=MEMORY"):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()
