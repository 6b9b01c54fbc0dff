"""Messages the bot sends unasked: a dossier has moved, a guide waits. They leave after answers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from bot.messages import Delivery, Place, Reply
from bot.sending import Sender
from bot.store import outbox

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection


class Notices:
    """Queues notices in the transaction of what they tell, so that nothing is told twice or not at all."""

    def __init__(self, sender: Sender, parts: Callable[[str, Reply], list[Reply]]) -> None:
        """``parts``: cuts a reply to the limits of a channel, by its name."""
        self._sender = sender
        self._parts = parts

    async def add(self, connection: AsyncConnection, place: Place, reply: Reply, now: datetime) -> list[Delivery]:
        """Queues a notice in the caller's transaction; hand the result to ``push`` after the commit."""
        parts = self._parts(place.channel, reply)
        return await outbox.add(connection, place, parts, self._sender.claim(now), now, outbox.NOTICE)

    async def add_all(
        self, connection: AsyncConnection, notices: Sequence[tuple[Place, Reply]], now: datetime
    ) -> list[Delivery]:
        """The same for many notices at once."""
        parts = [(place, part) for place, reply in notices for part in self._parts(place.channel, reply)]
        return await outbox.add_many(connection, parts, self._sender.claim(now), now, outbox.NOTICE)

    def push(self, deliveries: Iterable[Delivery]) -> None:
        """Sends what was queued; what a crash kept from here the sender's sweep finds."""
        self._sender.push(deliveries)
