"""Takes an export into the database: the same file twice changes nothing, an older one overwrites no newer news."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from itertools import islice
from pathlib import Path
from typing import Any

from bot.dossiers.cells import amount_of, day_of, text_of, time_of, without_persons
from bot.dossiers.numbers import exact, find
from bot.dossiers.settings import TableSource
from bot.dossiers.state import Keys, State
from bot.dossiers.tables import Row, Table, opened
from bot.knowledge.dossiers import Dossiers
from bot.store import dossiers
from bot.store.database import Database

_BATCH = 1000
_SHOWN = 20  # rows named in the report
Progress = Callable[[int, int | None], None]  # rows done, rows of the file where it is known


@dataclass(slots=True)
class Report:
    """What an import came to. Rows are named by where they stand, never by their number."""

    rows: int = 0
    new: int = 0
    changed: int = 0
    same: int = 0
    older: int = 0
    without_number: list[int] = field(default_factory=list)  # rows of the file
    unknown_statuses: Counter[str] = field(default_factory=Counter)
    unread_columns: tuple[str, ...] = ()

    def lines(self) -> Iterator[str]:
        """The report for the one at the keyboard."""
        yield f"{self.rows} rows: {self.new} new, {self.changed} changed, {self.same} same, {self.older} older"
        if self.without_number:
            shown = ", ".join(map(str, self.without_number[:_SHOWN]))
            yield f"{len(self.without_number)} rows without a valid reference number left out: row {shown}"
        for words, count in self.unknown_statuses.most_common():
            yield (
                f"{count} rows left out: status {words!r} is unknown: "
                "add it to words of a status in knowledge/dossiers.yaml, or under statuses of the source"
            )


class Importer:
    """Takes exports of one source in."""

    def __init__(self, database: Database, source: TableSource, words: Dossiers, keys: Keys, zone: tzinfo) -> None:
        self._database = database
        self._source = source
        self._words = words
        self._keys = keys
        self._zone = zone

    async def take(
        self, path: Path, as_of: datetime, now: datetime, progress: Progress = lambda done, total: None
    ) -> Report:
        """Reads the file and writes what is new; ``as_of``: how old the file is, where rows don't say.

        Raises DossierError when it is no table; a crash half-way leaves whole batches, and the same
        call again finishes the work. ``progress`` is told how far it is."""
        report = Report()
        table = opened(path, self._source, self._words)
        rows = await asyncio.to_thread(table.__enter__)  # reading is slow, and the bot may be answering
        try:
            report.unread_columns = rows.unknown
            states = self._states(rows, as_of, report)
            while batch := await asyncio.to_thread(lambda: list(islice(states, _BATCH))):
                await self._write(batch, report, now)
                progress(report.rows, rows.count)
        finally:
            table.__exit__(None, None, None)
        progress(report.rows, report.rows)
        return report

    async def _write(self, batch: list[State], report: Report, now: datetime) -> None:
        newest: dict[str, State] = {}
        for state in batch:  # a number that stands twice: the newer row counts, else the later one
            if state.number not in newest or newest[state.number].as_of <= state.as_of:
                newest[state.number] = state
        async with self._database.reading() as connection:
            known = await dossiers.known(connection, self._source.name, list(newest))
        fresh = [state for state in newest.values() if self._is_news(state, known.get(state.number), report)]
        report.same += len(batch) - len(newest)
        if fresh:
            await self._database.write(lambda c: dossiers.put(c, fresh, now))

    def _is_news(self, state: State, row: Any, report: Report) -> bool:
        if row is None:
            report.new += 1
            return True
        if row.as_of > state.as_of:
            report.older += 1
            return False
        signs = (state.phone_key, state.id_key) != (row.phone_key, row.id_key)
        if row.state_key != state.state_key or signs:
            report.changed += 1
            return True
        report.same += 1
        return bool(row.as_of < state.as_of)  # nothing new, but known to be so until later

    def _states(self, table: Table, as_of: datetime, report: Report) -> Iterator[State]:
        for at, row in table.rows:
            if not any(cell not in (None, "") for cell in row):
                continue
            report.rows += 1
            state = self._state(table, row, as_of, at, report)
            if state is not None:
                yield state

    def _state(self, table: Table, row: Row, as_of: datetime, at: int, report: Report) -> State | None:
        def cell(name: str) -> Any:
            place = table.columns.get(name)
            return row[place] if place is not None and place < len(row) else None

        number = _number(text_of(cell("number"), 60))
        if not number:
            report.without_number.append(at)
            return None
        words = text_of(cell("status"), 100)
        status = self._source.statuses.get(words) or self._words.status_of(words)
        if status is None:
            report.unknown_statuses[words] += 1
            return None
        own_time = time_of(cell("as_of"), self._zone)
        return State(
            number=number,
            source=self._source.name,
            status=status,
            as_of=(own_time or as_of).astimezone(UTC).replace(microsecond=0),
            procedure_code=text_of(cell("procedure_code"), 40),
            procedure=text_of(cell("procedure"), 300),
            unit=text_of(cell("unit"), 300),
            received=day_of(cell("received"), self._zone),
            due=day_of(cell("due"), self._zone),
            finished=day_of(cell("finished"), self._zone),
            need=without_persons(text_of(cell("need"), 1000)),
            need_by=day_of(cell("need_by"), self._zone),
            fee=amount_of(cell("fee")),
            phone_key=self._keys.sign(number, text_of(cell("phone"), 40)),
            id_key=self._keys.sign(number, text_of(cell("id"), 40)),
        )


def _number(text: str) -> str:
    """The one number in a cell, in its official shape; empty when there is none, or more."""
    if number := exact(text):
        return number.text
    numbers = find(text).numbers
    return numbers[0].text if len(numbers) == 1 else ""
