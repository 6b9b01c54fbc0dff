"""Turns an update of Telegram into what the house understands. Pure: no network, no clock.

In groups only what is addressed to the bot counts. Left out on purpose: edits, channel posts, service
messages, other bots, and people who write in the name of a chat (anonymous admins: all share one id).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import telegram
from telegram.constants import ChatMemberStatus, ChatType

from bot.channels.base import clean
from bot.messages import Kind, Message

NAME = "telegram"
TAPPED_CHARACTERS = 64
_PICTURES = ("image/jpeg", "image/png", "image/webp")
_GROUPS = (ChatType.GROUP, ChatType.SUPERGROUP)
_COMMAND = re.compile(r"\s*(/[A-Za-z0-9_]{1,32})(?:@(\w+))?(?=\s|$)")
# The first that is there decides: an animation is also a document, a venue also a location.
_KINDS = (
    ("text", Kind.TEXT),
    ("sticker", Kind.STICKER),
    ("voice", Kind.VOICE),
    ("photo", Kind.PHOTO),
    ("animation", Kind.OTHER),
    ("document", Kind.FILE),
    ("audio", Kind.FILE),
    ("location", Kind.LOCATION),
    ("contact", Kind.CONTACT),
    *((name, Kind.OTHER) for name in ("video", "video_note", "poll", "dice", "story", "game", "checklist")),
    ("paid_media", Kind.OTHER),
)


@dataclass(frozen=True, slots=True)
class Me:
    """Who the bot is for Telegram; ``username`` comes without the @."""

    id: int
    username: str


@dataclass(frozen=True, slots=True)
class Reachable:
    """A person blocked the bot or came back."""

    chat_id: str
    is_reachable: bool


@dataclass(frozen=True, slots=True)
class Moved:
    """A group became a supergroup."""

    old_id: str
    new_id: str


def update_of(raw: dict[str, Any]) -> telegram.Update:
    """The library's view of one raw update; raises all sorts of things on junk."""
    update = telegram.Update.de_json(raw, None)
    if not isinstance(raw.get("update_id"), int):
        raise ValueError("update_id is missing")
    return update


def is_group_talk(update: telegram.Update) -> bool:
    """Does reading this update need the bot's own name?"""
    return update.message is not None and update.message.chat.type in _GROUPS


def read(update: telegram.Update, me: Me, now: datetime) -> Message | Reachable | Moved | None:
    """What the update means for the house; None: nothing."""
    if update.callback_query is not None:
        return _tap(update.callback_query, now)
    if update.my_chat_member is not None:
        return _membership(update.my_chat_member)
    if update.message is None:
        return None
    return _move(update.message) or _message(update.message, me, now)


def _tap(query: telegram.CallbackQuery, now: datetime) -> Message | None:
    message = query.message
    if message is None or query.data is None or query.from_user.is_bot:
        return None
    return Message(
        channel=NAME,
        chat_id=str(message.chat.id),
        user_id=str(query.from_user.id),
        message_id=f"tap:{query.id}",
        text="",
        received_at=now,
        kind=Kind.TAP,
        # A client can send any data it likes, so neither length nor characters can be trusted.
        tapped=clean(query.data)[:TAPPED_CHARACTERS],
        in_group=message.chat.type in _GROUPS,
        thread_id=_thread(message),
    )


def _message(message: telegram.Message, me: Me, now: datetime) -> Message | None:
    kind = next((kind for field, kind in _KINDS if getattr(message, field)), None)
    if kind is Kind.FILE and _photo(message):
        kind = Kind.PHOTO
    sender = message.from_user
    if kind is None or sender is None or sender.is_bot or message.sender_chat is not None:
        return None
    if message.chat.type not in (ChatType.PRIVATE, *_GROUPS):
        return None
    in_group = message.chat.type in _GROUPS
    text = _addressed(message, me) if in_group else _without_name(message.text or message.caption or "")
    if text is None:
        return None
    return Message(
        channel=NAME,
        chat_id=str(message.chat.id),
        user_id=str(sender.id),
        message_id=f"{message.chat.id}:{message.message_id}",
        text=clean(text),
        received_at=now,
        kind=kind,
        in_group=in_group,
        thread_id=_thread(message),
        photo=_photo(message),
    )


def _photo(message: telegram.Message) -> str:
    """The largest version of a photo; a picture sent as a file is one too, and sharper."""
    if message.photo:
        return max(message.photo, key=lambda size: size.width * size.height).file_id
    document = message.document
    return document.file_id if document and (document.mime_type or "") in _PICTURES else ""


def _addressed(message: telegram.Message, me: Me) -> str | None:
    """The words said to the bot in a group; None when they are meant for others."""
    text = message.text or message.caption or ""
    command = _COMMAND.match(text)
    if command and (command[2] or me.username).lower() != me.username.lower():
        return None
    if command:
        return _without_name(text)
    # Telegram's own rule for a mention: not inside a longer word, upper and lower case alike.
    mention = rf"[ \t]*(?<!\w)@{re.escape(me.username)}(?!\w)[ \t,:]*"
    words, mentions = re.subn(mention, " ", text, flags=re.IGNORECASE)
    return words if mentions or _is_reply_to(message, me) else None


def _is_reply_to(message: telegram.Message, me: Me) -> bool:
    earlier = message.reply_to_message
    if earlier is None or earlier.from_user is None:
        return False
    # In a topic that the bot opened, every message "replies" to the service message that opened it.
    return earlier.from_user.id == me.id and earlier.forum_topic_created is None


def _without_name(text: str) -> str:
    """``/help@our_bot me`` becomes ``/help me``."""
    return _COMMAND.sub(r"\1", text, count=1) if _COMMAND.match(text) else text


def _thread(message: telegram.MaybeInaccessibleMessage) -> str:
    if not isinstance(message, telegram.Message) or not message.is_topic_message:
        return ""
    return str(message.message_thread_id or "")


def _membership(change: telegram.ChatMemberUpdated) -> Reachable | None:
    if change.chat.type != ChatType.PRIVATE:
        return None
    status = change.new_chat_member.status
    if status not in (ChatMemberStatus.BANNED, ChatMemberStatus.MEMBER):
        return None
    return Reachable(str(change.chat.id), status == ChatMemberStatus.MEMBER)


def _move(message: telegram.Message) -> Moved | None:
    here = str(message.chat.id)
    if message.migrate_to_chat_id is not None:
        return Moved(here, str(message.migrate_to_chat_id))
    if message.migrate_from_chat_id is not None:
        return Moved(str(message.migrate_from_chat_id), here)
    return None
