"""The tables, for SQLite and PostgreSQL alike. The migrations build them; a test compares the two."""

from __future__ import annotations

from bot.store.tables.base import Instant, RowId, metadata
from bot.store.tables.core import chats, conversations, inbox, outbox
from bot.store.tables.dossiers import dossier_ratings, dossier_tries, dossiers, follows
from bot.store.tables.guides import guide_codes, guide_opinions, guide_runs, guide_slips
from bot.store.tables.questions import unanswered
from bot.store.tables.zalo import (
    zalo_bot_months,
    zalo_broadcasts,
    zalo_logins,
    zalo_people,
    zalo_sent,
    zalo_staff,
    zalo_templates,
    zalo_tokens,
)

__all__ = [
    "Instant",
    "RowId",
    "chats",
    "conversations",
    "dossier_ratings",
    "dossier_tries",
    "dossiers",
    "follows",
    "guide_codes",
    "guide_opinions",
    "guide_runs",
    "guide_slips",
    "inbox",
    "metadata",
    "outbox",
    "unanswered",
    "zalo_bot_months",
    "zalo_broadcasts",
    "zalo_logins",
    "zalo_people",
    "zalo_sent",
    "zalo_staff",
    "zalo_templates",
    "zalo_tokens",
]
