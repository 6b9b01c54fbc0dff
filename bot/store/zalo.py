"""What the Zalo channels want kept: sealed token pairs, the 7-day window, sent ids, templates, quota."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store.tables import (
    chats,
    zalo_bot_months,
    zalo_broadcasts,
    zalo_logins,
    zalo_people,
    zalo_sent,
    zalo_staff,
    zalo_templates,
    zalo_tokens,
)
from bot.store.upsert import insert, upsert

_KEEP_PEOPLE = timedelta(days=365)  # Zalo takes a template by user id for a year after the last word
_LONG_AGO = timedelta(days=400)


@dataclass(frozen=True, slots=True)
class SealedPair:
    """A token pair as it lies in the database: unreadable without the key."""

    sealed: str
    expires_at: datetime
    seed: str = ""
    problem: str = ""


async def load_pair(connection: AsyncConnection, oa_id: str) -> SealedPair | None:
    """The newest pair of an OA."""
    row = (await connection.execute(sa.select(zalo_tokens).where(zalo_tokens.c.oa_id == oa_id))).one_or_none()
    return None if row is None else SealedPair(row.sealed, row.expires_at, row.seed, row.problem)


async def save_pair(connection: AsyncConnection, oa_id: str, pair: SealedPair, now: datetime) -> None:
    """Replaces the pair, and with it an earlier problem."""
    values = {
        "oa_id": oa_id,
        "sealed": pair.sealed,
        "expires_at": pair.expires_at,
        "seed": pair.seed,
        "problem": pair.problem,
        "saved_at": now,
    }
    await connection.execute(upsert(connection.dialect.name, zalo_tokens), values)


async def note_problem(connection: AsyncConnection, oa_id: str, problem: str) -> None:
    """What is wrong with the pair, for the doctor and all replicas."""
    mine = sa.update(zalo_tokens).where(zalo_tokens.c.oa_id == oa_id)
    await connection.execute(mine.values(problem=problem[:500]))


async def begin_login(connection: AsyncConnection, state: str, sealed: str, now: datetime) -> None:
    """Keeps a consent that was begun."""
    await connection.execute(sa.insert(zalo_logins).values(state=state, sealed=sealed, begun_at=now))


async def take_login(connection: AsyncConnection, state: str, since: datetime) -> tuple[str, str, datetime] | None:
    """State, sealed verifier and time of the consent; each is given out once."""
    asked = sa.select(zalo_logins).where(zalo_logins.c.begun_at >= since)
    if state:
        asked = asked.where(zalo_logins.c.state == state)
    row = (await connection.execute(asked.order_by(zalo_logins.c.begun_at.desc()).limit(1))).one_or_none()
    if row is None:
        return None
    gone = await connection.execute(sa.delete(zalo_logins).where(zalo_logins.c.state == row.state))
    return (row.state, row.sealed, row.begun_at) if gone.rowcount else None


async def heard(
    connection: AsyncConnection, channel: str, oa_id: str, people: Sequence[tuple[str, datetime]]
) -> list[bool]:
    """These people wrote at these times (events may come out of order: the latest counts)."""
    statement = insert(connection, zalo_people)
    excluded = statement.excluded
    latest = sa.case(
        (zalo_people.c.last_heard_at > excluded.last_heard_at, zalo_people.c.last_heard_at),
        else_=excluded.last_heard_at,
    )
    statement = statement.on_conflict_do_update(
        index_elements=["oa_id", "user_id"], set_={"last_heard_at": latest, "is_closed": sa.false()}
    )
    rows = [
        {"oa_id": oa_id, "user_id": user_id, "last_heard_at": at, "is_closed": False}
        for user_id, at in sorted(people)  # replicas in one order: no deadlock
    ]
    await connection.execute(statement, rows)
    here = (chats.c.channel == channel, chats.c.chat_id.in_([user_id for user_id, _ in people]))
    await connection.execute(
        sa.update(chats)
        .where(*here, chats.c.reachable.is_(False))
        .values(reachable=True, changed_at=max(at for _, at in people))
    )
    return [True] * len(people)


async def last_heard(connection: AsyncConnection, oa_id: str, user_id: str) -> datetime | None:
    """When the person wrote last; long ago when Zalo said that the window is closed; None: not known."""
    mine = (zalo_people.c.oa_id == oa_id, zalo_people.c.user_id == user_id)
    row = (await connection.execute(sa.select(zalo_people).where(*mine))).one_or_none()
    if row is None:
        return None
    at: datetime = row.last_heard_at
    return at - _LONG_AGO if row.is_closed else at


async def close_window(connection: AsyncConnection, oa_id: str, user_id: str, at: datetime) -> None:
    """Zalo refused a message because of the window, whatever we had noted."""
    values = {"oa_id": oa_id, "user_id": user_id, "last_heard_at": at, "is_closed": True}
    statement = insert(connection, zalo_people).on_conflict_do_update(
        index_elements=["oa_id", "user_id"], set_={"is_closed": sa.true()}
    )
    await connection.execute(statement, values)


async def forget(connection: AsyncConnection, user_id: str) -> None:
    """All that is kept of a person here."""
    await connection.execute(sa.delete(zalo_people).where(zalo_people.c.user_id == user_id))
    await connection.execute(sa.delete(zalo_sent).where(zalo_sent.c.chat_id == user_id))
    await connection.execute(sa.delete(zalo_staff).where(zalo_staff.c.user_id == user_id))


async def staff_wrote(connection: AsyncConnection, oa_id: str, user_id: str, until: datetime) -> None:
    """Staff answer this person by hand until then (events may come out of order: the latest counts)."""
    statement = insert(connection, zalo_staff)
    statement = statement.on_conflict_do_update(
        index_elements=["oa_id", "user_id"],
        set_={"until": statement.excluded.until},
        where=zalo_staff.c.until < statement.excluded.until,
    )
    await connection.execute(statement, {"oa_id": oa_id, "user_id": user_id, "until": until})


async def with_staff(connection: AsyncConnection, oa_id: str, since: datetime) -> dict[str, datetime]:
    """Whom staff answered by hand, and until when, where that ended after ``since``."""
    asked = sa.select(zalo_staff.c.user_id, zalo_staff.c.until)
    rows = await connection.execute(asked.where(zalo_staff.c.oa_id == oa_id, zalo_staff.c.until > since))
    return {row.user_id: row.until for row in rows}


async def note_sent(connection: AsyncConnection, message_id: str, chat_id: str, at: datetime) -> None:
    """The platform's id of a message of ours."""
    statement = insert(connection, zalo_sent).on_conflict_do_nothing(index_elements=["message_id"])
    await connection.execute(statement, {"message_id": message_id[:100], "chat_id": chat_id, "sent_at": at})


async def is_sent(connection: AsyncConnection, message_id: str) -> bool:
    """Whether a message is one of ours (of the last days)."""
    found = sa.select(zalo_sent.c.message_id).where(zalo_sent.c.message_id == message_id[:100])
    return await connection.scalar(found) is not None


async def begin_template(
    connection: AsyncConnection, tracking_id: str, template: str, sent_by: str, now: datetime, patience: timedelta
) -> str:
    """Opens a line (``new``), also anew after a failure or ``patience`` without an answer; else ``asked``
    (it may be on its way) or ``sent``."""
    values = {
        "tracking_id": tracking_id,
        "template": template,
        "sent_by": sent_by,
        "state": "asked",
        "begun_at": now,
    }
    statement = insert(connection, zalo_templates).on_conflict_do_nothing(index_elements=["tracking_id"])
    if (await connection.execute(statement, values)).rowcount:
        return "new"
    mine = zalo_templates.c.tracking_id == tracking_id
    may_begin = sa.or_(
        zalo_templates.c.state == "failed",
        sa.and_(zalo_templates.c.state == "asked", zalo_templates.c.begun_at <= now - patience),
    )
    again = sa.update(zalo_templates).where(mine, may_begin).values(state="asked", reason="", begun_at=now)
    if (await connection.execute(again)).rowcount:
        return "new"
    return str(await connection.scalar(sa.select(zalo_templates.c.state).where(mine)))


async def settle_template(
    connection: AsyncConnection, tracking_id: str, state: str, message_id: str, reason: str
) -> None:
    """What became of a template message."""
    mine = sa.update(zalo_templates).where(zalo_templates.c.tracking_id == tracking_id)
    await connection.execute(mine.values(state=state, message_id=message_id[:100], reason=reason[:300]))


def _template(message_id: str, tracking_id: str) -> sa.ColumnElement[bool]:
    by_id = sa.and_(zalo_templates.c.message_id == message_id[:100], zalo_templates.c.message_id != "")
    return sa.or_(by_id, zalo_templates.c.tracking_id == tracking_id) if tracking_id else by_id


async def has_template(connection: AsyncConnection, message_id: str, tracking_id: str) -> bool:
    """Whether an event is about a template message of ours (most are about ordinary messages)."""
    found = sa.select(zalo_templates.c.tracking_id).where(_template(message_id, tracking_id))
    return await connection.scalar(found) is not None


async def mark_template(connection: AsyncConnection, message_id: str, tracking_id: str, **changes: object) -> None:
    """Delivery or rating of a template message."""
    await connection.execute(sa.update(zalo_templates).where(_template(message_id, tracking_id)).values(**changes))


async def begin_broadcast(
    connection: AsyncConnection, oa_id: str, article_id: str, target: dict[str, object], now: datetime
) -> int:
    """Notes a broadcast before it is asked for; its row id."""
    values = {
        "oa_id": oa_id,
        "article_id": article_id,
        "target": json.dumps(target, sort_keys=True),
        "state": "asked",
        "begun_at": now,
    }
    row_id = await connection.scalar(sa.insert(zalo_broadcasts).values(values).returning(zalo_broadcasts.c.id))
    assert row_id is not None
    return int(row_id)


async def broadcasts_since(
    connection: AsyncConnection, oa_id: str, since: datetime
) -> list[tuple[str, str, datetime]]:
    """Article, state and time of the broadcasts since then that went or may have gone."""
    rows = await connection.execute(
        sa.select(zalo_broadcasts.c.article_id, zalo_broadcasts.c.state, zalo_broadcasts.c.begun_at).where(
            zalo_broadcasts.c.oa_id == oa_id,
            zalo_broadcasts.c.begun_at >= since,
            zalo_broadcasts.c.state != "failed",
        )
    )
    return [(row.article_id, row.state, row.begun_at) for row in rows]


async def settle_broadcast(
    connection: AsyncConnection, row_id: int, state: str, message_id: str, reason: str
) -> None:
    """What became of a broadcast."""
    mine = sa.update(zalo_broadcasts).where(zalo_broadcasts.c.id == row_id)
    await connection.execute(mine.values(state=state, message_id=message_id[:100], reason=reason[:300]))


async def count_bot_message(connection: AsyncConnection, bot_id: str, month: str) -> int:
    """One more message of a Bot in a month; how many that makes."""
    statement = insert(connection, zalo_bot_months).on_conflict_do_update(
        index_elements=["bot_id", "month"], set_={"sent": zalo_bot_months.c.sent + 1}
    )
    values = {"bot_id": bot_id, "month": month, "sent": 1}
    return int(await connection.scalar(statement.returning(zalo_bot_months.c.sent), values) or 0)


async def bot_messages(connection: AsyncConnection, bot_id: str, month: str) -> int:
    """How many messages a Bot has sent in a month."""
    mine = (zalo_bot_months.c.bot_id == bot_id, zalo_bot_months.c.month == month)
    return int(await connection.scalar(sa.select(zalo_bot_months.c.sent).where(*mine)) or 0)


async def tidy(connection: AsyncConnection, before: datetime, now: datetime) -> None:
    """Deletes sent ids and consents older than ``before``, and what is older than a year."""
    await connection.execute(sa.delete(zalo_staff).where(zalo_staff.c.until < now - timedelta(days=1)))
    year = now - _KEEP_PEOPLE
    await connection.execute(sa.delete(zalo_sent).where(zalo_sent.c.sent_at < before))
    await connection.execute(sa.delete(zalo_logins).where(zalo_logins.c.begun_at < before))
    await connection.execute(sa.delete(zalo_people).where(zalo_people.c.last_heard_at < year))
    await connection.execute(sa.delete(zalo_templates).where(zalo_templates.c.begun_at < year))
