"""The contract of a channel, its limits, and the splitting of long text that all channels share."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from aiohttp import web

from bot.messages import Delivery, Message


def characters(text: str) -> int:
    """Length in Unicode code points."""
    return len(text)


def utf16_units(text: str) -> int:
    """Length in UTF-16 code units, the way Telegram counts."""
    return len(text.encode("utf-16-le")) // 2


@dataclass(frozen=True, slots=True)
class Limits:
    """What a platform allows in one message, and how fast it lets us send (messages a second)."""

    text: int
    buttons: int = 8
    label: int = 40
    per_second: float = 0.0  # 0 = no pace
    per_chat_second: float = 0.0
    measure: Callable[[str], int] = characters


class Door(Protocol):
    """What a channel may ask of the house: hand a message in, or report a change of a chat."""

    async def receive(self, message: Message) -> bool:
        """Store the message; returns once it is safe. False: it was known already."""

    async def set_reachable(self, channel: str, chat_id: str, reachable: bool) -> None:
        """Note that a person blocked the bot, or came back."""

    async def move_chat(self, channel: str, old_id: str, new_id: str) -> None:
        """A group became a supergroup: everything kept under the old id goes to the new one."""


class Channel(Protocol):
    """One platform. ``send`` raises only the ChannelError family."""

    name: str
    limits: Limits

    def routes(self) -> Sequence[web.RouteDef]:
        """Routes to mount on the bot's own web server (webhook, page, socket); may be empty."""

    async def start(self, door: Door) -> None:
        """Begin to receive; must not wait for the platform to be reachable."""

    async def stop(self) -> None:
        """Stop receiving and close what was opened."""

    async def send(self, delivery: Delivery) -> None:
        """Deliver one part of a reply: exactly one call to the platform."""

    async def photo(self, reference: str) -> bytes:
        """The picture behind ``Message.photo``, at most 10 MB; not kept anywhere. Raises ChannelError."""


@runtime_checkable
class Removes(Protocol):
    """A channel with groups, where the bot may be allowed to take a message away."""

    @property
    def private_link(self) -> str:
        """The address of the private chat with the bot; empty until it is known."""

    async def remove(self, message: Message) -> None:
        """Takes the message out of its chat. Raises ChannelError."""


_BREAKS = (re.compile(r"\n\s*\n"), re.compile(r"\n"), re.compile(r"(?<=[.!?…;:])\s+"), re.compile(r"\s+"))


def split_text(text: str, limit: int, measure: Callable[[str], int] = characters) -> list[str]:
    """Cuts text into parts of at most ``limit``, at a paragraph, else a line, a sentence, a word."""
    parts: list[str] = []
    rest = text.strip()
    while measure(rest) > limit:
        cut = _best_cut(rest, limit, measure)
        parts.append(rest[:cut].rstrip())
        rest = rest[cut:].lstrip()
    if rest or not parts:
        parts.append(rest)
    return parts


def _best_cut(text: str, limit: int, measure: Callable[[str], int]) -> int:
    longest = limit
    while measure(text[:longest]) > limit:  # code points can weigh more than one unit
        longest -= max(1, (measure(text[:longest]) - limit) // 2)
    for pattern in _BREAKS:
        cuts = [m.start() for m in pattern.finditer(text, 0, longest + 1) if 0 < m.start() <= longest]
        if cuts and (cuts[-1] > longest // 3 or pattern is _BREAKS[-1]):
            return cuts[-1]
    return longest
