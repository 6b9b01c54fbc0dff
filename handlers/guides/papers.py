"""The checklist in words: on the screen, for the counter, paper by paper."""

from __future__ import annotations

from bot.guides.guide import Paper
from bot.guides.texts import cut
from bot.messages import Button, Reply
from handlers.guides.session import Session
from handlers.procedures.facts import document_line, money

_MANY_CASES = 4  # conditions from which on their papers are only named


def show(session: Session) -> Reply:
    """The whole list with its ticks, what need not be brought, fee and time."""
    needed = session.guide.needed(session.facts, session.turn.today)
    sure = [paper for paper, is_sure in needed if is_sure]
    to_have = [paper for paper in sure if paper.how != "form"]  # a form is filled in on the web
    ticked = sum(paper.key in session.run.has for paper in to_have)
    lines = [session.text("papers", name=session.guide.name, ticked=ticked, count=len(to_have))]
    lines += [_line(session, paper) for paper in sure]
    cases = _conditional(session, needed)
    for condition, papers in cases.items():
        lines.append(session.text("paper_if", condition=condition))
        lines += [_line(session, paper, is_short=len(cases) > _MANY_CASES) for paper in papers]
    if cases:
        lines.append(session.text("paper_if_hint"))
    spared = [session.text("spared", text=text) for text in session.guide.spared(session.facts)]
    lines += ["", *spared, session.text("costs", fee=fee_words(session), time=time_words(session))]
    return Reply("\n".join(lines), _buttons(session))


def _buttons(session: Session) -> tuple[Button, ...]:
    if session.run.is_ready:
        return (session.button("go", "go"), session.button("edit", "edit"), session.button("slip", "slip"))
    return (
        session.button("ready", "ready"),
        session.button("tick", "tick"),
        session.button("edit", "edit"),
        session.button("slip", "slip"),
        session.button("later", "later"),
    )


def _conditional(session: Session, needed: list[tuple[Paper, bool]]) -> dict[str, list[Paper]]:
    """The papers of which it is not known whether they are needed, by the procedure's condition."""
    groups: dict[str, list[Paper]] = {}
    for paper, is_sure in needed:
        if not is_sure:
            words = session.guide.procedure.conditions.get(paper.document.when or "", "")
            groups.setdefault(words or paper.document.name, []).append(paper)
    return groups


def how(session: Session, paper: Paper) -> str:
    """What to do with a paper."""
    return session.text(f"how_{paper.how}")


def _line(session: Session, paper: Paper, is_short: bool = False) -> str:
    if paper.how == "form":
        return ". ".join(
            [session.text("paper_form", name=paper.document.name), *([paper.tip] if paper.tip else [])]
        )
    if paper.key in session.run.has:
        return session.text("paper_there", name=paper.document.name)
    if is_short:
        return session.text("paper_short", name=paper.document.name)
    line = session.text("paper", name=paper.document.name, how=how(session, paper))
    hints = [hint for hint in (paper.tip, paper.document.note) if hint][:1]
    return ". ".join([line, *hints])


def ask(session: Session, key: str) -> Reply | None:
    """Whether this paper is there; None when it is not (any more) in the list."""
    needed = session.guide.needed(session.facts, session.turn.today)
    found = next(((paper, is_sure) for paper, is_sure in needed if paper.key == key), None)
    if found is None:
        return None
    paper, is_sure = found
    text = session.text("have", name=paper.document.name, how=how(session, paper))
    condition = session.guide.procedure.conditions.get(paper.document.when or "")
    if not is_sure and condition:
        text += "\n" + session.text("only_if", condition=condition)
    if paper.tip:
        text += f"\n{paper.tip}"
    buttons = (
        session.button("have", "has", key),
        session.button("lack", "lacks", key),
        session.button("papers", "papers"),
        session.button("later", "later"),
    )
    return Reply(text, buttons)


def next_to_tick(session: Session, after: str = "") -> str:
    """The next paper without a tick behind that one; empty when there is none."""
    needed = session.guide.needed(session.facts, session.turn.today)
    keys = [paper.key for paper, _ in needed if paper.how != "form"]
    start = keys.index(after) + 1 if after in keys else 0
    return next((key for key in keys[start:] if key not in session.run.has), "")


def for_the_counter(session: Session) -> tuple[str, ...]:
    """The list as the desk reads it: official counts, ticks, and nothing about the person."""
    lines = []
    for paper, is_sure in session.guide.needed(session.facts, session.turn.today):
        line = document_line(session.turn.texts, paper.document)
        if not is_sure and paper.document.when:
            condition = session.guide.procedure.conditions[paper.document.when]
            line = f"{session.text('paper_if', condition=condition)} {line}"
        lines.append(session.text("slip_has" if paper.key in session.run.has else "slip_lacks", line=line))
    return tuple(lines)


def fee_words(session: Session) -> str:
    """What filing online costs in this case, in a few words."""
    facts, today = session.facts, session.turn.today
    kind = session.guide.fee(facts, today)
    if kind == "none":
        return session.text("fee_none")
    due = {money(session.turn.texts, fee) for fee in session.guide.fees_due(facts, today)}
    return due.pop() if kind == "some" and len(due) == 1 else session.text("fee_unclear")


def time_words(session: Session) -> str:
    """How long it takes, the shortest way of saying it."""
    times = [time for time in session.guide.procedure.time if time.way in ("any", "online")]
    times = [time for time in times if time.holds_on(session.turn.today)] or list(session.guide.procedure.time)
    text = times[0].text
    return text if len(text) <= 60 else cut(text.partition(";")[0].partition(" (")[0], 60)
