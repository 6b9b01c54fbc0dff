"""Runs through guides, one-time codes, slips for the counter, and what people said of the guides."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from pydantic import ValidationError
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.guides.keeping import Effect, Kept, Slip, hash_of
from bot.guides.run import Run
from bot.guides.schedule import reminder_at
from bot.messages import Place
from bot.store.database import Database
from bot.store.tables import guide_codes, guide_opinions, guide_runs, guide_slips
from bot.store.upsert import insert

_MINE = (
    guide_runs.c.channel == sa.bindparam("the_channel"),
    guide_runs.c.chat_id == sa.bindparam("the_chat"),
    guide_runs.c.user_id == sa.bindparam("the_user"),
)
_OPEN = (
    sa.select(guide_runs.c.state, guide_runs.c.changes, guide_runs.c.updated_at)
    .where(*_MINE, guide_runs.c.is_over.is_(False))
    .order_by(guide_runs.c.updated_at.desc(), guide_runs.c.id)
    .limit(8)
)


class GuideRuns:
    """bot/guides/keeping.py's contract on the database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def open_runs(self, place: Place) -> list[Kept]:
        """The person's unfinished runs, the newest first; one that can't be read is left out."""
        key = {"the_channel": place.channel, "the_chat": place.chat_id, "the_user": place.user_id}
        async with self._database.reading() as connection:
            rows = (await connection.execute(_OPEN, key)).all()
        return [kept for row in rows if (kept := _kept(row)) is not None]

    def saving(self, kept: Kept, run: Run, place: Place, now: datetime) -> Effect:
        """Writes the run; nothing when somebody else wrote it meanwhile."""
        values = _values(run, place, now)

        async def effect(connection: AsyncConnection) -> None:
            if kept.changes == 0:
                new = {**values, "id": run.id, "created_at": now, "changes": 1}
                await connection.execute(insert(connection, guide_runs).on_conflict_do_nothing(), new)
                return
            await connection.execute(
                sa.update(guide_runs)
                .where(guide_runs.c.id == run.id, guide_runs.c.changes == kept.changes)
                .values(**values, changes=kept.changes + 1)
            )

        return effect

    def dropping(self, run: Run) -> Effect:
        """Deletes a run with its codes and slips."""

        async def effect(connection: AsyncConnection) -> None:
            await _delete(connection, [run.id])

        return effect

    def handing(self, run: Run, code: str, until: datetime) -> Effect:
        """Notes a one-time code, hashed; an earlier one of the same run is void."""

        async def effect(connection: AsyncConnection) -> None:
            await connection.execute(sa.delete(guide_codes).where(guide_codes.c.run_id == run.id))
            values = {"hash": hash_of(code), "run_id": run.id, "until": until}
            await connection.execute(insert(connection, guide_codes).on_conflict_do_nothing(), values)

        return effect

    async def by_code(self, code: str, now: datetime) -> Kept | None:
        """The run of an unused code that has not expired."""
        query = (
            sa.select(guide_runs.c.state, guide_runs.c.changes, guide_runs.c.updated_at)
            .join(guide_codes, guide_codes.c.run_id == guide_runs.c.id)
            .where(guide_codes.c.hash == hash_of(code), guide_codes.c.until > now)
        )
        async with self._database.reading() as connection:
            row = (await connection.execute(query)).first()
        return _kept(row) if row is not None else None

    def taking(self, code: str, kept: Kept, run: Run, place: Place, now: datetime) -> Effect:
        """Uses up the code: the run is now here. Of two who try at once, one gets it."""

        async def effect(connection: AsyncConnection) -> None:
            used = await connection.execute(sa.delete(guide_codes).where(guide_codes.c.hash == hash_of(code)))
            if used.rowcount:
                await connection.execute(
                    sa.update(guide_runs)
                    .where(guide_runs.c.id == run.id)
                    .values(**_values(run, place, now), changes=guide_runs.c.changes + 1)
                )

        return effect

    def issuing(self, slip: Slip, run: Run) -> Effect:
        """Notes a slip for the counter; an earlier one of the same run is void."""

        async def effect(connection: AsyncConnection) -> None:
            await connection.execute(sa.delete(guide_slips).where(guide_slips.c.run_id == run.id))
            body = json.dumps({"title": slip.title, "lines": slip.lines}, ensure_ascii=False)
            values = {"code": slip.code, "run_id": run.id, "body": body, "until": slip.until}
            await connection.execute(insert(connection, guide_slips).on_conflict_do_nothing(), values)

        return effect

    async def slip(self, code: str, now: datetime) -> Slip | None:
        """The slip of that code, while it is valid."""
        query = sa.select(guide_slips).where(guide_slips.c.code == code, guide_slips.c.until > now)
        async with self._database.reading() as connection:
            row = (await connection.execute(query)).first()
        if row is None:
            return None
        body = json.loads(row.body)
        return Slip(row.code, body["title"], tuple(body["lines"]), row.until)

    def judging(self, guide: str, rating: int, words: str, now: datetime) -> Effect:
        """Keeps how it went, without the person."""

        async def effect(connection: AsyncConnection) -> None:
            values = {"guide": guide, "rating": rating, "words": words, "created_at": now}
            await connection.execute(sa.insert(guide_opinions), values)

        return effect

    async def due(self, now: datetime, limit: int = 200) -> list[tuple[Place, Kept]]:
        """Runs that are to be reminded of now, each with where the person is."""
        query = sa.select(guide_runs).where(guide_runs.c.remind_at <= now).order_by(guide_runs.c.remind_at)
        async with self._database.reading() as connection:
            rows = (await connection.execute(query.limit(limit))).all()
        found = [(Place(row.channel, row.chat_id, row.user_id, row.thread_id), _kept(row)) for row in rows]
        return [(place, kept) for place, kept in found if kept is not None]


async def reminded(connection: AsyncConnection, kept: Kept) -> bool:
    """Notes that the run was spoken of; False when it has changed since or another replica was faster."""
    run = kept.run.with_(reminded=True)
    changed = await connection.execute(
        sa.update(guide_runs)
        .where(guide_runs.c.id == run.id, guide_runs.c.changes == kept.changes)
        .values(state=run.model_dump_json(exclude_defaults=True), remind_at=None, changes=kept.changes + 1)
    )
    return bool(changed.rowcount)


async def forget_person(connection: AsyncConnection, channel: str, chat_id: str, user_id: str) -> None:
    """Deletes a person's runs in this chat with their codes and slips."""
    key = {"the_channel": channel, "the_chat": chat_id, "the_user": user_id}
    rows = await connection.execute(sa.select(guide_runs.c.id).where(*_MINE), key)
    await _delete(connection, [row.id for row in rows])


async def move_chat(connection: AsyncConnection, channel: str, old_id: str, new_id: str) -> None:
    """Carries the runs of a chat over to its new id."""
    here = (guide_runs.c.channel == channel, guide_runs.c.chat_id == old_id)
    await connection.execute(sa.update(guide_runs).where(*here).values(chat_id=new_id))


async def tidy(connection: AsyncConnection, now: datetime, keep: timedelta) -> None:
    """Deletes runs nobody touched for so long, finished ones after a day, and codes and slips that expired."""
    old = guide_runs.c.updated_at < now - keep
    over = guide_runs.c.is_over.is_(True) & (guide_runs.c.updated_at < now - timedelta(days=1))
    rows = await connection.execute(sa.select(guide_runs.c.id).where(old | over))
    await _delete(connection, [row.id for row in rows])
    for table in (guide_codes, guide_slips):
        await connection.execute(sa.delete(table).where(table.c.until < now))


async def _delete(connection: AsyncConnection, ids: list[str]) -> None:
    for table, column in (
        (guide_codes, guide_codes.c.run_id),
        (guide_slips, guide_slips.c.run_id),
        (guide_runs, guide_runs.c.id),
    ):
        if ids:
            await connection.execute(sa.delete(table).where(column.in_(ids)))


def _values(run: Run, place: Place, now: datetime) -> dict[str, Any]:
    return {
        "channel": place.channel,
        "chat_id": place.chat_id,
        "user_id": place.user_id,
        "thread_id": place.thread_id,
        "guide": run.guide,
        "state": run.model_dump_json(exclude_defaults=True),
        "updated_at": now,
        "remind_at": reminder_at(run, now),
        "is_over": run.is_over,
    }


def _kept(row: Any) -> Kept | None:
    try:
        return Kept(Run.model_validate_json(row.state), row.changes, row.updated_at)
    except ValidationError:  # written by a version that meant something else
        return None
