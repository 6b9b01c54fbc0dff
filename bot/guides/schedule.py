"""When a person is reminded of an unfinished run: once, a day later, by day."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bot.guides.run import Run

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
FROM_HOUR, TO_HOUR = 8, 20
PAUSE = timedelta(hours=24)


def reminder_at(run: Run, now: datetime) -> datetime | None:
    """The moment, at least a day from now and between 8:00 and 20:00 in Hải Phòng; None: not at all."""
    if run.is_over or run.reminded or not run.remind or not run.facts:  # who only looked in is left in peace
        return None
    return by_day(now + PAUSE)


def by_day(moment: datetime) -> datetime:
    """That moment, or the next at which one may be spoken to."""
    local = moment.astimezone(ZONE)
    opening = local.replace(hour=FROM_HOUR, minute=0, second=0, microsecond=0)
    if local < opening:
        return opening
    return local if local.hour < TO_HOUR else opening + timedelta(days=1)


def is_day(moment: datetime) -> bool:
    """Whether one may be spoken to unasked."""
    return FROM_HOUR <= moment.astimezone(ZONE).hour < TO_HOUR
