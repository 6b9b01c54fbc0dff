"""Looks dossiers up: which source covers a number, what may be shown to whom, and what is kept of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta, tzinfo
from enum import StrEnum
from typing import Any

from bot.dossiers.guard import Guard, Person
from bot.dossiers.http import Asker
from bot.dossiers.numbers import Number
from bot.dossiers.settings import DossierSettings, HttpSource, TableSource
from bot.dossiers.state import Keys, State
from bot.errors import DossierUnavailable
from bot.knowledge.dossiers import Dossiers as Words
from bot.messages import Message, Place
from bot.store import dossiers, filed, follows
from bot.store.database import Database
from bot.store.follows import Follow as Tie

__all__ = ["Answer", "Dossiers", "Outcome", "Tie"]

Write = Callable[[Any], Any]
_WAITING = 3  # numbers a chat may be verified for before any source knows them


class Outcome(StrEnum):
    """What a look came to."""

    FOUND = "found"  # the status only
    DETAILS = "details"  # the person proved that it is theirs
    UNKNOWN = "unknown"  # no such number, or the second sign does not fit: never said which
    PAUSED = "paused"
    UNCOVERED = "uncovered"  # no source of ours knows such numbers
    DOWN = "down"  # the source can't be reached and we know nothing of before


@dataclass(frozen=True, slots=True)
class Answer:
    """``state`` holds only what this person may see. ``is_stale``: the source is down, this is from before."""

    outcome: Outcome
    state: State | None = None
    is_stale: bool = False
    following: bool = False
    looked: Write | None = field(default=None, compare=False)  # an effect: the look is counted with the turn


@dataclass(frozen=True, slots=True)
class Filed:
    """``effect`` follows the number; None: it can't be followed. ``is_new``: no source knows it yet."""

    effect: Write | None = None
    is_new: bool = False


class Dossiers:
    """What handlers ask. Changes are given back as effects, to be written with the turn."""

    def __init__(
        self,
        database: Database,
        settings: DossierSettings,
        words: Callable[[], Words],
        keys: Keys,
        zone: tzinfo,
        environment: Mapping[str, str],
    ) -> None:
        self.settings = settings
        self.words = words
        self.keys = keys
        self._database = database
        self._zone = zone
        self._filled: set[str] = set()
        self._guard = Guard(database, settings, keys)
        self.askers = {
            source.name: Asker(source, settings.hosts, words, keys, zone, environment)
            for source in settings.sources
            if isinstance(source, HttpSource)
        }

    async def close(self) -> None:
        """Ends the connections to the sources."""
        for asker in self.askers.values():
            await asker.close()

    def source_of(self, number: Number) -> TableSource | HttpSource | None:
        """The first source that covers the number."""
        return next((source for source in self.settings.sources if _covers(source.numbers, number)), None)

    async def look_up(self, number: Number, sign: str, message: Message, now: datetime) -> Answer:
        """What this person may know of the dossier. ``sign``: the last three digits of the phone or ID, or "".

        Wrong and unknown give the same answer by the same way, so that neither words nor time tell them apart."""
        source = self.source_of(number)
        if source is None:
            return Answer(Outcome.UNCOVERED)
        person = Person.of(message, self.keys)
        async with self._guard.one_at_a_time(person):
            async with self._database.reading() as connection:
                if await self._guard.must_pause(connection, person, number.text, bool(sign), now):
                    return Answer(Outcome.PAUSED)
                kept = await dossiers.find(connection, number.text, source.name)
                tie = await follows.of_dossier(connection, message.place, number.text)
            try:
                state, is_stale = await self._newest(source, number.text, kept, now)
            except DossierUnavailable:
                return Answer(Outcome.DOWN)
            fits = self.keys.fits(state, number.text, sign)
            if state is None and await self._is_empty(source):
                return Answer(Outcome.UNCOVERED)
            if state is None or (sign and not fits):
                kind = dossiers.SIGN if sign else dossiers.WRONG
                await self._guard.count(kind, person, number.text, now)
                return Answer(Outcome.UNKNOWN)
        following = bool(tie and tie.following)
        looked = self._guard.looked(person, number.text, now)
        if fits or (tie and tie.verified):
            return Answer(Outcome.DETAILS, state, is_stale, following, looked)
        return Answer(Outcome.FOUND, _status_only(state), is_stale, following, looked)

    async def _newest(
        self, source: TableSource | HttpSource, number: str, kept: tuple[State, datetime] | None, now: datetime
    ) -> tuple[State | None, bool]:
        """The newest state to be had, and whether it is only from before. Raises DossierUnavailable."""
        if isinstance(source, TableSource):
            return (kept[0] if kept else None), False
        if kept and now - kept[1] < timedelta(minutes=source.cache_minutes):
            return kept[0], False
        try:
            return await self.refresh(source.name, number, now), False
        except DossierUnavailable:
            if kept is None:
                raise
            return kept[0], True

    async def _is_empty(self, source: TableSource | HttpSource) -> bool:
        """Whether a table was never handed in: then nobody's number is wrong, we just know nothing."""
        if isinstance(source, HttpSource) or source.name in self._filled:
            return False
        async with self._database.reading() as connection:
            if not await dossiers.has_any(connection, source.name):
                return True
        self._filled.add(source.name)
        return False

    async def refresh(self, source: str, number: str, now: datetime) -> State | None:
        """Asks the source over HTTP and keeps what it says. Raises DossierUnavailable."""
        state = await self.askers[source].ask(number)
        if state is not None:
            await self._database.write(lambda c: dossiers.put(c, [state], now))
        return state

    async def ties(self, place: Place) -> list[Tie]:
        """Everything this person asked after with proof or follows."""
        async with self._database.reading() as connection:
            return await follows.of_person(connection, place)

    async def tie(self, place: Place, id_: int) -> Tie | None:
        """One of this person's ties; never another's, whatever the button says."""
        return next((tie for tie in await self.ties(place) if tie.id == id_), None)

    async def known_state(self, number: str, source: str) -> State | None:
        """What we know without asking anybody."""
        async with self._database.reading() as connection:
            kept = await dossiers.find(connection, number, source)
        return kept[0] if kept else None

    async def filed(self, number: Number, message: Message, begun: date, now: datetime) -> Filed:
        """The number that a person says they were given at the end of a guide begun on that day.

        Anyone can type somebody else's number there, so what it proves is little, and this is the rule. It counts
        as the second sign only if all of it holds: the number carries its day of receipt, which lies between the
        day the guide was begun and today; no source of ours knows it yet (who copies a number that is already in
        the table proves nothing); no other chat has given, followed or proved it before; the person waits for
        fewer than ``_WAITING`` such numbers, and is not paused for wrong tries. Else the number is followed all
        the same, but only its status is told, as to anybody who knows a number.
        """
        source = self.source_of(number)
        if source is None:
            return Filed()
        person = Person.of(message, self.keys)
        async with self._database.reading() as connection:
            if await self._guard.must_pause(connection, person, number.text, False, now):
                return Filed()
            kept = await dossiers.find(connection, number.text, source.name)
            tie = await follows.of_dossier(connection, message.place, number.text)
        if kept is not None:
            return Filed(self.followed(message.place, kept[0], bool(tie and tie.verified)))
        today = now.astimezone(self._zone).date()
        is_fresh = number.day is not None and begun <= number.day <= today
        place, name = message.place, source.name
        return Filed(lambda c: filed.file(c, place, number.text, name, is_fresh, _WAITING, now), is_new=True)

    # --- effects, for the turn's transaction ---

    def verified(self, place: Place, state: State) -> Write:
        """The person has proved that the dossier is theirs (by a sign, or by filing it here)."""
        return lambda c: follows.save(c, place, state, datetime.now(UTC), verified=True)

    def followed(self, place: Place, state: State, is_verified: bool) -> Write:
        """From now on the person is told of changes."""
        return lambda c: follows.save(c, place, state, datetime.now(UTC), verified=is_verified, following=True)

    def unfollowed(self, place: Place, id_: int | None) -> Write:
        """No more, of one or (None) of all."""
        return lambda c: follows.stop(c, place, id_)

    def rated(self, place: Place, tie: Tie, state: State | None, stars: int) -> Write:
        """How satisfied the person was; again for the same dossier replaces it."""
        unit, code = (state.unit, state.procedure_code) if state else ("", "")
        return lambda c: follows.rate(c, place, tie.id, unit, code, stars, datetime.now(UTC))

    def rated_word(self, place: Place, tie_id: int, word: str) -> Write:
        """A word to the rating just given."""
        return lambda c: follows.rate_word(c, place, tie_id, word)

    def forgotten(self, message: Message) -> Write:
        """Everything we keep of the person, gone."""
        person = Person.of(message, self.keys).key
        return lambda c: follows.forget_person(c, message.place, person)


def _covers(numbers: Sequence[str], number: Number) -> bool:
    return any(one == number.kind.value or number.text.startswith(one) or number.letters == one for one in numbers)


def _status_only(state: State) -> State:
    """What anyone with the number may know."""
    return State(state.number, state.source, state.status, state.as_of)
