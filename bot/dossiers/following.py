"""Tells followers what has changed: once, by day, also across a crash; reminds once before the promised day.

Table sources change by import; HTTP sources are polled here, within their limits. Both end in the table of
dossiers, and a follower is told when it differs from what they were told last. So an outage is no news, and
neither is a change that was undone before we looked.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta, tzinfo
from typing import TYPE_CHECKING, Protocol

import structlog

from bot.dossiers.service import Dossiers
from bot.dossiers.settings import DossierSettings, HttpSource
from bot.dossiers.state import State
from bot.errors import DossierUnavailable
from bot.knowledge.dossiers import Dossiers as Words
from bot.messages import Delivery, Place, Reply
from bot.store import dossiers, filed, follows
from bot.store.database import Database
from bot.store.follows import Follow

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

log = structlog.get_logger(__name__)
_BATCH = 500  # notices that share one transaction
_POLLED = 100  # answers of a source that share one
_RETRY = timedelta(minutes=5)  # after a failed call
_ENDED_KEPT = timedelta(days=90)


class Teller(Protocol):
    """What says it: bot.notices."""

    async def add(self, connection: AsyncConnection, place: Place, reply: Reply, now: datetime) -> list[Delivery]:
        """Queues in the caller's transaction."""

    async def add_all(
        self, connection: AsyncConnection, notices: Sequence[tuple[Place, Reply]], now: datetime
    ) -> list[Delivery]:
        """The same for many at once."""

    def push(self, deliveries: Sequence[Delivery]) -> None:
        """Sends after the commit."""


class Wording(Protocol):
    """How a notice reads; made by handlers, who know the texts."""

    def changed(self, tie: Follow, state: State) -> Reply:
        """It has moved on."""

    def due(self, tie: Follow, state: State) -> Reply:
        """Tomorrow is the day."""


class Following:
    """The rounds of the clock."""

    def __init__(
        self,
        database: Database,
        service: Dossiers,
        teller: Teller,
        wording: Wording,
        words: Callable[[], Words],
        zone: tzinfo,
    ) -> None:
        self._database = database
        self._service = service
        self._teller = teller
        self._wording = wording
        self._words = words
        self._zone = zone
        self._failed: defaultdict[str, dict[str, datetime]] = defaultdict(dict)  # source -> number -> when

    async def poll(self, source: HttpSource, now: datetime, seconds: float) -> int:
        """Asks one source after followed dossiers, as many as its limit allows in so many seconds."""
        numbers = await self._due(source, now, max(1, int(source.calls_per_second * seconds)))
        asked = 0
        for batch in _batched(numbers, _POLLED):
            answers, failed = await self._ask_all(source, batch)
            asked += len(answers) + len(failed)
            self._failed[source.name].update(dict.fromkeys(failed, now))
            news = [state for state in answers.values() if state is not None]
            await self._database.write(lambda c, a=list(answers), n=news: _keep(c, source.name, a, n, now))  # type: ignore[misc]
            if len(answers) + len(failed) < len(batch):
                break  # it rests after failures
        return asked

    async def _due(self, source: HttpSource, now: datetime, most: int) -> list[str]:
        """The numbers to ask after, the longest waiting first. Those whose last call failed are tried again soon,
        but after all others, so that some that always fail don't hold the rest up."""
        interval = timedelta(minutes=source.poll_minutes)
        failed = {number: at for number, at in self._failed[source.name].items() if now - at < interval}
        self._failed[source.name] = failed
        enough, before = most + len(failed), now - interval
        async with self._database.reading() as connection:
            numbers = await follows.to_poll(connection, source.name, before, enough)
            numbers += await filed.to_poll(connection, source.name, before, enough)
        again = [number for number in numbers if number in failed and now - failed[number] >= _RETRY]
        return ([number for number in numbers if number not in failed] + again)[:most]

    async def _ask_all(
        self, source: HttpSource, numbers: Sequence[str]
    ) -> tuple[dict[str, State | None], list[str]]:
        """Number -> state, None where the source knows none; and those whose call failed. The rest was not asked.

        Several calls are under way at once, or a slow source would never be asked as often as it allows; no more
        than start within a second, so that a person who asks meanwhile waits no longer than that."""
        asker, waiting = self._service.askers[source.name], iter(numbers)
        answers, failed = dict[str, State | None](), list[str]()

        async def work() -> None:
            for number in waiting:
                if asker.is_resting:
                    return
                try:
                    answers[number] = await asker.ask(number)
                except DossierUnavailable:
                    if asker.is_resting:
                        return
                    failed.append(number)

        await asyncio.gather(*(work() for _ in range(max(1, int(source.calls_per_second)))))
        return answers, failed

    async def tell(self, now: datetime) -> int:
        """Tells all that changed; nothing at night, it keeps until morning."""
        if is_quiet(now.astimezone(self._zone), self._service.settings):
            return 0
        told = after = 0
        ending = [code for code, status in self._words().statuses.items() if status.ends]
        while True:
            batch, deliveries = await self._database.write(lambda c, a=after: self._tell(c, a, ending, now))  # type: ignore[misc]
            self._teller.push(deliveries)
            told += len(batch)
            if len(batch) < _BATCH:
                return told
            after = batch[-1][0].id

    async def _tell(
        self, connection: AsyncConnection, after: int, ending: Sequence[int], now: datetime
    ) -> tuple[list[tuple[Follow, State]], list[Delivery]]:
        """Notes a batch as told and queues the notices, in one transaction."""
        batch = await follows.take_changed(connection, after, _BATCH, ending, now)
        notices = [(follow.place, self._wording.changed(follow, state)) for follow, state in batch]
        return batch, await self._teller.add_all(connection, notices, now)

    async def remind(self, now: datetime) -> int:
        """One reminder on the day before the promised one, for those who proved that it is theirs."""
        local = now.astimezone(self._zone)
        if is_quiet(local, self._service.settings):
            return 0
        day = local.date() + timedelta(days=1)
        running = [code for code, status in self._words().statuses.items() if not status.ends and not status.good]
        reminded = after = 0
        while True:
            async with self._database.reading() as connection:
                batch = await follows.due(connection, day, running, after, _BATCH)
            if not batch:
                return reminded
            after = batch[-1][0].id

            async def change(connection: AsyncConnection, batch=batch) -> list[Delivery]:  # type: ignore[no-untyped-def]
                deliveries: list[Delivery] = []
                for follow, state in batch:
                    if await follows.mark_reminded(connection, follow, day):
                        reply = self._wording.due(follow, state)
                        deliveries += await self._teller.add(connection, follow.place, reply, now)
                return deliveries

            deliveries = await self._database.write(change)
            self._teller.push(deliveries)
            reminded += len(deliveries)

    async def changes_round(self) -> None:
        """The job: tell and remind."""
        now = datetime.now(UTC)
        told, reminded = await self.tell(now), await self.remind(now)
        if told or reminded:
            log.info("followers told", changes=told, reminders=reminded)

    async def poll_round(self) -> None:
        """The job: each HTTP source gets as many calls as fit between two rounds."""
        seconds = self._service.settings.change_seconds
        awake = [asker.settings for asker in self._service.askers.values() if not asker.is_resting]
        await asyncio.gather(*(self.poll(source, datetime.now(UTC), seconds) for source in awake))

    async def tidy(self) -> None:
        """The job: forget tries of yesterday and ties long ended."""
        now = datetime.now(UTC)
        await self._database.write(lambda c: dossiers.tidy(c, now - timedelta(days=1)))
        await self._database.write(lambda c: follows.tidy(c, now - _ENDED_KEPT))


async def _keep(
    connection: AsyncConnection, source: str, asked: Sequence[str], news: Sequence[State], now: datetime
) -> None:
    """What a batch of answers came to; all count as asked, or one with older news would be asked for ever."""
    await dossiers.put(connection, news, now)
    await dossiers.mark_checked(connection, source, asked, now)
    await filed.still_unknown(connection, source, asked, now)


def _batched(numbers: Sequence[str], size: int) -> list[Sequence[str]]:
    """In portions of ``size``."""
    return [numbers[at : at + size] for at in range(0, len(numbers), size)]


def is_quiet(local: datetime, settings: DossierSettings) -> bool:
    """Whether people may be asleep; the hours may span midnight."""
    start, end = settings.quiet_from, settings.quiet_until
    return start <= local.hour < end if start <= end else local.hour >= start or local.hour < end
