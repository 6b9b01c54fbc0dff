"""How a run of digits behind "H24" can be cut into unit, day and running number, and how far-fetched each cut is.

People leave dashes out, put spaces and commas for dots, and split the day. Every cut is tried; each liberty
costs. The cheapest decides, and two equally cheap ones decide nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

_DASHES = frozenset("-‐‑‒–—−_")
_DOTS = frozenset(".,·")
_DAY_LENGTHS = (6, 8)
_RUNNING_LENGTHS = (4, 5, 6, 7)
_MOST_GROUPS = 4
_FAR_FETCHED = 4  # a reading that needs more liberties than this is none


@dataclass(frozen=True, slots=True)
class Run:
    """What stands behind the letters: all digits in one string, and the gap before each position."""

    letters: str
    digits: str
    gaps: dict[int, str]  # position in ``digits`` -> what was written before it
    has_old_head: bool  # "000.00.01." stood before the letters; then no group follows them

    @classmethod
    def of(cls, letters: str, tokens: Sequence[tuple[str, str]], *, has_old_head: bool) -> Run:
        """From pairs of (gap, digits)."""
        digits, gaps = "", {}
        for gap, token in tokens:
            if gap:
                gaps[len(digits)] = gap
            digits += token
        return cls(letters, digits, gaps, has_old_head)

    @property
    def has_marks(self) -> bool:
        """Whether anything but spaces stands between the digits."""
        return any(gap.strip() for gap in self.gaps.values())

    @property
    def patience(self) -> int:
        """How far-fetched a reading may be where nothing but spaces says that a number was meant."""
        if 0 not in self.gaps:
            return _FAR_FETCHED  # "h247720 250915 0012": no house has such a name
        return 2 if len(self.gaps) > 3 else 1  # "H24 77 20 25 09 15 0012"

    @property
    def has_dashes(self) -> bool:
        """Whether the writer used dashes at all."""
        return any(_is_dash(gap) for gap in self.gaps.values())

    def inside(self, start: int, end: int) -> list[str]:
        """The gaps within a part."""
        return [gap for at, gap in self.gaps.items() if start < at < end]


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to read the digits; ``day`` is None when the digits of the day are none."""

    letters: str
    groups: tuple[str, ...]
    date_digits: str
    running: str
    day: date | None
    cost: int


def readings_of(run: Run) -> list[Reading]:
    """Every cut that keeps to the lengths, the far-fetched left out."""
    return [reading for reading in _all(run) if reading.cost <= _FAR_FETCHED]


def _all(run: Run) -> Iterator[Reading]:
    total = len(run.digits)
    for unit_end in range(min(total, 3 * _MOST_GROUPS) + 1):
        if (unit := _groups(run, unit_end)) is None:
            continue
        groups, unit_cost = unit
        for day_length in _DAY_LENGTHS:
            day_end = unit_end + day_length
            digits = run.digits[unit_end:day_end]
            if day_length == 8 and not digits.startswith("20"):
                continue
            for running_length in _RUNNING_LENGTHS:
                end = day_end + running_length
                if end > total:
                    break
                is_exact = _is_exact(run, unit_end, day_end, end)
                cost = 0 if is_exact else unit_cost + _cost(run, unit_end, day_end, end)
                running = run.digits[day_end:end]
                yield Reading(run.letters, groups, digits, running, day_of(digits), cost)


def _groups(run: Run, end: int) -> tuple[tuple[str, ...], int] | None:
    """The unit's groups of two or three digits, and what they cost; None when there is no such cut."""
    if run.has_old_head:
        return ((), 0) if end == 0 else None
    bounds = [0, *(at for at in sorted(run.gaps) if 0 < at < end), end]
    groups: list[str] = []
    cost = 1 if run.has_dashes and any(_is_dash(gap) for at, gap in run.gaps.items() if 0 <= at < end) else 0
    if end and 0 not in run.gaps:
        cost += 1
    for start, stop in pairwise(bounds):
        token = run.digits[start:stop]
        if len(token) in (2, 3):
            groups.append(token)
        elif len(token) > 3:
            size = 3 if run.letters == "G01" else 2
            if len(token) % size:
                return None
            groups += [token[i : i + size] for i in range(0, len(token), size)]
            cost += 1
        elif token:
            return None
    return (tuple(groups), cost) if len(groups) <= _MOST_GROUPS else None


def _cost(run: Run, unit_end: int, day_end: int, end: int) -> int:
    """What the two borders, the inside of the parts, and what is left behind cost."""
    cost = 0
    for border in (unit_end, day_end):
        gap = run.gaps.get(border, "")
        if not gap:
            cost += 1
        elif run.has_dashes and not _is_dash(gap):
            cost += 0 if gap.isspace() else 1
    for start, stop in ((unit_end, day_end), (day_end, end)):
        cost += sum(3 if _is_dash(gap) else 1 for gap in run.inside(start, stop))
    if end < len(run.digits):
        gap = run.gaps.get(end, "")
        if not gap:
            return 2 * _FAR_FETCHED  # the running number goes on: this is not where it ends
        cost += 0 if gap[-1:].isspace() else 2
    if run.letters.startswith("H") and day_end - unit_end == 8:
        cost += 2  # seen of ministries only
    length = end - day_end
    usual = {"H": (4, 6, 7), "G": (6, 7, 4)}[run.letters[0]]
    return cost + (0 if length in usual else 1)


def _is_exact(run: Run, unit_end: int, day_end: int, end: int) -> bool:
    """Whether it stands there in the official shape, letter by letter."""
    if end < len(run.digits) and end not in run.gaps:
        return False
    written = {at: gap for at, gap in run.gaps.items() if at < end}
    dots = all(gap == "." for at, gap in written.items() if at < unit_end)
    return (
        dots
        and [at for at in written if at >= unit_end] == [unit_end, day_end]
        and (written[unit_end] == written[day_end] == "-")
    )


def _is_dash(gap: str) -> bool:
    return any(char in _DASHES for char in gap)


def day_of(digits: str) -> date | None:
    """The day that six or eight digits name; None when they name none."""
    year, rest = (int(digits[:4]), digits[4:]) if len(digits) == 8 else (2000 + int(digits[:2]), digits[2:])
    try:
        return date(year, int(rest[:2]), int(rest[2:]))
    except ValueError:
        return None
