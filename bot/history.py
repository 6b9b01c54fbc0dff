"""What was said in a web chat, for a page that is opened again."""

from __future__ import annotations

import json

from bot.channels.web import HistoryItem
from bot.store import conversations
from bot.store.database import Database
from bot.store.outbox import reply_of


class HistoryOf:
    """Reads the transcript of a chat from the database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def __call__(self, chat_id: str, after: int) -> list[HistoryItem]:
        """Everything kept of the chat; with ``after``, only replies with a greater id."""
        async with self._database.reading() as connection:
            rows = await conversations.history(connection, "web", chat_id)
        items = []
        for mine, row_id, _, body in rows:
            if mine and not after:
                said = json.loads(body)
                if said["text"]:  # a picture is not kept, so there is nothing to show
                    items.append(HistoryItem(0, True, said["text"], ()))
            elif not mine and row_id > after:
                reply = reply_of(body)
                items.append(HistoryItem(row_id, False, reply.text, reply.buttons))
        return items
