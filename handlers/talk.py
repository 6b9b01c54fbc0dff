"""Everything that is no question about a procedure: emergencies, small talk, media, and not knowing."""

from __future__ import annotations

from bot.messages import Kind, Reply
from bot.search.reading import Decision
from handlers.base import Turn
from handlers.procedures.buttons import ways_on

_WITHOUT_BUTTONS = frozenset({"thanks", "goodbye"})


class Emergency:
    """Signs of fire, violence, accident or suicide bring the numbers at once, whatever was going on."""

    name = "emergency"

    def matches(self, turn: Turn) -> bool:
        """Never by itself: the reading interrupts for it."""
        return False

    async def reply(self, turn: Turn) -> Reply:
        """Whom to call, first of all."""
        text = turn.texts(f"emergency.{turn.reading.topic}")
        return Reply(f"{text}\n\n{turn.texts('emergency.go_on')}")


class Media:
    """Stickers, voice notes, photos, files: a fitting word for each; a caption is read as text."""

    name = "media"

    def matches(self, turn: Turn) -> bool:
        """A message of another kind without readable words."""
        return turn.message.kind not in (Kind.TEXT, Kind.TAP) and not turn.message.text

    async def reply(self, turn: Turn) -> Reply:
        """What the bot can't do with it, and what to do instead."""
        return Reply(turn.texts(f"media.{turn.message.kind.value}"))


class Talk:
    """Greetings, thanks, abuse, questions about the bot and subjects outside its field."""

    name = "talk"

    def matches(self, turn: Turn) -> bool:
        """When the reading found small talk."""
        return turn.reading.decision is Decision.SMALLTALK

    async def reply(self, turn: Turn) -> Reply:
        """A short fitting word and the way on."""
        kind = turn.reading.topic
        buttons = () if kind in _WITHOUT_BUTTONS else ways_on(turn.texts)
        return Reply(turn.texts(f"talk.{kind}"), buttons)


class Fallback:
    """The bot does not know, and says so, with three ways on."""

    name = "fallback"

    def matches(self, turn: Turn) -> bool:
        """Always."""
        return True

    async def reply(self, turn: Turn) -> Reply:
        """Rephrase, browse, or reach a person."""
        key = "fallback.old_button" if turn.message.tapped else "fallback.text"
        return Reply(turn.texts(key), ways_on(turn.texts))
