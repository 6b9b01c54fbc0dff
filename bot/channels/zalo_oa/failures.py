"""The error tables of the OA interface and of template messages: what each code means for us.

Zalo answers HTTP 200 even to failures; only the code decides, never the text. Sources of the codes:
two transcriptions of the official table each; an unknown code is tried once more, then given up.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, time, timedelta
from enum import Enum, auto
from zoneinfo import ZoneInfo

from bot.errors import (
    ChannelError,
    ChannelLater,
    ChannelRefused,
    ChannelThrottled,
    ChannelUnavailable,
    CitizenUnreachable,
    QuotaUsedUp,
    ReplyRejected,
    WindowClosed,
)

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")  # the documents name no time zone
MORNING = time(6, 5)
QUOTA_PAUSE = timedelta(hours=1)
_SOON = timedelta(minutes=5)
_REASON_CHARACTERS = 200


class Do(Enum):
    """What to do about a code."""

    TOKEN = auto()  # renew the token once, repeat once
    RETRY = auto()  # again, with growing pauses
    ONCE = auto()  # once more, then give up
    MINUTE = auto()  # too fast: wait for the next minute
    SOON = auto()  # in some minutes
    MORNING = auto()  # not at night: 06:05
    TOMORROW = auto()
    NEXT_MONTH = auto()
    AGAIN_UPLOADED = auto()  # upload the asset again
    UNREACHABLE = auto()  # the person can't be reached this way: mark, stop
    WINDOW = auto()  # the 7-day window is closed: a template may reach
    QUOTA = auto()  # quota or money: alarm
    MISTAKE = auto()  # our fault: alarm, never repeat
    GROUP = auto()  # the group is closed to us
    SET_UP = auto()  # app or account is not set up: alarm, what waits stays


OA: dict[int, Do] = {
    -32: Do.MINUTE,
    -100: Do.AGAIN_UPLOADED,
    -200: Do.ONCE,
    -201: Do.MISTAKE,
    -204: Do.SET_UP,
    -205: Do.SET_UP,
    -209: Do.SET_UP,
    -210: Do.MISTAKE,
    -211: Do.QUOTA,
    -212: Do.SET_UP,
    -213: Do.UNREACHABLE,
    -214: Do.SOON,
    -216: Do.TOKEN,
    -217: Do.UNREACHABLE,
    -218: Do.TOMORROW,
    -219: Do.SET_UP,
    -220: Do.TOKEN,
    -221: Do.SET_UP,
    -223: Do.SET_UP,
    -224: Do.SET_UP,
    -227: Do.UNREACHABLE,
    -230: Do.WINDOW,
    -232: Do.WINDOW,
    -233: Do.MISTAKE,
    -234: Do.MORNING,
    -235: Do.SET_UP,
    -237: Do.GROUP,
    -238: Do.GROUP,
    -240: Do.MISTAKE,
    -241: Do.GROUP,
    -242: Do.SET_UP,
    -244: Do.UNREACHABLE,
    -248: Do.MISTAKE,
    -249: Do.MISTAKE,
    -320: Do.SET_UP,
    -321: Do.QUOTA,
    -403: Do.GROUP,
    -1340: Do.MISTAKE,
    -1341: Do.MISTAKE,
}

_ZBS_SET_UP = (
    *range(-105, -100),
    *(-109, -1091, -117, -120, -1201, -1202, -1241, -125, -126, -127, -128, -129, -131),
    *(-135, -1351, -136, -138, -1381, -142, -143, -145, -146),
)
_ZBS_MISTAKES = (
    -106,
    -107,
    -111,
    -112,
    -1121,
    -1122,
    -1123,
    -1124,
    -113,
    -1131,
    -116,
    -121,
    -122,
    -123,
    -130,
    -132,
)
_ZBS_PEOPLE = (-108, -110, -114, -118, -119, -134, -139, -140, -141)
ZBS: dict[int, Do] = {
    -32: Do.MINUTE,
    -100: Do.RETRY,
    -115: Do.QUOTA,
    -124: Do.TOKEN,
    -133: Do.MORNING,
    -137: Do.QUOTA,
    -144: Do.TOMORROW,
    -1441: Do.NEXT_MONTH,
    -147: Do.TOMORROW,
    -1471: Do.TOMORROW,
    -1472: Do.TOMORROW,
    **dict.fromkeys(_ZBS_SET_UP, Do.SET_UP),
    **dict.fromkeys(_ZBS_MISTAKES, Do.MISTAKE),
    **dict.fromkeys(_ZBS_PEOPLE, Do.UNREACHABLE),
}

# What an operator has to do, for the log and for ``motcua doctor``.
ADVICE = {
    -204: "the OA is disabled: ask Zalo's support",
    -205: "no such OA: check ZALO_OA_ID and consent again (motcua zalo login)",
    -209: "switch the app on (developers.zalo.me, the app's first page)",
    -212: "register the product Official Account API for the app",
    -216: "consent again: motcua zalo login",
    -219: "the app was removed or disabled: see developers.zalo.me",
    -220: "consent again: motcua zalo login",
    -221: "have the OA verified (oa.zalo.me, settings)",
    -223: "an OA admin must grant the missing permission: motcua zalo login",
    -224: "the OA's package has no Open API: buy Tang truong or Toan dien",
    -235: "this OA's type may not do that: ask Zalo",
    -242: "appsecret_proof is switched on for the app: switch it off in the console",
    -320: "link a ZBS account to the app",
    -321: "put money on the ZBS account",
}


class ZaloRefusal(ReplyRejected):
    """A refusal whose code someone may want to look at (``-233``: buttons not taken)."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code


class AssetExpired(ChannelUnavailable):
    """An uploaded picture or file is gone from Zalo: upload it again."""


def failure(code: int, message: str, now: datetime, tries: int = 0, table: Mapping[int, Do] = OA) -> ChannelError:
    """The error of our family for a code. ``tries``: how often this was tried before."""
    reason = f"{code} {message}"[:_REASON_CHARACTERS]
    if advice := ADVICE.get(code, ""):
        reason = f"{reason}: {advice}"
    match table.get(code, Do.ONCE):
        case Do.MINUTE:
            return ChannelThrottled(60.5 - now.second - now.microsecond / 1e6)
        case Do.UNREACHABLE | Do.GROUP:
            return CitizenUnreachable(reason)
        case Do.WINDOW:
            return WindowClosed(reason)
        case Do.MISTAKE:
            return ZaloRefusal(code, reason)
        case Do.SET_UP | Do.TOKEN:
            return ChannelRefused(reason)
        case Do.AGAIN_UPLOADED:
            return AssetExpired(reason)
        case Do.ONCE:
            return ZaloRefusal(code, reason) if tries else ChannelUnavailable(reason)
        case Do.RETRY:
            return ChannelUnavailable(reason)
        case later:
            until = when(later, now)
            return QuotaUsedUp(until, reason) if later is Do.QUOTA else ChannelLater(until, reason)


def when(do: Do, now: datetime) -> datetime:
    """The moment for another try."""
    here = now.astimezone(ZONE)
    if do is Do.SOON:
        return now + _SOON
    if do is Do.QUOTA:
        return now + QUOTA_PAUSE
    day = here.date()
    if do is Do.TOMORROW or (do is Do.MORNING and here.time() >= MORNING):
        day += timedelta(days=1)
    if do is Do.NEXT_MONTH:
        day = (day.replace(day=1) + timedelta(days=32)).replace(day=1)
    return datetime.combine(day, MORNING, ZONE).astimezone(UTC)
