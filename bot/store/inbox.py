"""Messages in: stored once before the platform gets its answer, done when their turn is committed."""

from __future__ import annotations

import json
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.messages import Kind, Message
from bot.store.tables import inbox
from bot.store.upsert import insert


def _body(message: Message) -> str:
    return json.dumps(
        {
            "text": message.text,
            "kind": message.kind.value,
            "tapped": message.tapped,
            "in_group": message.in_group,
            "thread_id": message.thread_id,
        },
        ensure_ascii=False,
    )


async def add(connection: AsyncConnection, message: Message) -> bool:
    """Stores the message; False when the platform had delivered it before."""
    statement = (
        insert(connection, inbox)
        .values(
            channel=message.channel,
            message_id=message.message_id,
            chat_id=message.chat_id,
            user_id=message.user_id,
            body=_body(message),
            received_at=message.received_at,
        )
        .on_conflict_do_nothing(index_elements=["channel", "message_id"])
    )
    return bool((await connection.execute(statement)).rowcount)


async def waiting(connection: AsyncConnection, channel: str, chat_id: str) -> list[tuple[int, int, Message]]:
    """The messages of one chat that wait for their turn, oldest first: (row, earlier attempts, message)."""
    rows = await connection.execute(
        sa.select(inbox)
        .where(inbox.c.channel == channel, inbox.c.chat_id == chat_id, inbox.c.done_at.is_(None))
        .order_by(inbox.c.id)
        .limit(50)
    )
    return [(row.id, row.attempts, _message(row)) for row in rows]


def _message(row: sa.Row[tuple[object, ...]]) -> Message:
    body = json.loads(row.body)
    return Message(
        channel=row.channel,
        chat_id=row.chat_id,
        user_id=row.user_id,
        message_id=row.message_id,
        received_at=row.received_at,
        text=body["text"],
        kind=Kind(body["kind"]),
        tapped=body["tapped"],
        in_group=body["in_group"],
        thread_id=body["thread_id"],
    )


async def finish(connection: AsyncConnection, row_id: int, now: datetime) -> bool:
    """Marks a message done; False when another replica was faster (then nothing may be sent)."""
    result = await connection.execute(
        sa.update(inbox).where(inbox.c.id == row_id, inbox.c.done_at.is_(None)).values(done_at=now)
    )
    return bool(result.rowcount)


async def left_behind(connection: AsyncConnection, channels: list[str], before: datetime) -> list[tuple[str, str]]:
    """Chats with messages that have waited since before that time: what a crash left."""
    rows = await connection.execute(
        sa.select(inbox.c.channel, inbox.c.chat_id)
        .where(inbox.c.done_at.is_(None), inbox.c.channel.in_(channels), inbox.c.received_at <= before)
        .distinct()
        .limit(1000)
    )
    return [(row.channel, row.chat_id) for row in rows]


async def count_attempt(connection: AsyncConnection, channel: str, chat_id: str) -> None:
    """Notes that a turn is tried again after a crash, so that a poison message can be given up."""
    await connection.execute(
        sa.update(inbox)
        .where(inbox.c.channel == channel, inbox.c.chat_id == chat_id, inbox.c.done_at.is_(None))
        .values(attempts=inbox.c.attempts + 1)
    )
