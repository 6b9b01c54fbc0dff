"""What a procedure says about a special case: lines of its own file that share the rare words, or nothing."""

from __future__ import annotations

from collections.abc import Iterator

from bot.knowledge.models import Fact, Procedure
from bot.search.cases import matching
from handlers.base import Turn
from handlers.procedures.facts import document_line, fee_lines

_MOST = 4  # lines shown


def lines_of(turn: Turn, procedure: Procedure) -> list[str]:
    """The lines about the case the text names, best first; empty when the procedure says nothing of it."""
    listed = list(_said(turn, procedure))
    found = matching([searched for searched, _, _ in listed], turn.reading.about)
    found.sort(key=lambda at: not listed[at][2])  # what holds only under a condition is about cases
    return list(dict.fromkeys(listed[at][1] for at in found[:_MOST]))


def _said(turn: Turn, p: Procedure) -> Iterator[tuple[str, str, bool]]:
    """Line by line: the words to search, the words to show, and whether it holds under a condition only."""

    def whole(fact: Fact, line: str) -> tuple[str, str, bool]:
        condition = p.conditions.get(fact.when or "")
        shown = f"{turn.texts('procedures.if', condition=condition)} {line}" if condition else line
        return f"{condition or ''} {line}", f"• {shown}", condition is not None

    yield from (whole(d, document_line(turn.texts, d)) for d in p.documents if d.holds_on(turn.today))
    yield from (whole(t, t.text) for t in p.time if t.holds_on(turn.today))
    for fee in p.fees:
        if fee.holds_on(turn.today):
            line = " ".join(text.strip(" •") for text in fee_lines(turn.texts, [fee]))
            yield whole(fee, line)
    yield from (whole(w, w.text) for w in p.where if w.text and w.holds_on(turn.today))
    for plain in (p.who, p.notes, p.sent_back, p.online.notes, p.result, p.unsure):
        yield from ((line, f"• {line}", False) for line in plain)


def answer_text(turn: Turn, procedure: Procedure, lines: list[str]) -> str:
    """Those lines with their source."""
    checked = f"{procedure.checked:%d/%m/%Y}"
    sources = "; ".join(source.name for source in procedure.sources)
    code = procedure.code or turn.texts("procedures.no_code")
    head = turn.texts("procedures.this_case", name=procedure.name)
    foot = turn.texts("procedures.source", source=sources, code=code, checked=checked)
    return "\n".join([head, *lines, "", foot])
