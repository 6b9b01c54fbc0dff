"""Against guessing: wrong tries are counted per person and per network, wrong second signs per number.

Only hashes are kept, and only for a day. Within one process the looks of one network run one after the other,
so that many at once can't slip past the count.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from bot.dossiers.settings import DossierSettings
from bot.dossiers.state import Keys
from bot.messages import Message
from bot.store import dossiers
from bot.store.database import Database

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

_PEOPLE_OF_A_NETWORK = 5
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Person:
    """Who asks: hashes of the person, and of the network where the channel knows it (else the person again)."""

    key: str
    network: str

    @classmethod
    def of(cls, message: Message, keys: Keys) -> Person:
        """From a message."""
        key = keys.of("person", message.channel, message.user_id)
        return cls(key, keys.of("network", message.network) if message.network else key)


class Guard:
    """Lets people look, until they have been wrong too often."""

    def __init__(self, database: Database, settings: DossierSettings, keys: Keys) -> None:
        self._database = database
        self._settings = settings
        self._keys = keys
        self._busy: dict[str, tuple[asyncio.Lock, int]] = {}

    @asynccontextmanager
    async def one_at_a_time(self, person: Person) -> AsyncIterator[None]:
        """Holds the network's place in the line."""
        lock, waiting = self._busy.get(person.network, (asyncio.Lock(), 0))
        self._busy[person.network] = (lock, waiting + 1)
        try:
            async with lock:
                yield
        finally:
            lock, waiting = self._busy[person.network]
            if waiting == 1:
                del self._busy[person.network]
            else:
                self._busy[person.network] = (lock, waiting - 1)

    async def must_pause(
        self, connection: AsyncConnection, person: Person, number: str, has_sign: bool, now: datetime
    ) -> bool:
        """Whether this look is refused. A number under attack keeps its details to itself for a day."""
        wrong, numbers = self._settings.wrong_tries_an_hour, self._settings.numbers_an_hour
        tries = await dossiers.tries(
            connection, person.key, person.network, self._number(number), now - HOUR, now - DAY
        )
        return (
            max(tries.by_person, tries.by_network) >= wrong
            or (has_sign and tries.signs_of_number >= wrong)
            or tries.looked_by_person >= numbers
            or tries.looked_by_network >= _PEOPLE_OF_A_NETWORK * numbers
        )

    def looked(self, person: Person, number: str, now: datetime) -> Callable[[AsyncConnection], Awaitable[None]]:
        """Counts a right look; to be written with the turn, which saves a flush to disk."""
        key = self._number(number)
        return lambda c: dossiers.add_try(c, dossiers.LOOK, person.key, person.network, key, now)

    async def count(self, kind: str, person: Person, number: str, now: datetime) -> None:
        """Counts a wrong try at once, not with the turn: a crash must not give it back."""
        key = self._number(number)
        await self._database.write(lambda c: dossiers.add_try(c, kind, person.key, person.network, key, now))

    def _number(self, number: str) -> str:
        return self._keys.of("number", number)
