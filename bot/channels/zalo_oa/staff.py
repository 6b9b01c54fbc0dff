"""Staff who answer by hand in OA Manager: the bot pauses for that person, so that two don't talk at once.

What the OA sends comes back as an event ``oa_send_*``. Staff's own words carry ``admin_id`` and an id that we
did not send. Both must hold: the echo of our own call may come before its id is noted.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import structlog

from bot.channels.base import Door
from bot.channels.zalo_oa.events import Sort, sort_of
from bot.channels.zalo_oa.groups import Names
from bot.channels.zalo_oa.intake import Intake
from bot.channels.zalo_oa.keeping import Keeping
from bot.channels.zalo_oa.parse import NAME, moment, oa_of

log = structlog.get_logger(__name__)


class IntakeBesideStaff(Intake):
    """An intake that leaves a person to the staff member who wrote to them, for a set time."""

    def __init__(self, door: Door, keeping: Keeping, oa_id: str, names: Names, pause: timedelta) -> None:
        """``pause``: counted from each message of staff; nothing switches it off."""
        super().__init__(door, keeping, oa_id, names)
        self._pause = pause
        self._ours = oa_id
        self._kept = keeping

    async def take(self, event: dict[str, Any], now: datetime) -> None:
        """What a person writes meanwhile waits in OA Manager, where staff see it; the bot stays silent."""
        if not self._pause:
            return await super().take(event, now)
        at = moment(event, now)
        if (person := staff_wrote_to(event, self._ours)) and not await self._is_ours(event):
            await self._kept.staff.wrote(person, at + self._pause)
            log.info("staff answer by hand: the bot pauses for this person", channel=NAME)
        elif sender := _writer(event, self._ours):
            until = await self._kept.staff.until(sender)
            # Zalo's own time: a late repeat of what was written meanwhile is staff's as well.
            if until is not None and at < until:
                return await self._kept.people.heard(sender, at)
        await super().take(event, now)

    async def _is_ours(self, event: dict[str, Any]) -> bool:
        return await self._kept.sent.is_ours(str(event["message"].get("msg_id", "")))


def staff_wrote_to(event: dict[str, Any], oa_id: str) -> str:
    """The person to whom a member of staff seems to have written; empty for all other events and junk."""
    sender, recipient = event.get("sender"), event.get("recipient")
    if sort_of(str(event.get("event_name"))) is not Sort.ECHO or not isinstance(event.get("message"), dict):
        return ""
    if "group" in str(event["event_name"]) or not isinstance(sender, dict) or not isinstance(recipient, dict):
        return ""
    if str(sender.get("id")) != oa_id or not sender.get("admin_id"):
        return ""
    return _text(recipient.get("id"))


def _writer(event: dict[str, Any], oa_id: str) -> str:
    """Who wrote to the OA alone; groups are never left to staff."""
    sender = event.get("sender")
    if sort_of(str(event.get("event_name"))) is not Sort.WORDS or not isinstance(sender, dict):
        return ""
    try:
        is_for_us = oa_of(event) in ("", oa_id)
    except (KeyError, TypeError, ValueError, AttributeError):
        return ""
    return _text(sender.get("id")) if is_for_us else ""


def _text(value: object) -> str:
    """An id as text, if it is one that the database can hold."""
    text = str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""
    return text if len(text) <= 64 and text.isalnum() else ""
