"""The one door through which everything leaves: in order per chat, at the platform's pace, with
retries; a delivery ends as sent or as failed with its reason, never silently."""

from __future__ import annotations

import asyncio
import random
import secrets
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta

import structlog

from bot.channels.base import Channel
from bot.errors import (
    ChannelError,
    ChannelMoved,
    ChannelThrottled,
    CitizenUnreachable,
    ReplyRejected,
)
from bot.messages import Delivery
from bot.pace import Pace
from bot.store import conversations, outbox
from bot.store.database import Database
from bot.tasks import Tasks

log = structlog.get_logger()
_CLAIM = timedelta(seconds=30)
_SWEEP = 10.0  # seconds between looking for what a crash left behind
_GIVE_UP = 40  # tries; with pauses of up to a minute this is over half an hour of outage
Sleep = Callable[[float], Awaitable[None]]


class Sender:
    """Delivers the outbox. Fresh replies come through ``push``; a slow sweep finds orphans."""

    def __init__(self, database: Database, channels: Iterable[Channel], sleep: Sleep = asyncio.sleep) -> None:
        self.owner = secrets.token_hex(8)
        self._database = database
        self._channels: Mapping[str, Channel] = {channel.name: channel for channel in channels}
        self._paces = {name: Pace(channel.limits, sleep) for name, channel in self._channels.items()}
        self._lines: dict[tuple[str, str], deque[Delivery]] = {}
        self._tasks = Tasks()
        self._sleep = sleep

    async def start(self) -> None:
        """Takes over what waits, then keeps sweeping."""
        if self._database.is_sqlite:  # no other process can be sending: see run.py's lock
            await self._database.write(lambda c: outbox.release(c, list(self._channels)))
        await self.sweep()
        self._tasks.start(self._tasks.repeat(_SWEEP, self.sweep))

    async def stop(self, patience: float = 5.0) -> None:
        """Lets what is on its way arrive, then stops; the rest stays in the outbox."""
        await self._tasks.stop(patience)

    @property
    def waiting(self) -> int:
        """How many deliveries this process has in hand."""
        return sum(len(line) for line in self._lines.values())

    def claim(self, now: datetime) -> tuple[str, datetime]:
        """The claim to write on new outbox rows."""
        return self.owner, now + _CLAIM

    def push(self, deliveries: Iterable[Delivery]) -> None:
        """Sends these soon, after what already waits for the same chat."""
        for delivery in deliveries:
            key = (delivery.channel, delivery.chat_id)
            if key in self._lines:
                self._lines[key].append(delivery)
            else:
                self._lines[key] = deque([delivery])
                self._tasks.start(self._work(key))

    async def sweep(self) -> None:
        """Renews our claims and takes over those of senders that are gone."""
        now = datetime.now(UTC)
        await self._database.write(lambda c: outbox.renew(c, self.owner, now + _CLAIM))
        orphans = await self._database.write(
            lambda c: outbox.claim(c, list(self._channels), self.owner, now + _CLAIM, now)
        )
        self.push(orphans)

    async def _work(self, key: tuple[str, str]) -> None:
        line = self._lines[key]
        while line:
            try:
                await self._deliver(line[0])
            except asyncio.CancelledError:
                raise
            except Exception:
                log.exception("delivery could not be settled", channel=key[0])
                await self._sleep(1)
                continue
            line.popleft()
        del self._lines[key]

    async def _deliver(self, delivery: Delivery) -> None:
        channel, tries = self._channels[delivery.channel], delivery.attempts
        while True:
            await self._paces[delivery.channel].turn(delivery.chat_id)
            try:
                await channel.send(delivery)
            except ChannelError as error:
                tries += 1
                moved = await self._after(error, delivery, tries)
                if moved is None:
                    return
                delivery = moved
            else:
                await self._settle(delivery, "sent")
                return

    async def _after(self, error: ChannelError, delivery: Delivery, tries: int) -> Delivery | None:
        """Decides what a failed call means: the delivery to try again, or None when it is settled."""
        reason = f"{type(error).__name__}: {error}"
        if isinstance(error, CitizenUnreachable):
            await self._unreachable(delivery, reason)
            return None
        if isinstance(error, ReplyRejected) or tries >= _GIVE_UP:
            log.error("reply given up", channel=delivery.channel, reason=reason)
            await self._settle(delivery, "failed", reason)
            return None
        if isinstance(error, ChannelMoved):
            new, old = error.new_chat_id, delivery.chat_id
            await self._database.write(lambda c: conversations.move_chat(c, delivery.channel, old, new))
            return Delivery(delivery.id, delivery.channel, new, delivery.thread_id, delivery.reply, tries)
        await self._database.write(lambda c: outbox.count_attempt(c, delivery.id, reason))
        if isinstance(error, ChannelThrottled):
            self._paces[delivery.channel].pause(error.retry_after)
        else:
            await self._sleep(min(60.0, 0.5 * 2**tries) * random.uniform(0.7, 1.3))
        return delivery

    async def _unreachable(self, delivery: Delivery, reason: str) -> None:
        now = datetime.now(UTC)
        place = (delivery.channel, delivery.chat_id)
        await self._database.write(lambda c: outbox.fail_chat(c, *place, reason, now))
        await self._database.write(lambda c: conversations.set_reachable(c, *place, False, now))

    async def _settle(self, delivery: Delivery, state: str, reason: str | None = None) -> None:
        now = datetime.now(UTC)
        await self._database.write(lambda c: outbox.settle(c, delivery.id, state, now, reason))
