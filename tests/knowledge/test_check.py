"""``motcua check`` speaks to staff: file, line, what is wrong, in plain Vietnamese; and advice."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import pytest

from bot.knowledge import advice, checking
from bot.knowledge.library import load_library
from bot.knowledge.yaml_lines import read
from tests.conftest import ROOT

FILE = Path("procedures") / "ho-tich" / "khai-sinh.yaml"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return shutil.copytree(ROOT / "knowledge", tmp_path / "knowledge")


def edit(folder: Path, old: str, new: str) -> list[str]:
    path = folder / FILE
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return checking.check(folder)[0]


def test_our_knowledge_has_no_errors_and_needs_no_advice() -> None:
    lines, is_valid = checking.check(ROOT / "knowledge")
    assert is_valid
    assert lines[:-1] == []


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("fees:\n", "phi:\n", "thiếu phí"),
        ("fees:\n", "phi:\n", "không có khóa “phi”"),
        ("amount: 8000", "amount: 8.000", "không viết 8.000"),
        ("amount: 8000", "amount: tám nghìn", "số tiền phải là số viết liền"),
        ("checked: 2026-11-25", "checked: hôm qua", "ngày kiểm tra phải là ngày"),
        ("sector: ho-tich", "sector: khac", "lĩnh vực ghi “khac”"),
        ("name: ", "name:", "tệp sai cách viết YAML"),
        ("office: ward-centre", "office: ubnd", "không có nơi nộp “ubnd”"),
        ("level: ", "level: nhanh #", "mức độ online phải là một trong"),
    ],
)
def test_errors_in_plain_words_with_the_line(folder: Path, old: str, new: str, said: str) -> None:
    lines = edit(folder, old, new)
    [line] = [line for line in lines if said in line]
    assert line.startswith("khai-sinh.yaml dòng ")


def test_line_is_the_right_one(folder: Path) -> None:
    at = (folder / FILE).read_text(encoding="utf-8").splitlines().index("  amount: 8000") + 1
    assert any(f"dòng {at}:" in line for line in edit(folder, "amount: 8000", "amount: -1"))


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("summary: ", "summary: Vui lòng ", "chữ khó “vui lòng”"),
        ("summary: ", "summary: " + "rất " * 26, "nên dưới 25"),
        ("  unit: lần\n", "", "phí chưa ghi đơn vị tính"),
        ("summary: ", "summary: Xem 9.999999. ", "nhắc đến mã 9.999999"),
        ("recheck: 2027-05-23", "recheck: 2026-01-01", "quá ngày phải rà lại (01/01/2026)"),
        ("recheck: 2027-05-23", "", "chưa ghi ngày phải rà lại"),
    ],
)
def test_advice(folder: Path, old: str, new: str, said: str) -> None:
    lines = edit(folder, old, new)
    assert any(said in line for line in lines), lines


def test_overdue_depends_on_the_day() -> None:
    folder = ROOT / "knowledge"
    words = read(folder / "check.yaml", advice.Words)
    found = list(advice.warnings(load_library(folder), folder, words, date(2030, 1, 1)))
    assert {problem.kind for problem in found} == {"overdue"}


def test_every_kind_has_its_words() -> None:
    words = read(ROOT / "knowledge" / "check.yaml", advice.Words)
    used = {
        "yaml",
        "unknown_condition",
        "unused_condition",
        "wrong_sector",
        "same_code",
        "no_procedure",
        "no_office",
    }
    assert used <= set(words.errors)
