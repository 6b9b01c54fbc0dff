"""How well questions are understood: our own questions, and the development questions where they are at hand."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from bot.asking import Asker
from bot.evaluation import evaluate
from tests.faults.child import ROOT, a_config


def measure() -> dict[str, float]:
    """Figures on our own questions and, where there are any, on MOTCUA_QUESTIONS or those beside the clone."""
    beside = ROOT.parent / "shared" / "questions"
    named = os.environ.get("MOTCUA_QUESTIONS")
    ours = ROOT / "benchmarks" / "questions"
    sets = {
        "dev": [Path(named)] if named else [beside / "dev.jsonl", beside / "dev-other.jsonl"],
        "own": [ours / "own.jsonl"],
        "held_out": [ours / "own-held-out.jsonl"],
    }
    asker = Asker(a_config())
    found: dict[str, float] = {}
    for name, paths in sets.items():
        if there := [path for path in paths if path.exists()]:
            found |= _figures(name, evaluate(asker, there))
    return found


def _figures(name: str, report: dict[str, Any]) -> dict[str, float]:
    return {
        f"recall_at_1_{name}": report["recall_at_1"],
        f"recall_at_3_{name}": report["recall_at_3"],
        f"recall_at_1_{name}_without_accents": report["without_accents"]["recall_at_1"],
        f"wrong_and_sure_{name}": report["wrong_and_sure"],
        f"negatives_answered_{name}": report["negatives_answered"],
        f"aspect_{name}": report["aspect"],
    }
