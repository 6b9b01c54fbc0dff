"""The contract of a handler and what it gets to work with."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Protocol

from bot.dossiers.service import Dossiers
from bot.guides.keeping import Keeping, KeepsNothing
from bot.knowledge.library import Library
from bot.messages import Conversation, Message, Reply
from bot.search.reading import Reading
from bot.texts import Texts

# The key in a conversation's data that says, in words to read out, where the person is stuck; nothing personal.
# Whoever brings in a person (the handler person, a help desk) passes it on, so that nobody has to tell it again.
CONTEXT = "help_context"

# A change that a service of the bot makes in the turn's transaction; may run again after a failed commit.
Effect = Callable[[Any], Awaitable[object]]


@dataclass(frozen=True, slots=True)
class Services:
    """What handlers may ask of the house beyond the knowledge. ``motcua ask`` has none of it."""

    dossiers: Dossiers | None = None
    photo: Callable[[Message], Awaitable[bytes]] | None = None  # the picture of a message; raises ChannelError
    private_link: Callable[[Message], str] | None = None  # from a group to the private chat; "" = none
    remove: Callable[[Message], Awaitable[None]] | None = None  # takes it out of the group, where we may
    guides: Keeping = field(default_factory=KeepsNothing)
    public_url: str = ""  # where the house's own pages are reached from outside

    def page_address(self, channel: str, path: str) -> str:
        """The address of one of our pages as that channel can open it; empty when it can't."""
        if self.public_url:
            return self.public_url.rstrip("/") + path
        return path if channel == "web" else ""  # the page of the web chat is on the same server


@dataclass(frozen=True, slots=True)
class Turn:
    """One message with everything a handler may need to answer it."""

    message: Message
    conversation: Conversation
    reading: Reading  # how the text was understood
    library: Library
    now: datetime  # aware, in the city's time zone
    services: Services = Services()
    effects: list[Effect] = field(default_factory=list)  # written together with the reply, or not at all

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

    async def reply(self, turn: Turn) -> Reply:
        """The answer; may set ``waiting_for`` and ``data`` of the conversation and add to ``effects``."""
