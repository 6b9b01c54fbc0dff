"""``make bench``: measures, prints a table, writes benchmarks/results/latest.json (name → number)."""

from __future__ import annotations

import json
from pathlib import Path

import structlog

from benchmarks import catalogue, dossiers, guides, process, telegram_transport, turns, understanding, zalo

structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(40))
results: dict[str, float] = {}
for part in (process, catalogue, turns, guides, telegram_transport, understanding, dossiers, zalo):
    results |= part.measure()
width = max(map(len, results))
for name, value in results.items():
    print(f"{name:{width}}  {value:>10}")
target = Path(__file__).parent / "results" / "latest.json"
target.parent.mkdir(exist_ok=True)
target.write_text(json.dumps(results, indent=1) + "\n")
