"""What followers are told: a change, the end with the question how it was, the day before the promised one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from bot.dossiers.service import Tie
from bot.dossiers.state import State
from bot.knowledge.library import Library
from bot.messages import Button, Form, Reply
from handlers.dossiers.answers import Wording, shown

FORM = "dossier_status"  # the name of the approved template in config.yaml


class FollowNotices:
    """Replies for bot.dossiers.following."""

    def __init__(self, library: Callable[[], Library], now: Callable[[], datetime]) -> None:
        self._library = library
        self._now = now

    def changed(self, tie: Tie, state: State) -> Reply:
        """It has moved on."""
        library = self._library()
        text = Wording(library, self._now()).changed(state, tie.verified)
        form = self._form(tie, state, library.dossiers.statuses[state.status].plain)
        if library.dossiers.statuses[state.status].ends:
            stars = (Button(library.texts(f"dossier.star_{n}"), f"dossier:rate:{n}.{tie.id}") for n in range(1, 6))
            return Reply(text, tuple(stars), form)
        return Reply(text, self._buttons(library, tie, state), form)

    def due(self, tie: Tie, state: State) -> Reply:
        """Tomorrow is the day."""
        library = self._library()
        form = self._form(tie, state, library.texts("dossier.form_due"))
        return Reply(Wording(library, self._now()).due(state), self._buttons(library, tie, state), form)

    def _form(self, tie: Tie, state: State, status: str) -> Form:
        """The same for an approved template; who gave no second sign learns the status only."""
        told = {
            "number": state.number,
            "status": status,
            "day": shown(state.as_of.astimezone(self._now().tzinfo).date()),
        }
        if tie.verified:
            told |= {"procedure": state.procedure, "unit": state.unit, "due": shown(state.due)}
        return Form(FORM, tuple((name, value) for name, value in told.items() if value))

    def _buttons(self, library: Library, tie: Tie, state: State) -> tuple[Button, ...]:
        texts = library.texts
        stop = Button(texts("dossier.button_stop"), f"following:stop:{tie.id}")
        sign = Button(texts("dossier.button_sign"), f"dossier:sign:{state.number}")
        person = Button(texts("person.button"), "person:show:")
        return (stop, person) if tie.verified else (sign, stop, person)
