"""Turns an update of the Bot Platform into a Message. Pure.

In groups Zalo delivers only what mentions the bot or answers it, so everything that comes is for us.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

from bot.channels.base import clean
from bot.messages import Kind, Message
from bot.vietnamese import nfc

NAME = "zalo_bot"
_KINDS = {
    "message.text.received": Kind.TEXT,
    "message.image.received": Kind.PHOTO,
    "message.sticker.received": Kind.STICKER,
    "message.voice.received": Kind.VOICE,
}
_SECONDS = 10**12  # a smaller time is in seconds, a bigger one in milliseconds
_ANY_BOT = re.compile(r"^\s*@Bot\s+\S+\s*", re.IGNORECASE)  # every bot's name begins so


def read(update: dict[str, Any], bot_name: str, now: datetime) -> Message | None:
    """What a person sent; None for anything else. Raises KeyError, TypeError or ValueError on junk.

    ``unsupported`` comes without content: for links, and for protected people (children, people who can't
    read). It must be answered with a way to a person, so it is a message of the kind OTHER.
    """
    update = update.get("result", update) if "event_name" not in update else update
    event = str(update["event_name"])
    body = update["message"]
    if not event.startswith("message.") or body["from"].get("is_bot") is True:
        return None
    in_group = body["chat"].get("chat_type") == "GROUP"
    text = str(body.get("text") or body.get("caption") or "")
    return Message(
        channel=NAME,
        chat_id=_id(body["chat"]["id"]),
        user_id=_id(body["from"]["id"]),
        message_id=_id(body["message_id"]),
        text=clean(_without_mention(text, bot_name) if in_group else text),
        received_at=_moment(body.get("date"), now),
        kind=_KINDS.get(event, Kind.OTHER),
        in_group=in_group,
        photo=photo_of(update) if event == "message.image.received" else "",
    )


def photo_of(update: dict[str, Any]) -> str:
    """The address of the picture: ``photo`` as documented, ``photo_url`` as seen."""
    body = update.get("result", update)["message"]
    return str(body.get("photo") or body.get("photo_url") or "")[:2000]


def _without_mention(text: str, bot_name: str) -> str:
    text = nfc(text)
    if not bot_name:
        return _ANY_BOT.sub("", text)
    return re.sub(rf"\s*@{re.escape(nfc(bot_name))}(?!\w)[\s,:]*", " ", text, flags=re.IGNORECASE)


def _id(value: object) -> str:
    if not isinstance(value, str) or not value or len(value) > 100:
        raise ValueError("an id is a short text")
    return clean(value)


def _moment(date: object, now: datetime) -> datetime:
    if not isinstance(date, int | float) or isinstance(date, bool) or date <= 0:
        return now
    try:
        return min(datetime.fromtimestamp(date / 1000 if date >= _SECONDS else date, UTC), now)
    except (ValueError, OverflowError, OSError):
        return now
