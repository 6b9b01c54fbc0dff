"""The tables, for SQLite and PostgreSQL alike. The migrations build them; a test compares the two."""

from __future__ import annotations

from datetime import UTC, datetime

import sqlalchemy as sa
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator


class Instant(TypeDecorator[datetime]):
    """An aware UTC time, kept as milliseconds: SQLite has no time zones and compares text."""

    impl = sa.BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        """To milliseconds since 1970."""
        return None if value is None else int(value.timestamp() * 1000)

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:
        """Back to an aware time."""
        return None if value is None else datetime.fromtimestamp(value / 1000, UTC)


metadata = sa.MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "uq": "uq_%(table_name)s",
        "ix": "ix_%(table_name)s_%(column_0_name)s",
    }
)
# SQLite numbers rows by itself only for INTEGER; PostgreSQL needs the bigger type.
RowId = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

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

# --- Zalo ---

zalo_tokens = sa.Table(
    "zalo_tokens",
    metadata,
    sa.Column("oa_id", sa.String(64), primary_key=True),
    sa.Column("sealed", sa.Text, nullable=False),  # access and refresh token, encrypted
    sa.Column("expires_at", Instant, nullable=False),
    sa.Column("seed", sa.String(64), nullable=False, server_default=""),  # hash of its forebear in the environment
    sa.Column("problem", sa.String(500), nullable=False, server_default=""),
    sa.Column("saved_at", Instant, nullable=False),
)

zalo_logins = sa.Table(
    "zalo_logins",
    metadata,
    sa.Column("state", sa.String(64), primary_key=True),
    sa.Column("sealed", sa.Text, nullable=False),  # the PKCE verifier, encrypted
    sa.Column("begun_at", Instant, nullable=False),
)

zalo_people = sa.Table(
    "zalo_people",
    metadata,
    sa.Column("oa_id", sa.String(64), primary_key=True),
    sa.Column("user_id", sa.String(100), primary_key=True),
    sa.Column("last_heard_at", Instant, nullable=False),
    sa.Column("is_closed", sa.Boolean, nullable=False, server_default=sa.false()),  # Zalo said so
)

zalo_sent = sa.Table(
    "zalo_sent",
    metadata,
    sa.Column("message_id", sa.String(100), primary_key=True),
    sa.Column("chat_id", sa.String(100), nullable=False),
    sa.Column("sent_at", Instant, nullable=False, index=True),
)

zalo_templates = sa.Table(
    "zalo_templates",
    metadata,
    sa.Column("tracking_id", sa.String(48), primary_key=True),
    sa.Column("template", sa.String(100), nullable=False),
    sa.Column("sent_by", sa.String(10), nullable=False),  # user | phone; neither id nor number is kept
    sa.Column("state", sa.String(10), nullable=False),  # asked | sent | failed
    sa.Column("message_id", sa.String(100), nullable=False, server_default="", index=True),
    sa.Column("reason", sa.String(300), nullable=False, server_default=""),
    sa.Column("begun_at", Instant, nullable=False),
    sa.Column("delivered_at", Instant),
    sa.Column("rate", sa.Integer),
)

zalo_broadcasts = sa.Table(
    "zalo_broadcasts",
    metadata,
    sa.Column("id", RowId, primary_key=True, autoincrement=True),
    sa.Column("oa_id", sa.String(64), nullable=False),
    sa.Column("article_id", sa.String(100), nullable=False),
    sa.Column("target", sa.Text, nullable=False),
    sa.Column("state", sa.String(10), nullable=False),  # asked | sent | failed
    sa.Column("message_id", sa.String(100), nullable=False, server_default=""),
    sa.Column("reason", sa.String(300), nullable=False, server_default=""),
    sa.Column("begun_at", Instant, nullable=False),
)

zalo_bot_months = sa.Table(
    "zalo_bot_months",
    metadata,
    sa.Column("bot_id", sa.String(64), primary_key=True),
    sa.Column("month", sa.String(7), primary_key=True),
    sa.Column("sent", sa.Integer, nullable=False),
)
