"""The reference number of a dossier (mã hồ sơ): found in any written form, or said what is wrong with it.

Shapes: Circular 01/2018/TT-VPCP, Article 19 (unit, day of receipt, running number of that day), and those
seen in running systems in 2026: the province or ministry first (H24.77.20-250915-0012), old numbers with it
last (000.00.01.H22-190506-0003), a day of eight digits (G09.20-20260609-0092637), social insurance
(03706/2026/07906). Pure; ``bot/dossiers/readings.py`` weighs how sloppily written digits can be meant.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from bot.dossiers.readings import Reading, Run, day_of, readings_of


class Kind(StrEnum):
    """Who runs the system that gave the number; each is explained in knowledge/dossiers.yaml."""

    CITY = "city"  # Hải Phòng, and Hải Dương before 1 July 2025
    PORTAL = "portal"  # made by a ministry's portal, handled in the city: 6 or 7 running digits
    POLICE = "police"
    MINISTRY = "ministry"
    INSURANCE = "insurance"
    PROVINCE = "province"


@dataclass(frozen=True, slots=True)
class Number:
    """A reference number in its official shape."""

    text: str
    kind: Kind
    unit: str  # "H24.77.20"; for social insurance the code of the agency
    running: str
    day: date | None = None  # of receipt; social insurance names only the year

    @property
    def letters(self) -> str:
        """Province or ministry: "H24", "G09"; empty for social insurance."""
        found = _LETTERS.search(self.unit)
        return found[0] if found else ""


class Flaw(StrEnum):
    """What is wrong with something that was meant as a number."""

    SHORT = "short"  # digits are missing
    LONG = "long"  # too many digits
    DAY = "day"  # the six digits in the middle are no day
    FUTURE = "future"  # a day that has not come yet
    UNCLEAR = "unclear"  # without its dashes it can be read in two ways


@dataclass(frozen=True, slots=True)
class Found:
    """All numbers of a text, in order, each once; and what is wrong with those that are none."""

    numbers: tuple[Number, ...] = ()
    flaws: tuple[Flaw, ...] = ()


CITY = frozenset({"H24", "H23"})
POLICE = "G01"
FIRST_YEAR = 2010  # one-stop systems with such numbers are younger

_LETTERS = re.compile(r"[GH]\d\d")
_GAP = r"[\s.,\-‐‑‒–—−_/·:]"
_DIGIT = r"[0-9oO]"
# The head needs a real digit ("hoo" is a word); before it stands nothing, or the groups of old numbers.
_HEAD = re.compile(
    rf"(?<![^\W_])(?P<old>(?:{_DIGIT}{{2,3}}{_GAP}{{1,2}}){{3}})?"
    rf"(?P<letter>[GHgh])(?P<space> ?)(?P<code>\d{_DIGIT}|[oO]\d)"
    rf"(?P<rest>(?:{_GAP}{{0,4}}{_DIGIT}+)+)",
)
_INSURANCE = re.compile(r"(?<![\w/.-])(\d{5})\s?[/\-–]\s?(20\d\d)\s?[/\-–]\s?(\d{5})(?![\w/]|-\d|\.\d)")
_EXACT = re.compile(
    r"(?P<unit>(?P<letters>[GH]\d\d)(?:\.\d{2,3}){0,4})-(?P<day>\d{6}|20\d{6})-(?P<running>\d{4,7})", re.ASCII
)
_TOKEN = re.compile(rf"({_GAP}{{0,4}})({_DIGIT}+)")
_QUICK = re.compile(r"[GHgh] ?(?:\d|[oO]\d)|\d{5}\s?[/\-–]\s?20\d\d|[０-９]")
_INVISIBLE = dict.fromkeys((8203, 8204, 8205, 8288, 65279, 173))
_NEAR_DIGITS = 6  # so many digits behind the head: it was meant as a number
_LONGEST = 17  # three groups, a day, a running number: with more, some are too many
_SURE = 1  # a reading that takes no more liberties than this is what the writer meant


def find_reference(text: str) -> str | None:
    """The first reference number in the text, in its official shape; None when there is none. Fast."""
    if not _may_hold(text):
        return None
    numbers = find(text).numbers
    return numbers[0].text if numbers else None


def is_near(text: str) -> bool:
    """Whether the text holds a number, or something that was surely meant as one. Fast."""
    if not _may_hold(text):
        return False
    found = find(text)
    return bool(found.numbers or found.flaws)


def find(text: str, today: date | None = None) -> Found:
    """Every number in the text; with ``today``, numbers of days to come are a flaw. Never raises."""
    text = unicodedata.normalize("NFKC", text[:4000]).translate(_INVISIBLE)
    at: dict[int, Number | Flaw] = {}
    for match in _HEAD.finditer(text):
        if (read := _read(match, text, today)) is not None:
            at[match.start()] = read
    for match in _INSURANCE.finditer(text):
        if not any(start < match.start() < start + 12 for start in at):
            at[match.start()] = Number("/".join(match.groups()), Kind.INSURANCE, match[3], match[1])
    ordered = [at[start] for start in sorted(at)]
    numbers = tuple(dict.fromkeys(one for one in ordered if isinstance(one, Number)))
    return Found(numbers, tuple(one for one in ordered if isinstance(one, Flaw)))


def parse(text: str, today: date | None = None) -> Number | None:
    """The number when the text is exactly one and nothing else (what a bar code must hold); else None."""
    found = find(text, today)
    if len(found.numbers) != 1 or found.flaws:
        return None
    return found.numbers[0] if text.strip().upper() == found.numbers[0].text else None


def _may_hold(text: str) -> bool:
    """A cheap look: a letter of ours before a digit, or two slashes."""
    return bool(_QUICK.search(text))


def exact(text: str) -> Number | None:
    """The number when the text is one in today's official shape, letter by letter; None else. Fast."""
    match = _EXACT.fullmatch(text)
    if match is None or (day := day_of(match["day"])) is None or day.year < FIRST_YEAR:
        return None
    return Number(text, _kind(match["letters"], match["running"]), match["unit"], match["running"], day)


def _read(match: re.Match[str], text: str, today: date | None) -> Number | Flaw | None:
    """What the written thing can mean; None when it was not meant as a number at all."""
    tokens = _tokens(match["rest"], text[match.end() :])
    letters = (match["letter"] + match["code"]).upper().replace("O", "0")
    run = Run.of(letters, tokens, has_old_head=match["old"] is not None)
    readings = readings_of(run)
    least = min((reading.cost for reading in readings), default=_SURE + 1)
    dated = [reading for reading in readings if reading.day is not None and reading.day.year >= FIRST_YEAR]
    best = min((reading.cost for reading in dated), default=least + 1)
    if not run.has_marks and best > run.patience:
        return None  # a house "H12" and a phone or an ID behind it
    if not dated or (least <= _SURE and best > least):
        # Where the writer's own dashes say which digits are the day, no other reading may mend it.
        return _flaw(run, least) if run.has_marks and not match["space"] else None
    meant = {_number(reading, match["old"] or "") for reading in dated if reading.cost == best}
    if len(meant) > 1:
        return Flaw.UNCLEAR
    number = meant.pop()
    return Flaw.FUTURE if today is not None and number.day is not None and number.day > today else number


def _flaw(run: Run, least: int) -> Flaw | None:
    if len(run.digits) < _NEAR_DIGITS:
        return None
    if least <= _SURE:
        return Flaw.DAY
    return Flaw.LONG if len(run.digits) > _LONGEST else Flaw.SHORT


def _tokens(rest: str, behind: str) -> list[tuple[str, str]]:
    """Pairs of (what stands before, digits); a word that only looks like digits ("o", "oo") ends it."""
    tokens: list[tuple[str, str]] = []
    for gap, token in _TOKEN.findall(rest):
        if gap[-1:].isspace() and not any(char.isdigit() for char in token):
            return tokens
        tokens.append((gap, token.upper().replace("O", "0")))
    if tokens and behind[:1].isalpha():  # the last digits are glued to a word: "… 0012 2lần", "…-0012ạ"
        gap, token = tokens.pop()
        if not gap[-1:].isspace():
            tokens.append((gap, token))
    if tokens and rest[-1:] in "oO" and len(tokens[-1][1]) == 5:  # "…-0012o dau"
        tokens[-1] = (tokens[-1][0], tokens[-1][1][:4])
    return tokens


def _number(reading: Reading, old: str) -> Number:
    if old:
        parts = [part.replace("O", "0") for part in re.findall(rf"{_DIGIT}+", old.upper())]
        unit = ".".join([*parts, reading.letters])
    else:
        unit = ".".join([reading.letters, *reading.groups])
    text = f"{unit}-{reading.date_digits}-{reading.running}"
    return Number(text, _kind(reading.letters, reading.running), unit, reading.running, reading.day)


def _kind(letters: str, running: str) -> Kind:
    if letters == POLICE:
        return Kind.POLICE
    if letters.startswith("G"):
        return Kind.MINISTRY
    if letters not in CITY:
        return Kind.PROVINCE
    return Kind.PORTAL if len(running) >= 6 else Kind.CITY
