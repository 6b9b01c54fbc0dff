"""Questions that got no answer, or a wrong one."""

import sqlalchemy as sa
from alembic import op

from bot.store.tables import RowId

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Builds the table (written out: a migration must not change when tables.py does)."""
    op.create_table(
        "unanswered",
        sa.Column("id", RowId, primary_key=True, autoincrement=True),
        sa.Column("key", sa.String(200), nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("channel", sa.String(20), nullable=False),
        sa.Column("why", sa.String(20), nullable=False),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("offered", sa.Text, nullable=False, server_default=""),
        sa.Column("count", sa.Integer, nullable=False, server_default="1"),
        sa.UniqueConstraint("key", "channel", "why", "day", name="uq_unanswered"),
    )
    op.create_index("ix_unanswered_day", "unanswered", ["day"])
