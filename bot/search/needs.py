"""Two needs in one message: cut at a joining word, each side read alone, both must be sure and different."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from bot.knowledge.models import Procedure
from bot.knowledge.vocabulary import Vocabulary
from bot.search.classifier import probabilities
from bot.search.compiled import Compiled
from bot.search.features import features
from bot.search.phrases import Phrases, Word
from bot.search.preparing import Preparation
from bot.search.reading import Hit

_SURE, _NEAR = 0.70, 0.42  # each side alone: so likely, and so near to what was asked before
_WORDS, _LONGEST = 2, 24  # a lone word names no need; a longer text is a story of one need
_CUTS = 3  # joining words looked at: a long story full of "và" costs no more than a short one


class Needs:
    """Finds them, and the procedure that does both in one go."""

    def __init__(
        self,
        vocabulary: Vocabulary,
        learnt: Compiled,
        prepare: Preparation,
        procedures: Mapping[str, Procedure],
        named: Callable[[list[Word]], Procedure | None],
    ) -> None:
        """``named``: the procedure whose name a text is."""
        self._named = named
        self._joins = Phrases((phrase, True) for phrase in vocabulary.joins)
        self._lists = Phrases((phrase, True) for phrase in vocabulary.not_joins)
        self._shared = Phrases((phrase, True) for phrase in vocabulary.shared)
        self._learnt, self._prepare, self._procedures = learnt, prepare, procedures
        self._linked = [procedure for procedure in procedures.values() if procedure.covers]

    def find(self, words: list[Word], hits: Sequence[Hit]) -> tuple[Hit, ...]:
        """Two hits, the likelier first, or three with the linked procedure before them; else nothing.

        ``hits``: what the whole text was read as. Its first must be among those found: where both
        sides together mean something else, it is one need ("đất của ông với bà").
        """
        if len(words) > _LONGEST:
            return ()
        for start, end, _ in self._joins.find(words)[:_CUTS]:
            left, right = words[:start], words[end:]
            if min(len(left), len(right)) < _WORDS or self._lists.find(words[:end]):
                continue
            one = self._alone([*left, *self._carried(right, left)])
            other = self._alone([*self._carried(left, right), *right]) if one else None
            if one is None or other is None or one.procedure.id == other.procedure.id:
                continue
            pair = sorted((one, other), key=lambda hit: hit.procedure.id != hits[0].procedure.id)
            found = (*self._together(one, other), *pair)
            if hits[0].procedure.id in {hit.procedure.id for hit in found}:
                return found
        return ()

    def _carried(self, source: list[Word], side: list[Word]) -> list[Word]:
        """What was said once for both: "mất cả căn cước với bằng lái"."""
        if self._shared.find(side):
            return []
        return [word for start, end, _ in self._shared.find(source) for word in source[start:end]]

    def _alone(self, words: list[Word]) -> Hit | None:
        """The procedure a side names by itself; None when it names none surely."""
        if (by_name := self._named(words)) is not None and by_name.id in self._procedures:
            return Hit(by_name, 1.0, 1.0)
        learnt = self._learnt
        vector = learnt.vocabulary.vector(features(self._prepare.explain(words)))
        shares = probabilities(learnt.owners.scores(vector))
        best = int(np.argmax(shares))
        procedure = self._procedures.get(learnt.owners.owners[best])
        if procedure is None or shares[best] < _SURE:
            return None
        spread = learnt.neighbours.spread_out(vector, len(learnt.vocabulary.keys))
        near = learnt.neighbours.near(procedure.id, spread)
        return Hit(procedure, round(float(shares[best]), 4), round(near, 3)) if near >= _NEAR else None

    def _together(self, one: Hit, other: Hit) -> tuple[Hit, ...]:
        both = {one.procedure.id, other.procedure.id}
        return tuple(Hit(linked, 1.0, 1.0) for linked in self._linked if both <= {*linked.covers})[:1]
