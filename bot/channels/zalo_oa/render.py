"""Turns a reply into the bodies that Zalo takes, and a tap back into a button's value. Pure.

Zalo knows no markup, and buttons on ``cs`` messages work though no official page describes them. So the
house writes every choice as a numbered line into the text (Limits.choices), and here come the buttons.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Literal
from urllib.parse import urlsplit

import structlog

from bot.messages import Button
from bot.vietnamese import nfc

log = structlog.get_logger(__name__)

TEXT_CHARACTERS = 2000  # above it -210
BUTTONS = 5
TITLE_CHARACTERS = 35  # 100 are allowed; more than this is cut on phones
PAYLOAD_CHARACTERS = 1000
ButtonType = Literal["hide", "show", "none"]

# What a tap sends comes back as if typed. Nobody types this, and it does not begin with "#", which a
# filter of the console may swallow. It carries no authority: handlers treat a forged one as an old one.
_START = "~mc~"
_TAP = re.compile(rf"{_START}([!-~]{{1,64}})")
_BOLD = re.compile(r"\*\*([^\s*](?:[^*\n]*[^\s*])?)\*\*")
_UNSENDABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")


def to_plain(text: str) -> str:
    """Composed (decomposed letters count double) and without the asterisks, which Zalo would show."""
    return nfc(_BOLD.sub(r"\1", _UNSENDABLE.sub("", text)))


def payload_of(value: str) -> str:
    """What a tap on the button sends to us."""
    return _START + value


def value_of(text: str) -> str:
    """The value behind a tap; empty for words."""
    found = _TAP.fullmatch(text)
    return found[1] if found else ""


def text_message(text: str) -> dict[str, Any]:
    """A message of words only."""
    return {"text": to_plain(text)}


def message(text: str, buttons: Sequence[Button], type_: ButtonType = "hide") -> dict[str, Any]:
    """A message with buttons, as many of them as Zalo takes."""
    shown = [] if type_ == "none" else [made for n, b in enumerate(buttons, 1) if (made := _button(n, b, type_))]
    body = text_message(text)
    if shown:
        body["attachment"] = {"type": "template", "payload": {"buttons": shown[:BUTTONS]}}
    return body


def image_message(text: str, *, url: str = "", attachment_id: str = "") -> dict[str, Any]:
    """A picture by public address or upload, with an optional caption."""
    element = {"media_type": "image", **({"url": url} if url else {"attachment_id": attachment_id})}
    payload = {"template_type": "media", "elements": [element]}
    return {**(text_message(text) if text else {}), "attachment": {"type": "template", "payload": payload}}


def file_message(token: str) -> dict[str, Any]:
    """A file that was uploaded; it takes no text beside it."""
    return {"attachment": {"type": "file", "payload": {"token": token}}}


def _button(number: int, button: Button, type_: ButtonType) -> dict[str, Any] | None:
    title = _cut(f"{number}. {to_plain(button.label)}")
    if reason := _flaw(button):
        log.warning("button dropped", channel="zalo_oa", label=button.label, reason=reason)
        return None
    if button.url:
        return {"title": title, "type": "oa.open.url", "payload": {"url": button.url}}
    if type_ == "show":  # the payload is what the person sees as their own words; the label is understood
        return {"title": title, "type": "oa.query.show", "payload": to_plain(button.label)[:PAYLOAD_CHARACTERS]}
    return {"title": title, "type": "oa.query.hide", "payload": payload_of(button.value)}


def _cut(title: str) -> str:
    return title if len(title) <= TITLE_CHARACTERS else title[: TITLE_CHARACTERS - 1].rstrip() + "…"


def _flaw(button: Button) -> str:
    if not button.label.strip():
        return "no label"
    if button.url:
        return "" if _is_web_address(button.url) else "not a web address"
    return "" if value_of(payload_of(button.value)) else "a value that could not come back"


def _is_web_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname)
