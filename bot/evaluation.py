"""Measures understanding on questions with known answers: what ``motcua evaluate`` prints."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path
from typing import Any

from bot.asking import Asker, records
from bot.vietnamese import fold

_ANSWERED = ("answer", "choose")


def evaluate(asker: Asker, files: list[Path]) -> dict[str, Any]:
    """Figures over all files: per kind, with accents and without, negatives, aspects, speed.

    Counted are questions one of whose codes is known; questions without codes are negatives.
    """
    rows = [row for path in files for row in records(path)]
    known = asker.shelf.library.by_code
    scope = [row for row in rows if row.get("codes") and any(code in known for code in row["codes"])]
    negatives = [row for row in rows if not row.get("codes")]
    kinds: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in scope:
        kinds[row.get("kind", "?")].append(row)
    answers = [asker.reading(row["q"]) for row in scope]
    refused = [asker.reading(row["q"]) for row in negatives]
    times = sorted(answer["ms"] for answer in answers + refused)
    return {
        "questions": len(scope),
        "not_covered": len(rows) - len(scope) - len(negatives),
        **_figures(asker, scope),
        "without_accents": _figures(asker, [{**row, "q": fold(row["q"])} for row in scope]),
        "negatives": len(negatives),
        "negatives_answered": _share(answer["decision"] == "answer" for answer in refused),
        "negatives_offered_choices": _share(answer["decision"] == "choose" for answer in refused),
        "aspect": _share(
            answer["aspect"] == row["aspect"] or (answer["aspect"] is None and row["aspect"] == "what")
            for row, answer in zip(scope, answers, strict=True)
            if row.get("aspect")
        ),
        "p50_ms": times[len(times) // 2] if times else 0.0,
        "p99_ms": times[int(len(times) * 0.99)] if times else 0.0,
        "kinds": {kind: _figures(asker, listed) for kind, listed in sorted(kinds.items())},
    }


def _figures(asker: Asker, rows: list[dict[str, Any]]) -> dict[str, float]:
    first = third = wrong = unanswered = 0
    for row in rows:
        answer = asker.reading(row["q"])
        wanted = set(row["codes"])
        groups = _groups(asker, answer)
        first += bool(groups and groups[0] & wanted)
        third += any(group & wanted for group in groups[:3])
        wrong += answer["decision"] == "answer" and not groups[0] & wanted
        unanswered += answer["decision"] not in _ANSWERED
    size = len(rows) or 1
    return {
        "n": len(rows),
        "recall_at_1": round(first / size, 4),
        "recall_at_3": round(third / size, 4),
        "wrong_and_sure": round(wrong / size, 4),
        "unanswered": round(unanswered / size, 4),
    }


def _groups(asker: Asker, answer: dict[str, Any]) -> list[set[str]]:
    """The codes, best first, gathered by procedure: two codes of one thing are one place in the list."""
    known = asker.shelf.library.by_code
    groups: dict[str, set[str]] = {}
    for code in answer["codes"]:
        groups.setdefault(known[code].id if code in known else code, set()).add(code)
    return list(groups.values())


def _share(found: Any) -> float:
    listed = list(found)
    return round(sum(listed) / len(listed), 4) if listed else 0.0


def table(report: dict[str, Any]) -> str:
    """The report for people."""
    bare = report["without_accents"]
    lines = [
        f"questions in scope {report['questions']}   of procedures not covered {report['not_covered']}",
        f"recall@1 {report['recall_at_1']:.1%}   recall@3 {report['recall_at_3']:.1%}   "
        f"wrong and sure {report['wrong_and_sure']:.1%}   unanswered {report['unanswered']:.1%}",
        f"without accents: recall@1 {bare['recall_at_1']:.1%}   recall@3 {bare['recall_at_3']:.1%}",
        f"negatives {report['negatives']}: answered {report['negatives_answered']:.1%}, "
        f"offered choices {report['negatives_offered_choices']:.1%}",
        f"aspect right {report['aspect']:.1%}   p50 {report['p50_ms']:.2f} ms   p99 {report['p99_ms']:.2f} ms",
        f"{'kind':14}{'n':>5}{'@1':>8}{'@3':>8}{'wrong':>8}",
    ]
    for kind, row in report["kinds"].items():
        first, third, wrong = row["recall_at_1"], row["recall_at_3"], row["wrong_and_sure"]
        lines.append(f"{kind:14}{row['n']:>5}{first:>8.0%}{third:>8.0%}{wrong:>8.0%}")
    return "\n".join(lines)
