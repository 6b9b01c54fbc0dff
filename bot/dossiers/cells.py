"""What stands in a cell of an export or a field of an answer: times, days, amounts, texts."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta, tzinfo
from typing import Any

from bot.vietnamese import fold

_DIGITS = re.compile(r"\d{14}|\d{12}|\d{8}")  # yyyyMMddHHmmss, the form of DongBoHoSoMC
_LOCAL = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})(?:\D+(\d{1,2}):(\d{2})(?::(\d{2}))?)?")
_CLOCK_FIRST = re.compile(r"(\d{1,2}):(\d{2})(?::\d{2})?\s+(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})")
_LONG_DIGITS = re.compile(r"\d(?:[ .]?\d){8,}")
_TITLES = frozenset({"ong", "ba", "anh", "chi", "co", "chu", "bac", "chau"})
_EXCEL_EPOCH = datetime(1899, 12, 30)
_EXCEL_DAYS = range(30_000, 80_000)  # 1982 to 2119


def text_of(value: Any, most: int) -> str:
    """The cell as one line of text of at most so many characters."""
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return " ".join(str(value).replace("\x00", "").split())[:most]


def time_of(value: Any, zone: tzinfo) -> datetime | None:
    """An aware time, from any form that exports use; None when it is none. Without a zone it is Việt Nam time."""
    moment = _naive(value)
    if moment is None:
        return None
    return moment.replace(tzinfo=zone) if moment.tzinfo is None else moment


def day_of(value: Any, zone: tzinfo) -> date | None:
    """The day of a time, in Việt Nam."""
    moment = time_of(value, zone)
    return moment.astimezone(zone).date() if moment else None


def amount_of(value: Any) -> int | None:
    """Đồng, from a number or a text such as "120.000 đ"; None for nothing to pay."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return int(value) or None
    digits = re.sub(r"\D", "", text_of(value, 30))
    return int(digits) or None if digits and len(digits) < 13 else None


def without_persons(text: str) -> str:
    """An officer's remark without names (capitalised words after a title), phones and IDs."""
    kept: list[str] = []
    words = _LONG_DIGITS.sub("…", text).split()
    for at, word in enumerate(words):
        before = kept[-1] if kept else ""
        is_next_name = words[at + 1][:1].isupper() if at + 1 < len(words) else False
        if word[:1].isupper() and fold(before) in _TITLES and is_next_name:
            kept.append("…")
        elif not (word[:1].isupper() and before == "…"):
            kept.append(word)
    return " ".join(kept)


def _naive(value: Any) -> datetime | None:
    if isinstance(value, datetime):
        return value
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day)
    if isinstance(value, int | float) and not isinstance(value, bool) and int(value) in _EXCEL_DAYS:
        return _EXCEL_EPOCH + timedelta(days=float(value))
    text = text_of(value, 40)
    try:
        if _DIGITS.fullmatch(text):
            return datetime.strptime(text.ljust(14, "0"), "%Y%m%d%H%M%S")
        if match := _LOCAL.match(text):
            day, month, year, hour, minute, second = (int(part or 0) for part in match.groups())
            return datetime(year, month, day, hour, minute, second)
        if match := _CLOCK_FIRST.match(text):
            hour, minute, day, month, year = (int(part) for part in match.groups())
            return datetime(year, month, day, hour, minute)
        return datetime.fromisoformat(text.replace("Z", "+00:00")) if text else None
    except ValueError:
        return None
