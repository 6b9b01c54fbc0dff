"""The way to a person: hotlines and the ward's centre."""

from __future__ import annotations

from bot.messages import Button, Reply
from handlers.base import CONTEXT, Turn


class Person:
    """ "Gặp người hỗ trợ"."""

    name = "person"

    def matches(self, turn: Turn) -> bool:
        """Only by its command and buttons."""
        return False

    async def reply(self, turn: Turn) -> Reply:
        """Numbers to call and the counter to go to."""
        commune = turn.library.places.communes.get(turn.conversation.ward)
        lines = [turn.texts("person.text")]
        if context := turn.conversation.data.get(CONTEXT):
            lines.insert(0, turn.texts("person.context", context=context))
        buttons: tuple[Button, ...] = ()
        if commune is None:
            lines.append(turn.texts("person.any_centre"))
            buttons = (Button(turn.texts("person.choose_ward"), "ward:ask:"),)
        else:
            office = f"{turn.library.places.offices['ward-centre'].name} {commune.full_name}"
            lines.append(turn.texts("person.centre", office=office))
        lines.append(turn.texts("person.soon"))
        return Reply("\n".join(lines), buttons)
