"""Until when staff answer a person by hand in OA Manager."""

import sqlalchemy as sa
from alembic import op

from bot.store.tables import Instant

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Builds the table (written out: a migration must not change when tables.py does)."""
    op.create_table(
        "zalo_staff",
        sa.Column("oa_id", sa.String(64), primary_key=True),
        sa.Column("user_id", sa.String(100), primary_key=True),
        sa.Column("until", Instant, nullable=False, index=True),
    )
