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

dossiers = sa.Table(
    "dossiers",
    metadata,
    sa.Column("number", sa.String(40), primary_key=True),
    sa.Column("source", sa.String(40), primary_key=True),
    sa.Column("status", sa.SmallInteger, nullable=False),
    sa.Column("procedure_code", sa.String(40), nullable=False, server_default=""),
    sa.Column("procedure", sa.String(300), nullable=False, server_default=""),
    sa.Column("unit", sa.String(300), nullable=False, server_default=""),
    sa.Column("received", sa.Date),
    sa.Column("due", sa.Date),
    sa.Column("finished", sa.Date),
    sa.Column("need", sa.String(1000), nullable=False, server_default=""),
    sa.Column("need_by", sa.Date),
    sa.Column("fee", sa.BigInteger),
    sa.Column("phone_key", sa.String(32), nullable=False, server_default=""),
    sa.Column("id_key", sa.String(32), nullable=False, server_default=""),
    sa.Column("state_key", sa.String(16), nullable=False),
    sa.Column("as_of", Instant, nullable=False),  # when the source knew this
    sa.Column("checked_at", Instant, nullable=False),  # when we last asked or were told
)

follows = sa.Table(  # who asked after which dossier with proof, or wants to be told of its changes
    "follows",
    metadata,
    sa.Column("id", RowId, primary_key=True, autoincrement=True),
    sa.Column("channel", sa.String(20), nullable=False),
    sa.Column("chat_id", sa.String(100), nullable=False),
    sa.Column("user_id", sa.String(100), nullable=False),
    sa.Column("number", sa.String(40), nullable=False),
    sa.Column("source", sa.String(40), nullable=False),
    sa.Column("verified", sa.Boolean, nullable=False),  # gave the second sign, or filed it here
    sa.Column("following", sa.Boolean, nullable=False),
    sa.Column("told_status", sa.SmallInteger, nullable=False),
    sa.Column("told_key", sa.String(16), nullable=False),
    sa.Column("reminded_for", sa.Date),
    sa.Column("updated_at", Instant, nullable=False),
    sa.UniqueConstraint("channel", "chat_id", "user_id", "number"),
)
sa.Index("ix_follows_dossier", follows.c.number, follows.c.source)

dossier_tries = sa.Table(  # against guessing; hashes only, kept for a day
    "dossier_tries",
    metadata,
    sa.Column("id", RowId, primary_key=True, autoincrement=True),
    sa.Column("kind", sa.String(10), nullable=False),  # wrong | sign | look
    sa.Column("person", sa.String(32), nullable=False),
    sa.Column("network", sa.String(32), nullable=False),
    sa.Column("number", sa.String(32), nullable=False),
    sa.Column("at", Instant, nullable=False),
)
for _name in ("person", "network", "number"):
    sa.Index(f"ix_dossier_tries_{_name}", dossier_tries.c[_name], dossier_tries.c.at)

dossier_ratings = sa.Table(
    "dossier_ratings",
    metadata,
    sa.Column("id", RowId, primary_key=True, autoincrement=True),
    sa.Column("channel", sa.String(20), nullable=False),
    sa.Column("chat_id", sa.String(100), nullable=False),
    sa.Column("user_id", sa.String(100), nullable=False),
    sa.Column("tie", sa.BigInteger, nullable=False),  # the row of follows
    sa.Column("unit", sa.String(300), nullable=False),
    sa.Column("procedure_code", sa.String(40), nullable=False),
    sa.Column("stars", sa.SmallInteger, nullable=False),
    sa.Column("word", sa.String(500), nullable=False, server_default=""),
    sa.Column("at", Instant, nullable=False),
)

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
