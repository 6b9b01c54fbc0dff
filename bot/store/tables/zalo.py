"""Token pairs, people, templates and broadcasts of Zalo."""

from __future__ import annotations

import sqlalchemy as sa

from bot.store.tables.base import Instant, RowId, metadata

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

zalo_staff = sa.Table(
    "zalo_staff",
    metadata,
    sa.Column("oa_id", sa.String(64), primary_key=True),
    sa.Column("user_id", sa.String(100), primary_key=True),
    sa.Column("until", Instant, nullable=False, index=True),  # staff answer by hand so long
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
