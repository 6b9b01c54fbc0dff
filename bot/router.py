"""Which handler answers a message: five rules, in order."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # the handlers are passed in; the router imports none of them
    from handlers.base import Handler, Turn


class Router:
    """Chooses among ``handlers``; the last of them answers everything."""

    def __init__(self, handlers: Sequence[Handler]) -> None:
        self._handlers = handlers
        self._by_name = {handler.name: handler for handler in handlers}

    def choose(self, turn: Turn) -> Handler:
        """The handler for this turn."""
        tapped = self._by_name.get(turn.message.tapped.partition(":")[0])
        if tapped is not None:  # 1. a button, however old, belongs to the handler that made it
            return tapped
        interrupting = self._by_name.get(turn.reading.interrupts)
        if interrupting is not None:  # 2. a command, an emergency, "huỷ"
            return interrupting
        asked = self._by_name.get(turn.conversation.waiting_for.partition(":")[0])
        if asked is not None and asked.matches(turn):  # 3. the answer to a question of ours
            return asked
        for handler in self._handlers:  # 4. the first that takes it
            if handler.matches(turn):
                return handler
        return self._handlers[-1]  # 5. fallback
