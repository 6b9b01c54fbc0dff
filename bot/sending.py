"""The one door through which everything leaves: in order per chat, at the platform's pace, with
retries; a delivery ends as sent or as failed with its reason, never silently."""

from __future__ import annotations

import asyncio
import bisect
import random
import secrets
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import structlog

from bot.channels.base import Channel
from bot.errors import (
    ChannelError,
    ChannelLater,
    ChannelMoved,
    ChannelRefused,
    ChannelThrottled,
    CitizenUnreachable,
    QuotaUsedUp,
    ReplyRejected,
    WindowClosed,
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
_REFUSED_PAUSE = timedelta(minutes=5)
_GIVE_UP_REFUSED = 288  # tries at that pause: a day
Sleep = Callable[[float], Awaitable[None]]


class Sender:
    """Delivers the outbox. Fresh replies come through ``push``; a slow sweep finds orphans."""

    def __init__(self, database: Database, channels: Iterable[Channel], sleep: Sleep = asyncio.sleep) -> None:
        self.owner = secrets.token_hex(8)
        self._database = database
        self._channels: Mapping[str, Channel] = {channel.name: channel for channel in channels}
        self._paces = {name: Pace(channel.limits, sleep) for name, channel in self._channels.items()}
        self._lines: dict[tuple[str, str], list[Delivery]] = {}
        self._under_way = 0
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
        for pace in self._paces.values():
            pace.stop()

    @property
    def waiting(self) -> int:
        """How many deliveries this process has in hand."""
        return sum(len(line) for line in self._lines.values()) + self._under_way

    def claim(self, now: datetime) -> tuple[str, datetime]:
        """The claim to write on new outbox rows."""
        return self.owner, now + _CLAIM

    def push(self, deliveries: Iterable[Delivery]) -> None:
        """Sends these soon: after what waits for the same chat and is at least as urgent."""
        for delivery in deliveries:
            key = (delivery.channel, delivery.chat_id)
            if key in self._lines:
                _put(self._lines[key], delivery)
                self._paces[delivery.channel].hurry(delivery.chat_id, delivery.priority)
            else:
                self._lines[key] = [delivery]
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
        line, pace = self._lines[key], self._paces[key[0]]
        while line:
            await pace.turn(key[1], line[0].priority)
            delivery = line.pop(0)  # only now: while it waited, something more urgent may have come
            self._under_way += 1
            try:
                again = await self._deliver(delivery)
            except asyncio.CancelledError:
                raise
            except Exception:
                log.exception("delivery could not be settled", channel=key[0])
                await self._sleep(1)
                again = delivery
            finally:
                self._under_way -= 1
            if again is not None:
                _put(line, again, first=True)
        del self._lines[key]

    async def _deliver(self, delivery: Delivery) -> Delivery | None:
        """One call; the delivery to try again, or None when it is settled."""
        try:
            await self._channels[delivery.channel].send(delivery)
        except ChannelError as error:
            return await self._after(error, delivery)
        await self._settle(delivery, "sent")
        return None

    async def _after(self, error: ChannelError, delivery: Delivery) -> Delivery | None:
        """Decides what a failed call means: the delivery to try again, or None when it is settled."""
        reason = f"{type(error).__name__}: {error}"
        if isinstance(error, ChannelThrottled):  # not this message's fault, so no try is counted
            self._paces[delivery.channel].pause(error.retry_after)
            return delivery
        again = replace(delivery, attempts=delivery.attempts + 1)
        if isinstance(error, CitizenUnreachable):
            await self._unreachable(delivery, reason)
        elif isinstance(error, WindowClosed):
            await self._settle(delivery, "failed", reason)
        elif isinstance(error, ReplyRejected) or again.attempts >= _patience(error):
            log.error("reply given up", channel=delivery.channel, reason=reason)
            await self._settle(delivery, "failed", reason)
        elif isinstance(error, ChannelLater | ChannelRefused):
            await self._postpone(error, delivery, reason)
        elif isinstance(error, ChannelMoved):
            new, old = error.new_chat_id, delivery.chat_id
            await self._database.write(lambda c: conversations.move_chat(c, delivery.channel, old, new))
            return replace(again, chat_id=new)
        else:
            await self._database.write(lambda c: outbox.count_attempt(c, delivery.id, reason))
            await self._sleep(min(60.0, 0.5 * 2**again.attempts) * random.uniform(0.7, 1.3))
            return again
        return None

    async def _postpone(self, error: ChannelLater | ChannelRefused, delivery: Delivery, reason: str) -> None:
        """Puts it back for later; the sweep takes it up when its time has come."""
        until = error.until if isinstance(error, ChannelLater) else datetime.now(UTC) + _REFUSED_PAUSE
        if isinstance(error, QuotaUsedUp | ChannelRefused):
            log.error("ALARM: sending has stopped", channel=delivery.channel, reason=reason)
        await self._database.write(lambda c: outbox.postpone(c, delivery.id, until, reason))

    async def _unreachable(self, delivery: Delivery, reason: str) -> None:
        now = datetime.now(UTC)
        place = (delivery.channel, delivery.chat_id)
        await self._database.write(lambda c: outbox.fail_chat(c, *place, reason, now))
        await self._database.write(lambda c: conversations.set_reachable(c, *place, False, now))

    async def _settle(self, delivery: Delivery, state: str, reason: str | None = None) -> None:
        now = datetime.now(UTC)
        await self._database.write(lambda c: outbox.settle(c, delivery.id, state, now, reason))


def _patience(error: ChannelError) -> int:
    """How many tries a delivery gets: a day, when someone must first put our account in order."""
    return _GIVE_UP_REFUSED if isinstance(error, ChannelRefused) else _GIVE_UP


def _put(line: list[Delivery], delivery: Delivery, first: bool = False) -> None:
    """Into its place: behind (or with ``first`` before) what is as urgent."""
    place = bisect.bisect_left if first else bisect.bisect_right
    line.insert(place(line, delivery.priority, key=lambda other: other.priority), delivery)
