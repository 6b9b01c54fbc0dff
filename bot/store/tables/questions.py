"""Questions that found no answer."""

from __future__ import annotations

import sqlalchemy as sa

from bot.store.tables.base import RowId, metadata

# Questions that got no answer, personal data masked: nothing here leads to a person, not even a time of day.
unanswered = sa.Table(
    "unanswered",
    metadata,
    sa.Column("id", RowId, primary_key=True, autoincrement=True),
    sa.Column("key", sa.String(200), nullable=False),  # the folded words: what is the same question
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("channel", sa.String(20), nullable=False),
    sa.Column("why", sa.String(20), nullable=False),  # none | none_of_these | wrong
    sa.Column("day", sa.Date, nullable=False),
    sa.Column("offered", sa.Text, nullable=False, server_default=""),  # ids, with spaces between
    sa.Column("count", sa.Integer, nullable=False, server_default="1"),
    sa.UniqueConstraint("key", "channel", "why", "day"),
)
sa.Index("ix_unanswered_day", unanswered.c.day)
