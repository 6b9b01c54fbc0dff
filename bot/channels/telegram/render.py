"""Turns a Reply into what Telegram shows: HTML text and an inline keyboard. Pure."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from urllib.parse import urlsplit

import structlog
import telegram

from bot.messages import Button

log = structlog.get_logger(__name__)

VALUE_BYTES = 64  # core.telegram.org/bots/api#inlinekeyboardbutton: callback_data, 1-64 bytes
LABEL_CHARACTERS = 64
SHORT_LABEL = 16  # two of these fit side by side on a small phone
_BOLD = re.compile(r"\*\*([^\s*](?:[^*\n]*[^\s*])?)\*\*")
_UNSENDABLE = re.compile(r"[\x00\ud800-\udfff]")


def to_html(text: str) -> str:
    """``**bold**`` becomes <b>; all else is escaped. Quotes stay: core.telegram.org/bots/api#html-style."""
    return _BOLD.sub(r"<b>\1</b>", html.escape(_UNSENDABLE.sub("", text), quote=False))


def to_plain(text: str) -> str:
    """The text without any markup, for when Telegram refuses ours."""
    return _BOLD.sub(r"\1", _UNSENDABLE.sub("", text))


def keyboard(buttons: Sequence[Button]) -> telegram.InlineKeyboardMarkup | None:
    """Short labels two in a row, long ones alone; None when no button is left."""
    rows: list[list[telegram.InlineKeyboardButton]] = []
    is_open = False  # may the last row take one more?
    for button in buttons:
        if reason := _flaw(button):
            log.warning("button dropped", channel="telegram", label=button.label, reason=reason)
            continue
        is_short = len(button.label) <= SHORT_LABEL
        if is_short and is_open:
            rows[-1].append(_inline(button))
            is_open = False
        else:
            rows.append([_inline(button)])
            is_open = is_short
    return telegram.InlineKeyboardMarkup(rows) if rows else None


def _inline(button: Button) -> telegram.InlineKeyboardButton:
    label = button.label
    if len(label) > LABEL_CHARACTERS:
        label = label[: LABEL_CHARACTERS - 1].rstrip() + "…"
    if button.url:
        return telegram.InlineKeyboardButton(label, url=button.url)
    return telegram.InlineKeyboardButton(label, callback_data=button.value)


def _flaw(button: Button) -> str:
    """Why Telegram would refuse the whole message because of this button; empty when it would not."""
    if not button.label.strip():
        return "no label"
    if button.url:
        return "" if _is_web_address(button.url) else "not a web address"
    if not button.value:
        return "neither value nor address"
    size = len(button.value.encode("utf-8", "replace"))
    return f"value of {size} bytes, {VALUE_BYTES} are allowed" if size > VALUE_BYTES else ""


def _is_web_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname) and " " not in url
