"""Takes raw updates, from polling and webhook alike, and hands them in at the door."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import structlog

from bot.channels.base import Door
from bot.channels.telegram.parse import NAME, Me, Moved, Reachable, is_group_talk, read, update_of

log = structlog.get_logger(__name__)


class NotReady(Exception):
    """The bot does not know its own name yet, so it can't tell who is meant; ask again soon."""


class Intake:
    """Reads one update and stores what it means. ``answer_tap`` stops a button's spinning."""

    def __init__(self, door: Door, answer_tap: Callable[[str], None]) -> None:
        self.me: Me | None = None
        self._door = door
        self._answer_tap = answer_tap

    async def take(self, raw: Any) -> None:
        """Returns once the update is safe. Junk is logged and passed over: it would only come again."""
        try:
            update = update_of(raw)
            if self.me is None and is_group_talk(update):
                raise NotReady
            found = read(update, self.me or Me(0, ""), datetime.now(UTC))
        except NotReady:
            raise
        except Exception as error:  # any shape may arrive, and the library fails on junk in many ways
            log.warning("update can't be read", channel=NAME, update=_id_of(raw), error=type(error).__name__)
            return
        if update.callback_query is not None:
            self._answer_tap(update.callback_query.id)
        match found:
            case Reachable():
                await self._door.set_reachable(NAME, found.chat_id, found.is_reachable)
            case Moved():
                await self._door.move_chat(NAME, found.old_id, found.new_id)
            case None:
                pass
            case message:
                await self._door.receive(message)


def _id_of(raw: Any) -> int | None:
    number = raw.get("update_id") if isinstance(raw, dict) else None
    return number if isinstance(number, int) else None
