"""``make bench``: measures, prints a table, writes benchmarks/results/latest.json (name → number).

``python -m benchmarks full`` takes dossiers at their full sizes, which is a matter of ten minutes more.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import structlog

from benchmarks import catalogue, dossiers, guides, process, telegram_transport, turns, understanding, zalo

structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(40))
results: dict[str, float] = {}
for part in (process, catalogue, turns, guides, telegram_transport, understanding, dossiers, zalo):
    results |= part.measure() if part is not dossiers or "full" in sys.argv else dossiers.measure(0.1)
width = max(map(len, results))
for name, value in results.items():
    print(f"{name:{width}}  {value:>10}")
target = Path(__file__).parent / "results" / "latest.json"
target.parent.mkdir(exist_ok=True)
target.write_text(json.dumps(results, indent=1) + "\n")
