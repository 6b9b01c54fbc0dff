"""What the national catalogue adds: an official name beats likeness; else choices where we are unsure."""

from __future__ import annotations

from collections.abc import Sequence

from bot.knowledge.library import Library
from bot.search.catalogue import FAINT, NEAR, SURE, CatalogueIndex
from bot.search.phrases import Word
from bot.search.reading import Decision, Hit

_CHOICES = 4
_WEAK = 0.30  # likeness to known questions below which an answer gives way to a choice with near official names


def widened(
    catalogue: CatalogueIndex,
    library: Library,
    words: list[Word],
    decision: Decision,
    hits: Sequence[Hit],
    why: str,
) -> tuple[Decision, Sequence[Hit], str]:
    """The decision with imported records weighed in; ``words``: the text without its question phrases."""
    named = catalogue.find(words, library.by_code)
    is_weak = decision is Decision.ANSWER and hits[0].near < _WEAK
    least = NEAR if is_weak else {Decision.CHOOSE: NEAR, Decision.NONE: FAINT}.get(decision, SURE)
    found = [Hit(library.imported[n.id], round(n.score, 3), round(n.score, 3)) for n in named if n.score >= least]
    if not found:
        return decision, hits, why
    if found[0].score >= SURE:
        return Decision.ANSWER, found, "an official name"
    own = list(hits[:2]) if is_weak or decision is Decision.CHOOSE else []
    return Decision.CHOOSE, [*own, *found[: _CHOICES - len(own)]], "near an official name"
