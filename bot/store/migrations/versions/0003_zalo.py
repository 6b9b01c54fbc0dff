"""Zalo: the token pair, consents under way, the 7-day window, what was sent, templates, broadcasts, quota."""

import sqlalchemy as sa
from alembic import op

from bot.store.tables import Instant, RowId

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Builds the tables (written out: a migration must not change when tables.py does)."""
    op.create_table(
        "zalo_tokens",
        sa.Column("oa_id", sa.String(64), primary_key=True),
        sa.Column("sealed", sa.Text, nullable=False),
        sa.Column("expires_at", Instant, nullable=False),
        sa.Column("seed", sa.String(64), nullable=False, server_default=""),
        sa.Column("problem", sa.String(500), nullable=False, server_default=""),
        sa.Column("saved_at", Instant, nullable=False),
    )
    op.create_table(
        "zalo_logins",
        sa.Column("state", sa.String(64), primary_key=True),
        sa.Column("sealed", sa.Text, nullable=False),
        sa.Column("begun_at", Instant, nullable=False),
    )
    op.create_table(
        "zalo_people",
        sa.Column("oa_id", sa.String(64), primary_key=True),
        sa.Column("user_id", sa.String(100), primary_key=True),
        sa.Column("last_heard_at", Instant, nullable=False),
        sa.Column("is_closed", sa.Boolean, nullable=False, server_default=sa.false()),
    )
    op.create_table(
        "zalo_sent",
        sa.Column("message_id", sa.String(100), primary_key=True),
        sa.Column("chat_id", sa.String(100), nullable=False),
        sa.Column("sent_at", Instant, nullable=False),
    )
    op.create_index("ix_zalo_sent_sent_at", "zalo_sent", ["sent_at"])
    _templates_and_broadcasts()


def _templates_and_broadcasts() -> None:
    op.create_table(
        "zalo_templates",
        sa.Column("tracking_id", sa.String(48), primary_key=True),
        sa.Column("template", sa.String(100), nullable=False),
        sa.Column("sent_by", sa.String(10), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("message_id", sa.String(100), nullable=False, server_default=""),
        sa.Column("reason", sa.String(300), nullable=False, server_default=""),
        sa.Column("begun_at", Instant, nullable=False),
        sa.Column("delivered_at", Instant),
        sa.Column("rate", sa.Integer),
    )
    op.create_index("ix_zalo_templates_message_id", "zalo_templates", ["message_id"])
    op.create_table(
        "zalo_broadcasts",
        sa.Column("id", RowId, primary_key=True, autoincrement=True),
        sa.Column("oa_id", sa.String(64), nullable=False),
        sa.Column("article_id", sa.String(100), nullable=False),
        sa.Column("target", sa.Text, nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("message_id", sa.String(100), nullable=False, server_default=""),
        sa.Column("reason", sa.String(300), nullable=False, server_default=""),
        sa.Column("begun_at", Instant, nullable=False),
    )
    op.create_table(
        "zalo_bot_months",
        sa.Column("bot_id", sa.String(64), primary_key=True),
        sa.Column("month", sa.String(7), primary_key=True),
        sa.Column("sent", sa.Integer, nullable=False),
    )
