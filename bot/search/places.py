"""Finds the new ward for a name: new or old, with or without accents, divided or shared by several."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal

from bot.knowledge.places import Commune, OldUnit, Places
from bot.search.phrases import Word, split

_MAX_WORDS = 6


@dataclass(frozen=True, slots=True)
class Match:
    """A new unit that a name may mean: by its own name (``old`` is None) or through a former one."""

    commune: Commune
    old: OldUnit | None = None


@dataclass(frozen=True, slots=True)
class PlaceAnswer:
    """``one``: decided. ``choose``: several units bear the name. ``split``: one old unit was divided.
    ``district``: a former district. ``asked``: the text is about little else than the place."""

    kind: Literal["none", "one", "choose", "split", "district"]
    matches: tuple[Match, ...] = ()
    asked: bool = False
    district: str = ""


NOWHERE = PlaceAnswer("none")


@dataclass(frozen=True, slots=True)
class _Entry:
    words: tuple[Word, ...]
    commune: Commune
    old: OldUnit | None
    district: str = ""  # set when the entry is a whole former district


class PlaceFinder:
    """An index of all names; ``question_words`` (folded) may surround a name in a question for it."""

    def __init__(self, places: Places, question_words: frozenset[str]) -> None:
        self._kinds = [tuple(w.folded for w in split(kind)) for kind in places.words.kinds]
        self._former = {word.folded for phrase in places.words.former for word in split(phrase)}
        self._around = question_words | self._former | {word for kind in self._kinds for word in kind}
        self._index: dict[tuple[str, ...], list[_Entry]] = {}
        self._joined: dict[str, list[_Entry]] = {}
        for commune in places.communes.values():
            self._add(commune.name, commune, None)
            for old in commune.formed_from:
                if old.share == "land_only":
                    continue
                self._add(old.name, commune, old)
                self._add(_bare(old.district, places.words.kinds), commune, old, district=old.district)
                for earlier in old.earlier:
                    for kind in ("".join(kind) for kind in self._kinds):
                        if earlier.startswith(kind):
                            earlier = earlier.removeprefix(kind)
                            break
                    self._joined.setdefault(earlier, []).append(_Entry((), commune, old))
        self._first = frozenset(key[0] for key in self._index)

    def _add(self, name: str, commune: Commune, old: OldUnit | None, district: str = "") -> None:
        words = tuple(split(name))
        if words:
            key = tuple(word.folded for word in words)
            self._index.setdefault(key, []).append(_Entry(words, commune, old, district))

    def find(self, text: str) -> PlaceAnswer:
        """The units that the names in the text may mean."""
        words = split(text[:300])
        # names of the first kind win: "Phường Hưng Đạo" must not be read as the earlier "Phượng Hưng"
        spans = list(self._spans(words, self._named, self._first)) or list(self._spans(words, self._named_earlier))
        if not spans:
            return NOWHERE
        taken = {at for start, end, _ in spans for at in range(start, end)}
        rest = [word.folded for at, word in enumerate(words) if at not in taken]
        asked = all(word in self._around for word in rest)
        kind_before = self._kind_before(words, spans[0][0])
        said_former = any(word in self._former for word in rest)
        return self._answer(spans, kind_before, said_former, asked)

    def _spans(
        self, words: list[Word], named: Callable[[list[Word]], list[_Entry]], first: frozenset[str] | None = None
    ) -> Iterable[tuple[int, int, list[_Entry]]]:
        """The longest names in the text, left to right; ``first``: the words a name can begin with."""
        at = 0
        while at < len(words):
            longest = _MAX_WORDS if first is None or words[at].folded in first else 0
            for end in range(min(len(words), at + longest), at, -1):
                found = named(words[at:end])
                if found:
                    yield at, end, found
                    at = end - 1
                    break
            at += 1

    def _named(self, words: list[Word]) -> list[_Entry]:
        entries = self._index.get(tuple(word.folded for word in words), [])
        return [e for e in entries if all(a.is_same(b) for a, b in zip(e.words, words, strict=True))]

    def _named_earlier(self, words: list[Word]) -> list[_Entry]:
        return self._joined.get("".join(word.folded for word in words), [])

    def _kind_before(self, words: list[Word], start: int) -> str:
        for kind in self._kinds:
            if tuple(word.folded for word in words[max(0, start - len(kind)) : start]) == kind:
                return " ".join(kind)
        return ""

    def _answer(
        self, spans: list[tuple[int, int, list[_Entry]]], kind: str, said_former: bool, asked: bool
    ) -> PlaceAnswer:
        entries = spans[0][2]
        named = {entry.district for _, _, found in spans[1:] for entry in found if entry.district}
        first = {entry.district for entry in entries if entry.district}
        if len(spans) > 1 and first and not named:  # "Kim Thành, xã Kim Anh": the district came first
            entries, named = spans[1][2], first
        units = [entry for entry in entries if not entry.district]
        if named:
            units = [entry for entry in units if entry.old and entry.old.district in named] or units
        districts = [entry for entry in entries if entry.district]
        if districts and (not units or kind in ("quan", "huyen", "thi xa", "thanh pho")):
            return _district(districts, asked)
        units = _narrow(units, kind, said_former)
        return _decide(units, asked)


def _bare(district: str, kinds: Iterable[str]) -> str:
    for kind in kinds:
        if district.lower().startswith(kind + " "):
            return district[len(kind) + 1 :]
    return district


def _narrow(units: list[_Entry], kind: str, said_former: bool) -> list[_Entry]:
    """Former names only, when the person said so; the right type of unit, when they named one."""
    if said_former:
        units = [entry for entry in units if entry.old] or units
    typed = [e for e in units if kind and " ".join(w.folded for w in split((e.old or e.commune).type)) == kind]
    return typed or units


def _decide(units: list[_Entry], asked: bool) -> PlaceAnswer:
    matches: dict[tuple[str, str], Match] = {}
    for entry in units:
        key = (entry.commune.code, entry.old.full_name if entry.old else "")
        matches.setdefault(key, Match(entry.commune, entry.old))
    found = tuple(matches.values())
    communes = {match.commune.code for match in found}
    if not found:
        return NOWHERE
    if len(communes) == 1:
        current = next((match for match in found if match.old is None), found[0])
        return PlaceAnswer("one", (current,), asked)
    olds = {match.old.full_name if match.old else "" for match in found}
    return PlaceAnswer("split" if len(olds) == 1 else "choose", found, asked)


def _district(entries: list[_Entry], asked: bool) -> PlaceAnswer:
    name = entries[0].district
    communes = {entry.commune.code: entry.commune for entry in entries if entry.district == name}
    return PlaceAnswer("district", tuple(Match(commune) for commune in communes.values()), asked, name)
