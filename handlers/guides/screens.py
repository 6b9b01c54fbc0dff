"""What a person sees at each place of a guide: one message, at most five buttons."""

from __future__ import annotations

from collections.abc import Callable

from bot.guides.expressions import UNSURE, YES
from bot.guides.models import LABEL, Question
from bot.guides.routes import answers
from bot.guides.run import Stage
from bot.guides.texts import cut
from bot.messages import Button, Reply
from handlers.guides import ending, papers, walking
from handlers.guides.session import Session

_EDIT_PAGE = 3


def show(session: Session) -> Reply:
    """The screen laid over, else that of the next open thing."""
    view, _, argument = session.run.view.partition(":")
    over: dict[str, Callable[[], Reply | None]] = {
        "papers": lambda: papers.show(session),
        "tick": lambda: papers.ask(session, argument),
        "ask": lambda: _question(session, argument, again=True),
        "edit": lambda: _edit(session, int(argument or 0)),
        "fix": lambda: _fix(session, argument),
        "stuck": lambda: walking.stuck(session, int(argument or 0)),
        "trouble": lambda: walking.trouble(session, argument),
        "other": lambda: walking.other(session),
        "person": lambda: walking.person(session, argument),
        "paused": lambda: ending.paused(session),
        "drop": lambda: ending.drop(session),
    }
    shown = over[view]() if view in over else None
    return shown or _next(session)


def _next(session: Session) -> Reply:
    where = session.position
    if where.stage is Stage.QUESTION:
        return _question(session, where.id) or ending.done(session)
    if where.stage is Stage.CHECK:
        return _check(session, where.id)
    if where.stage is Stage.WALK:
        return walking.step(session, where.id)
    screens = {
        Stage.WHO: _who,
        Stage.CONSENT: _consent,
        Stage.PAPERS: papers.show,
        Stage.NUMBER: ending.number,
        Stage.RATING: ending.rating,
        Stage.WORD: ending.word,
        Stage.DONE: ending.done,
    }
    if where.stage is Stage.STOP:
        return _stop(session, where.id)
    return screens[where.stage](session)


def _who(session: Session) -> Reply:
    is_online = session.is_visit is False
    partly = [session.text("partly")] if is_online and session.guide.procedure.online.level == "partial" else []
    intro = "\n".join([*([session.guide.intro] if session.guide.intro else []), *partly, papers.costs(session)])
    manner = session.text("manner_online" if is_online else "manner")
    text = session.text("who", name=session.guide.name, manner=manner, intro=intro)
    me, other = session.button("me", "who", "no"), session.button("other", "who", YES)
    return Reply(text, (me, other, session.button("later", "later")))


def _consent(session: Session) -> Reply:
    agreed = session.button("agreed", "agreed")
    return Reply(session.worded("consent", name=session.guide.name), (agreed, session.button("later", "later")))


def _question(session: Session, fact: str, again: bool = False) -> Reply | None:
    question = session.guide.question(fact)
    if question is None:
        return None
    asked = [timed.item.fact for timed in session.guide.questions if timed.holds(session.facts)]
    number = asked.index(fact) + 1 if fact in asked else 1
    lines = [session.text("asked_again" if again else "asked", number=number, ask=question.ask)]
    if question.why:
        lines.append(question.why)
    if again and fact in session.run.facts:
        lines.append(session.text("was", answer=label_of(session, question, session.run.facts[fact])))
    buttons = [
        session.named(label_of(session, question, value), "set", f"{fact}.{value}")
        for value in answers(session.guide, question)
    ]
    return Reply("\n".join(lines), (*buttons, session.button("later", "later")))


def label_of(session: Session, question: Question, value: str) -> str:
    """The words of an answer."""
    if value in question.choices:
        return question.choices[value].label
    if value == UNSURE:
        return session.text("b_unsure")
    if question.labels:
        return question.labels[0 if value == YES else 1]
    return session.text("b_yes" if value == YES else "b_no")


def _stop(session: Session, fact: str) -> Reply:
    question = session.guide.question(fact)
    choice = question.choices.get(session.run.facts[fact]) if question else None
    person = Button(session.turn.texts("person.button"), "person:show:")
    later = session.button("later", "later")
    return Reply(choice.stop or "" if choice else "", (session.button("edit", "edit"), person, later))


def _edit(session: Session, at: int) -> Reply:
    """The questions answered so far, some at a time."""
    answered = [t.item for t in session.guide.questions if t.item.fact in session.run.facts]
    if not answered:
        return Reply(session.text("nothing_to_edit"), (session.button("go", "go"),))
    shown = answered[at : at + _EDIT_PAGE]
    buttons = []
    for number, question in enumerate(shown, at + 1):
        label = label_of(session, question, session.run.facts[question.fact])
        label = session.text("edit_one", number=number, answer=label)
        buttons.append(session.named(cut(label, LABEL), "ask", question.fact))
    if at + _EDIT_PAGE < len(answered):
        buttons.append(session.button("more", "edit", str(at + _EDIT_PAGE)))
    lines = [session.text("edit")]
    lines += [session.text("edit_line", number=number, ask=q.ask) for number, q in enumerate(shown, at + 1)]
    return Reply("\n".join(lines), (*buttons, session.button("go", "go")))


def _check(session: Session, id_: str) -> Reply:
    check = session.guide.check(id_)
    listed = [timed.item.id for timed in session.guide.checks if timed.holds(session.facts)]
    assert check is not None
    yes, no = check.labels or (session.text("b_yes"), session.text("b_no"))
    buttons = (
        session.named(yes, "check", f"{id_}.yes"),
        session.named(no, "check", f"{id_}.no"),
        session.button("unsure", "check", f"{id_}.unsure"),
        session.button("later", "later"),
    )
    text = session.worded("check", number=listed.index(id_) + 1, count=len(listed), ask=check.ask)
    return Reply(text, buttons)


def _fix(session: Session, id_: str) -> Reply | None:
    check = session.guide.check(id_)
    if check is None:
        return None
    buttons = (
        session.button("fixed", "fixed", id_),
        session.named(session.worded("b_left"), "left", id_),
        session.button("later", "later"),
        Button(session.turn.texts("person.button"), "person:show:"),
    )
    return Reply(session.worded("fix", fix=check.fix), buttons)
