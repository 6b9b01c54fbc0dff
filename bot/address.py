"""How to call a person: "you" in general, or the word they use of themselves (an old man says "bác").

Kept only in the conversation, so it is forgotten with it.
"""

from __future__ import annotations

import re
from dataclasses import replace

from bot.knowledge.vocabulary import Address
from bot.messages import Conversation, Reply
from bot.search.reading import Reading

_KEY = "you"


def listen(reading: Reading, conversation: Conversation) -> None:
    """Remembers the word a person has just used of themselves."""
    if reading.address:
        conversation.data[_KEY] = reading.address


def speak(reply: Reply, conversation: Conversation, address: Address) -> Reply:
    """The reply with the person's own word in place of the general one."""
    word = conversation.data.get(_KEY)
    if not word:
        return reply
    longer = "|".join(re.escape(other) for other in address.not_before)  # as in "bạn bè", friends
    general = re.compile(rf"\b{re.escape(address.general)}\b(?! (?:{longer})\b)", re.IGNORECASE)
    return replace(reply, text=general.sub(lambda found: _as_written(found[0], word), reply.text))


def _as_written(general: str, word: str) -> str:
    return word.capitalize() if general[0].isupper() else word
