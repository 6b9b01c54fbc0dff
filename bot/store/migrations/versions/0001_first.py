"""The first tables: inbox, outbox, conversations, chats."""

import sqlalchemy as sa
from alembic import op

from bot.store.tables import Instant, RowId

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Builds the tables (written out: a migration must not change when tables.py does)."""
    op.create_table(
        "inbox",
        sa.Column("id", RowId, primary_key=True, autoincrement=True),
        sa.Column("channel", sa.String(20), nullable=False),
        sa.Column("message_id", sa.String(200), nullable=False),
        sa.Column("chat_id", sa.String(100), nullable=False),
        sa.Column("user_id", sa.String(100), nullable=False),
        sa.Column("body", sa.Text),
        sa.Column("received_at", Instant, nullable=False),
        sa.Column("done_at", Instant),
        sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
        sa.UniqueConstraint("channel", "message_id", name="uq_inbox"),
    )
    _partial_index("ix_inbox_waiting", "inbox", ["channel", "chat_id"], "done_at IS NULL")
    _outbox()
    _people()


def _outbox() -> None:
    op.create_table(
        "outbox",
        sa.Column("id", RowId, primary_key=True, autoincrement=True),
        sa.Column("channel", sa.String(20), nullable=False),
        sa.Column("chat_id", sa.String(100), nullable=False),
        sa.Column("thread_id", sa.String(100), nullable=False, server_default=""),
        sa.Column("user_id", sa.String(100), nullable=False),
        sa.Column("body", sa.Text),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("priority", sa.Integer, nullable=False, server_default="0"),
        sa.Column("created_at", Instant, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
        sa.Column("claimed_by", sa.String(40)),
        sa.Column("claimed_until", Instant),
        sa.Column("settled_at", Instant),
        sa.Column("reason", sa.String(300)),
    )
    _partial_index("ix_outbox_pending", "outbox", ["channel", "id"], "state = 'pending'")
    op.create_index("ix_outbox_chat", "outbox", ["channel", "chat_id", "id"])


def _people() -> None:
    op.create_table(
        "conversations",
        sa.Column("channel", sa.String(20), primary_key=True),
        sa.Column("chat_id", sa.String(100), primary_key=True),
        sa.Column("user_id", sa.String(100), primary_key=True),
        sa.Column("waiting_for", sa.String(100), nullable=False, server_default=""),
        sa.Column("data", sa.Text, nullable=False, server_default="{}"),
        sa.Column("ward", sa.String(10), nullable=False, server_default=""),
        sa.Column("updated_at", Instant, nullable=False),
    )
    op.create_table(
        "chats",
        sa.Column("channel", sa.String(20), primary_key=True),
        sa.Column("chat_id", sa.String(100), primary_key=True),
        sa.Column("reachable", sa.Boolean, nullable=False),
        sa.Column("changed_at", Instant, nullable=False),
    )


def _partial_index(name: str, table: str, columns: list[str], where: str) -> None:
    op.create_index(name, table, columns, sqlite_where=sa.text(where), postgresql_where=sa.text(where))
