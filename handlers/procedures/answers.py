"""Puts the facts of a procedure into words; every fact comes from the file, none from here."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from typing import TypeVar

from bot.knowledge.common import CommonAnswer
from bot.knowledge.library import Library
from bot.knowledge.models import Aspect, Fact, Procedure
from handlers.procedures.facts import document_line, fee_lines, money, place_lines

F = TypeVar("F", bound=Fact)
_PAPERS = 4  # papers named in one line


class Answer:
    """The words about one procedure, on one day, for a person of one ward (or none saved)."""

    def __init__(self, procedure: Procedure, library: Library, today: date, ward: str = "") -> None:
        self._p = procedure
        self._library = library
        self._t = library.texts
        self._today = today
        self._ward = ward

    def text(self, aspect: Aspect) -> str:
        """The aspect asked, then the few other things one needs, then source and date."""
        if isinstance(self._p, CommonAnswer):
            return self._common(self._p)
        bodies: dict[Aspect, Callable[[], list[str]]] = {
            Aspect.DOCUMENTS: self._documents,
            Aspect.FEE: self._fee,
            Aspect.TIME: self._time,
            Aspect.WHERE: self._where,
            Aspect.HOW_ONLINE: self._how_online,
            Aspect.WHO: self._who,
            Aspect.RESULT: self._result,
            Aspect.LEGAL: self._legal,
            Aspect.WHAT: self._what,
        }
        key = "title" if aspect is Aspect.WHAT else aspect.value
        head = self._t(f"procedures.{key}", name=self._p.name)
        blocks = [
            "\n".join([head, *bodies[aspect]()]),
            "\n".join(self._besides(aspect)),
            "\n".join(self._foot()),
        ]
        return "\n\n".join(block for block in blocks if block)

    def in_short(self, aspect: Aspect) -> str:
        """The name, the first lines of the aspect asked, and the source: for an answer about two things."""
        shorts: dict[Aspect, Callable[[], str]] = {
            Aspect.FEE: self._short_fee,
            Aspect.TIME: self._short_time,
            Aspect.WHERE: self._short_where,
            Aspect.HOW_ONLINE: lambda: self._how_online()[0],
            Aspect.WHO: lambda: self._p.who[0],
            Aspect.RESULT: lambda: self._p.result[0],
        }
        papers = [fact.name for fact in self._now(self._p.documents) if fact.when is None][:_PAPERS]
        needed = self._t("procedures.line_documents", text="; ".join(papers)) if papers else self._p.summary
        said = shorts[aspect]() if aspect in shorts else needed
        return "\n".join([self._t("procedures.title", name=self._p.name), said, self._foot()[-1]])

    def _common(self, question: CommonAnswer) -> str:
        """The answer to a question that is no procedure; hotlines are filled in."""
        hotlines = self._library.places.hotlines
        lines = [line.format(**hotlines) for line in question.answer]
        sources = "; ".join(source.name for source in question.sources)
        foot = self._t("procedures.source_common", source=sources, checked=_day(question.checked))
        overdue = question.recheck is not None and question.recheck < self._today
        late = [self._t("procedures.overdue", day=_day(question.recheck))] if overdue and question.recheck else []
        return "\n".join([self._t("procedures.title", name=question.name), *lines, "", *late, foot])

    def _documents(self) -> list[str]:
        facts = self._now(self._p.documents)
        always = [f for f in facts if f.when is None]
        lines = [f"{at}. {document_line(self._t, f)}" for at, f in enumerate(always, 1)]
        for key, condition in self._p.conditions.items():
            special = [f for f in facts if f.when == key]
            if special:
                if lines:
                    lines.append("")
                key_of_case = "procedures.case" if self._p.imported else "procedures.if"
                lines.append(self._t(key_of_case, condition=condition))
                lines += [f"• {document_line(self._t, f)}" for f in special]
        return lines

    def _fee(self) -> list[str]:
        return fee_lines(self._t, self._now(self._p.fees))

    def _time(self) -> list[str]:
        lines = []
        for fact in self._now(self._p.time):
            way = "" if fact.way == "any" else self._t(f"procedures.way_{fact.way}").capitalize() + ": "
            lines.append(f"• {way}{self._conditional(fact, fact.text)}")
        return lines

    def _where(self) -> list[str]:
        lines = []
        for fact in self._now(self._p.where):
            named = place_lines(self._t, fact, self._library.places, self._ward)
            lines += [f"• {self._conditional(fact, named[0])}", *named[1:]]
        lines.append(self._t(f"procedures.any_ward_{self._p.any_ward}"))
        lines.append(self._t("procedures.decides", who=self._p.decides))
        return lines

    def _how_online(self) -> list[str]:
        lines = [self._t(f"procedures.level_{self._p.online.level}")]
        if self._p.online.level in ("full", "partial"):
            lines += ["• " + self._t("procedures.online_login"), "• " + self._t("procedures.online_choose")]
        lines += [f"• {note}" for note in self._p.online.notes]
        if self._p.online.link:
            lines.append(self._p.online.link)
            lines += self._preselected(self._p.online.link)
        return lines

    def _preselected(self, page: str) -> list[str]:
        """The filing page with the person's ward already chosen; only the portal's own pages have an id for it."""
        commune = self._library.places.communes.get(self._ward)
        url = self._library.places.filing_url(page, commune)
        return [self._t("procedures.online_ward", ward=commune.full_name, url=url)] if commune and url else []

    def _who(self) -> list[str]:
        return [f"• {line}" for line in self._p.who]

    def _result(self) -> list[str]:
        return [f"• {line}" for line in self._p.result]

    def _legal(self) -> list[str]:
        laws = "; ".join(f"{law.number} ({law.title})" if law.title else law.number for law in self._p.legal_basis)
        lines = [self._t("procedures.official", official=self._p.official_name)]
        lines += self._listed("procedures.notes", self._p.notes)
        lines += self._listed("procedures.sent_back", self._p.sent_back)
        return [*lines, self._t("procedures.laws", laws=laws)]

    def _what(self) -> list[str]:
        return [self._p.summary, "", *self._documents()]

    def _besides(self, aspect: Aspect) -> list[str]:
        """One short line for each other thing that nearly everybody needs."""
        lines = []
        if aspect not in (Aspect.DOCUMENTS, Aspect.WHAT):
            names = [fact.name for fact in self._now(self._p.documents) if fact.when is None][:_PAPERS]
            if names and aspect in (Aspect.WHO, Aspect.HOW_ONLINE, Aspect.LEGAL):
                lines.append(self._t("procedures.line_documents", text="; ".join(names)))
        if aspect is not Aspect.TIME:
            lines.append(self._t("procedures.line_time", text=self._short_time()))
        if aspect is not Aspect.FEE:
            lines.append(self._t("procedures.line_fee", text=self._short_fee()))
        if aspect is not Aspect.WHERE:
            lines.append(self._t("procedures.line_where", text=self._short_where()))
        if aspect is Aspect.DOCUMENTS:
            lines += self._listed("procedures.sent_back", self._p.sent_back[:3])
        return lines

    def _foot(self) -> list[str]:
        lines = [self._t("procedures.unsure", reason=reason) for reason in self._p.unsure]
        if self._p.recheck and self._p.recheck < self._today:
            lines.append(self._t("procedures.overdue", day=_day(self._p.recheck)))
        sources = "; ".join(source.name for source in self._p.sources)
        code = self._p.code or self._t("procedures.no_code")
        checked = _day(self._p.checked)
        return [*lines, self._t("procedures.source", source=sources, code=code, checked=checked)]

    def _short_time(self) -> str:
        times = [fact.text for fact in self._now(self._p.time)]
        return times[0] if len(set(times)) == 1 else self._t("procedures.time_varies", text=times[0])

    def _short_fee(self) -> str:
        fees = self._now(self._p.fees)
        if len({(fee.amount, fee.unit) for fee in fees}) == 1:
            return money(self._t, fees[0])
        return self._t("procedures.fee_varies")

    def _short_where(self) -> str:
        return place_lines(self._t, self._now(self._p.where)[0], self._library.places, self._ward)[0]

    def _now(self, facts: Sequence[F]) -> list[F]:
        """The facts in force today; when none is, all of them: better dated than silent."""
        return [fact for fact in facts if fact.holds_on(self._today)] or list(facts)

    def _conditional(self, fact: Fact, text: str) -> str:
        if fact.when:
            text = f"{self._t('procedures.if', condition=self._p.conditions[fact.when])} {text}"
        return f"{text} ({self._t('procedures.unsure', reason=fact.unsure)})" if fact.unsure else text

    def _listed(self, key: str, lines: Iterable[str]) -> list[str]:
        listed = [f"• {line}" for line in lines]
        return [self._t(key), *listed] if listed else []


def _day(day: date) -> str:
    return f"{day:%d/%m/%Y}"
