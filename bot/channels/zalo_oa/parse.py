"""Turns an event of the OA into what the house understands. Pure: no network, no clock.

Ids are decimal strings beyond 2^53 and stay strings. Nothing is trusted to be there: an event that lacks
what it needs raises KeyError, TypeError or ValueError, and the intake passes it over with a line in the log.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.channels.base import clean
from bot.channels.zalo_oa.events import Sort, kind_of, sort_of
from bot.channels.zalo_oa.groups import GROUP, Names
from bot.channels.zalo_oa.render import value_of
from bot.messages import Kind, Message

NAME = "zalo_oa"
_OLDEST = timedelta(hours=3)  # a repeat may come up to 1 h 50 min late
_ID_CHARACTERS = 64
_PERSONAL = ("app_id", "oa_id", "timestamp", "user_id_by_app", "sender", "recipient", "follower", "user_id")
Event = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Told:
    """A message to the bot. ``quotes`` is the id of the message it answers, and ``is_for_us`` false when
    in a group only that could make it ours."""

    message: Message
    quotes: str = ""
    is_for_us: bool = True


@dataclass(frozen=True, slots=True)
class Sign:
    """An event without words. ``who`` is a person or a group, empty where the event names none;
    ``message_id`` and ``tracking_id`` those of a message of ours."""

    sort: Sort
    who: str = ""
    message_id: str = ""
    tracking_id: str = ""
    rate: int = 0
    detail: str = ""


def oa_of(event: Event) -> str:
    """The OA an event is for; empty where it does not say so."""
    name = str(event.get("event_name"))
    if "oa_id" in event:
        return _id(event["oa_id"])
    if name.startswith("oa_send_"):
        return _id(event.get("sender", {}).get("id", ""))
    return _id(event.get("recipient", {}).get("id", "")) if sort_of(name) is Sort.WORDS else ""


def read(event: Event, oa_id: str, names: Names, now: datetime) -> Told | Sign:
    """What the event means."""
    name = str(event["event_name"])
    sort = sort_of(name)
    match sort:
        case Sort.WORDS:
            return Told(_message(event, _id(event["sender"]["id"]), now), _quote(event))
        case Sort.GROUP_WORDS:
            return _group_talk(event, names, now)
        case Sort.FOLLOW:
            return Told(_greeting(event, now))
        case Sort.UNFOLLOW | Sort.SIGN | Sort.WITHDRAWN:
            return Sign(sort, _person(event, oa_id))
        case Sort.RECEIPT | Sort.RATING:
            return _about_ours(event, sort)
        case Sort.GROUP_MADE | Sort.GROUP_GONE:
            return Sign(sort, GROUP + _id(event["group_id"]))
        case Sort.ECHO:
            return Sign(sort, message_id=_id(event["message"]["msg_id"]))
        case Sort.ALARM | Sort.NOTICE:
            return Sign(sort, detail=_detail(event))
        case _:
            return Sign(Sort.IGNORED, detail="" if sort else f"unknown event {name[:60]}")


def moment(event: Event, now: datetime) -> datetime:
    """When it happened: Zalo's own time, so that two swapped events find their order again."""
    try:
        at = datetime.fromtimestamp(int(event["timestamp"]) / 1000, UTC)
    except (KeyError, TypeError, ValueError, OverflowError, OSError):
        return now
    return min(max(at, now - _OLDEST), now)


def is_too_old(event: Event, now: datetime) -> bool:
    """Older than any repeat of Zalo's can be: someone plays back what he once heard."""
    try:
        at = datetime.fromtimestamp(int(event["timestamp"]) / 1000, UTC)
    except (KeyError, TypeError, ValueError, OverflowError, OSError):
        return True
    return at < now - _OLDEST


def photo_of(event: Event) -> str:
    """The address of the picture a person sent; empty when there is none."""
    for part in event.get("message", {}).get("attachments") or ():
        if part.get("type") == "image":
            return str(part["payload"].get("url", ""))[:2000]
    return ""


def _message(event: Event, chat_id: str, now: datetime, said: str | None = None) -> Message:
    kind = kind_of(event["event_name"])
    body = event["message"]
    text = clean(str(body.get("text") or "") if said is None else said)
    tapped = value_of(text) if kind is Kind.TEXT else ""
    return Message(
        channel=NAME,
        chat_id=chat_id,
        user_id=_id(event["sender"]["id"]),
        message_id=f"{event['event_name']}:{_id(body['msg_id'])}",
        text="" if tapped else text,
        received_at=moment(event, now),
        kind=Kind.TAP if tapped else kind,
        tapped=tapped,
        in_group=chat_id.startswith(GROUP),
        photo=photo_of(event) if kind is Kind.PHOTO else "",
    )


def _group_talk(event: Event, names: Names, now: datetime) -> Told:
    said = names.words_for_us(str(event["message"].get("text") or ""))
    message = _message(event, GROUP + _id(event["recipient"]["id"]), now, said)
    return Told(message, _quote(event), is_for_us=said is not None)


def _greeting(event: Event, now: datetime) -> Message:
    """Who follows the OA is greeted, as by /start; follow events carry no message id."""
    who = _id(event["follower"]["id"])
    key = f"{who}{event.get('timestamp')}"
    return Message(
        NAME, who, who, f"follow:{hashlib.sha256(key.encode()).hexdigest()[:24]}", "/start", moment(event, now)
    )


def _about_ours(event: Event, sort: Sort) -> Sign:
    body = event["message"]
    rate = body.get("rate", 0)
    return Sign(
        sort,
        message_id=_id(body.get("msg_id", "")),
        tracking_id=_id(body.get("tracking_id", "")),
        rate=rate if isinstance(rate, int) and 1 <= rate <= 5 else 0,
    )


def _person(event: Event, oa_id: str) -> str:
    """Whose event it is: sources disagree who is sender and who recipient, so: the one that is not the OA."""
    if "follower" in event:
        return _id(event["follower"]["id"])
    if "user_id" in event:
        return _id(event["user_id"])
    ends = [_id(event.get(end, {}).get("id", "")) for end in ("sender", "recipient")]
    return next((who for who in ends if who and who != oa_id), "")


def _quote(event: Event) -> str:
    return _id(event["message"].get("quote_msg_id") or "")


def _detail(event: Event) -> str:
    """The plain values of an administrative event (they name templates and numbers, never people)."""
    return str({key: value for key, value in event.items() if key not in _PERSONAL})[:300]


def _id(value: object) -> str:
    """An id as text. A bool, a float or a list is none: ids beyond 2^53 would come out mangled."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise TypeError("an id is neither text nor a whole number")
    text = clean(str(value))
    if len(text) > _ID_CHARACTERS:
        return hashlib.sha256(text.encode()).hexdigest()
    return text
