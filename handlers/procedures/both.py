"""Two needs in one message: the first line of each, and buttons to both."""

from __future__ import annotations

from bot.knowledge.models import Aspect, Procedure
from bot.messages import Button, Reply
from handlers.base import Turn
from handlers.procedures.answers import Answer
from handlers.procedures.buttons import short


def both(turn: Turn) -> Reply:
    """Both in short; where one procedure does both in one go, that one whole, and buttons to each alone."""
    reading = turn.reading
    aspect = reading.aspect or Aspect.WHAT
    each = [procedure for id_ in reading.needs if (procedure := turn.library.find(id_)) is not None]
    buttons = tuple(Button(short(p.name), f"procedures:{aspect.value}:{p.id}") for p in each)
    person = Button(turn.texts("person.button"), "person:show:")
    linked = reading.hits[0].procedure
    if linked.id not in reading.needs:
        names = [procedure.name for procedure in each]
        said = turn.texts("procedures.linked", one=names[0], other=names[-1])
        return Reply(f"{said}\n\n{_answer(turn, linked).text(aspect)}", (*buttons, person))
    parts = [_answer(turn, procedure).in_short(aspect) for procedure in each]
    return Reply("\n\n".join([turn.texts("procedures.both"), *parts]), (*buttons, person))


def _answer(turn: Turn, procedure: Procedure) -> Answer:
    return Answer(procedure, turn.library, turn.today, turn.conversation.ward)
