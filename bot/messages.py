"""What crosses the rooms: messages in, replies out, and the conversation between them.

Owns plain data only; knows no platform, no database and no procedure.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Kind(StrEnum):
    """What sort of thing a person sent; all but TEXT and TAP carry no words we read."""

    TEXT = "text"
    TAP = "tap"
    STICKER = "sticker"
    VOICE = "voice"
    PHOTO = "photo"
    FILE = "file"
    LOCATION = "location"
    CONTACT = "contact"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a person is reached: all that a message needs to leave."""

    channel: str
    chat_id: str
    user_id: str
    thread_id: str = ""  # the topic of a forum group


@dataclass(frozen=True, slots=True)
class Message:
    """One thing a person sent, the same for every channel.

    ``text`` is NFC and stripped (for a photo or file: its caption). ``tapped`` is the value of
    the button pressed, else empty. ``message_id`` is unique within the channel; a platform that
    delivers twice repeats it. No name and no phone number ever enters here.
    """

    channel: str
    chat_id: str
    user_id: str
    message_id: str
    text: str
    received_at: datetime
    kind: Kind = Kind.TEXT
    tapped: str = ""
    in_group: bool = False
    thread_id: str = ""  # the topic of a forum group; the answer goes to the same topic
    photo: str = ""  # the channel's own reference to the picture; ``Channel.photo`` turns it into bytes
    network: str = ""  # hash of where on the net the person is, where the channel can know; against guessing

    @property
    def place(self) -> Place:
        """Where the answer goes."""
        return Place(self.channel, self.chat_id, self.user_id, self.thread_id)


@dataclass(frozen=True, slots=True)
class Button:
    """A choice under a reply: ``value`` is ASCII ``handler:step:id`` of at most 64 bytes
    (Telegram's limit for callback data); a button with ``url`` opens a page instead."""

    label: str
    value: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class Form:
    """A notice for a platform that at times takes only approved templates: the name the template has in
    config.yaml, and its values by name."""

    name: str
    values: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Reply:
    """What the bot says: text with ``**bold**`` as its only markup, and the buttons under it. ``form``
    says the same as a template, for a notice that may come when the text may not go."""

    text: str
    buttons: tuple[Button, ...] = ()
    form: Form | None = None


@dataclass(frozen=True, slots=True)
class Delivery:
    """One stored part of a reply on its way out; each is exactly one call to the platform."""

    id: int
    channel: str
    chat_id: str
    thread_id: str
    reply: Reply
    attempts: int = 0
    priority: int = 0  # 0 an answer, 1 a notice, 2 an announcement: the lower goes first


@dataclass(slots=True)
class Conversation:
    """What the bot remembers of one person in one chat; the only mutable thing that crosses rooms.

    ``waiting_for`` is ``handler:question`` while the bot waits for an answer, else empty.
    ``data`` holds short strings (the procedure in mind, the choices last shown). ``ward`` is the
    code of the person's saved commune, kept beyond the life of the conversation.
    """

    channel: str
    chat_id: str
    user_id: str
    waiting_for: str = ""
    data: dict[str, str] = field(default_factory=dict)
    ward: str = ""
    updated_at: datetime | None = None
    forget: bool = False  # set by a handler: delete all that is kept of this person
