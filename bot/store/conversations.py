"""Conversations, saved wards and reachable chats; forgetting a person; tidying up what is old."""

from __future__ import annotations

import json
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.messages import Conversation
from bot.store import zalo
from bot.store.tables import chats, conversations, inbox, outbox
from bot.store.upsert import upsert


async def save(connection: AsyncConnection, conversation: Conversation, now: datetime) -> None:
    """Writes the conversation back."""
    values = {
        "channel": conversation.channel,
        "chat_id": conversation.chat_id,
        "user_id": conversation.user_id,
        "waiting_for": conversation.waiting_for,
        "data": json.dumps(conversation.data, ensure_ascii=False),
        "ward": conversation.ward,
        "updated_at": now,
    }
    await connection.execute(upsert(connection.dialect.name, conversations), values)


async def forget_person(connection: AsyncConnection, channel: str, chat_id: str, user_id: str) -> None:
    """Deletes all that is kept of a person in this chat. Their messages' ids stay, emptied and
    without the person, so that a late second delivery is still known as such."""
    await connection.execute(
        sa.delete(conversations).where(
            conversations.c.channel == channel,
            conversations.c.chat_id == chat_id,
            conversations.c.user_id == user_id,
        )
    )
    await zalo.forget(connection, user_id)
    mine = (inbox.c.channel == channel, inbox.c.chat_id == chat_id, inbox.c.user_id == user_id)
    await connection.execute(
        sa.update(inbox).where(*mine, inbox.c.done_at.is_not(None)).values(body=None, user_id="", chat_id="")
    )
    await connection.execute(
        sa.delete(outbox).where(
            outbox.c.channel == channel, outbox.c.chat_id == chat_id, outbox.c.user_id == user_id
        )
    )


async def set_reachable(
    connection: AsyncConnection, channel: str, chat_id: str, reachable: bool, now: datetime
) -> None:
    """Notes whether a chat takes our messages."""
    values = {"channel": channel, "chat_id": chat_id, "reachable": reachable, "changed_at": now}
    await connection.execute(upsert(connection.dialect.name, chats), values)


async def move_chat(connection: AsyncConnection, channel: str, old_id: str, new_id: str) -> None:
    """Carries what is kept under an old chat id over to the new one; twice does no harm."""
    known = sa.select(conversations.c.user_id).where(
        conversations.c.channel == channel, conversations.c.chat_id == new_id
    )
    old = (conversations.c.channel == channel, conversations.c.chat_id == old_id)
    await connection.execute(
        sa.update(conversations).where(*old, conversations.c.user_id.not_in(known)).values(chat_id=new_id)
    )
    await connection.execute(sa.delete(conversations).where(*old))
    for table in (inbox, outbox):
        await connection.execute(
            sa.update(table).where(table.c.channel == channel, table.c.chat_id == old_id).values(chat_id=new_id)
        )
    await connection.execute(sa.delete(chats).where(chats.c.channel == channel, chats.c.chat_id == old_id))


async def tidy(connection: AsyncConnection, before: datetime) -> None:
    """Deletes handled messages and settled replies older than that, and conversations with nothing kept."""
    await connection.execute(sa.delete(inbox).where(inbox.c.done_at < before))
    await connection.execute(sa.delete(outbox).where(outbox.c.settled_at < before))
    await connection.execute(
        sa.delete(conversations).where(conversations.c.updated_at < before, conversations.c.ward == "")
    )


async def history(connection: AsyncConnection, channel: str, chat_id: str) -> list[tuple[bool, int, datetime, str]]:
    """What was said in a chat and is still kept, in order: (said by the person, row id, time, body)."""
    said = sa.select(
        sa.literal(True).label("mine"), inbox.c.id, inbox.c.received_at.label("at"), inbox.c.body
    ).where(inbox.c.channel == channel, inbox.c.chat_id == chat_id, inbox.c.body.is_not(None))
    answered = sa.select(sa.literal(False), outbox.c.id, outbox.c.created_at, outbox.c.body).where(
        outbox.c.channel == channel, outbox.c.chat_id == chat_id
    )
    rows = (await connection.execute(sa.union_all(said, answered))).all()
    return sorted(
        ((row.mine, row.id, row.at, row.body) for row in rows), key=lambda row: (row[2], not row[0], row[1])
    )
