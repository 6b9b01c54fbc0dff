"""Messages in: stored once before the platform gets its answer, done when their turn is committed."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.messages import Conversation, Kind, Message
from bot.store.tables import conversations, inbox
from bot.store.upsert import insert

Row = sa.Row[tuple[Any, ...]]


def _body(message: Message) -> str:
    return json.dumps(
        {
            "text": message.text,
            "kind": message.kind.value,
            "tapped": message.tapped,
            "in_group": message.in_group,
            "thread_id": message.thread_id,
            "photo": message.photo,
            "network": message.network,
        },
        ensure_ascii=False,
    )


async def add(connection: AsyncConnection, message: Message) -> bool:
    """Stores the message; False when the platform had delivered it before."""
    return (await add_many(connection, [message]))[0]


async def add_many(connection: AsyncConnection, messages: Sequence[Message]) -> list[bool]:
    """Stores the messages in few statements; for each, False when it had been delivered before."""
    rows = [
        {
            "channel": message.channel,
            "message_id": message.message_id,
            "chat_id": message.chat_id,
            "user_id": message.user_id,
            "body": _body(message),
            "received_at": message.received_at,
        }
        for message in sorted(messages, key=lambda m: m.message_id)  # replicas in one order: no deadlock
    ]
    statement = insert(connection, inbox).on_conflict_do_nothing(index_elements=["channel", "message_id"])
    stored = await connection.execute(statement.returning(inbox.c.channel, inbox.c.message_id), rows)
    fresh = {tuple(row) for row in stored}
    is_new = []
    for message in messages:
        key = (message.channel, message.message_id)
        is_new.append(key in fresh)
        fresh.discard(key)  # delivered twice in one moment: only the first is new
    return is_new


@dataclass(frozen=True, slots=True)
class Waiting:
    """A message that waits for its turn, and the conversation it belongs to."""

    row_id: int
    attempts: int  # turns that a crash cut short
    message: Message
    conversation: Conversation


_WAITING = (
    sa.select(
        inbox, conversations.c.waiting_for, conversations.c.data, conversations.c.ward, conversations.c.updated_at
    )
    .select_from(
        inbox.outerjoin(
            conversations,
            sa.and_(
                conversations.c.channel == inbox.c.channel,
                conversations.c.chat_id == inbox.c.chat_id,
                conversations.c.user_id == inbox.c.user_id,
            ),
        )
    )
    .where(
        inbox.c.channel == sa.bindparam("channel"),
        inbox.c.chat_id == sa.bindparam("chat_id"),
        inbox.c.done_at.is_(None),
    )
    .order_by(inbox.c.received_at, inbox.c.id)  # Zalo swaps events now and then, but tells when each was
    .limit(50)
)


# Built once: building statements is what a turn would spend most of its time on.
_FINISH = (
    sa.update(inbox)
    .where(inbox.c.id == sa.bindparam("row"), inbox.c.done_at.is_(None))
    .values(done_at=sa.bindparam("done_at"))
)


async def waiting(
    connection: AsyncConnection, channel: str, chat_id: str, forget_after: timedelta
) -> list[Waiting]:
    """The messages of one chat that wait for their turn, oldest first; after a long silence only
    the ward is left of a conversation."""
    rows = await connection.execute(_WAITING, {"channel": channel, "chat_id": chat_id})
    return [Waiting(row.id, row.attempts, _message(row), _conversation(row, forget_after)) for row in rows]


def _conversation(row: Row, forget_after: timedelta) -> Conversation:
    conversation = Conversation(row.channel, row.chat_id, row.user_id)
    if row.updated_at is not None:
        conversation.ward = row.ward
        if row.received_at - row.updated_at <= forget_after:
            conversation.waiting_for, conversation.data = row.waiting_for, json.loads(row.data)
    return conversation


def _message(row: Row) -> Message:
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
        photo=body.get("photo", ""),
        network=body.get("network", ""),
    )


async def finish(connection: AsyncConnection, row_id: int, now: datetime) -> bool:
    """Marks a message done; False when another replica was faster (then nothing may be sent)."""
    return bool((await connection.execute(_FINISH, {"row": row_id, "done_at": now})).rowcount)


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
