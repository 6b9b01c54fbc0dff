"""Where people mix things up: words that decide by themselves, else the one question that does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.knowledge.groups import Group
from bot.knowledge.models import Procedure
from bot.search.phrases import Phrases, Word, split
from bot.search.reading import Decision, Hit

_SIGNED = 0.02  # a sign speaks only for what is at least so likely
_FIRST = 3  # the order of the first hits is what was learnt, whatever a group holds


@dataclass(frozen=True, slots=True)
class Settled:
    """The decision after looking at the groups. ``group``: whose question to ask; ``options``: its
    values that are still possible."""

    decision: Decision
    hits: tuple[Hit, ...]
    why: str
    group: str = ""
    options: tuple[str, ...] = ()


class Choosing:
    """Knows the groups of choices.yaml."""

    def __init__(self, groups: Mapping[str, Group], answerable: Mapping[str, Procedure]) -> None:
        self._groups = groups
        self._answerable = answerable
        self._leaves = {id_: frozenset(group.leaves(groups)) for id_, group in groups.items()}
        self._signs = {
            id_: Phrases((sign, option.value) for option in group.options for sign in option.signs)
            for id_, group in groups.items()
        }
        says = [(frozenset(w.folded for w in split(text)), id_) for id_, g in groups.items() for text in g.says]
        self._says = dict(reversed(says))  # a text that two groups list belongs to the first

    def settle(self, decision: Decision, hits: Sequence[Hit], words: list[Word], why: str) -> Settled:
        """What to do with a text whose first two hits belong to one group; anything else stays as it is."""
        as_it_was = Settled(decision, tuple(hits), why)
        if len(hits) < 2 or decision not in (Decision.ANSWER, Decision.CHOOSE):
            return as_it_was
        group = self._of(hits[0].procedure.id, hits[1].procedure.id)
        if group is None:
            return as_it_was
        signed = self.signed(group, words)
        if decision is Decision.ANSWER:
            return self._corrected(as_it_was, group, signed)
        if len(signed) == 1 and signed[0] not in self._groups:
            first = next((hit for hit in hits if hit.procedure.id == signed[0]), None)
            if first is not None and first.score >= _SIGNED:
                rest = tuple(hit for hit in hits if hit is not first)
                return Settled(Decision.ANSWER, (first, *rest), f"a sign of {group.id}")
        return self._asked(group, signed, hits)

    def is_named(self, words: list[Word]) -> bool:
        """Whether the text names a group and says no more ("mất giấy khai sinh"): then it is asked, however
        sure the learnt answer. ``words``: those that ask and greet left out."""
        return frozenset(word.folded for word in words) in self._says

    def ask_named(self, words: list[Word], hits: Sequence[Hit]) -> Settled:
        """The question of the group the text names; what it leads to stands first, whatever else is likely."""
        group = self._groups[self._says[frozenset(word.folded for word in words)]]
        leaves = self._leaves[group.id]
        return self._asked(group, (), sorted(hits, key=lambda hit: hit.procedure.id not in leaves))

    def signed(self, group: Group, words: list[Word]) -> tuple[str, ...]:
        """The options that words of the text speak for, in the order of the question."""
        spans = self._signs[group.id].find(words)
        found = {value for start, end, value in spans if not _is_inside(start, end, spans)}
        return tuple(value for value in group.values if value in found)

    def _of(self, first: str, second: str) -> Group | None:
        """The smallest group that holds both."""
        both = [id_ for id_, leaves in self._leaves.items() if first in leaves and second in leaves]
        return self._groups[min(both, key=lambda id_: len(self._leaves[id_]))] if both else None

    @staticmethod
    def _corrected(settled: Settled, group: Group, signed: tuple[str, ...]) -> Settled:
        """A sure answer whose second is meant, because a sign speaks for it and none for the first."""
        first, second, *rest = settled.hits
        if signed != (second.procedure.id,) or second.score < _SIGNED:
            return settled
        return Settled(settled.decision, (second, first, *rest), f"a sign of {group.id}")

    def _asked(self, group: Group, signed: tuple[str, ...], hits: Sequence[Hit]) -> Settled:
        """The question. All it leads to stands among the first hits; what was learnt orders them."""
        leaves = group.leaves(self._groups)
        known = {hit.procedure.id for hit in hits}
        later = [hit for hit in hits[_FIRST:] if hit.procedure.id in leaves]
        missing = [
            Hit(self._answerable[leaf], 0.0) for leaf in leaves if leaf not in known and leaf in self._answerable
        ]
        rest = [hit for hit in hits[_FIRST:] if hit.procedure.id not in leaves]
        possible = signed if len(signed) > 1 else group.values
        return Settled(
            Decision.CHOOSE, (*hits[:_FIRST], *later, *missing, *rest), f"asks {group.id}", group.id, possible
        )


def _is_inside(start: int, end: int, spans: Sequence[tuple[int, int, str]]) -> bool:
    """Whether a longer sign says it better: "không có lương hưu" is no "lương hưu"."""
    return any(a <= start and end <= b and b - a > end - start for a, b, _ in spans)
