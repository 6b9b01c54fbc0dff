"""The checklist in words: on the screen, for the counter, paper by paper."""

from __future__ import annotations

from bot.guides.guide import Paper
from bot.guides.texts import LONGEST, cut
from bot.knowledge.models import Way
from bot.messages import Button, Reply
from handlers.guides.session import Session
from handlers.procedures.facts import document_line, money

_MANY_CASES = 4  # conditions from which on their papers are only named


def show(session: Session) -> Reply:
    """The whole list with its ticks, what need not be brought, fee and time."""
    needed = session.guide.needed(session.facts, session.turn.today)
    sure = [paper for paper, is_sure in needed if is_sure]
    to_have = [paper for paper in sure if paper.how != "form"]  # a form is filled in on the web or there
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
    lines += ["", *spared, costs(session)]
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
    """What to do with a paper: photographed for the portal, brought to a counter."""
    is_visit, document = session.is_visit, paper.document
    if paper.how == "form":
        return session.worded("how_form")
    if paper.how == "bring" or (is_visit and paper.how in ("photo", "original")):
        return session.text("how_bring_original" if document.originals else "how_bring")
    if paper.how == "show":
        return session.worded("how_show")
    return session.text(f"how_{paper.how}" if is_visit is False else "how_either")


def _line(session: Session, paper: Paper, is_short: bool = False) -> str:
    if paper.how == "form":
        line = session.text("paper_form", name=paper.document.name, how=how(session, paper))
        return ". ".join([line, *([paper.tip] if paper.tip else [])])
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


def costs(session: Session) -> str:
    """Fee and time in one line; both fees while it is open whether it is filed online."""
    time, ways = time_words(session), session.guide.ways(session.facts)
    fees = [_fee(session, way) for way in ways]
    told = {fee or session.text("depends") for fee in fees}
    if len(told) > 1:
        online, paper = (fee or session.text("depends") for fee in fees)
        return session.text("costs_either", online=online, paper=paper, time=time)
    if ways == ("online",):
        return session.text("costs", fee=fees[0] or session.text("fee_unclear"), time=time)
    fee = fees[0] or session.text("fee_unclear_visit" if ways == ("paper",) else "depends")
    return session.text("costs_visit", fee=fee, time=time)


def fee_words(session: Session) -> str:
    """What filing costs in this case, in a few words."""
    fees = {_fee(session, way) for way in session.guide.ways(session.facts)}
    known = fees.pop() if len(fees) == 1 else ""
    return known or session.worded("fee_unclear")


def _fee(session: Session, way: Way) -> str:
    """The one fee of that way; empty when it can't be told."""
    due = session.guide.fees_due(session.facts, session.turn.today, way)
    words = {money(session.turn.texts, fee) for fee in due if fee.amount is not None}
    if len(words) == 1 and all(fee.amount is not None for fee in due):
        return words.pop() if due[0].amount else session.text("fee_none")
    return ""


def time_words(session: Session) -> str:
    """How long it takes, the shortest way of saying it; two while it is open which holds."""
    times = [_short(text) for text in session.guide.times(session.facts, session.turn.today)]
    first = times[0] if times else session.text("depends")
    if len(set(times)) < 2:
        return first
    both = session.text("time_either", first=first, second=times[1][:1].lower() + times[1][1:])
    return both if len(times) == 2 and len(both) <= LONGEST["time"] else session.text("depends")


def _short(text: str) -> str:
    longest = LONGEST["time"]
    return text if len(text) <= longest else cut(text.partition(";")[0].partition(" (")[0], longest)
