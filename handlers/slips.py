"""/phieu: staff see the list of papers that a person has prepared."""

from __future__ import annotations

from bot.guides.keeping import SLIP_LENGTH, read_code
from bot.guides.schedule import ZONE
from bot.messages import Reply
from handlers.base import Turn


class Slips:
    """The checklist behind six characters; nothing personal is in it, so anybody may look."""

    name = "slips"

    def matches(self, turn: Turn) -> bool:
        """The six characters alone, written in capitals as on the slip."""
        text = turn.message.text
        return text == text.upper() and bool(read_code(text, SLIP_LENGTH))

    async def reply(self, turn: Turn) -> Reply:
        """The list, or what is wrong with the code."""
        called = turn.reading.interrupts == self.name
        typed = turn.reading.topic if called else turn.message.text
        if not typed:
            return Reply(turn.texts("slips.ask"))
        code = read_code(typed, SLIP_LENGTH)
        slip = await turn.services.guides.slip(code, turn.now) if code else None
        if slip is None:
            return Reply(turn.texts("slips.unknown", code=typed[:12].upper()))
        until = f"{slip.until.astimezone(ZONE):%d/%m/%Y}"
        lines = "\n".join(slip.lines)
        return Reply(turn.texts("slips.shown", title=slip.title, lines=lines, code=slip.code, until=until))
