"""The whole national catalogue loaded: start cold and warm, memory, search, and what understanding loses."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.process import started

EXPORTS = Path(__file__).parents[2] / "shared" / "national-procedures"
_ASKING = """
import time
from bot.asking import Asker
from bot.config import load_config
asker = Asker(load_config())
spent = []
for p in asker.shelf.library.procedures.values():
    for q in p.questions[:20]:
        at = time.perf_counter(); asker.shelf.reader.read(q); spent.append(time.perf_counter() - at)
spent.sort()
print(spent[int(len(spent) * 0.99)] * 1000, len(asker.shelf.library.imported))
"""


def measure() -> dict[str, float]:
    """Nothing where the portal's exports are absent."""
    files = [EXPORTS / "details.jsonl.gz", EXPORTS / "details-other.jsonl.gz"]
    if not all(file.exists() for file in files):
        print("benchmarks: the portal's exports are absent, the catalogue is not measured", file=sys.stderr)
        return {}
    with tempfile.TemporaryDirectory(prefix="motcua-bench-") as data:
        return _measured(Path(data), files)


def _measured(data: Path, files: list[Path]) -> dict[str, float]:
    """Cold: nothing compiled and nothing learnt yet. Warm: the start after that."""
    own = {"MOTCUA_DATA": str(data), "MOTCUA_CACHE": str(data / "cache")}
    motcua = [sys.executable, "-m", "bot", "import", "details", "--day", "2026-07-20", *map(str, files)]
    began = time.perf_counter()
    subprocess.run(motcua, env=os.environ | own, check=True, capture_output=True)
    results = {"catalogue_import_s": round(time.perf_counter() - began, 2)}
    for run in ("cold", "warm"):
        ready, resident = started(data, **own)
        results |= {f"catalogue_ready_{run}_s": ready, f"catalogue_resident_{run}_mb": resident}
    asking = [sys.executable, "-c", _ASKING]
    child = subprocess.run(asking, env=os.environ | own, check=True, capture_output=True, text=True)
    p99, count = map(float, child.stdout.split())
    return results | {"catalogue_records": count, "catalogue_search_p99_ms": round(p99, 2)}
