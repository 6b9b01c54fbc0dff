"""Turns the errors of python-telegram-bot into ours; their text counts only where the class is silent."""

from __future__ import annotations

from datetime import timedelta

import telegram
from telegram import error as failed

from bot.errors import (
    ChannelError,
    ChannelMoved,
    ChannelRefused,
    ChannelThrottled,
    ChannelUnavailable,
    CitizenUnreachable,
    ReplyRejected,
)

_GONE = ("chat not found", "user is deactivated")
_REASON_CHARACTERS = 200


def channel_error(error: telegram.error.TelegramError) -> ChannelError:
    """What a failed call means for the one who sends. The order matters: BadRequest is a NetworkError."""
    reason = str(error)[:_REASON_CHARACTERS]
    match error:
        case failed.RetryAfter():
            return ChannelThrottled(seconds(error.retry_after))
        case failed.ChatMigrated():
            return ChannelMoved(str(error.new_chat_id))
        case failed.Forbidden():
            return CitizenUnreachable(reason)
        case failed.InvalidToken():
            return ChannelRefused(reason)
        case failed.BadRequest():
            is_gone = any(words in reason.lower() for words in _GONE)
            return CitizenUnreachable(reason) if is_gone else ReplyRejected(reason)
        case _:
            return ChannelUnavailable(reason)


def is_markup_refused(error: telegram.error.TelegramError) -> bool:
    """Did Telegram stumble over our HTML, so that the plain text may still get through?"""
    return isinstance(error, failed.BadRequest) and "can't parse entities" in str(error).lower()


def seconds(pause: int | float | timedelta) -> float:
    """A pause in seconds; the library gives a number or, with PTB_TIMEDELTA set, a timedelta."""
    return pause.total_seconds() if isinstance(pause, timedelta) else float(pause)
