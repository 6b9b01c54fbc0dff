"""Known ways of search beside ours, in one process on the same questions: ``python -m benchmarks.search``.

Each method ranks procedures. "names": it knows the everyday and official names only, as is usual; "texts":
it knows everything ours learns from. Accents are removed for all but ours. A method is "sure" when its
best score is at least a fifth above the second, which is kind to it: none of them knows when it does not know.
"""

from __future__ import annotations

import json
import math
import os
import sqlite3
import time
import tracemalloc
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path

import bm25s
from rapidfuzz import fuzz, process

from bot.asking import Asker
from bot.search.material import TALK, texts_of
from bot.vietnamese import words
from tests.faults.child import ROOT, a_config

Rank = Callable[[str], list[tuple[str, float]]]  # (procedure, score), best first
_DEEP = 200  # texts looked at, so that three procedures are among them


def _best(found: Sequence[tuple[str, float]]) -> list[tuple[str, float]]:
    """The best score of each procedure, best first."""
    scores: dict[str, float] = {}
    for owner, score in found:
        scores[owner] = max(score, scores.get(owner, -math.inf))
    return sorted(scores.items(), key=lambda pair: -pair[1])


def fuzzy(scorer: Callable[..., float]) -> Callable[[list[str], list[str]], Rank]:
    """rapidfuzz over all texts."""

    def build(owners: list[str], texts: list[str]) -> Rank:
        def rank(question: str) -> list[tuple[str, float]]:
            found = process.extract(question, texts, scorer=scorer, limit=_DEEP)
            return _best([(owners[at], score) for _, score, at in found])

        return rank

    return build


def fts5(owners: list[str], texts: list[str]) -> Rank:
    """SQLite's full-text search with its own BM25."""
    base = sqlite3.connect(":memory:")
    base.execute("CREATE VIRTUAL TABLE t USING fts5(body)")
    base.executemany("INSERT INTO t(rowid, body) VALUES (?, ?)", enumerate(texts, 1))

    def rank(question: str) -> list[tuple[str, float]]:
        query = " OR ".join(f'"{word}"' for word in question.split()) or '""'
        rows = base.execute("SELECT rowid, -rank FROM t WHERE t MATCH ? ORDER BY rank LIMIT ?", (query, _DEEP))
        return _best([(owners[row - 1], score) for row, score in rows])

    return rank


def bm25(owners: list[str], texts: list[str]) -> Rank:
    """bm25s over words and pairs of words."""
    index = bm25s.BM25()
    index.index([_pairs(text) for text in texts], show_progress=False)

    def rank(question: str) -> list[tuple[str, float]]:
        scores = index.get_scores(_pairs(question)) if question else []
        order = sorted(range(len(scores)), key=lambda at: -scores[at])[:_DEEP]
        return _best([(owners[at], float(scores[at])) for at in order])

    return rank


def _pairs(text: str) -> list[str]:
    single = text.split()
    return single + [f"{a}_{b}" for a, b in pairwise(single)]


def letters(owners: list[str], texts: list[str]) -> Rank:
    """TF-IDF with cosine over runs of two to four letters."""
    counted = [_runs(text) for text in texts]
    seen = Counter(run for text in counted for run in text)
    idf = {run: math.log(len(texts) / n) + 1 for run, n in seen.items()}
    postings: dict[str, list[tuple[int, float]]] = defaultdict(list)
    for at, text in enumerate(counted):
        length = math.sqrt(sum((n * idf[run]) ** 2 for run, n in text.items())) or 1.0
        for run, n in text.items():
            postings[run].append((at, n * idf[run] / length))

    def rank(question: str) -> list[tuple[str, float]]:
        scores: dict[int, float] = defaultdict(float)
        for run, n in _runs(question).items():
            for at, weight in postings.get(run, ()):
                scores[at] += n * idf[run] * weight
        return _best([(owners[at], score) for at, score in scores.items()])

    return rank


def _runs(text: str) -> Counter[str]:
    padded = f" {text} "
    return Counter(padded[at : at + size] for size in (2, 3, 4) for at in range(len(padded) - size + 1))


METHODS: dict[str, Callable[[list[str], list[str]], Rank]] = {
    "rapidfuzz WRatio": fuzzy(fuzz.WRatio),
    "rapidfuzz token_set_ratio": fuzzy(fuzz.token_set_ratio),
    "SQLite FTS5": fts5,
    "bm25s": bm25,
    "TF-IDF of letters": letters,
}


def questions() -> list[tuple[str, set[str], Asker]]:
    """Our own questions, and the development set where it is at hand."""
    asker = Asker(a_config())
    named = os.environ.get("MOTCUA_QUESTIONS")
    paths = [Path(named)] if named else [ROOT / "benchmarks" / "questions" / "own.jsonl"]
    known = asker.shelf.library.by_code
    rows = [json.loads(line) for path in paths for line in path.read_text(encoding="utf-8").splitlines()]
    return [
        (row["q"], wanted, asker)
        for row in rows
        if (wanted := {known[code].id for code in row["codes"] if code in known})
    ]


def _figures(rank: Rank, asked: Sequence[tuple[str, set[str]]]) -> str:
    first = third = wrong = 0
    times = []
    for question, wanted in asked:
        began = time.perf_counter()
        found = rank(question)
        times.append((time.perf_counter() - began) * 1000)
        top = [owner for owner, _ in found[:3]]
        is_first = bool(top) and top[0] in wanted
        first += is_first
        third += bool(wanted & set(top))
        clear = len(found) > 1 and found[0][1] >= 1.2 * found[1][1]
        wrong += clear and not is_first
    times.sort()
    n = len(asked)
    return f"{first / n:7.1%} {third / n:7.1%} {wrong / n:7.1%} {times[n // 2]:8.2f} {times[int(n * 0.99)]:8.2f}"


def main() -> None:
    """Prints the table."""
    asked = questions()
    asker = asked[0][2]
    texts = [text for text in texts_of(asker.shelf.library) if not text.owner.startswith(TALK)]
    names = [
        text for text in texts if text.weight > 1 or text.text == asker.shelf.library.find(text.owner).official_name
    ]  # type: ignore[union-attr]
    plain = [(" ".join(words(question)), wanted) for question, wanted, _ in asked]
    print(f"{len(asked)} questions, {len(texts)} texts, {len(names)} names")
    print(f"{'method':34}{'@1':>7} {'@3':>7} {'wrong':>7} {'p50 ms':>8} {'p99 ms':>8} {'index s':>8} {'MB':>6}")
    for what, known in (("names", names), ("texts", texts)):
        for name, build in METHODS.items():
            tracemalloc.start()
            began = time.perf_counter()
            rank = build([text.owner for text in known], [" ".join(words(text.text)) for text in known])
            spent, memory = time.perf_counter() - began, tracemalloc.get_traced_memory()[0] / 1e6
            tracemalloc.stop()
            print(f"{name + ', ' + what:34}{_figures(rank, plain)} {spent:8.2f} {memory:6.1f}", flush=True)
    reader = asker.shelf.reader

    def ours(question: str) -> list[tuple[str, float]]:
        reading = reader.read(question)
        found = [(hit.procedure.id, hit.score) for hit in reading.hits] if reading.codes else []
        sure = [(owner, 10.0 * score if at == 0 else score) for at, (owner, score) in enumerate(found)]
        return sure if reading.decision == "answer" else [(owner, 1.0) for owner, _ in found]

    print(f"{'ours':34}{_figures(ours, [(question, wanted) for question, wanted, _ in asked])}")


if __name__ == "__main__":
    main()
