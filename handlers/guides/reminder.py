"""The words of the reminder."""

from __future__ import annotations

from datetime import datetime

from bot.guides.keeping import Kept
from bot.knowledge.library import Library
from bot.messages import Conversation, Message, Place, Reply
from bot.search.reading import EMPTY
from handlers.base import Turn
from handlers.guides import opened
from handlers.guides.ending import place_words


def reminder(library: Library, kept: Kept, place: Place, now: datetime) -> Reply | None:
    """What is unfinished and where; None when the guide is gone."""
    message = Message(place.channel, place.chat_id, place.user_id, "", "", now)
    conversation = Conversation(place.channel, place.chat_id, place.user_id)
    session = opened(Turn(message, conversation, EMPTY, library, now), kept)
    if session is None:
        return None
    text = session.text("reminder", name=session.guide.name, place=place_words(session))
    return Reply(text, (session.button("go", "go"), session.button("drop", "drop")))
