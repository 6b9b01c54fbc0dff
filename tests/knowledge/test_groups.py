"""choices.yaml: every group leads somewhere, speaks shortly, and errors name file and line."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from bot.errors import KnowledgeError
from bot.knowledge.checking import check
from bot.knowledge.library import load_library
from bot.vietnamese import fold
from tests.conftest import ROOT

LIBRARY = load_library(ROOT / "knowledge")


@pytest.mark.parametrize("id_", LIBRARY.groups)
def test_a_group_fits_on_buttons_and_leads_to_procedures(id_: str) -> None:
    group = LIBRARY.groups[id_]
    assert all(len(option.label) <= 25 for option in group.options)
    assert len(f"procedures:how_online:{max(group.values, key=len)}".encode()) <= 64
    assert len(f"procedures:{id_}:how_online") <= 100
    assert all(LIBRARY.find(leaf) for leaf in group.leaves(LIBRARY.groups))
    assert group.question.endswith("?")


def test_a_text_names_one_group_only() -> None:
    owners: dict[frozenset[str], set[str]] = {}
    for group in LIBRARY.groups.values():
        for text in group.says:
            owners.setdefault(frozenset(fold(text).split()), set()).add(group.id)
    assert [found for found in owners.values() if len(found) > 1] == []


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("value: khai-sinh-lai,", "value: khai-sinh-la,", "không có thủ tục “khai-sinh-la”"),
        ("- id: mat-giay-ket-hon\n", "- id: mat-giay-khai-sinh\n", "đã có ở một nhóm"),
        ("- id: mat-giay-ket-hon\n", "- id: khai-sinh\n", "đã có ở một nhóm"),
        ("value: khai-sinh-lai, signs: [", "value: khai-sinh-lai, signs: [còn sổ, ", "đứng ở hai lựa chọn"),
        ("value: khai-sinh-lai,", "value: len-cong-ty,", "nhiều nhất hai câu"),
    ],
)
def test_errors_are_named_with_their_line(tmp_path: Path, old: str, new: str, reason: str) -> None:
    folder = shutil.copytree(ROOT / "knowledge", tmp_path / "knowledge")
    path = folder / "choices.yaml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    line = text[: text.index(old)].count("\n") + 1
    with pytest.raises(KnowledgeError):
        load_library(folder)
    lines, is_valid = check(folder)
    assert not is_valid
    assert any(said.startswith(f"choices.yaml dòng {line}:") and reason in said for said in lines), lines


def test_a_procedure_covers_only_procedures_that_exist(tmp_path: Path) -> None:
    folder = shutil.copytree(ROOT / "knowledge", tmp_path / "knowledge")
    path = folder / "procedures" / "ho-tich" / "khai-sinh-nhan-cha.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("covers: [khai-sinh,", "covers: [khai-sin,"), encoding="utf-8")
    assert any("không có thủ tục “khai-sin”" in line for line in check(folder)[0])
