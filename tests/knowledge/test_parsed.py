"""The copy of parsed YAML: the same data as from the files, never of another version, never dangerous."""

from __future__ import annotations

import os
import pickle
from pathlib import Path

import pytest

from bot.errors import KnowledgeError
from bot.knowledge import parsed
from bot.knowledge.library import load_library
from bot.knowledge.parsed import kept_in
from bot.knowledge.yaml_lines import lines_of, load
from tests.conftest import ROOT


def _file(folder: Path, text: str = "day: 2026-11-25\nlist: [một, 2, 3.5, true, null]\n") -> Path:
    path = folder / "some.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_knowledge_from_the_copy_is_the_knowledge_of_the_files(tmp_path: Path) -> None:
    fresh = load_library(ROOT / "knowledge")
    for _ in ("made", "read"):
        with kept_in(tmp_path):
            kept = load_library(ROOT / "knowledge")
        assert kept.procedures == fresh.procedures
        assert kept.vocabulary == fresh.vocabulary
        assert kept.guides.written.keys() == fresh.guides.written.keys()


def test_the_copy_is_really_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = _file(tmp_path)
    with kept_in(tmp_path):
        first = load(path), lines_of(path)
    monkeypatch.setattr("yaml.load", None)
    monkeypatch.setattr("yaml.compose", None)
    with kept_in(tmp_path):
        assert (load(path), lines_of(path)) == first


def test_an_edit_is_seen_though_size_and_time_stay(tmp_path: Path) -> None:
    path = _file(tmp_path, "fee: 8000\n")
    with kept_in(tmp_path):
        load(path)
    stat = path.stat()
    path.write_text("fee: 5000\n", encoding="utf-8")
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    with kept_in(tmp_path):
        assert load(path) == {"fee": 5000}


@pytest.mark.parametrize("content", [b"", b"\x80", b"no pickle", pickle.dumps([1]), pickle.dumps({"a": 1})[:-3]])
def test_a_damaged_copy_is_made_again(tmp_path: Path, content: bytes) -> None:
    path = _file(tmp_path)
    (tmp_path / "parsed.pickle").write_bytes(content)
    with kept_in(tmp_path):
        assert load(path)["list"] == ["một", 2, 3.5, True, None]
    assert (tmp_path / "parsed.pickle").read_bytes() != content


def test_a_copy_that_would_run_something_is_not_run(tmp_path: Path) -> None:
    class Harm:
        def __reduce__(self) -> tuple[object, tuple[object, ...]]:
            return (os.mkdir, (str(tmp_path / "harm"),))

    (tmp_path / "parsed.pickle").write_bytes(pickle.dumps({("data", b""): Harm()}))
    with kept_in(tmp_path):
        load(_file(tmp_path))
    assert not (tmp_path / "harm").exists()


def test_nothing_is_kept_of_broken_files(tmp_path: Path) -> None:
    with pytest.raises(KnowledgeError), kept_in(tmp_path):
        load(_file(tmp_path, "a: ["))
    assert not (tmp_path / "parsed.pickle").exists()


def test_a_folder_that_cannot_be_written_is_no_reason_to_stop(tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file where a folder should be")
    with kept_in(tmp_path / "cache"):
        assert load(_file(tmp_path))
    assert parsed.once("data", b"", lambda: 1) == 1
