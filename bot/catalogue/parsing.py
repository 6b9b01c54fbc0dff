"""Takes the portal's tables apart; each arrived as one string without separators."""

from __future__ import annotations

import re

from bot.catalogue.cleaning import LOWER, UPPER, Cleaner
from bot.catalogue.record import Paper, Way
from bot.catalogue.words import any_of, portal

_P = portal()
_WAY_WORDS = any_of(tuple(word for words in _P.ways.values() for word in words))
_NOTHING = any_of(tuple(word for word in _P.nothing if len(word) > 5))
# A way of filing begins a row when the next cell follows without a space.
_ROW = re.compile(rf"({_WAY_WORDS})(?=[\d{UPPER}])")
_TIME = re.compile(
    rf"^(\d+(?:[.,]\d+)?)\s?({any_of(_P.units)})?|^(?:{_NOTHING})|^.*?(?={_P.free}|{_NOTHING})", re.S
)
_MONEY = re.compile(rf"([\d.,]+)\s*(?:{any_of(_P.money)})")
_GOES_ON = rf"(?!\s*[),.;:]|\s[{LOWER}])"  # a count inside a sentence ends no row
_COUNT = re.compile(rf"(\d+) {_P.originals}(?:,\s*(\d+) {_P.copies})?{_GOES_ON}|(\d+) {_P.copies}{_GOES_ON}")
_FORM = re.compile(  # the file's name begins with a capital or a digit stuck to the text before it
    rf"^(.*?(?:[{LOWER}.;:)”\"](?=[{UPPER}\d])|\d(?=[{UPPER}])))([^.;]*?\.(?:docx?|pdf|xlsx?|rtf|rar|zip|jpe?g|png))$"
)
_LAW = re.compile(rf"(\d+)(/\d{{4}}/(?:{any_of(_P.laws)}|[{UPPER}]+(?:-[{UPPER}]+)*))")
_RESULT_CODE = re.compile(rf"{re.escape(_P.result_code)}\s*[A-Z][A-Z0-9.\-]*\d")


def ways(text: str, cleaner: Cleaner) -> tuple[Way, ...]:
    """Time and fee of each way of filing."""
    plain = cleaner.composed(text).replace(_P.ways_head, "")
    if " | " in plain:
        return tuple(way for line in plain.splitlines() if (way := _piped(line, cleaner)))
    marks = [*_ROW.finditer(plain)]
    ends = [mark.start() for mark in marks[1:]] + [len(plain)]
    rows = [_way(mark[1], plain[mark.end() : end], cleaner) for mark, end in zip(marks, ends, strict=False)]
    if plain and not rows:
        cleaner.done["ways of filing not understood"] += 1
    return tuple(rows)


def _way(word: str, rest: str, cleaner: Cleaner) -> Way:
    found = _TIME.match(rest)
    time, rest = (found[0], rest[found.end() :]) if found else ("", rest)
    if found and found[1] and not found[2]:
        cleaner.done["time without a unit left out"] += 1
        time = ""
    fee, note = _fee(rest, cleaner)
    return Way(way=_P.way(word), time=cleaner.line(time).lower(), fee=fee, note=note)


def _fee(rest: str, cleaner: Cleaner) -> tuple[str, str]:
    """Fee and description. "Free" beside an amount in brackets is no answer: the words are given."""
    amounts = [f"{amount.replace(',', '.')} {_P.currency}" for amount in _MONEY.findall(rest.partition("(")[0])]
    if amounts:
        return "; ".join(amounts), _note(_MONEY.sub("", rest, count=len(amounts)), cleaner)
    if rest.startswith(_P.free):
        said = _note(rest[len(_P.free) :], cleaner)
        if re.search(r"\d\.000|\d+/\d{4}/", said):
            cleaner.done['"free" contradicted by its own note left out'] += 1
            return "", said
        return _P.free.lower(), said
    return "", _note(rest, cleaner)


def _note(rest: str, cleaner: Cleaner) -> str:
    """What stands in brackets about the fee, and the description that follows them."""
    inside, bracket, after = rest.strip().rpartition(")") if rest.lstrip().startswith("(") else ("", "", rest)
    parts = [cleaner.line(inside.strip("( ")), cleaner.line(after)] if bracket else [cleaner.line(after)]
    return " ".join(part for part in dict.fromkeys(parts) if part)


def _piped(line: str, cleaner: Cleaner) -> Way | None:
    """A row of the other shape: way | time | fee | description."""
    parts = [cleaner.line(part) for part in line.split(" | ")]
    way = _P.way(parts[0])
    if not way:
        return None
    time, fee, note = ([*parts[1:], "", "", ""])[:3]
    amount = _MONEY.search(fee)
    if amount and not amount[1].strip("0.,"):
        fee = _P.free.lower()
    return Way(way=way, time=time.lower(), fee=fee, note=note)


def papers(text: str, cleaner: Cleaner) -> tuple[tuple[Paper, ...], tuple[str, ...]]:
    """The papers and the remarks between them."""
    plain = cleaner.composed(text)
    group, *tables = plain.split(_P.papers_head)
    if not tables:
        return _listed(plain, cleaner), ()
    found: list[Paper] = []
    remarks: list[str] = []
    for table in tables:
        title, at = cleaner.line(group).strip(": "), 0
        for count in _COUNT.finditer(table):
            glued, originals = _unstuck(count[1] or "0")
            name, at_next = table[at : count.start()] + glued, count.end()
            paper = _paper(name, originals, int(count[2] or count[3] or 0), title, cleaner)
            at = at_next
            if paper and (paper.originals or paper.copies):
                found.append(paper)
            elif paper:
                remarks.append(paper.name)
        group = table[at:]
    if not found:  # the portal counts nothing here: the lines are the papers
        return tuple(Paper(name=name) for name in remarks), ()
    return tuple(found), tuple(remarks)


def _unstuck(digits: str) -> tuple[str, int]:
    """Nobody hands in 181 originals: "form no. 18" and "1 original" ran together."""
    return (digits[:-1], int(digits[-1])) if len(digits) > 1 and int(digits) > 20 else ("", int(digits))


def _paper(name: str, originals: int, copies: int, group: str, cleaner: Cleaner) -> Paper | None:
    flat = " ".join(name.split())
    form = _FORM.match(flat)
    if form:
        cleaner.done["name of the form's file taken off"] += 1
        flat = form[1]
    said = cleaner.line(flat)
    if not said:
        return None
    return Paper(name=said, originals=originals, copies=copies, form=form[2] if form else "", group=group)


def _listed(plain: str, cleaner: Cleaner) -> tuple[Paper, ...]:
    """Papers of the other shape: a line each, the counts in words."""
    found = []
    for line in plain.splitlines():
        originals = re.search(re.escape(_P.originals_label) + r"\s*(\d+)", line)
        copies = re.search(re.escape(_P.copies_label) + r"\s*(\d+)", line)
        name = re.split(rf"\(?[^()]*{re.escape(_P.originals_label)}", line)[0]
        count = (int(originals[1]) if originals else 0, int(copies[1]) if copies else 0)
        if paper := _paper(name, *count, "", cleaner):
            found.append(paper)
    return tuple(found)


def results(text: str, cleaner: Cleaner) -> tuple[str, ...]:
    """What one gets, without the result's number."""
    parts = _RESULT_CODE.split(cleaner.composed(text))
    return tuple(said for part in parts if (said := cleaner.line(part)))


def laws(text: str, cleaner: Cleaner) -> tuple[str, ...]:
    """The numbers of the laws, each once, in order. A capital before a small letter opens the next title."""
    plain = cleaner.composed(text).replace(_P.laws_head, " ")
    numbers = []
    for found in _LAW.finditer(plain):
        number, rest = found.groups()
        number = number[4:] if len(number) > 4 and number.startswith(("19", "20")) else number  # a year glued on
        glued = plain[found.end() : found.end() + 1].islower() and not rest.endswith(_P.laws)
        numbers.append(number + (rest[:-1].rstrip("-") if glued else rest))
    return tuple(dict.fromkeys(numbers))
