"""The steps on the portal, being stuck, and the way to a person with the context said."""

from __future__ import annotations

from bot.guides.expressions import NO, YES
from bot.guides.models import CHOICES
from bot.guides.run import Leg, Stage
from bot.guides.texts import LONGEST, cut, fill, step_lines
from bot.messages import Button, Reply
from handlers.base import CONTEXT
from handlers.guides import papers
from handlers.guides.session import Session

_TROUBLES = 3
_CONTEXT = 300  # characters of the context that are kept


def step(session: Session, id_: str) -> Reply:
    """One action: what to press, what one sees."""
    number, count, leg = session.leg(id_)
    assert leg is not None
    values = _values(session, leg)
    title = fill(leg.step.title, values)
    lines = [session.text("step", number=number, count=count, title=title)]
    lines += [fill(line, values) for line in step_lines(session.guide, leg.step, session.facts)]
    return Reply("\n".join(lines), tuple(_buttons(session, leg, values)))


def _buttons(session: Session, leg: Leg, values: dict[str, str]) -> list[Button]:
    if leg.step.fact:
        choices = {value: choice.label for value, choice in leg.step.choices.items()}
        choices = choices or {YES: session.text("b_yes"), NO: session.text("b_no")}
        buttons = [session.named(label, "done", f"{leg.id}.{value}") for value, label in choices.items()]
    else:
        buttons = [session.button("done", "done", leg.id)]
    link = fill(leg.step.link or "", values)
    if link.startswith("https://"):
        buttons.append(Button(session.text("b_page"), url=link))
    if leg.step.button:
        buttons.append(session.named(session.guide.troubles[leg.step.button].label, "trouble", leg.step.button))
    buttons += [session.button("stuck", "stuck"), session.button("later", "later")]
    picture = leg.step.picture
    if picture in session.turn.library.guides.pictures and len(buttons) < CHOICES:
        address = session.turn.services.page_address(session.turn.message.channel, f"/pictures/{picture}")
        if address:
            buttons.append(Button(session.text("b_picture"), url=address))
    return buttons


def _values(session: Session, leg: Leg | None) -> dict[str, str]:
    """What the placeholders stand for, for this person today."""
    procedure, places = session.guide.procedure, session.turn.library.places
    commune = places.communes.get(session.turn.conversation.ward)
    attached = session.guide.attached(session.facts, session.turn.today, session.run.has)
    values = {
        "service": procedure.official_name,
        "name": session.guide.name,
        "ward": commune.full_name if commune else session.text("your_ward"),
        "fee": papers.fee_words(session),
        "time": papers.time_words(session),
        "page": procedure.online.link or "",
        "filing_page": places.filing_url(procedure.online.link, commune) or procedure.online.link or "",
        "paper": leg.paper.document.name if leg and leg.paper else "",
        "papers": ", ".join(paper.document.name for paper in attached),
        "portal": places.hotlines.get("portal", ""),
        "vneid": places.hotlines.get("vneid", ""),
    }
    return {name: cut(value, LONGEST[name]) if name in LONGEST else value for name, value in values.items()}


def here(session: Session) -> str:
    """The step one is at; empty outside the walk."""
    where = session.position
    return where.id if where.stage is Stage.WALK else ""


def stuck(session: Session, at: int) -> Reply:
    """What may have gone wrong at this step, some at a time."""
    troubles = list(session.guide.troubles_at(here(session)).items())
    shown = troubles[at : at + _TROUBLES]
    buttons = [session.named(trouble.label, "trouble", id_) for id_, trouble in shown]
    if at + _TROUBLES < len(troubles):
        buttons.append(session.button("more", "stuck", str(at + _TROUBLES)))
    else:
        buttons.append(session.button("other_trouble", "other"))
    return Reply(session.text("stuck_more" if at else "stuck"), (*buttons, session.button("free", "ok")))


def trouble(session: Session, id_: str) -> Reply | None:
    """The way out that is to be tried now."""
    known = session.guide.troubles.get(id_)
    if known is None:
        return None
    fix = known.fix[min(session.run.tried, len(known.fix) - 1)]
    lines = [session.text("trouble", label=known.label), fill(fix, _values(session, None))]
    page = [Button(session.text("b_page"), url=known.link)] if known.link else []
    return Reply("\n".join(lines), (session.button("worked", "ok"), session.button("still", "still", id_), *page))


def other(session: Session) -> Reply:
    """Asks for the trouble in the person's own words."""
    return Reply(session.text("other"), (session.button("free", "ok"), session.button("later", "later")))


def context(session: Session, trouble_id: str) -> str:
    """Where the person is stuck, to be read out or passed on; nothing about the person."""
    number, count, leg = session.leg(here(session))
    if leg is None:
        return session.guide.name
    title = fill(leg.step.title, _values(session, leg))
    known = session.guide.troubles.get(trouble_id)
    more = session.text("context_trouble", trouble=known.label) if known else ""
    return session.worded("context", name=session.guide.name, number=number, count=count, title=title) + more


def note_context(session: Session) -> None:
    """Leaves in the conversation where the walk stands and what goes wrong, for whoever comes to help."""
    view, _, trouble_id = session.run.view.partition(":")
    if here(session):
        about = context(session, trouble_id if view in ("trouble", "person") else "")
        session.turn.conversation.data[CONTEXT] = cut(about, _CONTEXT)


def person(session: Session, trouble_id: str) -> Reply:
    """A person, with the context said."""
    about = ".".join([session.guide.id, here(session), trouble_id])[:40]
    meet = Button(session.turn.texts("person.button"), f"person:guide:{about}")
    buttons = (session.button("worked", "ok"), meet, session.button("later", "later"))
    return Reply(session.text("person", context=context(session, trouble_id)), buttons)
