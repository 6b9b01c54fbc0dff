"""Reads the portal's files: detailed records (JSON lines, also gzipped) and lists (xlsx)."""

from __future__ import annotations

import gzip
import json
import re
import zipfile
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any, cast

import openpyxl
from openpyxl.utils.exceptions import InvalidFileException

from bot.catalogue.words import portal
from bot.errors import CatalogueError

_CODE = re.compile(r"^\d\.\d{6}$")


def details(path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    """Line number and record, in the shape of the plain export.

    Raises CatalogueError naming the line: nothing of a broken file is imported.
    """
    opened = gzip.open if path.suffix == ".gz" else open
    number = 0
    try:
        with opened(path, "rt", encoding="utf-8") as file:
            for number, line in enumerate(file, 1):
                if line.strip():
                    yield number, _record(path, number, line)
    except (OSError, EOFError, UnicodeDecodeError) as error:
        raise CatalogueError(f"{path}: cannot be read after line {number}: {error}") from error
    if not number:
        raise CatalogueError(f"{path}: empty")


def _record(path: Path, number: int, line: str) -> dict[str, str]:
    try:
        row: Any = json.loads(line)
    except ValueError as error:
        raise CatalogueError(f"{path}, line {number}: not JSON ({error})") from error
    if not isinstance(row, dict):
        raise CatalogueError(f"{path}, line {number}: not an object")
    if "metadata" in row:
        row = _plain(row)
    code = str(row.get("ma_thu_tuc", "")).strip()
    if not _CODE.match(code):
        raise CatalogueError(f"{path}, line {number}: ma_thu_tuc {code!r} is no procedure code like 1.001193")
    if not str(row.get("ten_thu_tuc", "")).strip():
        raise CatalogueError(f"{path}, line {number}: {code} has no ten_thu_tuc")
    return {key: value if isinstance(value, str) else "" for key, value in row.items()} | {"ma_thu_tuc": code}


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    """A structured record in the plain shape."""
    words = portal().structured
    plain: dict[str, Any] = {"bo_nganh": words["ministry"]}
    for part in ("metadata", "content"):
        names = cast(dict[str, str], words[part])
        plain |= {ours: row.get(part, {}).get(theirs, "") for theirs, ours in names.items()}
    tables = row.get("tables", {})
    plain["cach_thuc_thuc_hien"] = "\n".join(
        " | ".join(
            [
                way.get("hinh_thuc", ""),
                *(_flat(way.get(key)) for key in ("thoi_han_giai_quyet", "phi_le_phi", "mo_ta")),
            ]
        )
        for way in tables.get("hinh_thuc_nop", [])
    )
    plain["thanh_phan_ho_so"] = "\n".join(
        f"{_flat(paper.get('ten_giay_to'))} ({_flat(paper.get('ghi_chu'))})"
        for paper in tables.get("thanh_phan_ho_so", [])
    )
    plain["can_cu_phap_ly"] = "\n".join(
        f"{_flat(law.get('so_ky_hieu'))} {_flat(law.get('trich_yeu'))}" for law in tables.get("can_cu_phap_ly", [])
    )
    return plain


def _flat(value: object) -> str:
    return " ".join(str(value or "").split())


def listed(path: Path) -> tuple[date | None, list[dict[str, str]]]:
    """Day and rows of an official list; the rows have the keys of ``list_columns``.

    Raises CatalogueError for anything but a list of the portal in xlsx.
    """
    try:
        book = openpyxl.load_workbook(path, read_only=True, data_only=True)
    except FileNotFoundError as error:
        raise CatalogueError(f"{path}: no such file") from error
    except (InvalidFileException, zipfile.BadZipFile, KeyError, ValueError, OSError, EOFError) as error:
        raise CatalogueError(f"{path}: {_why_not_xlsx(path)}") from error
    try:
        rows = [["" if cell is None else str(cell) for cell in row] for row in book.worksheets[0].values]
        day = book.properties.modified.date() if book.properties.modified else None
    except (zipfile.BadZipFile, EOFError, ValueError, KeyError, OSError) as error:
        raise CatalogueError(f"{path}: truncated or damaged; export it again") from error
    finally:
        book.close()
    return day, _table(path, rows)


def _why_not_xlsx(path: Path) -> str:
    """An old .xls and a password-protected xlsx are both OLE files; their first bytes tell."""
    start = path.read_bytes()[:8] if path.is_file() else b""
    if start.startswith(b"\xd0\xcf\x11\xe0"):
        return "an old .xls or a password-protected file; save it as xlsx without a password"
    if start.startswith(b"PK"):
        return "truncated or damaged; export it again"
    return "not an xlsx file"


def _table(path: Path, rows: list[list[str]]) -> list[dict[str, str]]:
    wanted = portal().list_columns
    at, heads = next(
        (
            (n, heads)
            for n, row in enumerate(rows[:20])
            if wanted["code"] in (heads := [cell.strip() for cell in row])
        ),
        (-1, []),
    )
    if at < 0:
        raise CatalogueError(f"{path}: no heading row with {wanted['code']!r} in the first 20 rows")
    missing = [name for name in wanted.values() if name not in heads]
    if missing:
        raise CatalogueError(f"{path}, row {at + 1}: columns missing: {', '.join(missing)}")
    columns = {key: heads.index(name) for key, name in wanted.items()}
    table = []
    for number, row in enumerate(rows[at + 1 :], at + 2):
        values = {key: row[column].strip() if column < len(row) else "" for key, column in columns.items()}
        if not any(values.values()):
            continue
        if not _CODE.match(values["code"]) or not values["name"]:
            raise CatalogueError(
                f"{path}, row {number}: {values['code']!r} is no procedure code, or the name is empty"
            )
        table.append(values)
    return table
