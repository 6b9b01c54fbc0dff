"""Messages in and out, conversations, and chats that can be reached."""

from __future__ import annotations

import sqlalchemy as sa

from bot.store.tables.base import Instant, RowId, metadata

inbox = sa.Table(
    "inbox",
    metadata,
    sa.Column("id", RowId, primary_key=True, autoincrement=True),
    sa.Column("channel", sa.String(20), nullable=False),
    sa.Column("message_id", sa.String(200), nullable=False),
    sa.Column("chat_id", sa.String(100), nullable=False),
    sa.Column("user_id", sa.String(100), nullable=False),
    sa.Column("body", sa.Text),  # JSON; emptied when the row is only kept to know duplicates
    sa.Column("received_at", Instant, nullable=False),
    sa.Column("done_at", Instant),
    sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
    sa.UniqueConstraint("channel", "message_id"),
)
sa.Index(
    "ix_inbox_waiting",
    inbox.c.channel,
    inbox.c.chat_id,
    sqlite_where=inbox.c.done_at.is_(None),
    postgresql_where=inbox.c.done_at.is_(None),
)

outbox = sa.Table(
    "outbox",
    metadata,
    sa.Column("id", RowId, primary_key=True, autoincrement=True),
    sa.Column("channel", sa.String(20), nullable=False),
    sa.Column("chat_id", sa.String(100), nullable=False),
    sa.Column("thread_id", sa.String(100), nullable=False, server_default=""),
    sa.Column("user_id", sa.String(100), nullable=False),  # whom it answers, for deletion on request
    sa.Column("body", sa.Text),  # JSON
    sa.Column("state", sa.String(10), nullable=False),  # pending | sent | failed
    sa.Column("priority", sa.Integer, nullable=False, server_default="0"),  # 0 answers, higher waits
    sa.Column("created_at", Instant, nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
    sa.Column("claimed_by", sa.String(40)),
    sa.Column("claimed_until", Instant),
    sa.Column("settled_at", Instant),
    sa.Column("reason", sa.String(300)),
)
sa.Index(
    "ix_outbox_pending",
    outbox.c.channel,
    outbox.c.id,
    sqlite_where=outbox.c.state == "pending",
    postgresql_where=outbox.c.state == "pending",
)
sa.Index("ix_outbox_chat", outbox.c.channel, outbox.c.chat_id, outbox.c.id)

conversations = sa.Table(
    "conversations",
    metadata,
    sa.Column("channel", sa.String(20), primary_key=True),
    sa.Column("chat_id", sa.String(100), primary_key=True),
    sa.Column("user_id", sa.String(100), primary_key=True),
    sa.Column("waiting_for", sa.String(100), nullable=False, server_default=""),
    sa.Column("data", sa.Text, nullable=False, server_default="{}"),
    sa.Column("ward", sa.String(10), nullable=False, server_default=""),
    sa.Column("updated_at", Instant, nullable=False),
)

chats = sa.Table(
    "chats",
    metadata,
    sa.Column("channel", sa.String(20), primary_key=True),
    sa.Column("chat_id", sa.String(100), primary_key=True),
    sa.Column("reachable", sa.Boolean, nullable=False),
    sa.Column("changed_at", Instant, nullable=False),
)
