"""How well questions are understood: development questions where they are at hand."""

from __future__ import annotations

import os
from pathlib import Path

from bot.asking import Asker
from bot.evaluation import evaluate
from tests.faults.child import ROOT, a_config


def measure() -> dict[str, float]:
    """Figures on MOTCUA_QUESTIONS, or on questions beside the clone; nothing where there are none."""
    path = Path(os.environ.get("MOTCUA_QUESTIONS", ROOT.parent / "shared" / "questions" / "dev.jsonl"))
    if not path.exists():
        return {}
    report = evaluate(Asker(a_config()), [path])
    return {
        "recall_at_1_dev": report["recall_at_1"],
        "recall_at_3_dev": report["recall_at_3"],
        "recall_at_1_dev_without_accents": report["without_accents"]["recall_at_1"],
        "wrong_and_sure_dev": report["wrong_and_sure"],
        "negatives_answered_dev": report["negatives_answered"],
        "aspect_dev": report["aspect"],
    }
