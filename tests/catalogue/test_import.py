"""``motcua import``: twice changes nothing, what is gone is marked, a broken file changes nothing at all."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner, Result

from bot.catalogue import folder
from bot.cli import cli
from bot.errors import CatalogueError
from tests.catalogue.shared import row, write_details, write_list

Import = Callable[..., Result]


@pytest.fixture
def bring(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Import:
    monkeypatch.setenv("MOTCUA_DATA", str(tmp_path / "data"))
    return lambda kind, *files, day="2026-07-20": CliRunner().invoke(
        cli, ["import", kind, "--day", day, *map(str, files)]
    )


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "data" / "catalogue"


def test_details_become_records_and_a_second_time_changes_nothing(
    bring: Import, home: Path, tmp_path: Path
) -> None:
    file = write_details(tmp_path / "a.jsonl.gz", row(), row("1.999002", "Thu hồi giấy phép nuôi ong"))
    first = bring("details", file)
    assert first.exit_code == 0, first.output
    assert "new: 2" in first.output
    before = folder.version(home)
    assert "nothing changed" in bring("details", file).output
    assert folder.version(home) == before
    record = folder.load(home)["1.999001"]
    assert (record.agencies, record.authority, record.steps) == (("Trạm ong",), "", 2)
    assert str(record.read) == "2026-07-20"


def test_one_file_per_ministry_and_a_report(bring: Import, home: Path, tmp_path: Path) -> None:
    empty = row("1.999003", "Không có gì", thanh_phan_ho_so="--", cach_thuc_thuc_hien="", bo_nganh="bo-khac")
    bring("details", write_details(tmp_path / "a.jsonl", row(), empty))
    current = home / folder.version(home)
    assert sorted(path.stem for path in current.glob("*.yaml")) == ["bo-khac", "bo-nuoi-ong"]
    report = (current / folder.REPORT).read_text(encoding="utf-8")
    assert "1.999003 lacks papers, ways of filing, fee, time" in report
    assert "time without a unit left out" in report


def test_what_a_list_no_longer_has_is_marked_and_comes_back(bring: Import, home: Path, tmp_path: Path) -> None:
    both = write_list(tmp_path / "1.xlsx", ("1.999001", "Cấp phép"), ("1.999002", "Thu hồi"))
    one = write_list(tmp_path / "2.xlsx", ("1.999001", "Cấp phép"))
    bring("list", both, day="2026-06-01")
    bring("list", one, day="2026-07-01")
    records = folder.load(home)
    assert str(records["1.999002"].gone) == "2026-07-01"
    assert records["1.999001"].gone is None
    bring("list", both, day="2026-08-01")
    assert folder.load(home)["1.999002"].gone is None


def test_list_and_details_know_of_each_other(bring: Import, home: Path, tmp_path: Path) -> None:
    bring("list", write_list(tmp_path / "1.xlsx", ("1.999001", "Cấp phép")), day="2026-06-01")
    assert folder.load(home)["1.999001"].agencies == ("Trạm ong", "Trại ong")
    bring("details", write_details(tmp_path / "a.jsonl", row(), row("1.999005")))
    records = folder.load(home)
    assert str(records["1.999001"].listed) == "2026-06-01"
    assert records["1.999001"].papers
    assert records["1.999001"].same_name == ("1.999005",)


def test_an_older_list_marks_nothing_newer_as_gone(bring: Import, home: Path, tmp_path: Path) -> None:
    bring("details", write_details(tmp_path / "a.jsonl", row(), row("1.999002", "Mới")))
    bring("list", write_list(tmp_path / "1.xlsx", ("1.999001", "Cấp phép")), day="2026-06-01")
    assert folder.load(home)["1.999002"].gone is None


def broken_line(path: Path) -> Path:
    path.write_text('{"ma_thu_tuc": "1.999001", "ten_thu_tuc": "A"}\n' * 3 + '{"ma_thu_tuc": \n', encoding="utf-8")
    return path


def cut_off(path: Path) -> Path:
    whole = gzip.compress(b'{"ma_thu_tuc": "1.999001", "ten_thu_tuc": "A"}\n' * 5000)
    path.write_bytes(whole[: len(whole) // 2])
    return path


def truncated_list(path: Path) -> Path:
    whole = write_list(path, ("1.999001", "A")).read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    return path


def old_xls(path: Path) -> Path:
    path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600)
    return path


BAD = [
    ("details", "a.jsonl", broken_line, "line 4"),
    ("details", "a.jsonl.gz", cut_off, "cannot be read after line"),
    ("details", "a.jsonl", lambda path: write_details(path, row("12")), "no procedure code"),
    ("details", "missing.jsonl", lambda path: path, "missing.jsonl"),
    ("list", "a.xlsx", truncated_list, "truncated or damaged"),
    ("list", "a.xlsx", old_xls, "without a password"),
    ("list", "a.xlsx", lambda path: write_list(path, heads=("Mã số", "Tên")), "columns missing"),
    ("list", "a.xlsx", lambda path: write_list(path, heads=("Code", "Tên")), "no heading row"),
    ("list", "a.xlsx", lambda path: write_list(path, ("x", "A")), "row 3"),
]


@pytest.mark.parametrize(("kind", "name", "make", "said"), BAD, ids=[said for *_, said in BAD])
def test_bad_file_is_named_and_changes_nothing(
    bring: Import, home: Path, tmp_path: Path, kind: str, name: str, make: Callable[[Path], Path], said: str
) -> None:
    bring("details", write_details(tmp_path / "good.jsonl", row()))
    before = folder.version(home)
    result = bring(kind, make(tmp_path / name))
    assert isinstance(result.exception, CatalogueError)
    assert said in str(result.exception)
    assert folder.version(home) == before


def test_crash_while_writing_leaves_the_old_version(
    bring: Import, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bring("details", write_details(tmp_path / "a.jsonl", row()))
    before = folder.load(home)

    def crash(*_: object) -> None:
        raise OSError("power cut")

    monkeypatch.setattr(folder.os, "replace", crash)
    bring("details", write_details(tmp_path / "b.jsonl", row("1.999009", "Khác")))
    assert folder.load(home) == before


def test_edited_file_is_refused_with_its_name(bring: Import, home: Path, tmp_path: Path) -> None:
    bring("details", write_details(tmp_path / "a.jsonl", row()))
    [path] = (home / folder.version(home)).glob("*.yaml")
    path.write_text(yaml.safe_dump({"records": [{"code": "1"}]}), encoding="utf-8")
    with pytest.raises(CatalogueError, match=path.name):
        folder.load(home)


def test_structured_records_are_read_like_the_plain_ones(bring: Import, home: Path, tmp_path: Path) -> None:
    structured = {
        "metadata": {"mã_thủ_tục": "1.999011", "tên_thủ_tục": "Khai ong", "cấp_thực_hiện": "Cấp xã"},
        "content": {
            "cơ_quan_thực_hiện": "Ban ong",
            "kết_quả_thực_hiện": "Giấy ong",
            "trình_tự_thực_hiện": "Bước 1.",
        },
        "tables": {
            "hinh_thuc_nop": [
                {
                    "hinh_thuc": "Trực tiếp",
                    "thoi_han_giai_quyet": "07 Ngày",
                    "phi_le_phi": "Phí : 0 Đồng",
                    "mo_ta": "Tại quầy",
                }
            ],
            "thanh_phan_ho_so": [{"ten_giay_to": "Tờ khai", "so_luong": "", "ghi_chu": "Bản chính: 1\nBản sao: 2"}],
            "can_cu_phap_ly": [{"so_ky_hieu": "78/2015/QH13", "trich_yeu": "Luật Ong"}],
        },
    }
    path = tmp_path / "s.jsonl"
    path.write_text(json.dumps(structured, ensure_ascii=False) + "\n", encoding="utf-8")
    assert bring("details", path).exit_code == 0
    record = folder.load(home)["1.999011"]
    assert record.ministry == "bo-quoc-phong"
    assert [(way.way, way.time, way.fee, way.note) for way in record.ways] == [
        ("paper", "07 ngày", "miễn phí", "Tại quầy")
    ]
    assert [(paper.name, paper.originals, paper.copies) for paper in record.papers] == [("Tờ khai", 1, 2)]
    assert record.laws == ("78/2015/QH13",)
