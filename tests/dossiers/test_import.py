"""Exports of the one-stop system: every shape is read, nothing changes twice, no person enters the database."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from bot.dossiers.cells import amount_of, day_of, time_of, without_persons
from bot.dossiers.importing import Importer, Report
from bot.dossiers.settings import TableSource
from bot.dossiers.watching import Watch
from bot.errors import DossierError
from bot.store import dossiers
from bot.store.database import Database
from bot.store.tables import dossiers as table
from tests.dossiers.exports import HEADER, MACHINE_HEADER, number, phone, rows, write_csv, write_xlsx
from tests.dossiers.shared import KEYS, NOW, TABLE, WORDS, ZONE


def importer(database: Database, source: TableSource = TABLE) -> Importer:
    return Importer(database, source, WORDS, KEYS, ZONE)


async def take(database: Database, path: Path, as_of: datetime = NOW, **changes: Any) -> Report:
    return await importer(database, **changes).take(path, as_of, NOW)


def counts(report: Report) -> tuple[int, int, int, int]:
    return report.new, report.changed, report.same, report.older


async def test_the_same_file_twice_changes_nothing(database: Database, tmp_path: Path) -> None:
    path = write_xlsx(tmp_path / "a.xlsx", rows(50))
    assert counts(await take(database, path)) == (50, 0, 0, 0)
    async with database.reading() as connection:
        before = (await connection.execute(sa.select(table).order_by(table.c.number))).all()
    assert counts(await take(database, path)) == (0, 0, 50, 0)
    async with database.reading() as connection:
        assert (await connection.execute(sa.select(table).order_by(table.c.number))).all() == before


async def test_newer_news_counts_and_older_never_overwrites_it(database: Database, tmp_path: Path) -> None:
    old = write_xlsx(tmp_path / "old.xlsx", rows(20))
    new = write_xlsx(tmp_path / "new.xlsx", rows(20, shift=1))
    await take(database, old, NOW)
    assert counts(await take(database, new, NOW + timedelta(days=1))) == (0, 20, 0, 0)
    assert counts(await take(database, old, NOW)) == (0, 0, 0, 20)
    async with database.reading() as connection:
        kept = await dossiers.find(connection, number(0), "mot-cua")
    assert kept is not None
    assert kept[0].status == 2


async def test_an_unchanged_dossier_is_known_to_be_so_until_later(database: Database, tmp_path: Path) -> None:
    path = write_xlsx(tmp_path / "a.xlsx", rows(3))
    await take(database, path, NOW)
    assert counts(await take(database, path, NOW + timedelta(days=1))) == (0, 0, 3, 0)
    async with database.reading() as connection:
        kept = await dossiers.find(connection, number(0), "mot-cua")
    assert kept is not None
    assert kept[0].as_of == NOW + timedelta(days=1)


@pytest.mark.parametrize(
    ("header", "delimiter", "encoding"),
    [(HEADER, ";", "utf-8-sig"), (MACHINE_HEADER, ",", "utf-8"), (HEADER, "\t", "utf-16"), (HEADER, ",", "utf-8")],
)
async def test_csv_in_the_forms_that_excel_writes(
    database: Database, tmp_path: Path, header: list[str], delimiter: str, encoding: str
) -> None:
    path = write_csv(tmp_path / "a.csv", rows(7), header, delimiter, encoding)
    report = await take(database, path)
    assert counts(report) == (7, 0, 0, 0)
    assert len(report.unread_columns) == 1, "the applicant's name is not read"
    async with database.reading() as connection:
        kept = await dossiers.find(connection, number(3), "mot-cua")
    assert kept is not None
    state = kept[0]
    assert (state.status, state.received, state.due) == (5, date(2026, 1, 5), date(2026, 1, 25))
    assert state.need == "bản chụp sơ đồ thửa đất"
    assert state.need_by == date(2026, 1, 20)


async def test_no_name_phone_or_id_is_in_the_database(database: Database, tmp_path: Path) -> None:
    await take(database, write_xlsx(tmp_path / "a.xlsx", rows(5)))
    async with database.reading() as connection:
        stored = repr((await connection.execute(sa.select(table))).all())
    assert "Nguyễn" not in stored
    assert phone(3) not in stored
    async with database.reading() as connection:
        kept = await dossiers.find(connection, number(3), "mot-cua")
    assert kept is not None
    assert KEYS.fits(kept[0], number(3), phone(3)[-3:])
    assert KEYS.fits(kept[0], number(3), "003"), "the last digits of the ID"
    assert not KEYS.fits(kept[0], number(3), "999")
    assert kept[0].phone_key not in (KEYS.sign(number(4), phone(3)), "")


async def test_what_can_not_be_used_is_reported_without_numbers(database: Database, tmp_path: Path) -> None:
    lines = list(rows(4))
    lines[1][0] = "H24.77"
    lines[2][8] = "Đang ở trên mây"
    lines.append([""] * len(lines[0]))
    report = await take(database, write_xlsx(tmp_path / "a.xlsx", iter(lines)))
    assert counts(report) == (2, 0, 0, 0)
    said = "\n".join(report.lines())
    assert "row 5" in said
    assert "Đang ở trên mây" in said
    assert "H24" not in said


async def test_own_names_of_columns_and_statuses(database: Database, tmp_path: Path) -> None:
    path = write_csv(
        tmp_path / "a.csv", iter([["H24.77.20-260915-0012", "Đang ở trên mây"]]), ["Mã của tôi", "Đi đâu rồi"]
    )
    source = TableSource(
        kind="table",
        name="mot-cua",
        columns={"number": ("Mã của tôi",), "status": ("Đi đâu rồi",)},
        statuses={"Đang ở trên mây": 4},
    )
    assert counts(await take(database, path, source=source)) == (1, 0, 0, 0)


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.xlsx", b"no workbook", "save it again as .xlsx"),
        ("a.doc", b"x", "save it as .xlsx"),
        ("a.csv", b"a;b\n1;2\n", "no header row with a column for number"),
        ("a.csv", "Mã hồ sơ;Ngày\nx;y\n".encode(), "a column for status"),
        ("a.csv", b"", "no header row"),
    ],
)
async def test_what_is_no_table_is_refused_in_one_line(
    database: Database, tmp_path: Path, name: str, content: bytes, said: str
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(DossierError, match=said) as caught:
        await take(database, path)
    assert "\n" not in str(caught.value)


async def test_the_folder_takes_complete_files_and_moves_them_aside(database: Database, tmp_path: Path) -> None:
    watch = Watch(tmp_path / "in", lambda: importer(database))
    await watch.round()
    write_xlsx(tmp_path / "in" / "a.xlsx", rows(5))
    (tmp_path / "in" / "b.csv").write_text("nonsense")
    (tmp_path / "in" / "~$a.xlsx").write_text("Excel's own")
    await watch.round()
    assert (tmp_path / "in" / "a.xlsx").exists(), "it may still be growing"
    await watch.round()
    assert (tmp_path / "in" / "done" / "a.xlsx").exists()
    assert "5 new" in (tmp_path / "in" / "done" / "a.xlsx.report.txt").read_text()
    assert (tmp_path / "in" / "refused" / "b.csv").exists()
    assert (tmp_path / "in" / "~$a.xlsx").exists()


@pytest.mark.parametrize(
    ("cell", "day"),
    [
        ("20260915083000", date(2026, 9, 15)),
        ("15/09/2026", date(2026, 9, 15)),
        ("15-09-2026 08:30", date(2026, 9, 15)),
        ("08:30 15/09/2026", date(2026, 9, 15)),
        ("2026-09-15T20:00:00Z", date(2026, 9, 16)),
        (datetime(2026, 9, 15, 8), date(2026, 9, 15)),
        (date(2026, 9, 15), date(2026, 9, 15)),
        (46280, date(2026, 9, 15)),
        ("31/02/2026", None),
        ("", None),
        (None, None),
        ("mai", None),
        (3.5, None),
    ],
)
def test_days_in_every_form(cell: Any, day: date | None) -> None:
    assert day_of(cell, ZONE) == day


def test_a_time_without_zone_is_that_of_viet_nam() -> None:
    moment = time_of("15/09/2026 08:30", ZONE)
    assert moment is not None
    assert moment.astimezone(UTC) == datetime(2026, 9, 15, 1, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("cell", "dong"), [("120.000 đ", 120000), (120000.0, 120000), (0, None), ("", None), ("x", None)]
)
def test_amounts(cell: Any, dong: int | None) -> None:
    assert amount_of(cell) == dong


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("Đề nghị ông Nguyễn Văn An nộp thêm sơ đồ", "Đề nghị ông … nộp thêm sơ đồ"),
        ("Bà Trần Thị B bổ sung CCCD 031093001234", "Bà … bổ sung CCCD …"),
        ("gọi 0912 345 678", "gọi …"),
        ("Nộp Giấy chứng nhận quyền sử dụng đất", "Nộp Giấy chứng nhận quyền sử dụng đất"),
    ],
)
def test_an_officers_remark_loses_persons(said: str, kept: str) -> None:
    assert without_persons(said) == kept
