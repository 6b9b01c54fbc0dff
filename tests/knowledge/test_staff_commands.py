"""``motcua knowledge``: show, new, schema, and the spreadsheet's round trip."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
import yaml
from typer.testing import CliRunner, Result

from bot.cli import cli
from bot.errors import ConfigError, SheetError
from bot.knowledge import sheets
from bot.knowledge.checking import check
from bot.knowledge.schemas import schemas
from bot.knowledge.yaml_lines import read
from tests.conftest import ROOT

LAYOUT = read(ROOT / "knowledge" / "sheet.yaml", sheets.Layout)
BIRTH = Path("procedures") / "ho-tich" / "khai-sinh.yaml"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return shutil.copytree(ROOT / "knowledge", tmp_path / "knowledge")


@pytest.fixture
def run(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    config = folder.parent / "config.yaml"
    config.write_text("knowledge: knowledge\n", encoding="utf-8")
    monkeypatch.setenv("MOTCUA_CONFIG", str(config))
    return lambda *words: CliRunner().invoke(cli, ["knowledge", *map(str, words)])


@pytest.fixture
def sheet(folder: Path, run: Callable[..., Result]) -> Path:
    path = folder.parent / "a.xlsx"
    assert run("to-sheet", path, "--only", "khai-sinh", "--only", "tam-tru").exit_code == 0
    return path


def change(sheet: Path, title: str, column: str, row: int, value: object) -> None:
    book = openpyxl.load_workbook(sheet)
    page = book[title]
    heads = [cell.value for cell in page[1]]
    page.cell(row, heads.index(column) + 1).value = value  # type: ignore[assignment]
    book.save(sheet)


def test_all_of_it_comes_back_byte_for_byte(folder: Path, run: Callable[..., Result], tmp_path: Path) -> None:
    run("to-sheet", tmp_path / "all.xlsx")
    assert "0 files changed" in run("from-sheet", tmp_path / "all.xlsx").output
    assert sheets.from_sheet(folder, LAYOUT, tmp_path / "all.xlsx") == {}


def test_one_change_is_one_changed_line(folder: Path, run: Callable[..., Result], sheet: Path) -> None:
    before = (folder / BIRTH).read_text(encoding="utf-8").splitlines()
    fee = next(i for i, f in enumerate(yaml.safe_load("\n".join(before))["fees"]) if f["amount"] == 8000)
    change(sheet, "Lệ phí", "số tiền", fee + 2, 9000)
    assert "1 files changed" in run("from-sheet", sheet).output
    after = (folder / BIRTH).read_text(encoding="utf-8").splitlines()
    assert [(a, b) for a, b in zip(before, after, strict=True) if a != b] == [("  amount: 8000", "  amount: 9000")]


def test_comments_stay_and_rows_come_and_go(folder: Path, run: Callable[..., Result], sheet: Path) -> None:
    text = "# nhớ hỏi lại Sở Tư pháp\n" + (folder / BIRTH).read_text(encoding="utf-8")
    (folder / BIRTH).write_text(text, encoding="utf-8")
    book = openpyxl.load_workbook(sheet)
    book["Giấy tờ"].append(["khai-sinh", None, "Giấy mới", 1])
    book["Câu hỏi mẫu"].append(["khai-sinh", "nơi nộp", "câu hỏi rất mới"])
    book["Câu hỏi mẫu"].append(["khai-sinh", None, "câu chưa ai phân loại"])
    book.save(sheet)
    assert run("from-sheet", sheet).exit_code == 0
    data = (folder / BIRTH).read_text(encoding="utf-8")
    assert data.startswith("# nhớ hỏi lại Sở Tư pháp\n")
    assert yaml.safe_load(data)["documents"][-1] == {"name": "Giấy mới", "originals": 1}
    asked = yaml.safe_load((folder / "examples" / "khai-sinh.yaml").read_text(encoding="utf-8"))
    assert asked["where"][-1] == "câu hỏi rất mới"
    assert asked["questions"][-1] == "câu chưa ai phân loại"


def test_wrong_value_changes_nothing_and_is_explained(
    folder: Path, run: Callable[..., Result], sheet: Path
) -> None:
    before = (folder / BIRTH).read_bytes()
    change(sheet, "Lệ phí", "số tiền", 2, "tám nghìn")
    change(sheet, "Thủ tục", "tên", 2, "Tên khác")
    result = run("from-sheet", sheet)
    assert result.exit_code == 2
    assert "số tiền phải là số viết liền" in result.output
    assert (folder / BIRTH).read_bytes() == before


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 cut", b"\xd0\xcf\x11\xe0 old"])
def test_unreadable_workbook_is_one_clear_line(folder: Path, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "bad.xlsx").write_bytes(content)
    with pytest.raises(SheetError, match=r"bad\.xlsx: not a readable xlsx"):
        sheets.from_sheet(folder, LAYOUT, tmp_path / "bad.xlsx")


def test_unknown_aspect_is_named(folder: Path, sheet: Path) -> None:
    change(sheet, "Câu hỏi mẫu", "hỏi về", 2, "thời tiết")
    with pytest.raises(SheetError, match=r"no aspect 'thời tiết'; use one of: .*giấy tờ"):
        sheets.from_sheet(folder, LAYOUT, sheet)


def test_row_of_an_unknown_procedure_is_named(folder: Path, sheet: Path) -> None:
    book = openpyxl.load_workbook(sheet)
    book["Lệ phí"].append(["khai-xinh", None, "x", 1])
    book.save(sheet)
    with pytest.raises(SheetError, match="khai-xinh"):
        sheets.from_sheet(folder, LAYOUT, sheet)


def test_show_gives_every_aspect(run: Callable[..., Result]) -> None:
    text = run("show", "1.001193").output
    for part in ("giấy tờ cần có", "lệ phí", "thời gian", "nơi nộp", "Căn cứ"):
        assert part in text
    assert isinstance(run("show", "9.999999").exception, ConfigError)


def test_new_files_are_valid_after_filling_in(folder: Path, run: Callable[..., Result]) -> None:
    assert run("new", "nuoi-ong", "--sector", "ho-tich").exit_code == 0
    assert check(folder, quiet=True)[1], check(folder, quiet=True)[0]
    assert isinstance(run("new", "nuoi-ong", "--sector", "ho-tich").exception, SheetError)


def test_schemas_are_current() -> None:
    for name, schema in schemas().items():
        kept = json.loads((ROOT / "knowledge" / "schema" / name).read_text(encoding="utf-8"))
        assert kept == json.loads(json.dumps(schema)), f"run: motcua knowledge schema ({name})"
