"""Finds the procedure whose name a text is: politeness and the question itself put aside, in any order."""

from __future__ import annotations

from collections.abc import Iterable

from bot.knowledge.models import Procedure
from bot.search.phrases import Phrases, Word, split

Bag = frozenset[str]


class Names:
    """All names and aliases. A name that two procedures share belongs to the one that comes first;
    a mere rearrangement of words that fits two belongs to none."""

    def __init__(self, procedures: Iterable[Procedure], around: Phrases[bool], verbs: Iterable[str]) -> None:
        """``around``: phrases that only ask or greet; ``verbs``: words of them that may be part of a name."""
        self._around = around
        self._verbs = frozenset(verbs)
        self._exact: dict[tuple[str, ...], Procedure] = {}
        self._bags: dict[Bag, Procedure | None] = {}
        for procedure in procedures:
            for text in (procedure.name, *procedure.aliases, procedure.official_name):
                words = tuple(word.folded for word in split(text))
                self._exact.setdefault(words, procedure)
                other = self._bags.setdefault(frozenset(words), procedure)
                if other is not procedure:
                    self._bags[frozenset(words)] = None

    def find(self, words: list[Word]) -> Procedure | None:
        """The procedure named by the text and by nothing else in it; None if there is none."""
        whole = self._exact.get(tuple(word.folded for word in words))
        if whole is not None:
            return whole
        found = [(start, end) for start, end, _ in self._around.find(words)]
        # a single bare "do" may be "đó" or the "đỏ" of a name
        return self._inside(words, found) or self._inside(words, [(a, b) for a, b in found if b - a > 1])

    def _inside(self, words: list[Word], found: list[tuple[int, int]]) -> Procedure | None:
        """``found``: the phrases put aside."""
        asking = {at for start, end in found for at in range(start, end)}
        rest = frozenset(word.folded for at, word in enumerate(words) if at not in asking)
        verbs = self._verbs & {words[at].folded for at in asking}
        tried = [rest, *(rest | {verb} for verb in verbs), rest - self._verbs]
        return next(filter(None, map(self._bags.get, tried)), None)
