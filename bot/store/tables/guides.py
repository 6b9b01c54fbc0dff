"""People in the middle of a guide, their codes and slips, and how it went."""

from __future__ import annotations

import sqlalchemy as sa

from bot.store.tables.base import Instant, RowId, metadata

guide_runs = sa.Table(  # people in the middle of a guide; ``state`` is JSON, see bot/guides/run.py
    "guide_runs",
    metadata,
    sa.Column("id", sa.String(16), primary_key=True),
    sa.Column("channel", sa.String(20), nullable=False),
    sa.Column("chat_id", sa.String(100), nullable=False),
    sa.Column("user_id", sa.String(100), nullable=False),
    sa.Column("thread_id", sa.String(100), nullable=False, server_default=""),
    sa.Column("guide", sa.String(60), nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("changes", sa.Integer, nullable=False),  # how often written: two chats can't overwrite each other
    sa.Column("created_at", Instant, nullable=False),
    sa.Column("updated_at", Instant, nullable=False),
    sa.Column("remind_at", Instant),
    sa.Column("is_over", sa.Boolean, nullable=False),
)
sa.Index("ix_guide_runs_person", guide_runs.c.channel, guide_runs.c.chat_id, guide_runs.c.user_id)
sa.Index(
    "ix_guide_runs_remind",
    guide_runs.c.remind_at,
    sqlite_where=guide_runs.c.remind_at.is_not(None),
    postgresql_where=guide_runs.c.remind_at.is_not(None),
)

guide_codes = sa.Table(  # one-time codes to go on in another chat; only their hashes
    "guide_codes",
    metadata,
    sa.Column("hash", sa.String(64), primary_key=True),
    sa.Column("run_id", sa.String(16), nullable=False, index=True),
    sa.Column("until", Instant, nullable=False),
)

guide_slips = sa.Table(  # checklists for the counter, by their six characters
    "guide_slips",
    metadata,
    sa.Column("code", sa.String(10), primary_key=True),
    sa.Column("run_id", sa.String(16), nullable=False, index=True),
    sa.Column("body", sa.Text, nullable=False),
    sa.Column("until", Instant, nullable=False),
)

guide_opinions = sa.Table(  # how it went; nothing leads back to a person
    "guide_opinions",
    metadata,
    sa.Column("id", RowId, primary_key=True, autoincrement=True),
    sa.Column("guide", sa.String(60), nullable=False),
    sa.Column("rating", sa.Integer, nullable=False),
    sa.Column("words", sa.String(1000), nullable=False),
    sa.Column("created_at", Instant, nullable=False),
)
