"""Answers questions about procedures: the aspect asked first, then what else one needs."""

from __future__ import annotations

from bot.knowledge.groups import Group
from bot.knowledge.models import Aspect, Procedure
from bot.messages import Button, Reply
from bot.search.reading import Decision
from handlers.base import Turn
from handlers.procedures import cases, clarifying, following
from handlers.procedures.answers import Answer
from handlers.procedures.both import both
from handlers.procedures.buttons import aspect_buttons, choice_buttons, short, ways_on
from handlers.procedures.following import remember, remembered

_SUGGESTED = 0.5  # so near to another procedure, the bot asks whether that is meant
_ASPECTS = {aspect.value: aspect for aspect in Aspect}


class Procedures:
    """Questions in free text, aspect buttons, follow-ups, and choices between procedures."""

    name = "procedures"

    def matches(self, turn: Turn) -> bool:
        """When something was found, hangs on the procedure in mind, or answers a question of ours."""
        if turn.reading.decision in (Decision.ANSWER, Decision.CHOOSE) or turn.reading.is_follow_up:
            return True
        return self._hangs_on(turn) or bool(clarifying.answered(turn)) or self._other(turn) is not None

    @staticmethod
    def _hangs_on(turn: Turn) -> bool:
        return following.asks_aspect(turn) or following.asks_case(turn)

    async def reply(self, turn: Turn) -> Reply:
        """The answer, the choices, or the question which procedure is meant; in danger the numbers first."""
        reply = self._reply(turn)
        if not turn.reading.danger:
            return reply
        return Reply(f"{turn.texts(f'emergency.{turn.reading.danger}')}\n\n{reply.text}", reply.buttons)

    def _reply(self, turn: Turn) -> Reply:
        value, (asked, aspect) = clarifying.answered(turn), clarifying.open_question(turn)
        if turn.message.tapped:
            return self._tapped(turn)
        if value and not self._is_new_topic(turn, value):
            return self._led_to(turn, value, turn.reading.aspect or aspect)
        if asked is not None and following.only_asks(turn.reading):
            return clarifying.ask(turn, asked, turn.reading.aspect)  # "mất bao lâu" before our question is answered
        clarifying.close(turn)
        if (group := self._other(turn)) is not None:
            return self._other_case(turn, group)
        procedure = remembered(turn)
        if procedure is not None and following.asks_aspect(turn):
            return self._answer(turn, procedure.id, turn.reading.aspect)
        if procedure is not None and following.asks_case(turn):
            return self._case(turn, procedure)
        return self._found(turn)

    def _found(self, turn: Turn) -> Reply:
        """What the text means by itself."""
        reading = turn.reading
        if remembered(turn) is not None and reading.subject is not None and following.names_another(turn):
            return self._answer(turn, reading.subject.procedure.id, reading.aspect)
        if reading.decision is Decision.CHOOSE:
            if group := turn.library.groups.get(reading.group):
                return self._choice(turn, group)
            chosen = [hit.procedure for hit in reading.hits]
            return Reply(turn.texts("procedures.choose"), choice_buttons(turn.texts, chosen, reading.aspect))
        if reading.decision is Decision.ANSWER:
            if reading.needs:
                remember(turn, reading.hits[0].procedure)
                return both(turn)
            return self._answer(turn, reading.hits[0].procedure.id, reading.aspect)
        return Reply(turn.texts("procedures.about_which"))

    def show(self, turn: Turn, id_: str) -> Reply:
        """The overview of a procedure, for links and menus that lead to it."""
        return self._answer(turn, id_, None)

    # --- the question that tells procedures apart ---

    def _choice(self, turn: Turn, group: Group) -> Reply:
        """The group's question; not asked again where it was answered earlier in the conversation."""
        reading = turn.reading
        before = clarifying.chosen(turn, group)
        if not before or (reading.options and before not in reading.options):
            return clarifying.ask(turn, group, reading.aspect, reading.options)
        reply = self._led_to(turn, before, reading.aspect)
        if before in turn.library.groups:
            return reply
        step = (reading.aspect or Aspect.WHAT).value
        other = Button(turn.texts("procedures.button_other_case"), f"procedures:{step}:{group.id}")
        said = turn.texts("procedures.as_before", label=group.label_of(before))
        return Reply(f"{said}\n\n{reply.text}", (other, *reply.buttons))

    def _led_to(self, turn: Turn, value: str, aspect: Aspect | None) -> Reply:
        """What an option leads to: an answer, or a second question."""
        clarifying.note(turn, value)
        if group := turn.library.groups.get(value):
            return clarifying.ask(turn, group, aspect)
        clarifying.close(turn)
        return self._answer(turn, value, aspect)

    @staticmethod
    def _is_new_topic(turn: Turn, value: str) -> bool:
        """A sure question about something else, while ours waits for an answer."""
        group, _ = clarifying.open_question(turn)
        if group is None or turn.reading.decision is not Decision.ANSWER:
            return False
        first = turn.reading.hits[0]
        leaves = {*group.leaves(turn.library.groups), value}
        return first.procedure.id not in leaves and first.near >= following.CLEARLY_NEW

    @staticmethod
    def _other(turn: Turn) -> Group | None:
        """The group whose other case is asked for: "còn trường hợp kia"."""
        return clarifying.last_group(turn) if turn.reading.other_case else None

    def _other_case(self, turn: Turn, group: Group) -> Reply:
        aspect = None if turn.reading.what_if else turn.reading.aspect  # "thì sao" asks for everything
        others = [value for value in group.values if value != clarifying.chosen(turn, group)]
        if len(others) > 1:
            return clarifying.ask(turn, group, aspect, others)
        clarifying.ask(turn, group, aspect)  # as if asked, so that the answer is remembered
        return self._led_to(turn, others[0], aspect)

    # --- answers ---

    def _tapped(self, turn: Turn) -> Reply:
        step, id_ = turn.step
        if step == "none":
            clarifying.close(turn)
            return Reply(turn.texts("procedures.rephrase"), ways_on(turn.texts))
        aspect = _ASPECTS.get(step)
        if id_ in turn.library.groups or aspect is not None:
            return self._led_to(turn, id_, aspect)
        procedure = turn.library.find(id_)
        if step == "more" and procedure is not None:
            title = turn.texts("procedures.title", name=procedure.name)
            return Reply(title, aspect_buttons(turn.texts, procedure, Aspect.WHAT, None, everything=True))
        return self._answer(turn, id_, Aspect.HOW_ONLINE if step == "guide" else aspect)  # "guide": old buttons

    def _answer(self, turn: Turn, id_: str, aspect: Aspect | None) -> Reply:
        procedure = turn.library.find(id_)
        if procedure is None:
            turn.conversation.data.pop(following.REMEMBERED, None)
            return Reply(turn.texts("procedures.gone"))
        remember(turn, procedure)
        shown = aspect or Aspect.WHAT
        answer = Answer(procedure, turn.library, turn.today, turn.conversation.ward)
        guide = turn.library.guides.of(procedure)
        return Reply(answer.text(shown), aspect_buttons(turn.texts, procedure, shown, guide))

    def _case(self, turn: Turn, procedure: Procedure) -> Reply:
        """The procedure's own lines about the case; where it has none, that plainly, and a person."""
        guide, aspect = turn.library.guides.of(procedure), turn.reading.aspect or Aspect.WHAT
        buttons = aspect_buttons(turn.texts, procedure, aspect, guide)
        if lines := cases.lines_of(turn, procedure):
            return Reply(cases.answer_text(turn, procedure, lines), buttons)
        text = turn.texts("procedures.no_case", name=procedure.name)
        person = Button(turn.texts("person.button"), "person:show:")
        subject = turn.reading.subject
        others: tuple[Button, ...] = ()
        if subject is not None and subject.procedure.id != procedure.id and subject.near >= _SUGGESTED:
            asked = turn.texts("procedures.or_about", name=short(subject.procedure.name))
            others = (Button(asked, f"procedures:what:{subject.procedure.id}"),)
        return Reply(text, (person, *others, *(button for button in buttons if button != person)))


__all__ = ["Procedures", "remembered"]
