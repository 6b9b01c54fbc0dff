"""What followers are told: a change, the end with the question how it was, the day before the promised one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from bot.dossiers.service import Tie
from bot.dossiers.state import State
from bot.knowledge.library import Library
from bot.messages import Button, Reply
from handlers.dossiers.answers import Wording


class FollowNotices:
    """Replies for bot.dossiers.following."""

    def __init__(self, library: Callable[[], Library], now: Callable[[], datetime]) -> None:
        self._library = library
        self._now = now

    def changed(self, tie: Tie, state: State) -> Reply:
        """It has moved on."""
        library = self._library()
        text = Wording(library, self._now()).changed(state, tie.verified)
        if library.dossiers.statuses[state.status].ends:
            stars = (Button(library.texts(f"dossier.star_{n}"), f"dossier:rate:{n}.{tie.id}") for n in range(1, 6))
            return Reply(text, tuple(stars))
        return Reply(text, self._buttons(library, tie, state))

    def due(self, tie: Tie, state: State) -> Reply:
        """Tomorrow is the day."""
        library = self._library()
        return Reply(Wording(library, self._now()).due(state), self._buttons(library, tie, state))

    def _buttons(self, library: Library, tie: Tie, state: State) -> tuple[Button, ...]:
        texts = library.texts
        stop = Button(texts("dossier.button_stop"), f"following:stop:{tie.id}")
        sign = Button(texts("dossier.button_sign"), f"dossier:sign:{state.number}")
        person = Button(texts("person.button"), "person:show:")
        return (stop, person) if tie.verified else (sign, stop, person)
