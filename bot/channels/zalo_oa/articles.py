"""An article to all followers: the only way to reach those who have been silent without paying for each.

The article is written by staff in the OA's console; the bot needs only its id. It goes from 06:00 to 21:59,
counts against the OA's daily and monthly allowance, and never twice by accident. A day's allowance is counted
in receivers; who of them a target leaves out Zalo does not tell, so every article counts as one to all followers.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any, Protocol

from bot.channels.zalo_oa.api import Api
from bot.channels.zalo_oa.failures import ZONE, Do, when
from bot.channels.zalo_oa.policy import Policy
from bot.errors import ChannelError, ChannelLater, ChannelUnavailable, QuotaUsedUp, ReplyRejected

TARGETS = {"ages": 7, "gender": 2, "locations": 2, "cities": 63, "platform": 3}  # name -> greatest number
_MONTH = timedelta(days=30)
_SAME = timedelta(days=1)


class BroadcastBook(Protocol):
    """The broadcasts so far."""

    async def begin(self, article_id: str, target: dict[str, object], now: datetime) -> int:
        """Notes one before it is asked for."""

    async def since(self, moment: datetime) -> list[tuple[str, datetime]]:
        """Article and time of those that went or may have gone since then."""

    async def settle(self, row_id: int, state: str, message_id: str, reason: str) -> None:
        """What became of it."""


@dataclass(frozen=True, slots=True)
class Broadcasting:
    """Settings: ``per_month`` broadcasts at most; targets as lists or as "1,2". A day's receivers: so many, or
    the share of the followers where that is more (Zalo: 500 up to 10,000 followers, 5 % above); 0: not counted."""

    per_month: int = 4
    values_as_lists: bool = False
    receivers_a_day: int = 500
    receivers_share: float = 0.05

    def allowance(self, followers: int) -> int:
        """How many may receive articles within a day."""
        return max(self.receivers_a_day, int(followers * self.receivers_share))


class Articles:
    """Broadcasts articles. Raises only the ChannelError family."""

    def __init__(
        self,
        api: Api,
        book: BroadcastBook,
        policy: Policy,
        settings: Broadcasting,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._api = api
        self._book = book
        self._policy = policy
        self._settings = settings
        self._now = now

    async def broadcast(self, article_id: str, target: dict[str, list[int]], again: bool = False) -> str:
        """Sends an article to the followers that ``target`` names (empty: all); the message id.

        ``cities`` are the 63 of before July 2025: to reach all of Hải Phòng of today name both codes, or none.
        ``again``: although the same article went within a day.
        """
        now, values = self._now(), self._values(target)
        if not self._policy.may_broadcast(now):
            raise ChannelLater(when(Do.MORNING, now), "articles go from 06:00 to 21:59 only")
        past = await self._book.since(now - _MONTH)
        if len(past) >= self._settings.per_month:
            raise QuotaUsedUp(
                min(at for _, at in past) + _MONTH, f"{self._settings.per_month} articles a month are sent"
            )
        if not again and any(one == article_id and now - at < _SAME for one, at in past):
            raise ReplyRejected("this article went (or may have gone) within a day; repeat it with --again")
        await self._check_day(now, [at for _, at in past])
        return await self._post(article_id, values, now)

    async def _check_day(self, now: datetime, past: list[datetime]) -> None:
        """QuotaUsedUp when today's articles leave too little for all followers; the first of a day may always
        go: to an OA with many followers it reaches as many as Zalo allows."""
        today = now.astimezone(ZONE).date()
        earlier = sum(at.astimezone(ZONE).date() == today for at in past)
        if not self._settings.receivers_a_day or not earlier:
            return
        data = await self._api.get("/v3.0/oa/user/getlist", {"offset": 0, "count": 1, "is_follower": "true"})
        followers = int(data.get("total") or 0)
        allowed = self._settings.allowance(followers)
        if followers * (earlier + 1) > allowed:
            tomorrow = datetime.combine(today + timedelta(days=1), time(6, 0), ZONE).astimezone(UTC)
            raise QuotaUsedUp(tomorrow, f"today's articles leave too few of {allowed} receivers for all followers")

    async def _post(self, article_id: str, target: dict[str, object], now: datetime) -> str:
        element = {"media_type": "article", "attachment_id": article_id}
        payload = {"template_type": "media", "elements": [element]}
        body: dict[str, Any] = {
            "recipient": {"target": target},
            "message": {"attachment": {"type": "template", "payload": payload}},
        }
        row = await self._book.begin(article_id, target, now)
        try:
            data = await self._api.post("/v2.0/oa/message", body)
        except ChannelUnavailable:  # it may have gone, so it stays as asked for and counts
            raise
        except ChannelError as error:
            await self._book.settle(row, "failed", "", str(error))
            raise
        message_id = str(data.get("message_id") or "")
        await self._book.settle(row, "sent", message_id, "")
        return message_id

    def _values(self, target: dict[str, list[int]]) -> dict[str, object]:
        for name, numbers in target.items():
            if name not in TARGETS:
                raise ReplyRejected(f"no such target: {name}; there are {', '.join(TARGETS)}")
            if not numbers or any(not 0 <= number <= TARGETS[name] for number in numbers):
                raise ReplyRejected(f"{name} takes numbers from 0 to {TARGETS[name]}")
        if self._settings.values_as_lists:
            return {name: [str(number) for number in numbers] for name, numbers in target.items()}
        return {name: ",".join(map(str, numbers)) for name, numbers in target.items()}
