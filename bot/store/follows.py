"""Who follows which dossier, what they were told last, and how satisfied they were."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.dossiers.state import State
from bot.messages import Place
from bot.store.dossiers import state_of
from bot.store.tables import dossier_ratings, dossier_tries, dossiers, follows
from bot.store.upsert import insert

UNKNOWN = 0  # a status told: nothing is known yet; the official ones begin at 1


@dataclass(frozen=True, slots=True)
class Follow:
    """One person and one dossier."""

    id: int
    place: Place
    number: str
    source: str
    verified: bool
    following: bool
    told_status: int
    told_key: str


def mine(place: Place) -> tuple[sa.ColumnElement[bool], ...]:
    return (
        follows.c.channel == place.channel,
        follows.c.chat_id == place.chat_id,
        follows.c.user_id == place.user_id,
    )


def _follow(row: sa.Row[tuple[object, ...]]) -> Follow:
    place = Place(row.channel, row.chat_id, row.user_id)
    return Follow(row.id, place, row.number, row.source, row.verified, row.following, row.told_status, row.told_key)


async def save(
    connection: AsyncConnection,
    place: Place,
    state: State,
    now: datetime,
    *,
    verified: bool | None = None,
    following: bool | None = None,
) -> None:
    """Notes a person's tie to a dossier as they see it now; None leaves as it was."""
    statement = insert(connection, follows)
    told = {"told_status": state.status, "told_key": state.state_key, "source": state.source, "updated_at": now}
    given = {"verified": verified, "following": following}
    changes = told | {name: value for name, value in given.items() if value is not None}
    statement = statement.on_conflict_do_update(
        index_elements=["channel", "chat_id", "user_id", "number"], set_=changes
    )
    await connection.execute(
        statement,
        {
            "channel": place.channel,
            "chat_id": place.chat_id,
            "user_id": place.user_id,
            "number": state.number,
            **told,
            "verified": bool(verified),
            "following": bool(following),
        },
    )


async def of_person(connection: AsyncConnection, place: Place) -> list[Follow]:
    """All ties of a person, oldest first."""
    rows = await connection.execute(sa.select(follows).where(*mine(place)).order_by(follows.c.id))
    return [_follow(row) for row in rows]


async def of_dossier(connection: AsyncConnection, place: Place, number: str) -> Follow | None:
    """The tie of a person to one dossier."""
    row = (await connection.execute(sa.select(follows).where(*mine(place), follows.c.number == number))).first()
    return _follow(row) if row else None


async def stop(connection: AsyncConnection, place: Place, id_: int | None = None) -> None:
    """Ends one following of this person, or all."""
    which = mine(place) if id_ is None else (*mine(place), follows.c.id == id_)
    await connection.execute(sa.update(follows).where(*which).values(following=False))


_JOINED = sa.select(follows, *(column.label(f"d_{column.name}") for column in dossiers.columns)).select_from(
    follows.join(dossiers, sa.and_(dossiers.c.number == follows.c.number, dossiers.c.source == follows.c.source))
)
_CHANGED = (
    _JOINED.where(
        follows.c.following.is_(True),
        follows.c.id > sa.bindparam("after"),
        sa.or_(
            dossiers.c.status != follows.c.told_status,
            sa.and_(follows.c.verified.is_(True), dossiers.c.state_key != follows.c.told_key),
        ),
    )
    .order_by(follows.c.id)
    .limit(sa.bindparam("most"))
)
_DUE = (
    _JOINED.where(
        follows.c.following.is_(True),
        follows.c.verified.is_(True),
        follows.c.id > sa.bindparam("after"),
        dossiers.c.due == sa.bindparam("due", type_=sa.Date),
        dossiers.c.status.in_(sa.bindparam("statuses", expanding=True)),
        sa.or_(follows.c.reminded_for.is_(None), follows.c.reminded_for != dossiers.c.due),
    )
    .order_by(follows.c.id)
    .limit(sa.bindparam("most"))
)


class _Dossier:
    """The dossier's columns of a joined row."""

    def __init__(self, row: sa.Row[tuple[object, ...]]) -> None:
        self._row = row

    def __getattr__(self, name: str) -> object:
        return getattr(self._row, f"d_{name}")


def _both(rows: Sequence[sa.Row[tuple[object, ...]]]) -> list[tuple[Follow, State]]:
    return [(_follow(row), state_of(_Dossier(row))) for row in rows]


async def due(
    connection: AsyncConnection, day: date, statuses: Sequence[int], after: int, most: int
) -> list[tuple[Follow, State]]:
    """Followings whose dossier is promised for that day and whose person was not reminded."""
    values = {"due": day, "statuses": list(statuses), "after": after, "most": most}
    return _both((await connection.execute(_DUE, values)).all())


_TOLD = (
    sa.update(follows)
    .where(follows.c.id == sa.bindparam("row"))
    .values({name: sa.bindparam(f"new_{name}") for name in ("told_status", "told_key", "following", "updated_at")})
)


async def take_changed(
    connection: AsyncConnection, after: int, most: int, ending: Collection[int], now: datetime
) -> list[tuple[Follow, State]]:
    """Followings to be told of a change, noted as told in the caller's transaction: the notices must be queued
    in the same one. Those whose new status is ``ending`` are followed no more."""
    statement = _CHANGED
    if connection.dialect.name == "postgresql":  # on SQLite the transaction shuts other writers out anyway
        statement = statement.with_for_update(of=follows, skip_locked=True)
    both = _both((await connection.execute(statement, {"after": after, "most": most})).all())
    if both:
        await connection.execute(
            _TOLD,
            [
                {
                    "row": follow.id,
                    "new_told_status": state.status,
                    "new_told_key": state.state_key,
                    "new_following": state.status not in ending,
                    "new_updated_at": now,
                }
                for follow, state in both
            ],
        )
    return both


async def mark_reminded(connection: AsyncConnection, follow: Follow, due: date) -> bool:
    """Notes the reminder for that day; False when it was given."""
    statement = sa.update(follows).where(
        follows.c.id == follow.id,
        follows.c.following.is_(True),
        sa.or_(follows.c.reminded_for.is_(None), follows.c.reminded_for != due),
    )
    return bool((await connection.execute(statement.values(reminded_for=due))).rowcount)


async def to_poll(connection: AsyncConnection, source: str, before: datetime, most: int) -> list[str]:
    """Followed numbers that the source was not asked after since then, the longest waiting first."""
    rows = await connection.scalars(
        sa.select(dossiers.c.number)
        .where(
            dossiers.c.source == source,
            dossiers.c.checked_at < before,
            sa.exists().where(
                follows.c.number == dossiers.c.number,
                follows.c.source == dossiers.c.source,
                follows.c.following.is_(True),
            ),
        )
        .order_by(dossiers.c.checked_at)
        .limit(most)
    )
    return list(rows)


async def rate(
    connection: AsyncConnection, place: Place, tie: int, unit: str, procedure_code: str, stars: int, now: datetime
) -> None:
    """Keeps a rating, in place of an earlier one of the same tie."""
    mine = (
        dossier_ratings.c.tie == tie,
        dossier_ratings.c.channel == place.channel,
        dossier_ratings.c.chat_id == place.chat_id,
        dossier_ratings.c.user_id == place.user_id,
    )
    await connection.execute(sa.delete(dossier_ratings).where(*mine))
    await connection.execute(
        sa.insert(dossier_ratings),
        {
            "channel": place.channel,
            "chat_id": place.chat_id,
            "user_id": place.user_id,
            "tie": tie,
            "unit": unit,
            "procedure_code": procedure_code,
            "stars": stars,
            "at": now,
        },
    )


async def rate_word(connection: AsyncConnection, place: Place, tie: int, word: str) -> None:
    """Adds a word to a rating of this person."""
    await connection.execute(
        sa.update(dossier_ratings)
        .where(
            dossier_ratings.c.tie == tie,
            dossier_ratings.c.channel == place.channel,
            dossier_ratings.c.chat_id == place.chat_id,
            dossier_ratings.c.user_id == place.user_id,
        )
        .values(word=word[:500])
    )


async def forget_person(connection: AsyncConnection, place: Place, person: str) -> None:
    """Deletes a person's follows, ratings and tries (``person``: their hash)."""
    for table in (follows, dossier_ratings):
        await connection.execute(
            sa.delete(table).where(
                table.c.channel == place.channel,
                table.c.chat_id == place.chat_id,
                table.c.user_id == place.user_id,
            )
        )
    await connection.execute(sa.delete(dossier_tries).where(dossier_tries.c.person == person))


async def move_chat(connection: AsyncConnection, channel: str, old_id: str, new_id: str) -> None:
    """A chat goes on under a new id; what stands there already wins."""
    known = sa.select(follows.c.number).where(follows.c.channel == channel, follows.c.chat_id == new_id)
    old = (follows.c.channel == channel, follows.c.chat_id == old_id)
    await connection.execute(sa.update(follows).where(*old, follows.c.number.not_in(known)).values(chat_id=new_id))
    await connection.execute(sa.delete(follows).where(*old))


async def tidy(connection: AsyncConnection, before: datetime) -> None:
    """Forgets ties that ended before that time, numbers no source ever knew, and ratings older than it."""
    over = sa.or_(follows.c.following.is_(False), follows.c.told_status == UNKNOWN)
    await connection.execute(sa.delete(follows).where(over, follows.c.updated_at < before))
