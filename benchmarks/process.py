"""Search: time per question over everything we have to ask, and start and memory of a real process."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

from bot.reload import Shelf
from bot.vietnamese import fold
from tests.faults.child import ROOT, a_config


def measure() -> dict[str, float]:
    """Milliseconds per question, over the example questions with and without accents."""
    config = a_config()
    shelf = Shelf(config.knowledge, config.settings.search, config.catalogue, config.cache)
    questions = [q for p in shelf.library.procedures.values() for q in (*p.questions, *p.aliases)]
    questions += [fold(question) for question in questions]
    times = []
    for question in questions:
        began = time.perf_counter()
        shelf.reader.read(question)
        times.append((time.perf_counter() - began) * 1000)
    times.sort()
    return {
        "search_p50_ms": round(times[len(times) // 2], 3),
        "search_p99_ms": round(times[int(len(times) * 0.99)], 3),
        **_ready(),
    }


def _ready() -> dict[str, float]:
    with tempfile.TemporaryDirectory(prefix="motcua-bench-") as folder:
        ready, resident = started(Path(folder))
    return {"ready_s": ready, "resident_mb": resident}


def started(folder: Path, **environment: str) -> tuple[float, float]:
    """Seconds from the call of ``motcua run`` to a page that answers, and resident megabytes then.

    ``folder``: for its data, with the catalogue that may lie there; ``environment``: added to the shell's.
    """
    settings = folder / "config.yaml"
    settings.write_text(f"knowledge: {ROOT / 'knowledge'}\nweb: {{port: 18473}}\n")
    own = {"MOTCUA_CONFIG": str(settings), "MOTCUA_DATA": str(folder), "TELEGRAM_TOKEN": "", **environment}
    inherited = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    command = [sys.executable, "-m", "bot", "run"]
    began = time.perf_counter()
    bot = subprocess.Popen(command, cwd=ROOT, env=inherited | own, stderr=subprocess.DEVNULL)
    try:
        while not _answers("http://127.0.0.1:18473/health"):
            if bot.poll() is not None or time.perf_counter() - began > 120:
                raise RuntimeError("the bot did not start")
            time.sleep(0.01)
        ready = time.perf_counter() - began
        status = Path(f"/proc/{bot.pid}/status").read_text()
    finally:
        bot.terminate()
        bot.wait()
    resident = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS"))
    return round(ready, 2), round(resident / 1024, 1)


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=1) as response:
            return bool(response.status == 200)
    except (urllib.error.URLError, OSError):
        return False
