"""The set of known questions, asked before and after a change: what was found must still be found."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.errors import ConfigError
from bot.knowledge.library import Library
from bot.search.reader import Reader
from bot.search.reading import Decision

NAMES, EXAMPLES, FILE = "names and aliases", "example questions", "known file"


@dataclass(frozen=True, slots=True)
class Known:
    """A question whose answer is known. ``owners``: the ids that are right; none: it is no question for us."""

    text: str
    owners: frozenset[str]
    kind: str

    def is_found(self, reader: Reader) -> bool:
        """Whether one of its own comes first, answered or offered."""
        reading = reader.read(self.text)
        is_offered = reading.decision in (Decision.ANSWER, Decision.CHOOSE)
        if not self.owners:
            return not is_offered
        return is_offered and bool(reading.hits) and reading.hits[0].procedure.id in self.owners


def of_library(library: Library, sample: int) -> Iterator[Known]:
    """Every name and alias, and as many example questions as ``sample`` says, always the same ones."""
    asked: list[Known] = []
    for id_, procedure in library.answerable.items():
        own = frozenset([id_])
        for text in dict.fromkeys((procedure.name, *procedure.aliases)):
            yield Known(text, own, NAMES)
        asked += [Known(text, own, EXAMPLES) for text in procedure.questions]
    yield from sorted(asked, key=lambda one: zlib.crc32(f"{one.text} {one.owners}".encode()))[:sample]


def of_file(path: Path, library: Library, lines: Iterable[dict[str, object]]) -> Iterator[Known]:
    """The lines of a file as for ``motcua evaluate``: ``q`` and ``codes``; codes we don't have are left out."""
    for number, line in enumerate(lines, 1):
        codes = line.get("codes") or []
        if not isinstance(codes, list):
            raise ConfigError(f"{path}: question {number}: codes must be a list")
        owners = frozenset(library.by_code[code].id for code in codes if code in library.by_code)
        if owners or not codes:
            yield Known(str(line["q"]), owners, FILE)


@dataclass(frozen=True, slots=True)
class Comparison:
    """How many were found before and after, and which are no longer found."""

    asked: tuple[Known, ...]
    before: tuple[bool, ...]
    after: tuple[bool, ...]

    @classmethod
    def of(cls, asked: Sequence[Known], before: Reader, after: Reader) -> Comparison:
        """Asks everything twice; some seconds for the whole knowledge."""
        return cls(
            tuple(asked),
            tuple(one.is_found(before) for one in asked),
            tuple(one.is_found(after) for one in asked),
        )

    def lost(self, kind: str = "") -> list[Known]:
        """What was found and no longer is."""
        rows = zip(self.asked, self.before, self.after, strict=True)
        return [one for one, was, now in rows if was and not now and kind in ("", one.kind)]

    def is_worse(self, tolerance: float) -> bool:
        """Whether a name or an alias is lost, or more of the rest than is gained and ``tolerance`` allows."""
        if self.lost(NAMES):
            return True
        return any(
            (was := self._sum(self.before, kind)) - (now := self._sum(self.after, kind)) > tolerance * size
            and now < was
            for kind in (EXAMPLES, FILE)
            if (size := self._sum((True,) * len(self.asked), kind))
        )

    def _sum(self, found: Sequence[bool], kind: str) -> int:
        return sum(is_found for one, is_found in zip(self.asked, found, strict=True) if one.kind == kind)

    def lines(self) -> list[str]:
        """The figures, for people."""
        lines = [f"{'known questions':22}{'asked':>7}{'before':>9}{'after':>9}"]
        for kind in (NAMES, EXAMPLES, FILE):
            size = self._sum((True,) * len(self.asked), kind)
            if size:
                shares = (self._sum(found, kind) / size for found in (self.before, self.after))
                lines.append(f"{kind:22}{size:>7}" + "".join(f"{share:>9.2%}" for share in shares))
        return lines
