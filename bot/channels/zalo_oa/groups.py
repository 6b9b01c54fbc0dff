"""Groups that the OA made (GMF): whom a message is meant for, and what may not stand in ours.

All that members write comes to the webhook, so the bot answers only when it is addressed: by a command,
by a mention, by its name in front, or by an answer to a message of its own.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from bot.vietnamese import fold, nfc

GROUP = "group:"  # before the id of a group, so that no person's chat can be mistaken for one
_MENTION = re.compile(r"\[@(\d+)\]")


class Names:
    """The names people call the bot by in groups; ``oa_id`` is what Zalo's own mentions carry."""

    def __init__(self, names: Sequence[str], oa_id: str) -> None:
        self._oa_id = oa_id
        words = "|".join(re.escape(fold(nfc(name))) for name in sorted(names, key=len, reverse=True))
        # In front, followed by a sign or a call ("Một Cửa ơi"); or anywhere with an @ before it.
        self._called = re.compile(rf"^\s*(?:{words})\s*(?:[,:!]|oi\b)[\s,:!]*|(?<!\w)@(?:{words})(?!\w)[\s,:]*")
        self._has_names = bool(words)

    def words_for_us(self, text: str) -> str | None:
        """The words said to the bot, its name left out; None when they are meant for others."""
        text = nfc(text)
        if text.lstrip().startswith("/"):
            return text
        is_mentioned = any(found[1] == self._oa_id for found in _MENTION.finditer(text))
        text = _MENTION.sub(" ", text)
        folded = fold(text)
        called = self._called.search(folded) if self._has_names else None
        if called is None:
            return text if is_mentioned else None
        if len(folded) != len(text):  # a sign that folds into several: the places don't agree
            return text
        return f"{text[: called.start()]} {text[called.end() :]}"


def without_mentions(text: str) -> str:
    """Text for a group in which nobody is called: ``[@all]`` copied from a person would ring 1,000 phones."""
    return _MENTION.sub(" ", text)
