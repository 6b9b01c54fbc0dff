"""Replies on their way out: written with the turn, claimed by one sender, settled as sent or failed."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.messages import Button, Delivery, Form, Place, Reply
from bot.store.tables import outbox

ANSWER, NOTICE, ANNOUNCEMENT = 0, 1, 2  # who goes first

# Built once: building statements is what a turn would spend most of its time on.
_ADD = sa.insert(outbox).returning(outbox.c.id)
_SETTLE = (
    sa.update(outbox)
    .where(outbox.c.id == sa.bindparam("row"))
    .values({name: sa.bindparam(name) for name in ("state", "settled_at", "reason")})
)


def _body(reply: Reply) -> str:
    buttons = [[button.label, button.value, button.url] for button in reply.buttons]
    form = {"form": [reply.form.name, reply.form.values]} if reply.form else {}
    return json.dumps({"text": reply.text, "buttons": buttons, **form}, ensure_ascii=False)


def reply_of(body: str) -> Reply:
    """The reply as it was stored."""
    data = json.loads(body)
    name, values = data.get("form", ("", ()))
    form = Form(name, tuple((key, value) for key, value in values)) if name else None
    return Reply(data["text"], tuple(Button(*button) for button in data["buttons"]), form)


async def add(
    connection: AsyncConnection,
    place: Place,
    replies: Sequence[Reply],
    claim: tuple[str, datetime],
    now: datetime,
    priority: int = ANSWER,
) -> list[Delivery]:
    """Queues replies or notices, already claimed by the sender of this process."""
    deliveries = []
    for reply in replies:
        values = {
            "channel": place.channel,
            "chat_id": place.chat_id,
            "thread_id": place.thread_id,
            "user_id": place.user_id,
            "body": _body(reply),
            "state": "pending",
            "priority": priority,
            "created_at": now,
            "claimed_by": claim[0],
            "claimed_until": claim[1],
        }
        row_id = await connection.scalar(_ADD, values)
        assert row_id is not None
        deliveries.append(Delivery(row_id, place.channel, place.chat_id, place.thread_id, reply, priority=priority))
    return deliveries


_ADD_MANY = sa.insert(outbox).returning(outbox.c.id, sort_by_parameter_order=True)


async def add_many(
    connection: AsyncConnection,
    parts: Sequence[tuple[Place, Reply]],
    claim: tuple[str, datetime],
    now: datetime,
    priority: int,
) -> list[Delivery]:
    """Queues many notices, each for its own place, in few statements."""
    if not parts:
        return []
    rows = [
        {
            "channel": place.channel,
            "chat_id": place.chat_id,
            "thread_id": place.thread_id,
            "user_id": place.user_id,
            "body": _body(reply),
            "state": "pending",
            "priority": priority,
            "created_at": now,
            "claimed_by": claim[0],
            "claimed_until": claim[1],
        }
        for place, reply in parts
    ]
    ids = (await connection.scalars(_ADD_MANY, rows)).all()
    return [
        Delivery(row_id, place.channel, place.chat_id, place.thread_id, reply)
        for row_id, (place, reply) in zip(ids, parts, strict=True)
    ]


async def settle(
    connection: AsyncConnection, row_id: int, state: str, now: datetime, reason: str | None = None
) -> None:
    """Ends a delivery as ``sent`` or ``failed``, with the reason."""
    values = {"row": row_id, "state": state, "settled_at": now, "reason": reason and reason[:300]}
    await connection.execute(_SETTLE, values)


async def count_attempt(connection: AsyncConnection, row_id: int, reason: str) -> None:
    """Notes a failed try that will be repeated."""
    await connection.execute(
        sa.update(outbox).where(outbox.c.id == row_id).values(attempts=outbox.c.attempts + 1, reason=reason[:300])
    )


async def claim(
    connection: AsyncConnection, channels: Sequence[str], owner: str, until: datetime, now: datetime
) -> list[Delivery]:
    """Takes over deliveries whose sender is gone; SKIP LOCKED lets replicas share them."""
    free = (
        sa.select(outbox.c.id)
        .where(
            outbox.c.state == "pending",
            outbox.c.channel.in_(channels),
            sa.or_(outbox.c.claimed_until.is_(None), outbox.c.claimed_until <= now),
        )
        .order_by(outbox.c.priority, outbox.c.id)
        .limit(500)
    )
    if connection.dialect.name == "postgresql":
        free = free.with_for_update(skip_locked=True)
    ids = list(await connection.scalars(free))
    if not ids:
        return []
    await connection.execute(
        sa.update(outbox).where(outbox.c.id.in_(ids)).values(claimed_by=owner, claimed_until=until)
    )
    rows = await connection.execute(
        sa.select(outbox).where(outbox.c.id.in_(ids)).order_by(outbox.c.priority, outbox.c.id)
    )
    return [
        Delivery(row.id, row.channel, row.chat_id, row.thread_id, reply_of(row.body), row.attempts, row.priority)
        for row in rows
    ]


async def postpone(connection: AsyncConnection, row_id: int, until: datetime, reason: str) -> None:
    """Lets go of a delivery that can leave only at a later time; a sweep after it takes it up again."""
    values = {"claimed_by": None, "claimed_until": until, "attempts": outbox.c.attempts + 1, "reason": reason[:300]}
    await connection.execute(sa.update(outbox).where(outbox.c.id == row_id).values(values))


async def renew(connection: AsyncConnection, owner: str, until: datetime) -> None:
    """Keeps this process's claims alive."""
    await connection.execute(
        sa.update(outbox)
        .where(outbox.c.claimed_by == owner, outbox.c.state == "pending")
        .values(claimed_until=until)
    )


async def release(connection: AsyncConnection, channels: Sequence[str]) -> None:
    """Frees all claims; only for SQLite at start, when no other process can be sending."""
    await connection.execute(
        sa.update(outbox)
        .where(outbox.c.state == "pending", outbox.c.channel.in_(channels))
        .values(claimed_until=None)
    )


async def fail_chat(connection: AsyncConnection, channel: str, chat_id: str, reason: str, now: datetime) -> None:
    """Gives up everything that waits for a chat that can't be reached."""
    await connection.execute(
        sa.update(outbox)
        .where(outbox.c.channel == channel, outbox.c.chat_id == chat_id, outbox.c.state == "pending")
        .values(state="failed", settled_at=now, reason=reason)
    )
