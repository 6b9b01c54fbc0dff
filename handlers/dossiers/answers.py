"""What is said of a dossier: the status in plain words, what to do next, the days, whose it is, how old this is."""

from __future__ import annotations

from datetime import date, datetime

from bot.dossiers.numbers import Kind, Number, find
from bot.dossiers.service import Answer, Outcome
from bot.dossiers.state import State
from bot.knowledge.dossiers import Status
from bot.knowledge.library import Library

_SHOWN_DAY = "%d/%m/%Y"


class Wording:
    """Puts what is known into words; ``now`` in the city's time."""

    def __init__(self, library: Library, now: datetime) -> None:
        self._library = library
        self._texts = library.texts
        self._now = now

    def answer(self, number: Number, answer: Answer) -> str:
        """The whole answer to a look at a dossier."""
        state = answer.state
        if state is None:
            key = {Outcome.UNKNOWN: "dossier.unknown", Outcome.DOWN: "dossier.down"}
            if answer.outcome is Outcome.PAUSED:
                return self._texts("dossier.paused")
            text = self._texts(key.get(answer.outcome, "dossier.uncovered"), number=number.text)
            return f"{text}\n{self.read_as(number)}"
        lines = [self.status(state, "dossier.head"), *self.details(state), self.read_as(number)]
        lines.append(self._age(state, answer.is_stale))
        if answer.outcome is Outcome.FOUND:
            lines += ["", self._texts("dossier.ask_sign")]
        return "\n".join(lines)

    def status(self, state: State, head: str) -> str:
        """The first lines: what it is and what to do."""
        status = self._library.dossiers.statuses[state.status]
        lines = [self._texts(head, number=state.number, status=status.plain), status.means]
        if state.need:
            key = "dossier.need_by" if state.need_by else "dossier.need"
            lines.append(self._texts(key, need=state.need, day=shown(state.need_by)))
        if state.fee:
            lines.append(self._texts("dossier.fee", fee=f"{state.fee:,}".replace(",", ".")))
        return "\n".join([*lines, *self.todo(status)])

    def todo(self, status: Status) -> list[str]:
        """What the person does now."""
        return [self._texts("dossier.todo"), *(f"• {step}" for step in status.next)]

    def details(self, state: State) -> list[str]:
        """Days, procedure and unit, as far as they are known and may be shown."""
        lines = []
        if state.procedure:
            lines.append(self._texts("dossier.procedure", name=state.procedure))
        if state.received:
            lines.append(self._texts("dossier.received", day=shown(state.received)))
        if state.finished and self._library.dossiers.statuses[state.status].good:
            lines.append(self._texts("dossier.finished", day=shown(state.finished)))
        elif state.due:
            lines.append(self._due(state, state.due))
        if state.unit:
            lines.append(self._texts("dossier.unit", unit=state.unit))
        return lines

    def _due(self, state: State, due: date) -> str:
        status = self._library.dossiers.statuses[state.status]
        days, day = (due - self._now.date()).days, shown(due)
        if status.ends or status.good:
            return self._texts("dossier.due", day=day)
        if status.waits:
            return self._texts("dossier.due_waits", day=day)
        if days < 0:
            return self._texts("dossier.late", day=day, days=-days)
        if days == 0:
            return self._texts("dossier.due_today", day=day)
        return self._texts("dossier.due_left", day=day, days=days)

    def read_as(self, number: Number) -> str:
        """The number in its groups, what kind it is and who handles it."""
        words = self._library.dossiers
        kind = words.kinds[number.kind.value]
        named = {
            Kind.PROVINCE: words.provinces.get(number.letters),
            Kind.MINISTRY: words.ministries.get(number.letters),
            Kind.PORTAL: words.portals.get(number.running[:2]),
        }.get(number.kind)
        what = self._texts("dossier.of_province", what=kind.what, name=named) if named else kind.what
        if number.kind is Kind.INSURANCE:
            return self._texts(
                "dossier.read_as_insurance", running=number.running, unit=number.unit, what=what, who=kind.who
            )
        running = number.running if len(number.running) < 6 else f"{number.running[:-3]} {number.running[-3:]}"
        return self._texts(
            "dossier.read_as", unit=number.unit, day=shown(number.day), running=running, what=what, who=kind.who
        )

    def _age(self, state: State, is_stale: bool) -> str:
        local = state.as_of.astimezone(self._now.tzinfo)
        key = "dossier.stale" if is_stale else "dossier.as_of"
        return self._texts(key, time=f"{local.hour}:{local:%M}", day=shown(local.date()))

    def changed(self, state: State, is_verified: bool) -> str:
        """The notice of a change; who gave no second sign learns the status only."""
        shown = state if is_verified else State(state.number, state.source, state.status, state.as_of)
        lines = [self.status(shown, "dossier.head_changed"), *self.details(shown), self._age(shown, False)]
        if self._library.dossiers.statuses[state.status].ends:
            lines += ["", self._texts("dossier.rate")]
        return "\n".join(lines)

    def due(self, state: State) -> str:
        """The reminder of the day before."""
        status = self._library.dossiers.statuses[state.status]
        head = self._texts("dossier.head_due", number=state.number, day=shown(state.due), status=status.plain)
        return "\n".join([head, *self.details(state), self._age(state, False)])


def parsed(text: str) -> Number | None:
    """The number in a button's value or in the conversation."""
    numbers = find(text).numbers
    return numbers[0] if numbers else None


def shown(day: date | None) -> str:
    """A day as people write it; empty when there is none."""
    return day.strftime(_SHOWN_DAY) if day else ""
