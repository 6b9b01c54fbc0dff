"""Fills the contracts of the Zalo channels with the database."""

from __future__ import annotations

import hashlib
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from bot.channels.zalo_oa.keeping import Keeping, Pair
from bot.channels.zalo_oa.login import Attempt
from bot.store import conversations, zalo
from bot.store.database import Database
from bot.store.together import Together
from bot.zalo.sealing import Seal

OA = "zalo_oa"
_PRECISE_ENOUGH = timedelta(minutes=10)
_FRESH = timedelta(hours=1)
_KEEP_LATELY = 5000
_STAFF_KNOWN = timedelta(seconds=2)
_LATE_REPEATS = timedelta(hours=4)  # Zalo repeats for almost two hours
_ZONE = ZoneInfo("Asia/Ho_Chi_Minh")


@dataclass(frozen=True, slots=True)
class FirstPair:
    """The pair an operator put into the environment; the access token may be missing or old."""

    access: str
    refresh: str

    @property
    def mark(self) -> str:
        """Tells this pair from another without giving it away."""
        return hashlib.sha256(self.refresh.encode()).hexdigest()


class TokensOf:
    """The token pair of one OA, sealed, under a lock of the whole database."""

    def __init__(self, database: Database, seal: Seal, oa_id: str, first: FirstPair | None = None) -> None:
        self._database = database
        self._seal = seal
        self._oa_id = oa_id
        self._first = first

    @asynccontextmanager
    async def lock(self) -> AsyncIterator[None]:
        """Only one process of all replicas is inside; a crash lets go."""
        async with self._database.alone(f"zalo-token-{self._oa_id}", wait=True):
            yield

    async def load(self) -> Pair | None:
        """The newest pair. One in the environment that was never used here comes first: an operator put it
        there because there was none, or because the one we had was lost."""
        async with self._database.reading() as connection:
            kept = await zalo.load_pair(connection, self._oa_id)
        if self._first and (kept is None or kept.problem) and (kept is None or kept.seed != self._first.mark):
            # Taken as expired, so that it is renewed (under the lock) before anything is sent with it.
            return Pair(self._first.access or "none", self._first.refresh, datetime.fromtimestamp(0, UTC))
        if kept is None:
            return None
        access, refresh = json.loads(self._seal.open(kept.sealed))
        return Pair(access, refresh, kept.expires_at)

    async def save(self, pair: Pair) -> None:
        """Returns once it is committed."""
        sealed = self._seal.close(json.dumps([pair.access, pair.refresh]))
        seed = self._first.mark if self._first else ""
        kept = zalo.SealedPair(sealed, pair.expires_at, seed)
        await self._database.write(lambda c: zalo.save_pair(c, self._oa_id, kept, datetime.now(UTC)))

    async def note_problem(self, problem: str) -> None:
        """Shown by the doctor and by /health until a new pair is saved."""
        first = self._first
        if first is not None:  # whatever was kept: this pair of the environment has been tried
            pair = Pair(first.access, first.refresh, datetime.fromtimestamp(0, UTC))
            sealed = self._seal.close(json.dumps([pair.access, pair.refresh]))
            async with self._database.reading() as connection:
                kept = await zalo.load_pair(connection, self._oa_id)
            if kept is None or kept.seed != first.mark:
                tried = zalo.SealedPair(sealed, pair.expires_at, first.mark, problem[:500])
                await self._database.write(lambda c: zalo.save_pair(c, self._oa_id, tried, datetime.now(UTC)))
                return
        await self._database.write(lambda c: zalo.note_problem(c, self._oa_id, problem))

    async def problem(self) -> str:
        """The line noted last, unless the environment holds a pair that was not tried yet."""
        async with self._database.reading() as connection:
            kept = await zalo.load_pair(connection, self._oa_id)
        if kept is None or (self._first and kept.problem and kept.seed != self._first.mark):
            return ""
        return kept.problem


class PeopleOf:
    """The 7-day window of each person."""

    def __init__(self, database: Database, oa_id: str) -> None:
        self._database = database
        self._oa_id = oa_id
        self._hearing: Together[tuple[str, datetime]] = Together(
            database, lambda c, people: zalo.heard(c, OA, oa_id, people)
        )
        self._lately: dict[str, datetime] = {}  # whom this process has heard of in the last minutes

    async def heard(self, user_id: str, at: datetime) -> None:
        """The person wrote. A window of days needs no note of every word of a conversation."""
        noted = self._lately.get(user_id)
        if noted is not None and at - noted < _PRECISE_ENOUGH:
            return
        await self._hearing.add((user_id, at))
        if len(self._lately) >= _KEEP_LATELY:
            self._lately.clear()
        self._lately[user_id] = at

    async def last_heard(self, user_id: str) -> datetime | None:
        """When, to within some minutes."""
        noted = self._lately.get(user_id)
        if noted is not None and datetime.now(UTC) - noted < _FRESH:  # later another replica may know more
            return noted
        async with self._database.reading() as connection:
            return await zalo.last_heard(connection, self._oa_id, user_id)

    async def window_closed(self, user_id: str, at: datetime) -> None:
        """Zalo says so."""
        self._lately.pop(user_id, None)
        await self._database.write(lambda c: zalo.close_window(c, self._oa_id, user_id, at))

    async def forget(self, user_id: str) -> None:
        """Everything of the person goes, conversation and messages as well."""
        self._lately.pop(user_id, None)
        await self._database.write(lambda c: conversations.forget_person(c, OA, user_id, user_id))


class SentOf:
    """Ids of our own messages."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def note(self, message_id: str, chat_id: str, at: datetime) -> None:
        """We sent this."""
        await self._database.write(lambda c: zalo.note_sent(c, message_id, chat_id, at))

    async def is_ours(self, message_id: str) -> bool:
        """Whether we did."""
        async with self._database.reading() as connection:
            return await zalo.is_sent(connection, message_id)


class StaffOf:
    """Whom staff answer by hand; few at a time, so all are read at once, every two seconds at most."""

    def __init__(
        self, database: Database, oa_id: str, now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._database = database
        self._oa_id = oa_id
        self._now = now
        self._read_at = datetime.min.replace(tzinfo=UTC)
        self._known: dict[str, datetime] = {}

    async def wrote(self, user_id: str, until: datetime) -> None:
        """Known here at once, to other replicas within two seconds."""
        await self._database.write(lambda c: zalo.staff_wrote(c, self._oa_id, user_id, until))
        self._read_at = datetime.min.replace(tzinfo=UTC)

    async def until(self, user_id: str) -> datetime | None:
        """The end of the latest pause, also of one that ended within Zalo's late repeats."""
        now = self._now()
        if now - self._read_at >= _STAFF_KNOWN:
            async with self._database.reading() as connection:
                self._known = await zalo.with_staff(connection, self._oa_id, now - _LATE_REPEATS)
            self._read_at = now
        return self._known.get(user_id)


class TemplatesOf:
    """The book of template messages."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def begin(self, tracking_id: str, template: str, by: str, now: datetime, patience: timedelta) -> str:
        """Opens a line or finds it."""
        return await self._database.write(
            lambda c: zalo.begin_template(c, tracking_id, template, by, now, patience)
        )

    async def settle(self, tracking_id: str, state: str, message_id: str, reason: str, now: datetime) -> None:
        """What the call brought."""
        await self._database.write(lambda c: zalo.settle_template(c, tracking_id, state, message_id, reason))

    async def delivered(self, message_id: str, tracking_id: str, at: datetime) -> None:
        """It arrived, so it was sent, even if its answer was lost. Receipts of other messages cost no write."""
        if await self._knows(message_id, tracking_id):
            changes = {"state": "sent", "delivered_at": at}
            await self._database.write(lambda c: zalo.mark_template(c, message_id, tracking_id, **changes))

    async def rated(self, message_id: str, tracking_id: str, rate: int) -> None:
        """The person rated it."""
        await self._database.write(lambda c: zalo.mark_template(c, message_id, tracking_id, rate=rate or None))

    async def _knows(self, message_id: str, tracking_id: str) -> bool:
        async with self._database.reading() as connection:
            return await zalo.has_template(connection, message_id, tracking_id)


class AttemptsOf:
    """Consents under way, begun by a command and finished by the running bot."""

    def __init__(self, database: Database, seal: Seal) -> None:
        self._database = database
        self._seal = seal

    async def begin(self, attempt: Attempt) -> None:
        """Keeps it, the verifier sealed."""
        sealed = self._seal.close(attempt.verifier)
        await self._database.write(lambda c: zalo.begin_login(c, attempt.state, sealed, attempt.begun_at))

    async def take(self, state: str, since: datetime) -> Attempt | None:
        """Gives it out once."""
        taken = await self._database.write(lambda c: zalo.take_login(c, state, since))
        return None if taken is None else Attempt(taken[0], self._seal.open(taken[1]), taken[2])


class BroadcastsOf:
    """The broadcasts of articles."""

    def __init__(self, database: Database, oa_id: str) -> None:
        self._database = database
        self._oa_id = oa_id

    async def begin(self, article_id: str, target: dict[str, object], now: datetime) -> int:
        """Notes it before it is asked for."""
        return await self._database.write(lambda c: zalo.begin_broadcast(c, self._oa_id, article_id, target, now))

    async def since(self, moment: datetime) -> list[tuple[str, datetime]]:
        """Article and time of those that went, or may have gone, since then."""
        async with self._database.reading() as connection:
            rows = await zalo.broadcasts_since(connection, self._oa_id, moment)
        return [(article_id, at) for article_id, _, at in rows]

    async def settle(self, row_id: int, state: str, message_id: str, reason: str) -> None:
        """What became of it."""
        await self._database.write(lambda c: zalo.settle_broadcast(c, row_id, state, message_id, reason))


class CountOf:
    """Messages a month of one Bot, over all replicas."""

    def __init__(self, database: Database, bot_id: str) -> None:
        self._database = database
        self._bot_id = bot_id

    async def add(self, at: datetime) -> int:
        """One more; how many that makes."""
        return await self._database.write(lambda c: zalo.count_bot_message(c, self._bot_id, _month(at)))

    async def sent(self, at: datetime) -> int:
        """How many so far."""
        async with self._database.reading() as connection:
            return await zalo.bot_messages(connection, self._bot_id, _month(at))


def _month(at: datetime) -> str:
    return at.astimezone(_ZONE).strftime("%Y-%m")


def keeping(database: Database, tokens: TokensOf, oa_id: str) -> Keeping:
    """All that the OA channel wants kept."""
    return Keeping(
        tokens, PeopleOf(database, oa_id), SentOf(database), TemplatesOf(database), StaffOf(database, oa_id)
    )


async def tidy(database: Database, keep: timedelta) -> None:
    """Deletes what is older than we may keep it."""
    now = datetime.now(UTC)
    await database.write(lambda c: zalo.tidy(c, now - keep, now))
