"""Guided filing: runs, one-time codes, slips for the counter, opinions."""

import sqlalchemy as sa
from alembic import op

from bot.store.tables import Instant, RowId

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Builds the tables."""
    op.create_table(
        "guide_runs",
        sa.Column("id", sa.String(16), primary_key=True),
        sa.Column("channel", sa.String(20), nullable=False),
        sa.Column("chat_id", sa.String(100), nullable=False),
        sa.Column("user_id", sa.String(100), nullable=False),
        sa.Column("thread_id", sa.String(100), nullable=False, server_default=""),
        sa.Column("guide", sa.String(60), nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("changes", sa.Integer, nullable=False),
        sa.Column("created_at", Instant, nullable=False),
        sa.Column("updated_at", Instant, nullable=False),
        sa.Column("remind_at", Instant),
        sa.Column("is_over", sa.Boolean, nullable=False),
    )
    op.create_index("ix_guide_runs_person", "guide_runs", ["channel", "chat_id", "user_id"])
    op.create_index(
        "ix_guide_runs_remind",
        "guide_runs",
        ["remind_at"],
        sqlite_where=sa.text("remind_at IS NOT NULL"),
        postgresql_where=sa.text("remind_at IS NOT NULL"),
    )
    for table, key, length in (("guide_codes", "hash", 64), ("guide_slips", "code", 10)):
        body = [sa.Column("body", sa.Text, nullable=False)] if table == "guide_slips" else []
        op.create_table(
            table,
            sa.Column(key, sa.String(length), primary_key=True),
            sa.Column("run_id", sa.String(16), nullable=False),
            *body,
            sa.Column("until", Instant, nullable=False),
        )
        op.create_index(f"ix_{table}_run_id", table, ["run_id"])
    op.create_table(
        "guide_opinions",
        sa.Column("id", RowId, primary_key=True, autoincrement=True),
        sa.Column("guide", sa.String(60), nullable=False),
        sa.Column("rating", sa.Integer, nullable=False),
        sa.Column("words", sa.String(1000), nullable=False),
        sa.Column("created_at", Instant, nullable=False),
    )
