"""Pausing and the end: the reference number, how it went, and goodbye."""

from __future__ import annotations

from bot.guides.run import Stage
from bot.guides.schedule import reminder_at
from bot.messages import Button, Reply
from handlers.guides.session import Session


def place_words(session: Session) -> str:
    """Where the run stands, in words."""
    where = session.position
    number, count, leg = session.leg(where.id)
    if where.stage is Stage.WALK and leg is not None:
        title = leg.paper.document.name if leg.paper else leg.step.title
        return session.text("place_step", number=number, count=count, title=title)
    kind = {
        Stage.WHO: "start",
        Stage.CONSENT: "start",
        Stage.QUESTION: "question",
        Stage.STOP: "question",
        Stage.PAPERS: "papers",
        Stage.CHECK: "check",
    }.get(where.stage, "end")
    return session.worded("place_check") if kind == "check" else session.text(f"place_{kind}")


def paused(session: Session) -> Reply:
    """The place is kept; when the reminder comes; and how to go on elsewhere."""
    moment = reminder_at(session.run, session.now)
    when = session.text("will_not_remind")
    if moment is not None:
        when = session.text("will_remind", when=f"{moment:%H:%M %d/%m}")
    buttons = [session.button("go", "go")]
    if moment is not None:
        buttons.append(session.button("quiet", "quiet"))
    buttons += [session.button("elsewhere", "code"), session.button("drop", "drop")]
    return Reply(f"{session.text('paused', place=place_words(session))}\n{when}", tuple(buttons))


def drop(session: Session) -> Reply:
    """Asks before anything is lost."""
    buttons = (session.button("keep", "go"), session.button("drop", "dropped"))
    return Reply(session.text("drop", name=session.guide.name), buttons)


def number(session: Session) -> Reply:
    """Sent: the number may be given here to be followed."""
    skip = session.named(session.worded("b_no_number"), "numbered")
    end = session.guide.end if _is_over(session) else None
    return Reply(session.worded("number", end=end or "").strip(), (skip, session.button("later", "later")))


def rating(session: Session) -> Reply:
    """One question, five buttons."""
    buttons = tuple(session.button(f"rating_{stars}", "rate", str(stars)) for stars in range(1, 6))
    is_said = session.legs and session.legs[-1].step.number  # with the number, just before
    end = [session.guide.end] if session.guide.end and not is_said else []
    return Reply("\n".join([*end, session.text("rating")]), buttons)


def _is_over(session: Session) -> bool:
    """Whether no step is left."""
    return all(leg.id in session.run.passed for leg in session.legs)


def word(session: Session) -> Reply:
    """A free word, if one likes."""
    return Reply(session.text("word"), (session.button("nothing", "word"),))


def done(session: Session) -> Reply:
    """The end."""
    menu = Button(session.turn.texts("menu.open"), "menu:show:")
    return Reply(session.text("done", name=session.guide.name), (menu,))
