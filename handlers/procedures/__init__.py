"""Answers questions about procedures: the aspect asked first, then what else one needs."""

from __future__ import annotations

from bot.knowledge.models import Aspect, Procedure
from bot.messages import Reply
from bot.search.reading import Decision
from handlers.base import Turn
from handlers.procedures.answers import Answer
from handlers.procedures.buttons import aspect_buttons, choice_buttons

_REMEMBERED = "procedure"
_CLEARLY_NEW = 0.55  # a follow-up word before a text this near to another procedure starts a new topic


class Procedures:
    """Questions in free text, aspect buttons, follow-ups, and choices between procedures."""

    name = "procedures"

    def matches(self, turn: Turn) -> bool:
        """Whenever the search found something, or the text hangs on the procedure in mind."""
        found = turn.reading.decision in (Decision.ANSWER, Decision.CHOOSE)
        return found or self._is_follow_up(turn) or turn.reading.is_follow_up

    async def reply(self, turn: Turn) -> Reply:
        """The answer, the choices, or the question which procedure is meant; in danger the numbers first."""
        reply = self._reply(turn)
        if not turn.reading.danger:
            return reply
        return Reply(f"{turn.texts(f'emergency.{turn.reading.danger}')}\n\n{reply.text}", reply.buttons)

    def _reply(self, turn: Turn) -> Reply:
        if turn.message.tapped:
            return self._tapped(turn)
        if self._is_follow_up(turn):
            return self._answer(turn, turn.conversation.data[_REMEMBERED], turn.reading.aspect)
        if turn.reading.decision is Decision.CHOOSE:
            chosen = [hit.procedure for hit in turn.reading.hits]
            return Reply(turn.texts("procedures.choose"), choice_buttons(turn.texts, chosen, turn.reading.aspect))
        if turn.reading.decision is Decision.ANSWER:
            return self._answer(turn, turn.reading.hits[0].procedure.id, turn.reading.aspect)
        return Reply(turn.texts("procedures.about_which"))

    def show(self, turn: Turn, id_: str) -> Reply:
        """The overview of a procedure, for links and menus that lead to it."""
        return self._answer(turn, id_, None)

    def _tapped(self, turn: Turn) -> Reply:
        step, id_ = turn.step
        if step == "none":
            return Reply(turn.texts("procedures.rephrase"))
        aspect = next((aspect for aspect in Aspect if aspect.value == step), None)
        procedure = turn.library.find(id_)
        if step == "more" and procedure is not None:
            title = turn.texts("procedures.title", name=procedure.name)
            return Reply(title, aspect_buttons(turn.texts, procedure, Aspect.WHAT, everything=True))
        return self._answer(turn, id_, Aspect.HOW_ONLINE if step == "guide" else aspect)  # "guide": old buttons

    def _answer(self, turn: Turn, id_: str, aspect: Aspect | None) -> Reply:
        procedure = turn.library.find(id_)
        if procedure is None:
            turn.conversation.data.pop(_REMEMBERED, None)
            return Reply(turn.texts("procedures.gone"))
        if procedure.has_aspects:
            turn.conversation.data[_REMEMBERED] = procedure.id
        shown = aspect or Aspect.WHAT
        answer = Answer(procedure, turn.library, turn.today, turn.conversation.ward)
        return Reply(answer.text(shown), aspect_buttons(turn.texts, procedure, shown))

    def _is_follow_up(self, turn: Turn) -> bool:
        """An aspect asked without a procedure, or with only a faint one, means the one in mind."""
        reading = turn.reading
        if remembered(turn) is None:
            return False
        if reading.decision not in (Decision.ANSWER, Decision.CHOOSE, Decision.NONE) or reading.aspect is None:
            return False
        if reading.is_bare:
            return True
        near = reading.hits[0].near if reading.hits else 0.0
        return reading.is_follow_up and near < _CLEARLY_NEW


def remembered(turn: Turn) -> Procedure | None:
    """The procedure the conversation is about."""
    return turn.library.find(turn.conversation.data.get(_REMEMBERED, ""))
