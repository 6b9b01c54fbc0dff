"""The contract of a handler and what it gets to work with."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from bot.knowledge.library import Library
from bot.messages import Conversation, Message, Reply
from bot.search.reading import Reading
from bot.texts import Texts


@dataclass(frozen=True, slots=True)
class Turn:
    """One message with everything a handler may need to answer it."""

    message: Message
    conversation: Conversation
    reading: Reading  # how the text was understood
    library: Library
    now: datetime  # aware, in the city's time zone

    @property
    def texts(self) -> Texts:
        """The bot's words."""
        return self.library.texts

    @property
    def today(self) -> date:
        """The day of asking: fees and rules depend on it."""
        return self.now.date()

    @property
    def step(self) -> tuple[str, str]:
        """``step`` and ``id`` of the tapped button (``handler:step:id``); empty when none."""
        parts = [*self.message.tapped.split(":", 2), "", ""]
        return parts[1], parts[2]


class Handler(Protocol):
    """One thing a citizen can do here."""

    name: str

    def matches(self, turn: Turn) -> bool:
        """Whether this free text is for this handler."""

    def reply(self, turn: Turn) -> Reply:
        """The answer; may set ``waiting_for`` and ``data`` of the conversation."""
