"""Takes proven events, hands words in at the door, and notes what the rest means."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Any

import structlog

from bot.channels.base import Door
from bot.channels.zalo_oa.events import Sort
from bot.channels.zalo_oa.groups import Names
from bot.channels.zalo_oa.keeping import Keeping
from bot.channels.zalo_oa.parse import NAME, Sign, Told, oa_of, read
from bot.channels.zalo_oa.tokens import CONSENT

log = structlog.get_logger(__name__)


class Intake:
    """Reads one event and stores what it means; returns once it is safe."""

    def __init__(self, door: Door, keeping: Keeping, oa_id: str, names: Names) -> None:
        self._door = door
        self._keeping = keeping
        self._oa_id = oa_id
        self._names = names
        self._told: set[str] = set()

    async def take(self, event: dict[str, Any], now: datetime) -> None:
        """Junk is logged and passed over: it would only come again."""
        try:
            for_oa = oa_of(event)
            found = read(event, self._oa_id, self._names, now)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            log.warning("event can't be read", channel=NAME, name=_name(event), error=type(error).__name__)
            return
        if for_oa and for_oa != self._oa_id:  # one address serves all OAs of an app
            self._once("event of another OA ignored", oa_id=for_oa)
        elif isinstance(found, Told):
            await self._hand_in(found)
        else:
            await self._note(found, _name(event), now)

    async def _hand_in(self, told: Told) -> None:
        message, work = told.message, []
        if told.is_for_us or (told.quotes and await self._keeping.sent.is_ours(told.quotes)):
            work.append(self._door.receive(message))
        # Side by side: on SQLite both share one flush to disk.
        await asyncio.gather(*work, self._keeping.people.heard(message.user_id, message.received_at))

    async def _note(self, sign: Sign, name: str, now: datetime) -> None:
        people, templates = self._keeping.people, self._keeping.templates
        match sign.sort:
            case Sort.SIGN if sign.who:
                await people.heard(sign.who, now)
            case Sort.UNFOLLOW if sign.who:
                await self._door.set_reachable(NAME, sign.who, False)
            case Sort.WITHDRAWN if sign.who:
                await people.forget(sign.who)
            case Sort.RECEIPT:
                await templates.delivered(sign.message_id, sign.tracking_id, now)
            case Sort.RATING:
                await templates.rated(sign.message_id, sign.tracking_id, sign.rate)
            case Sort.GROUP_MADE:
                log.info("group made; use this chat id to write to it", channel=NAME, chat_id=sign.who)
            case Sort.GROUP_GONE:
                await self._door.set_reachable(NAME, sign.who, False)
            case Sort.ALARM:
                await self._keeping.tokens.note_problem(f"the OA withdrew its permission: {CONSENT}")
                log.error("ALARM: the OA withdrew its permission", channel=NAME, detail=sign.detail)
            case Sort.NOTICE:
                log.warning("news from the OA", channel=NAME, name=name, detail=sign.detail)
            case _ if sign.detail:
                self._once(sign.detail)

    def _once(self, words: str, **detail: str) -> None:
        """Says it the first time only: an event switched on by mistake may come a thousand times a day."""
        if words not in self._told and len(self._told) < 200:
            self._told.add(words)
            log.info(words, channel=NAME, **detail)


def _name(event: dict[str, Any]) -> str:
    return str(event.get("event_name"))[:60]
