"""What is kept of a person, and its deletion after one confirmation."""

from __future__ import annotations

from bot.messages import Button, Reply
from handlers.base import Turn


class Privacy:
    """/quyenriengtu: says what is kept, for how long, and how to delete it."""

    name = "privacy"

    def __init__(self, keep_hours: int, keep_guides_days: int, keep_questions_days: int) -> None:
        """``keep_questions_days``: for masked questions without an answer; 0 = none is kept."""
        self._keep_hours = keep_hours
        self._keep_guides_days = keep_guides_days
        self._keep_questions_days = keep_questions_days

    def matches(self, turn: Turn) -> bool:
        """Only by its command."""
        return False

    async def reply(self, turn: Turn) -> Reply:
        """The notice."""
        text = turn.texts("privacy.text", hours=self._keep_hours, days=self._keep_guides_days)
        if self._keep_questions_days:
            text = f"{text}\n{turn.texts('privacy.unanswered', days=self._keep_questions_days)}"
        return Reply(text, (Button(turn.texts("privacy.delete"), "forget:ask:"),))


class Forget:
    """/xoadulieu: deletes all that is kept of the person in this chat."""

    name = "forget"

    def matches(self, turn: Turn) -> bool:
        """Yes or no to the confirmation."""
        return turn.conversation.waiting_for == "forget:confirm" and bool(turn.reading.answer)

    async def reply(self, turn: Turn) -> Reply:
        """Asks once; deletes on a clear yes only, and only when the question is still open."""
        step, _ = turn.step
        asked = turn.conversation.waiting_for == "forget:confirm"
        agreed = step == "yes" or (not step and asked and turn.reading.answer == "agree")
        refused = step == "no" or (not step and asked and turn.reading.answer == "refuse")
        turn.conversation.waiting_for = ""
        if agreed and asked:
            turn.conversation.forget = True
            if turn.services.dossiers is not None:
                turn.effects.append(turn.services.dossiers.forgotten(turn.message))
            return Reply(turn.texts("forget.done"))
        if refused:
            return Reply(turn.texts("forget.kept"))
        turn.conversation.waiting_for = "forget:confirm"
        yes = Button(turn.texts("forget.yes"), "forget:yes:")
        return Reply(turn.texts("forget.confirm"), (yes, Button(turn.texts("forget.no"), "forget:no:")))
