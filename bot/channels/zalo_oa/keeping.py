"""What the OA channel wants kept for it: small contracts that the house fills with its database."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Pair:
    """An access token with the refresh token that renews it, once. ``expires_at`` is that of the first."""

    access: str
    refresh: str
    expires_at: datetime

    def __repr__(self) -> str:
        """Without the tokens: a pair may end up in a log or a traceback."""
        return f"Pair(expires_at={self.expires_at.isoformat()})"


class TokenShelf(Protocol):
    """Where the pair lies, shared by all processes of the OA."""

    def lock(self) -> AbstractAsyncContextManager[None]:
        """Only one process at a time is inside."""

    async def load(self) -> Pair | None:
        """The newest pair; None when there is none yet."""

    async def save(self, pair: Pair) -> None:
        """Returns once the pair is committed; takes back an earlier problem."""

    async def note_problem(self, problem: str) -> None:
        """The pair can't be renewed: one line for the operator, shown until a new pair is saved."""

    async def problem(self) -> str:
        """The line noted last; empty when all is well."""


class People(Protocol):
    """When each person was last heard of: the 7-day window hangs on it."""

    async def heard(self, user_id: str, at: datetime) -> None:
        """The person wrote or tapped. Also makes a person reachable who was not."""

    async def last_heard(self, user_id: str) -> datetime | None:
        """When; None when we know nothing (which does not mean never)."""

    async def window_closed(self, user_id: str, at: datetime) -> None:
        """Zalo says that the window of a person is closed, whatever we thought."""

    async def forget(self, user_id: str) -> None:
        """The person withdrew consent: everything kept of them goes."""


class Sent(Protocol):
    """The platform's ids of what we sent, to know our own echoes and answers to us in groups."""

    async def note(self, message_id: str, chat_id: str, at: datetime) -> None:
        """We sent this."""

    async def is_ours(self, message_id: str) -> bool:
        """Whether we did."""


class StaffBook(Protocol):
    """Whom a member of staff answers by hand."""

    async def wrote(self, user_id: str, until: datetime) -> None:
        """Staff wrote to the person: the bot pauses so long."""

    async def until(self, user_id: str) -> datetime | None:
        """The end of the latest pause; None when there was none lately."""


class TemplateBook(Protocol):
    """One line per template message, under a tracking id of ours that makes repeats safe."""

    async def begin(self, tracking_id: str, template: str, by: str, now: datetime, patience: timedelta) -> str:
        """``new``: the line is opened, send now. ``asked``: a send got no answer less than ``patience`` ago,
        its delivery may still be reported. ``sent``: done."""

    async def settle(self, tracking_id: str, state: str, message_id: str, reason: str, now: datetime) -> None:
        """Notes what the call brought."""

    async def delivered(self, message_id: str, tracking_id: str, at: datetime) -> None:
        """Zalo reports that the message arrived."""

    async def rated(self, message_id: str, tracking_id: str, rate: int) -> None:
        """The person answered a service rating with 1 to 5."""


@dataclass(frozen=True, slots=True)
class Keeping:
    """All of them together."""

    tokens: TokenShelf
    people: People
    sent: Sent
    templates: TemplateBook
    staff: StaffBook
