"""Reads the exports of a one-stop system, row by row: workbook or csv, whatever the columns are called.

A csv streams; a workbook is unpacked as a whole by its library (about 1 KB a row), then read row by row.
Columns that we don't know (names, addresses) are not looked at.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook

from bot.dossiers.settings import TableSource
from bot.errors import DossierError
from bot.knowledge.dossiers import REQUIRED, Dossiers

Row = Sequence[Any]
_HEAD_ROWS = 30  # titles and seals may stand above the header row
_WORKBOOKS = (".xlsx", ".xlsm", ".xls", ".ods")
_ENCODINGS = ("utf-8-sig", "utf-16", "cp1258")
_DELIMITERS = ";,\t|"


@dataclass(frozen=True, slots=True)
class Table:
    """An open export: where each of our fields stands, and the rows below the header."""

    columns: Mapping[str, int]
    unknown: tuple[str, ...]  # header cells that are not read
    rows: Iterator[tuple[int, Row]]  # row number as in the file, cells
    count: int | None = None  # about how many rows, where that is known


@contextmanager
def opened(path: Path, source: TableSource, words: Dossiers) -> Iterator[Table]:
    """The table in the file; raises DossierError with one line that says what to do."""
    suffix = path.suffix.lower()
    if not path.exists():
        raise DossierError(f"{path}: no such file")
    if suffix in _WORKBOOKS:
        sheet = _sheet(path)
        yield replace(_table(path, iter(sheet.iter_rows()), source, words), count=sheet.total_height)
    elif suffix in (".csv", ".txt", ".tsv"):
        with _text(path) as file:
            sample = file.read(8192)
            file.seek(0)
            yield _table(path, csv.reader(file, delimiter=_delimiter(sample)), source, words)
    else:
        raise DossierError(f"{path}: only .xlsx, .xls, .ods and .csv are read: open it and save it as .xlsx")


def _sheet(path: Path) -> CalamineSheet:
    """The first sheet that has rows. Calamine: openpyxl needs a minute for 200,000 rows."""
    try:
        book = CalamineWorkbook.from_path(path)
        for at in range(len(book.sheet_names)):
            sheet = book.get_sheet_by_index(at)
            if sheet.total_height:
                return sheet
    except (CalamineError, OSError, ValueError) as error:
        raise DossierError(f"{path}: no workbook that can be read: open it and save it again as .xlsx") from error
    raise DossierError(f"{path}: the workbook is empty")


@contextmanager
def _text(path: Path) -> Iterator[io.TextIOWrapper]:
    with path.open("rb") as raw:
        start = raw.read(4)
    for encoding in _ENCODINGS:
        if encoding == "utf-16" and not start.startswith((b"\xff\xfe", b"\xfe\xff")):
            continue
        try:
            with path.open(encoding=encoding, newline="") as file:
                while file.read(1 << 20):
                    pass
        except UnicodeError:
            continue
        with path.open(encoding=encoding, newline="") as file:
            yield file
        return
    raise DossierError(f"{path}: no text that can be read: save it as CSV UTF-8")


def _delimiter(sample: str) -> str:
    return max(_DELIMITERS, key=sample.count)


def _table(path: Path, rows: Iterator[Row], source: TableSource, words: Dossiers) -> Table:
    names = _names(source, words)
    best: dict[str, int] = {}
    for number, row in enumerate(rows, 1):
        heads = [str(cell).strip() if cell is not None else "" for cell in row]
        found: dict[str, int] = {}
        for at, head in enumerate(heads):
            field = names.get(words.folded(head)) if head else None
            if field and field not in found:
                found[field] = at
        if all(field in found for field in REQUIRED):
            unknown = tuple(head for at, head in enumerate(heads) if head and at not in found.values())
            return Table(found, unknown, enumerate(rows, number + 1))
        best = max(best, found, key=len)
        if number >= _HEAD_ROWS:
            break
    missing = next(field for field in REQUIRED if field not in best)
    raise DossierError(
        f"{path}: no header row with a column for {missing} in the first {_HEAD_ROWS} rows: "
        f"name your column under dossiers.sources in config.yaml (source {source.name}, columns: {missing})"
    )


def _names(source: TableSource, words: Dossiers) -> Mapping[str, str]:
    """Folded header -> our field; the source's own names win."""
    known = {words.folded(name): field for field, names in words.columns.items() for name in names}
    own = {words.folded(name): field for field, names in source.columns.items() for name in names}
    return known | own
