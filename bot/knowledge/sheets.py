"""Procedures as a workbook and back: staff edit in a spreadsheet, comments and order of the YAML stay."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import openpyxl
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.worksheet.worksheet import Worksheet
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.scalarstring import DoubleQuotedScalarString

from bot.errors import SheetError
from bot.knowledge.models import Line, Strict

_YES = "x"


class _Main(Strict):
    title: Line
    columns: dict[str, Line]
    lists: dict[str, Line]


class _Rows(Strict):
    title: Line
    columns: dict[str, Line]


class _Questions(Strict):
    title: Line
    aspect: Line
    column: Line
    aspects: dict[str, Line]  # a key of an examples file and its word in the workbook


class Layout(Strict):
    """sheet.yaml."""

    id: Line
    row: Line
    main: _Main
    rows: dict[str, _Rows]
    questions: _Questions


def yaml_writer() -> YAML:
    """Reads and writes our files so that an unchanged one comes back byte for byte."""
    writer = YAML()
    writer.preserve_quotes = True
    writer.width = 4096
    writer.indent(mapping=2, sequence=2, offset=0)
    writer.representer.add_representer(
        type(None), lambda dumper, _: dumper.represent_scalar("tag:yaml.org,2002:null", "null")
    )
    return writer


def to_sheet(folder: Path, ids: Iterable[str], layout: Layout, target: Path) -> None:
    """Writes these procedures as a workbook."""
    files = {id_: yaml_writer().load(_file(folder, id_)) for id_ in ids}
    book = openpyxl.Workbook()
    main = _page(
        book.worksheets[0],
        layout.main.title,
        [layout.id, *layout.main.columns.values(), *layout.main.lists.values()],
    )
    for id_, data in files.items():
        lists = ["\n".join(data.get(key, ())) for key in layout.main.lists]
        main.append([id_, *(_cell(data.get(key)) for key in layout.main.columns), *lists])
    for key, rows in layout.rows.items():
        page = _page(book.create_sheet(), rows.title, [layout.id, layout.row, *rows.columns.values()])
        for id_, data in files.items():
            for number, fact in enumerate(data.get(key, ()), 1):
                page.append([id_, number, *(_cell(fact.get(column)) for column in rows.columns)])
    asked = layout.questions
    page = _page(book.create_sheet(), asked.title, [layout.id, asked.aspect, asked.column])
    for id_ in files:
        for aspect, question in _questions(folder, id_):
            page.append([id_, asked.aspects[aspect], question])
    for sheet in book.worksheets:
        for cells in sheet.iter_rows(min_row=2):
            for cell in cells:
                cell.alignment = Alignment(wrap_text=True, vertical="top")
    book.save(target)


def _page(sheet: Worksheet, title: str, heads: list[str]) -> Worksheet:
    sheet.title = title
    sheet.append(heads)
    sheet.freeze_panes = "C2"
    for at, cell in enumerate(sheet[1], 1):
        cell.font = Font(bold=True)
        sheet.column_dimensions[get_column_letter(at)].width = 14 if at < 3 else 32
    return sheet


def from_sheet(folder: Path, layout: Layout, source: Path) -> dict[Path, str]:
    """The texts of the files as the workbook has them, only those that change.

    Raises SheetError naming page and row: nothing is half taken over.
    """
    try:
        book = openpyxl.load_workbook(source, data_only=True)
    except (InvalidFileException, BadZipFile, KeyError, ValueError, OSError, EOFError) as error:
        raise SheetError(f"{source}: not a readable xlsx file ({type(error).__name__})") from error
    main = {row[layout.id]: row for row in _table(source, book, layout.main.title)}
    parts = {key: _grouped(source, book, rows.title, layout.id, main) for key, rows in layout.rows.items()}
    asked = _grouped(source, book, layout.questions.title, layout.id, main)
    changed: dict[Path, str] = {}
    for id_, row in main.items():
        path = _file(folder, str(id_))
        data = yaml_writer().load(path)
        _set_main(data, row, layout)
        for key, rows in layout.rows.items():
            _set_rows(data, key, parts[key].get(id_, []), rows.columns, layout.row)
        _note(changed, path, data)
        path = folder / "examples" / f"{id_}.yaml"
        questions = _asked(source, asked.get(id_, []), layout.questions)
        if path.exists() and questions != _questions(folder, str(id_)):
            data = yaml_writer().load(path)
            _set_questions(data, questions)
            _note(changed, path, data)
    return changed


def _note(changed: dict[Path, str], path: Path, data: CommentedMap) -> None:
    stream = io.StringIO()
    yaml_writer().dump(data, stream)
    if stream.getvalue() != path.read_text(encoding="utf-8"):
        changed[path] = stream.getvalue()


def _table(source: Path, book: openpyxl.Workbook, title: str) -> Iterator[dict[str, Any]]:
    if title not in book.sheetnames:
        raise SheetError(f"{source}: no page {title!r}")
    heads, *rows = book[title].iter_rows(values_only=True) or [()]
    for row in rows:
        if any(cell not in (None, "") for cell in row):
            yield dict(zip([str(head) for head in heads], row, strict=False))


def _grouped(
    source: Path, book: openpyxl.Workbook, title: str, id_column: str, known: Mapping[Any, object]
) -> dict[Any, list[dict[str, Any]]]:
    groups: dict[Any, list[dict[str, Any]]] = {}
    for number, row in enumerate(_table(source, book, title), 2):
        if row.get(id_column) not in known:
            raise SheetError(
                f"{source}, page {title!r}, row {number}: no procedure {row.get(id_column)!r} on the first page"
            )
        groups.setdefault(row[id_column], []).append(row)
    return groups


def _set_main(data: CommentedMap, row: Mapping[str, Any], layout: Layout) -> None:
    for key, column in layout.main.columns.items():
        _set(data, key, row.get(column))
    for key, column in layout.main.lists.items():
        lines = [line.strip() for line in str(row.get(column) or "").splitlines() if line.strip()]
        if lines != list(data.get(key, ())):
            if lines:
                data[key] = _kept(data.get(key, CommentedSeq()), lines)
            else:
                data.pop(key, None)


def _kept(old: list[str], lines: list[str]) -> CommentedSeq:
    """The lines as a list; those that stay keep their way of being quoted."""
    same = {str(line): line for line in old}
    return CommentedSeq([same.get(line, line) for line in lines])


def _set_rows(
    data: CommentedMap, key: str, rows: list[dict[str, Any]], columns: Mapping[str, str], number: str
) -> None:
    old = list(data.get(key, ()))
    new = CommentedSeq()
    for row in rows:
        at = row.get(number)
        fact = old[int(at) - 1] if isinstance(at, int | float) and 0 < at <= len(old) else CommentedMap()
        for name, column in columns.items():
            _set(fact, name, row.get(column))
        new.append(fact)
    if [*new] != old or len(new) != len(old):
        data[key] = new


def _set(data: CommentedMap, key: str, value: Any) -> None:
    """Changes one value, if the cell says something else than the file."""
    if _cell(data.get(key)) == _cell(_value(value, data.get(key))):
        return
    if value in (None, ""):
        data.pop(key, None)
    else:
        data[key] = _value(value, data.get(key))


def _value(cell: Any, old: Any) -> Any:
    if isinstance(cell, datetime):
        return cell.date()
    if isinstance(cell, float) and cell.is_integer():
        return int(cell)
    if isinstance(cell, str):
        text = cell.strip()
        if isinstance(old, bool) or (old is None and text == _YES):
            return text.lower() == _YES
        return DoubleQuotedScalarString(text) if isinstance(old, DoubleQuotedScalarString) else text
    return cell


def _cell(value: Any) -> Any:
    if isinstance(value, bool):
        return _YES if value else None
    if isinstance(value, date | int | float) or value is None:
        return value
    return str(value) or None


def _file(folder: Path, id_: str) -> Path:
    found = next((folder / "procedures").glob(f"*/{id_}.yaml"), None)
    if found is None:
        raise SheetError(f"no procedure {id_}: the file procedures/…/{id_}.yaml does not exist")
    return found


def _questions(folder: Path, id_: str) -> list[tuple[str, str]]:
    """The example questions with the aspect each stands under, in the order of the file."""
    path = folder / "examples" / f"{id_}.yaml"
    groups = yaml_writer().load(path) if path.exists() else {}
    return [(str(aspect), str(question)) for aspect, listed in groups.items() for question in listed]


def _asked(source: Path, rows: list[dict[str, Any]], layout: _Questions) -> list[tuple[str, str]]:
    """The rows of the page of questions, with the keys of the file; an empty aspect is allowed."""
    keys = {word: key for key, word in layout.aspects.items()}
    unknown = {str(row[layout.aspect]) for row in rows if row.get(layout.aspect)} - set(keys)
    if unknown:
        known = ", ".join(keys)
        raise SheetError(f"{source}, page {layout.title!r}: no aspect {unknown.pop()!r}; use one of: {known}")
    return [
        (keys.get(str(row.get(layout.aspect)), "questions"), str(row[layout.column]))
        for row in rows
        if row[layout.column]
    ]


def _set_questions(data: CommentedMap, questions: list[tuple[str, str]]) -> None:
    groups: dict[str, list[str]] = {}
    for key, question in questions:
        groups.setdefault(key, []).append(question)
    for gone in set(data) - set(groups):
        del data[gone]
    for key, listed in groups.items():
        data[key] = _kept(data.get(key, CommentedSeq()), listed)
