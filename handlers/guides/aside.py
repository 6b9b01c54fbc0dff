"""Side questions in the middle of a guide: answered like any other, then the way back is offered."""

from __future__ import annotations

from dataclasses import replace

from bot.guides.run import Stage
from bot.messages import Button, Reply
from bot.search.reading import Decision
from handlers.base import Turn
from handlers.guides import filed
from handlers.guides.session import MARK, Mark

_ALONE = frozenset({"guides", "emergency", "forget", "start"})  # nothing is added to their words
_LEAVES = frozenset({"cancel"})  # the guide is not in front any more, but kept


async def with_way_back(turn: Turn, handler: str, mark: Mark | None, reply: Reply) -> Reply:
    """The reply of another handler; with a guide in front (``mark``), also how to go on with it."""
    if mark is None or handler in _ALONE or turn.message.in_group:
        return reply
    guide = turn.library.guides.get(mark.guide, turn.library.find(mark.guide))
    if guide is None:
        return reply
    line = turn.texts("guides.side", name=guide.name)
    if handler in _LEAVES:
        return replace(reply, text=f"{reply.text}\n{line}")
    if MARK in turn.conversation.data:
        turn.conversation.waiting_for = turn.conversation.waiting_for or "guides:run"
    if mark.stage == Stage.NUMBER and turn.reading.decision is Decision.DOSSIER:
        return await filed.followed(turn, mark, reply)
    back = Button(turn.texts("guides.b_go"), f"guides:go:{mark.key}")
    return replace(reply, text=f"{reply.text}\n\n{line}", buttons=(back, *reply.buttons))
