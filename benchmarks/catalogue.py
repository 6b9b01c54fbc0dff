"""The whole national catalogue loaded: start cold and warm, memory, search, and what understanding loses."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

EXPORTS = Path(__file__).parents[2] / "shared" / "national-procedures"
_CHILD = """
import resource, sys, time
started = time.perf_counter()
from bot.asking import Asker
from bot.config import load_config
asker = Asker(load_config())
ready = time.perf_counter() - started
spent = []
for p in asker.shelf.library.procedures.values():
    for q in p.questions[:20]:
        at = time.perf_counter(); asker.shelf.reader.read(q); spent.append(time.perf_counter() - at)
spent.sort()
mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(ready, spent[int(len(spent) * 0.99)] * 1000, mb, len(asker.shelf.library.imported))
"""


def measure() -> dict[str, float]:
    """Nothing where the portal's exports are absent."""
    files = [EXPORTS / "details.jsonl.gz", EXPORTS / "details-other.jsonl.gz"]
    if not all(file.exists() for file in files):
        print("benchmarks: the portal's exports are absent, the catalogue is not measured", file=sys.stderr)
        return {}
    data = tempfile.mkdtemp()
    environment = os.environ | {"MOTCUA_DATA": data}
    motcua = [sys.executable, "-m", "bot", "import", "details", "--day", "2026-07-20", *map(str, files)]
    started = time.perf_counter()
    subprocess.run(motcua, env=environment, check=True, capture_output=True)
    results = {"catalogue_import_s": round(time.perf_counter() - started, 2)}
    for run in ("cold", "warm"):
        child = subprocess.run(
            [sys.executable, "-c", _CHILD], env=environment, check=True, capture_output=True, text=True
        )
        ready, p99, memory, count = map(float, child.stdout.split())
        results |= {f"catalogue_ready_{run}_s": round(ready, 2)}
    shutil.rmtree(data)
    return results | {
        "catalogue_records": count,
        "catalogue_search_p99_ms": round(p99, 2),
        "catalogue_resident_mb": round(memory, 1),
    }
