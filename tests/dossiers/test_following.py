"""Following: told once, by day, of real changes only; reminded once; ended with the result; also across SIGKILL."""

from __future__ import annotations

import asyncio
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from bot.dossiers.following import Following, is_quiet
from bot.dossiers.service import Dossiers
from bot.dossiers.settings import DossierSettings, HttpSource
from bot.dossiers.state import State
from bot.errors import DossierUnavailable
from bot.messages import Delivery, Place, Reply
from bot.notices import Notices
from bot.sending import Sender
from bot.store.database import Database
from bot.store.follows import Follow
from tests.conftest import ROOT, SilentChannel, a_message
from tests.dossiers.shared import KEYS, NOW, NUMBER, WORDS, ZONE, a_service, a_state, number, put
from tests.dossiers.test_http import settings
from tests.faults.follow_child import COUNT

ME = Place("fake", "chat", "person")
NIGHT = datetime(2026, 11, 25, 22, 0, tzinfo=ZONE)


class Plain:
    """Notices in few words."""

    def changed(self, tie: Follow, state: State) -> Reply:
        return Reply(f"{state.number} {state.status}")

    def due(self, tie: Follow, state: State) -> Reply:
        return Reply(f"{state.number} due")


class Told(Notices):
    """Keeps what was pushed."""

    def __init__(self, database: Database) -> None:
        super().__init__(Sender(database, [SilentChannel()]), lambda channel, reply: [reply])
        self.told: list[str] = []

    def push(self, deliveries: list[Delivery]) -> None:  # type: ignore[override]
        self.told += [delivery.reply.text for delivery in deliveries]


@pytest.fixture
async def service(database: Database) -> Dossiers:
    await put(database, a_state())
    return a_service(database)


@pytest.fixture
def told(database: Database) -> Told:
    return Told(database)


@pytest.fixture
def following(database: Database, service: Dossiers, told: Told) -> Following:
    return Following(database, service, told, Plain(), lambda: WORDS, ZONE)


async def follow(service: Dossiers, database: Database, verified: bool = True) -> None:
    await database.write(service.followed(ME, a_state(), verified))


async def test_a_change_is_told_once(
    service: Dossiers, database: Database, following: Following, told: Told
) -> None:
    await follow(service, database)
    assert await following.tell(NOW) == 0
    await put(database, a_state(status=5))
    assert await following.tell(NOW) == 1
    assert await following.tell(NOW) == 0
    assert told.told == [f"{NUMBER} 5"]


async def test_a_change_undone_before_we_looked_is_no_news(
    service: Dossiers, database: Database, following: Following
) -> None:
    await follow(service, database)
    await put(database, a_state(status=5))
    await put(database, a_state(as_of=NOW + timedelta(minutes=1)))
    assert await following.tell(NOW) == 0


async def test_newer_news_without_a_change_is_not_told(
    service: Dossiers, database: Database, following: Following
) -> None:
    await follow(service, database)
    await put(database, a_state(as_of=NOW + timedelta(days=1), unit="Phòng khác"))
    assert await following.tell(NOW) == 0


async def test_a_new_day_is_told_only_to_who_proved_it(
    service: Dossiers, database: Database, following: Following, told: Told
) -> None:
    await follow(service, database, verified=False)
    await put(database, a_state(due=date(2026, 12, 24)))
    assert await following.tell(NOW) == 0
    await put(database, a_state(due=date(2026, 12, 24), status=5))
    assert await following.tell(NOW) == 1


async def test_the_night_is_quiet_and_the_morning_tells_the_newest(
    service: Dossiers, database: Database, following: Following, told: Told
) -> None:
    await follow(service, database)
    await put(database, a_state(status=5))
    assert await following.tell(NIGHT) == 0
    await put(database, a_state(status=9, as_of=NOW + timedelta(hours=1)))
    assert await following.tell(NIGHT + timedelta(hours=9)) == 1
    assert told.told == [f"{NUMBER} 9"]


@pytest.mark.parametrize(
    ("hour", "quiet"), [(20, False), (21, True), (23, True), (0, True), (6, True), (7, False), (12, False)]
)
def test_quiet_hours(hour: int, quiet: bool) -> None:
    assert is_quiet(datetime(2026, 11, 25, hour, 30, tzinfo=ZONE), DossierSettings()) is quiet


async def test_following_ends_with_the_result(service: Dossiers, database: Database, following: Following) -> None:
    await follow(service, database)
    await put(database, a_state(status=10))
    assert await following.tell(NOW) == 1
    assert [tie.following for tie in await service.ties(ME)] == [False]
    await put(database, a_state(status=4, as_of=NOW + timedelta(hours=1)))
    assert await following.tell(NOW) == 0


async def test_who_stopped_is_not_told(service: Dossiers, database: Database, following: Following) -> None:
    await follow(service, database)
    await database.write(service.unfollowed(ME, None))
    await put(database, a_state(status=5))
    assert await following.tell(NOW) == 0


async def test_one_reminder_on_the_day_before(
    service: Dossiers, database: Database, following: Following, told: Told
) -> None:
    await follow(service, database)
    eve = datetime(2026, 12, 1, 8, 0, tzinfo=ZONE)
    assert await following.remind(eve - timedelta(days=1)) == 0
    assert await following.remind(eve.replace(hour=6)) == 0
    assert await following.remind(eve) == 1
    assert await following.remind(eve + timedelta(hours=3)) == 0
    await put(database, a_state(due=date(2026, 12, 20), as_of=NOW + timedelta(hours=1)))
    assert await following.remind(datetime(2026, 12, 19, 8, 0, tzinfo=ZONE)) == 1, "a new day, a new reminder"


async def test_no_reminder_when_it_is_done_or_not_proved(
    service: Dossiers, database: Database, following: Following
) -> None:
    eve = datetime(2026, 12, 1, 8, 0, tzinfo=ZONE)
    await follow(service, database, verified=False)
    assert await following.remind(eve) == 0
    await follow(service, database)
    await put(database, a_state(status=9))
    assert await following.remind(eve) == 0


def polling(database: Database, told: Told, calls: int) -> tuple[HttpSource, Dossiers, Following]:
    """Following over a source that may be asked so often a second, and after each number once an hour."""
    source = settings("rest", "http://127.0.0.1:1", poll_minutes=60, calls_per_second=calls)
    given = DossierSettings(hosts=("127.0.0.1",), sources=(source,))
    service = Dossiers(database, given, lambda: WORDS, KEYS, ZONE, {})
    return source, service, Following(database, service, told, Plain(), lambda: WORDS, ZONE)


async def test_a_source_over_http_is_polled_within_its_limit_and_an_outage_is_no_news(
    database: Database, told: Told
) -> None:
    source, service, following = polling(database, told, calls=2)
    states = [a_state(f"H24.90.01-260915-{at:04}", source="rest") for at in range(10)]
    await put(database, *states)
    for state in states:
        await database.write(service.followed(ME, state, False))
    asked: list[str] = []

    async def ask(number: str) -> State | None:
        asked.append(number)
        if number.endswith("3"):
            raise DossierUnavailable("down")
        return a_state(number, source="rest", status=9, as_of=later)

    later = NOW + timedelta(minutes=61)
    service.askers["rest"].ask = ask  # type: ignore[method-assign]
    assert await following.poll(source, NOW, 3) == 0, "nothing is due yet"
    assert await following.poll(source, later, 3) == 6
    assert await following.poll(source, later, 3) == 4
    assert await following.poll(source, later, 3) == 0
    assert sorted(asked) == [state.number for state in states]
    assert await following.tell(later) == 9
    assert await following.tell(later) == 0


async def test_a_failed_call_is_no_check_and_is_tried_again_soon_but_last(database: Database, told: Told) -> None:
    source, service, following = polling(database, told, calls=1)
    bad, good = "H24.90.01-260915-0001", "H24.90.01-260915-0002"
    for at, text in enumerate((bad, good)):
        state = a_state(text, source="rest")
        await put(database, state, now=NOW + timedelta(minutes=6 * at))
        await database.write(service.followed(ME, state, False))
    asked: list[str] = []

    async def ask(text: str) -> State | None:
        asked.append(text)
        if text == bad and len(asked) < 3:
            raise DossierUnavailable("down")
        return a_state(text, source="rest", status=9, as_of=NOW + timedelta(hours=1))

    service.askers["rest"].ask = ask  # type: ignore[method-assign]
    counts = [await following.poll(source, NOW + timedelta(minutes=at), 1) for at in (61, 62, 67, 68, 73, 74)]
    assert (counts, asked) == ([1, 0, 1, 1, 0, 0], [bad, good, bad])
    assert await following.tell(NOW + timedelta(minutes=74)) == 2


async def test_a_number_given_at_the_end_of_a_guide_is_asked_after_until_a_source_knows_it(
    database: Database, told: Told
) -> None:
    source, service, following = polling(database, told, calls=2)
    new = number("H24.90.01-261125-0001")
    found = await service.filed(new, a_message(), NOW.astimezone(ZONE).date(), NOW)
    assert found.is_new
    assert found.effect is not None
    await database.write(found.effect)
    answers: list[State | None] = [None, a_state(new.text, source="rest")]

    async def ask(text: str) -> State | None:
        assert text == new.text
        return answers.pop(0)

    service.askers["rest"].ask = ask  # type: ignore[method-assign]
    counts = [await following.poll(source, NOW + timedelta(minutes=at), 3) for at in (1, 61, 62, 122, 123)]
    assert counts == [0, 1, 0, 1, 0]
    assert await following.tell(NOW + timedelta(minutes=123)) == 1
    assert told.told == [f"{new.text} 4"]


async def test_a_slow_source_is_asked_as_often_as_it_allows(database: Database, told: Told) -> None:
    """Ten calls are under way at once, and one whose news is older than ours is not asked for ever."""
    source, service, following = polling(database, told, calls=10)
    states = [a_state(f"H24.90.01-260915-{at:04}", source="rest") for at in range(10)]
    await put(database, *states)
    for state in states:
        await database.write(service.followed(ME, state, False))
    under_way, all_here = 0, asyncio.Event()

    async def ask(number: str) -> State | None:
        nonlocal under_way
        under_way += 1
        if under_way == len(states):
            all_here.set()
        await asyncio.wait_for(all_here.wait(), 5)
        return a_state(number, source="rest", status=9, as_of=NOW - timedelta(days=1))

    service.askers["rest"].ask = ask  # type: ignore[method-assign]
    later = NOW + timedelta(minutes=61)
    assert await following.poll(source, later, 60) == 10
    assert await following.poll(source, later, 60) == 0
    assert await following.tell(later) == 0


def test_no_change_is_told_twice_or_missed_across_kills(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.faults.follow_child", str(tmp_path)]
    assert subprocess.run([*command, "prepare"], cwd=ROOT, check=False, timeout=60).returncode == 0
    for pause in (0.05, 0.15, 0.3):
        child = subprocess.Popen([*command, "tell"], cwd=ROOT)
        while child.poll() is None and not (tmp_path / "began").exists():
            time.sleep(0.01)
        time.sleep(pause)
        child.send_signal(signal.SIGKILL)
        child.wait()
        (tmp_path / "began").unlink(missing_ok=True)
    assert subprocess.run([*command, "tell"], cwd=ROOT, check=False, timeout=60).returncode == 0
    database = sqlite3.connect(tmp_path / "follow.db")
    told = Counter(row[0] for row in database.execute("SELECT body FROM outbox"))
    database.close()
    assert len(told) == COUNT
    assert set(told.values()) == {1}
