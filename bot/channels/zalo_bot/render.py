"""Text as the Bot Platform shows it. Pure."""

from __future__ import annotations

import re

from bot.vietnamese import nfc

_BOLD = re.compile(r"\*\*([^\s*](?:[^*\n]*[^\s*])?)\*\*")
_UNSENDABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")
_SPECIAL = re.compile(r"([*_`\[\]~])")


def to_plain(text: str) -> str:
    """Composed, and without the asterisks, which would show as typed."""
    return nfc(_BOLD.sub(r"\1", _UNSENDABLE.sub("", text)))


def to_markdown(text: str) -> str:
    """The same with bold words; what else looks like markup is escaped."""
    pieces = nfc(_UNSENDABLE.sub("", text)).split("**")
    if len(pieces) % 2 == 0:  # asterisks without a partner
        return _SPECIAL.sub(r"\\\1", to_plain(text))
    escaped = [_SPECIAL.sub(r"\\\1", piece) for piece in pieces]
    return "**".join(escaped)
