"""Hot reload: a valid edit goes live, a broken one leaves the old version running and says so."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from bot.config import Search
from bot.errors import KnowledgeError
from bot.reload import Shelf
from tests.catalogue.shared import row
from tests.catalogue.test_imported import put
from tests.conftest import ROOT
from tests.faults.child import a_config

CACHE = a_config().cache


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copytree(ROOT / "knowledge", tmp_path / "knowledge")
    return tmp_path / "knowledge"


def _edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    os.utime(path, ns=(1, path.stat().st_mtime_ns + 1_000_000))


def test_a_valid_edit_goes_live(folder: Path) -> None:
    shelf = Shelf(folder, Search(), cache=CACHE)
    _edit(folder / "texts.yaml", "Không có gì.", "Dạ không có gì.")
    assert shelf.refresh() is True
    assert shelf.library.texts("talk.thanks").startswith("Dạ không có gì.")
    assert shelf.refresh() is False


def test_a_new_word_of_the_vocabulary_is_learnt_beside_the_running_bot(folder: Path, tmp_path: Path) -> None:
    shelf = Shelf(folder, Search(), cache=CACHE)
    before = shelf.reader
    path = folder / "vocabulary.yaml"
    _edit(path, "synonyms:\n", "synonyms:\n- says: [tờ kim tiền]\n  means: giấy khai sinh đăng ký khai sinh\n")
    assert shelf.refresh() is True
    assert shelf.reader is not before
    assert "1.001193" in shelf.reader.read("xin tờ kim tiền cho cháu nội mới đẻ").codes


def test_what_takes_long_is_worked_out_in_processes_of_their_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(tmp_path / "catalogue", row())
    begun: list[str] = []
    popen = subprocess.Popen

    def start(command: list[str], **options: Any) -> Any:
        begun.append(command[2])
        return popen(command, **options)

    monkeypatch.setattr("bot.reload.subprocess.Popen", start)
    for expected in (["bot.catalogue"], []):
        begun.clear()
        shelf = Shelf(ROOT / "knowledge", Search(), tmp_path / "catalogue", CACHE)
        assert begun == expected
        assert shelf.reader.read("1.999001").codes == ["1.999001"]


def test_what_another_process_could_not_work_out_is_done_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(tmp_path, row())
    monkeypatch.setattr("bot.reload.sys.executable", "/bin/false")
    shelf = Shelf(ROOT / "knowledge", Search(), tmp_path, CACHE)
    assert shelf.reader.read("1.999001").codes == ["1.999001"]


def test_a_broken_edit_changes_nothing_and_is_reported_with_its_place(folder: Path) -> None:
    shelf = Shelf(folder, Search(), cache=CACHE)
    before = shelf.library
    _edit(folder / "procedures" / "ho-tich" / "khai-sinh.yaml", "code:", "cdoe:")
    assert shelf.refresh() is False
    assert shelf.library is before
    assert "khai-sinh.yaml:1" in shelf.problem
    assert "cdoe" in shelf.problem
    _edit(folder / "procedures" / "ho-tich" / "khai-sinh.yaml", "cdoe:", "code:")
    assert shelf.refresh() is True
    assert shelf.problem == ""


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("sector: ho-tich", "sector: dat-dai", "sector"),
        ("decides:", "decides_by:", "unknown key"),
        ("amount: 0", "amount: free", "amount"),
        ("  link: https", "  link: http", "link"),
        ("aliases:", "aliases: [a]\naliases:", "stands twice"),
        ("name:", "name: [", "khai-sinh.yaml"),
    ],
)
def test_each_mistake_is_named(folder: Path, old: str, new: str, expected: str) -> None:
    _edit(folder / "procedures" / "ho-tich" / "khai-sinh.yaml", old, new)
    with pytest.raises(KnowledgeError) as caught:
        Shelf(folder, Search(), cache=CACHE)
    assert expected in str(caught.value)
    assert "khai-sinh.yaml:" in str(caught.value)
