"""What each button and word does to a run. Only the run changes here; the words are said elsewhere."""

from __future__ import annotations

from collections.abc import Callable

from bot.guides import run as runs
from bot.guides.expressions import NO, YES
from bot.guides.run import Stage
from handlers.guides import papers
from handlers.guides.session import Session

Act = Callable[[Session, str], None]


def _view(name: str) -> Act:
    """Lays something over the next open thing."""

    def act(session: Session, argument: str) -> None:
        session.run = session.run.seen(f"{name}:{argument}" if argument else name)

    return act


def _go(session: Session, argument: str) -> None:
    session.run = session.run.seen()


def _who(session: Session, argument: str) -> None:
    if argument in (YES, NO):
        session.run = session.run.seen(facts={**session.run.facts, "helper": argument})


def _agreed(session: Session, argument: str) -> None:
    session.run = session.run.seen(consent=session.turn.today)


def _set(session: Session, argument: str) -> None:
    fact, _, value = argument.partition(".")
    session.run = runs.answer(session.guide, session.run, fact, value)


def _ready(session: Session, argument: str) -> None:
    session.run = runs.all_ready(session.guide, session.run, session.world)


def _tick(session: Session, argument: str) -> None:
    following = papers.next_to_tick(session)
    session.run = session.run.seen(f"tick:{following}" if following else "papers")


def _ticked(has: bool) -> Act:
    def act(session: Session, argument: str) -> None:
        session.run = runs.tick(session.run, argument, has)
        following = papers.next_to_tick(session, argument)
        session.run = session.run.seen(f"tick:{following}" if following else "papers")

    return act


def _check(session: Session, argument: str) -> None:
    id_, _, said = argument.partition(".")
    check = session.guide.check(id_)
    if check is None:
        return _go(session, "")
    is_good = said == (YES if check.good else NO)
    session.run = runs.note_check(session.run, id_, "good") if is_good else session.run.seen(f"fix:{id_}")
    return None


def _noted(outcome: str) -> Act:
    def act(session: Session, argument: str) -> None:
        session.run = runs.note_check(session.run, argument, outcome)

    return act


def _done(session: Session, argument: str) -> None:
    id_, _, value = argument.partition(".")
    if session.position.stage is Stage.WALK and session.position.id == id_:  # an old button does nothing
        session.run = runs.done(session.guide, session.run, id_, value)
    else:
        session.run = session.run.seen()


def _trouble(session: Session, argument: str) -> None:
    session.run = session.run.seen(f"trouble:{argument}", tried=0)


def _still(session: Session, argument: str) -> None:
    session.run = runs.not_fixed(session.guide, session.run, argument)


def _worked(session: Session, argument: str) -> None:
    session.run = runs.fixed(session.run)


def _quiet(session: Session, argument: str) -> None:
    session.run = session.run.seen("paused", remind=False)


def _numbered(session: Session, argument: str) -> None:
    session.run = session.run.seen(numbered=True)


def _rate(session: Session, argument: str) -> None:
    if argument in ("1", "2", "3", "4", "5"):
        session.run = session.run.seen(rating=int(argument))


ACTIONS: dict[str, Act] = {
    "go": _go,
    "who": _who,
    "agreed": _agreed,
    "set": _set,
    "ask": _view("ask"),
    "edit": _view("edit"),
    "papers": _view("papers"),
    "ready": _ready,
    "tick": _tick,
    "has": _ticked(True),
    "lacks": _ticked(False),
    "check": _check,
    "fixed": _noted("fixed"),
    "left": _noted("left"),
    "done": _done,
    "stuck": _view("stuck"),
    "trouble": _trouble,
    "other": _view("other"),
    "still": _still,
    "person": _view("person"),
    "ok": _worked,
    "later": _view("paused"),
    "quiet": _quiet,
    "drop": _view("drop"),
    "numbered": _numbered,
    "rate": _rate,
}
