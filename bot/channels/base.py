"""The contract of a channel, its limits, and the splitting of long text that all channels share."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal, Protocol, runtime_checkable

from aiohttp import web

from bot.messages import Delivery, Message, Reply


def characters(text: str) -> int:
    """Length in Unicode code points."""
    return len(text)


def utf16_units(text: str) -> int:
    """Length in UTF-16 code units, the way Telegram counts."""
    return len(text.encode("utf-16-le")) // 2


TEXT_CHARACTERS = 20_000
# PostgreSQL refuses NUL, and neither it nor UTF-8 takes half of a surrogate pair.
_UNSTORABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")


def clean(text: str) -> str:
    """What a person sent as we keep it: NFC, stripped, storable, of bounded length."""
    text = _UNSTORABLE.sub("", text[: 2 * TEXT_CHARACTERS])
    return unicodedata.normalize("NFC", text).strip()[:TEXT_CHARACTERS].strip()


@dataclass(frozen=True, slots=True)
class Limits:
    """What a platform allows in one message, and how fast it lets us send (messages a second)."""

    text: int
    buttons: int = 8
    label: int = 40
    per_second: float = 0.0  # 0 = no pace
    burst: int = 1  # how many calls may be saved up while nothing is sent
    per_chat_second: float = 0.0
    measure: Callable[[str], int] = characters
    choices: Literal["buttons", "both", "numbers"] = "buttons"  # how choices are shown; see ``parts``


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


def parts(reply: Reply, limits: Limits) -> list[Reply]:
    """A reply cut to the limits: one part is one call, so a retry repeats only itself.

    Where buttons may fail or do not exist, the choices stand as numbered lines in the text as well:
    whole, while a button's label may be cut. The last part carries the buttons.
    """
    text = reply.text
    if reply.buttons and limits.choices != "buttons":
        text = "\n".join([text, "", *_numbered(reply, with_links=limits.choices == "numbers")])
    texts = split_text(text, limits.text, limits.measure)
    return [*(Reply(text) for text in texts[:-1]), replace(reply, text=texts[-1])]


def _numbered(reply: Reply, with_links: bool) -> Iterator[str]:
    for number, button in enumerate(reply.buttons, 1):
        link = f": {button.url}" if button.url and with_links else ""
        yield f"{number}. {button.label}{link}"


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
