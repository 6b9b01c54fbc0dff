"""Dossiers known from a source, who follows them, tries against guessing, and ratings."""

from __future__ import annotations

import sqlalchemy as sa

from bot.store.tables.base import Instant, RowId, metadata

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
