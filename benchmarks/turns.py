"""Full turns a second: stored, understood, answered, committed, sent; SQLite on disk, one process."""

from __future__ import annotations

import asyncio
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from bot.app import App
from bot.messages import Message
from bot.reload import Shelf
from bot.store.database import Database
from tests.faults.child import Notebook, a_config

_TURNS = 3000
_AT_ONCE = 100
_QUESTIONS = (
    "làm giấy khai sinh cần gì",
    "dang ky tam tru mat bao lau",
    "sổ đỏ làm ở đâu",
    "cảm ơn bạn",
    "giá vàng hôm nay",
)


async def _run(url: str, folder: Path, turns: int) -> tuple[float, float]:
    config = a_config()
    database = await Database.open(url)
    app = App(
        config,
        Shelf(config.knowledge, config.settings.search, config.catalogue, config.cache),
        database,
        [Notebook(folder / "sent")],
    )
    await app.start()
    gate = asyncio.Semaphore(_AT_ONCE)
    stored: list[float] = []

    async def one(number: int) -> None:
        async with gate:
            began = time.perf_counter()
            chat = f"c{number % 500}"
            text = _QUESTIONS[number % len(_QUESTIONS)]
            await app.receive(Message("fake", chat, chat, f"b{number}", text, datetime.now(UTC)))
            stored.append((time.perf_counter() - began) * 1000)

    began = time.perf_counter()
    await asyncio.gather(*(one(number) for number in range(turns)))
    while not app.turns.is_idle or app.sender.waiting:
        await asyncio.sleep(0.005)
    spent = time.perf_counter() - began
    await app.stop()
    return turns / spent, sorted(stored)[int(len(stored) * 0.99)]


def measure() -> dict[str, float]:
    """Turns a second and the 99th percentile of "stored", under full load."""
    with tempfile.TemporaryDirectory(prefix="motcua-bench-") as name:
        folder = Path(name)
        rate, stored = asyncio.run(_run(f"sqlite+aiosqlite:///{folder}/bench.db", folder, _TURNS))
    return {"turns_per_s_sqlite": round(rate, 1), "stored_p99_ms_sqlite": round(stored, 1)}
