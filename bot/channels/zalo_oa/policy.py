"""Which message may go when: Zalo's rules as code.

A consultation message (``cs``) may go to a person who wrote within the last 7 days. Later only an approved
template may, or nothing. What is not an answer keeps the night, even where the interface would take it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from enum import Enum, auto

from bot.channels.zalo_oa.failures import MORNING, ZONE


class Route(Enum):
    """How a message may go."""

    CS = auto()
    TEMPLATE = auto()
    NONE = auto()


@dataclass(frozen=True, slots=True)
class Policy:
    """``window_days``: after so many days without a word no ``cs``. ``quiet_from`` to ``quiet_until``
    (hours, local time): notices and announcements wait."""

    window_days: float = 7.0
    quiet_from: int = 22
    quiet_until: int = 6
    broadcast_from: time = time(6, 0)
    broadcast_until: time = time(21, 59)

    def route(self, last_heard: datetime | None, now: datetime, has_template: bool) -> Route:
        """Knowing nothing of a person is no reason for silence: Zalo will say if the window is closed."""
        if last_heard is None or now - last_heard < timedelta(days=self.window_days):
            return Route.CS
        return Route.TEMPLATE if has_template else Route.NONE

    def hold_until(self, now: datetime) -> datetime | None:
        """The morning until which what is not an answer waits; None by day."""
        here = now.astimezone(ZONE)
        over_midnight = self.quiet_from > self.quiet_until
        after_start, before_end = here.hour >= self.quiet_from, here.hour < self.quiet_until
        if not (after_start or before_end if over_midnight else after_start and before_end):
            return None
        day = here.date() + timedelta(days=1 if over_midnight and after_start else 0)
        morning = time(self.quiet_until, MORNING.minute)
        return datetime.combine(day, morning, ZONE).astimezone(UTC)

    def may_broadcast(self, now: datetime) -> bool:
        """Articles go to followers from 06:00 to 21:59 only."""
        return self.broadcast_from <= now.astimezone(ZONE).time() <= self.broadcast_until
