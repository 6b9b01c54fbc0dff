"""Greeting at the first contact, deep links, and the help page."""

from __future__ import annotations

from bot.messages import Button, Reply
from bot.search.reading import Decision
from handlers.base import Turn
from handlers.procedures import Procedures


class Start:
    """/start, also with the id of a procedure or menu section behind it (``?start=`` links)."""

    name = "start"

    def __init__(self, procedures: Procedures) -> None:
        self._procedures = procedures

    def matches(self, turn: Turn) -> bool:
        """Only by its command."""
        return False

    async def reply(self, turn: Turn) -> Reply:
        """The topic of the link, else the greeting with the menu."""
        turn.conversation.waiting_for = ""
        topic = turn.reading.topic
        if topic in turn.library.procedures:
            return self._procedures.show(turn, topic)
        turn.conversation.data.clear()
        text = turn.texts("start.hello")
        if topic:
            text = f"{turn.texts('start.unknown_topic')}\n\n{text}"
        menu = Button(turn.texts("menu.open"), "menu:show:")
        ward = Button(turn.texts("person.choose_ward"), "ward:ask:")
        return Reply(text, (menu, ward, Button(turn.texts("person.button"), "person:show:")))


class Help:
    """/help: what the bot can do, and its commands."""

    name = "help"

    def matches(self, turn: Turn) -> bool:
        """Only by its command."""
        return False

    async def reply(self, turn: Turn) -> Reply:
        """The help page."""
        text = turn.texts("help.text", count=len(turn.library.procedures))
        return Reply(text, (Button(turn.texts("menu.open"), "menu:show:"),))


class Cancel:
    """/huy: drops what is unfinished."""

    name = "cancel"

    def matches(self, turn: Turn) -> bool:
        """ "No" to a question that nobody else takes."""
        return turn.reading.decision is Decision.SMALLTALK and turn.reading.answer == "refuse"

    async def reply(self, turn: Turn) -> Reply:
        """Forgets the open question and the topic."""
        busy = bool(turn.conversation.waiting_for or turn.conversation.data)
        turn.conversation.waiting_for = ""
        turn.conversation.data.clear()
        return Reply(turn.texts("cancel.done" if busy else "cancel.nothing"))
