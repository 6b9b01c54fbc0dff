"""Dossiers: their state, who follows them, tries against guessing, ratings."""

import sqlalchemy as sa
from alembic import op

from bot.store.tables import Instant, RowId

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Builds the tables."""
    _dossiers()
    _follows()
    op.create_table(
        "dossier_tries",
        sa.Column("id", RowId, primary_key=True, autoincrement=True),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("person", sa.String(32), nullable=False),
        sa.Column("network", sa.String(32), nullable=False),
        sa.Column("number", sa.String(32), nullable=False),
        sa.Column("at", Instant, nullable=False),
    )
    for name in ("person", "network", "number"):
        op.create_index(f"ix_dossier_tries_{name}", "dossier_tries", [name, "at"])
    op.create_table(
        "dossier_ratings",
        sa.Column("id", RowId, primary_key=True, autoincrement=True),
        *_person(),
        sa.Column("tie", sa.BigInteger, nullable=False),  # the row of follows
        sa.Column("unit", sa.String(300), nullable=False),
        sa.Column("procedure_code", sa.String(40), nullable=False),
        sa.Column("stars", sa.SmallInteger, nullable=False),
        sa.Column("word", sa.String(500), nullable=False, server_default=""),
        sa.Column("at", Instant, nullable=False),
    )


def _person() -> list[sa.Column[str]]:
    return [
        sa.Column("channel", sa.String(20), nullable=False),
        sa.Column("chat_id", sa.String(100), nullable=False),
        sa.Column("user_id", sa.String(100), nullable=False),
    ]


def _dossiers() -> None:
    op.create_table(
        "dossiers",
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
        sa.Column("as_of", Instant, nullable=False),
        sa.Column("checked_at", Instant, nullable=False),
    )


def _follows() -> None:
    op.create_table(
        "follows",
        sa.Column("id", RowId, primary_key=True, autoincrement=True),
        *_person(),
        sa.Column("number", sa.String(40), nullable=False),
        sa.Column("source", sa.String(40), nullable=False),
        sa.Column("verified", sa.Boolean, nullable=False),
        sa.Column("following", sa.Boolean, nullable=False),
        sa.Column("told_status", sa.SmallInteger, nullable=False),
        sa.Column("told_key", sa.String(16), nullable=False),
        sa.Column("reminded_for", sa.Date),
        sa.Column("updated_at", Instant, nullable=False),
        sa.UniqueConstraint("channel", "chat_id", "user_id", "number", name="uq_follows"),
    )
    op.create_index("ix_follows_dossier", "follows", ["number", "source"])
