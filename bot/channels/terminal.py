"""The terminal: one line in, the reply out, buttons numbered. For a person or a pipe."""

from __future__ import annotations

import asyncio
import secrets
import sys
import unicodedata
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TextIO

from aiohttp import web

from bot.channels.base import Door, Limits
from bot.errors import ReplyRejected
from bot.messages import Delivery, Message, Reply

NAME = "terminal"


def plain(reply: Reply, bold: bool = False) -> str:
    """A reply as a terminal shows it: ``**bold**`` resolved, buttons as a numbered list."""
    start, end = ("\x1b[1m", "\x1b[0m") if bold else ("", "")
    pieces = reply.text.split("**")
    text = "".join(f"{start}{piece}{end}" if at % 2 else piece for at, piece in enumerate(pieces))
    lines = [f"  {at}. {b.label}" + (f": {b.url}" if b.url else "") for at, b in enumerate(reply.buttons, 1)]
    return "\n".join([text, *lines])


class Terminal:
    """A channel of one chat, on standard input and output (or what is given)."""

    name = NAME
    limits = Limits(text=100_000, buttons=20, label=200)

    def __init__(self, output: TextIO | None = None) -> None:
        self._output = output or sys.stdout
        self._door: Door | None = None
        self._answered = asyncio.Event()
        self._session = secrets.token_hex(8)
        self._number = 0

    def routes(self) -> Sequence[web.RouteDef]:
        """None."""
        return ()

    async def start(self, door: Door) -> None:
        """Nothing to open."""
        self._door = door

    async def stop(self) -> None:
        """Nothing to close."""

    async def send(self, delivery: Delivery) -> None:
        """Prints the reply."""
        print(plain(delivery.reply, bold=self._output.isatty()), end="\n\n", file=self._output, flush=True)
        self._answered.set()

    async def photo(self, reference: str) -> bytes:
        """None can be sent here."""
        raise ReplyRejected("no pictures in the terminal")

    async def say(self, text: str) -> None:
        """Hands a line in and waits for the answer."""
        assert self._door is not None
        self._number += 1
        self._answered.clear()
        await self._door.receive(
            Message(
                channel=NAME,
                chat_id=self._session,
                user_id=self._session,
                message_id=f"{self._session}:{self._number}",
                text=unicodedata.normalize("NFC", text).strip(),
                received_at=datetime.now(UTC),
            )
        )
        await self._answered.wait()
