"""``motcua check`` on guides: every kind of fault named with file and line, in the words of staff."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from bot.errors import KnowledgeError
from bot.guides.loading import load_guides
from bot.knowledge import checking
from bot.knowledge.advice import Words
from bot.knowledge.library import load_library
from bot.knowledge.yaml_lines import read
from tests.conftest import ROOT

GUIDE = Path("guides") / "khai-sinh.yaml"
PROCEDURES = load_library(ROOT / "knowledge").procedures
WORDS = read(ROOT / "knowledge" / "check.yaml", Words)
LOGIN = Path("guides") / "blocks" / "vneid-login.yaml"


@pytest.fixture(scope="module")
def untouched(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return shutil.copytree(ROOT / "knowledge", tmp_path_factory.mktemp("guides") / "knowledge")


def edited(folder: Path, file: Path, old: str, new: str) -> tuple[list[str], int]:
    """What check says after an edit, and the line of the edit; the file is put back."""
    path = folder / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    try:
        return faults(folder), text[: text.index(old)].count("\n") + 1
    finally:
        path.write_text(text, encoding="utf-8")


def faults(folder: Path) -> list[str]:
    """What is wrong with the guides of a folder, as ``motcua check`` says it."""
    try:
        found = list(load_guides(folder / "guides", PROCEDURES).advice)
    except KnowledgeError as error:
        found = error.problems
    return [WORDS.explain(problem) for problem in found]


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        (GUIDE, "procedure: khai-sinh\n", "procedure: khai-tinh\n", "không có thủ tục “khai-tinh”"),
        (
            GUIDE,
            "no_witness: record = none",
            "no_witness: record = nothing",
            "không có câu trả lời “record = nothing”",
        ),
        (GUIDE, "on_time: not late", "on_time: not lat", "không câu hỏi nào hỏi điều đó"),
        (GUIDE, "on_time: not late", "on_time: not (late", "điều kiện viết sai"),
        (GUIDE, "no_witness: record = none", "no_witness: record", "có nhiều câu trả lời"),
        (GUIDE, "  surrogate: maybe\n", "", "chưa nói khi nào đúng trường hợp “surrogate"),
        (GUIDE, "  surrogate: maybe\n", "  twins: maybe\n", "không còn trường hợp “twins”"),
        (GUIDE, "- name: Giấy ủy quyền", "- name: Giấy nhờ", "không có giấy tờ tên “Giấy nhờ”"),
        (GUIDE, "- clear-photos", "- clear-photo", "không có câu rà “clear-photo”"),
        (GUIDE, "- attach\n", "- atach\n", "không có khối “atach”"),
        (GUIDE, "skip: [department]", "skip: [departments]", "không có bước “departments”"),
        (GUIDE, "guide: lien-thong-khai-sinh", "guide: lien-thong", "không có phần dẫn hay thủ tục “lien-thong”"),
        (GUIDE, "- id: draft\n", "- id: number\n", "hai bước cùng tên “number”"),
        (GUIDE, "label: Bản nháp bị sai", "label: Bản nháp giấy khai sinh bị sai", "dài quá 25 chữ cái"),
        (GUIDE, "    only: Chỉ làm khai sinh\n", "    only: Chỉ\n    a1: A\n    a2: B\n    a3: C\n", "quá 5 nút"),
        (GUIDE, "    only: Chỉ làm khai sinh\n", "", "đi mãi không tới cuối"),
        (GUIDE, "- fact: proxy\n  when: helper", "- fact: proxy\n  when: never", "không ai đi tới “proxy”"),
        (
            GUIDE,
            "  when: helper and proxy = other",
            "  when: proxy = other",
            "“authorised” hỏi tới điều chưa ai trả lời",
        ),
        (GUIDE, "at: [draft]", "at: [nowhere]", "không ai đi tới “draft-wrong”"),
        (GUIDE, "  do: Cán bộ gửi", "  do: " + "Cán bộ " * 40 + "gửi", "tin dài quá 400 chữ cái"),
        (GUIDE, "  do: Cán bộ gửi", "  do: Gửi mã OTP vào đây. Cán bộ gửi", "xin số giấy tờ, mật khẩu hoặc mã OTP"),
        (GUIDE, "  do: Cán bộ gửi", "  do: Cán bộ {who} gửi", "không có chữ điền sẵn {who}"),
        (GUIDE, "  title: Xem bản nháp giấy khai sinh\n", "", "thiếu title"),
        (GUIDE, "- fact: late\n", "- fact: helper\n", "tên “helper” đã dùng"),
        (GUIDE, "end: ", "ends: ", "không có khóa “ends”"),
        (LOGIN, "at: [login, confirm]", "at: [any, any]", "chỗ kẹt “forgot-passcode” đã có ở nơi khác"),
        (LOGIN, "- id: vneid-ready", "- id: same-name", "câu rà “same-name” đã có ở một khối khác"),
    ],
)
def test_every_fault_is_named_with_its_file(untouched: Path, file: Path, old: str, new: str, said: str) -> None:
    lines, _ = edited(untouched, file, old, new)
    assert any(said in line for line in lines), lines
    assert all(" dòng " in line for line in lines)


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        (GUIDE, "  when: helper and proxy = other", "  when: helper and proxy = others"),
        (GUIDE, "- fact: late\n", "- fact: late\n  when: lates\n"),
        (LOGIN, "  title: Đăng nhập\n", "  title: Đăng nhập\n  when: helpers\n"),
    ],
)
def test_the_line_is_the_right_one(untouched: Path, file: Path, old: str, new: str) -> None:
    lines, at = edited(untouched, file, old, new)
    assert any(
        line.startswith(f"{file.name} dòng ") and abs(int(line.split()[2][:-1]) - at) <= 1 for line in lines
    ), lines


def test_a_question_that_changes_nothing_is_a_fault(untouched: Path) -> None:
    more = "- fact: weather\n  ask: Hôm nay trời đẹp không?\nconditions:\n"
    lines, _ = edited(untouched, GUIDE, "conditions:\n", more)
    assert any("hỏi “weather” mà câu trả lời không đổi gì" in line for line in lines)


def test_steps_that_only_lead_back_are_a_loop_without_end(untouched: Path) -> None:
    again = "{again: {label: Chưa thấy, go: form}, back: {label: Khác, go: open}}"
    loop = f"- id: draft\n  fact: shown\n  choices: {again}\n"
    lines, _ = edited(untouched, GUIDE, "- id: draft\n", loop)
    assert any("đi mãi không tới cuối" in line for line in lines)


def test_two_guides_for_one_procedure_are_a_fault(untouched: Path) -> None:
    copy = untouched / "guides" / "khai-sinh-hai.yaml"
    shutil.copyfile(untouched / GUIDE, copy)
    try:
        lines = faults(untouched)
    finally:
        copy.unlink()
    assert any("thủ tục này đã có phần dẫn khác" in line for line in lines)


def test_check_of_the_whole_folder_includes_the_guides(untouched: Path) -> None:
    path = untouched / GUIDE
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("- attach\n", "- atach\n"), encoding="utf-8")
    lines, is_valid = checking.check(untouched)
    path.write_text(text, encoding="utf-8")
    assert not is_valid
    assert "khai-sinh.yaml dòng " in lines[0]
    assert "không có khối “atach”" in lines[0]


def test_a_procedure_that_changes_its_papers_is_told_with_its_new_papers_all_the_same(tmp_path: Path) -> None:
    """A guide that lags behind is advice for staff, no fault: people must get the new facts at once."""
    folder = shutil.copytree(ROOT / "knowledge", tmp_path / "knowledge")
    path = folder / "procedures" / "ho-tich" / "khai-sinh.yaml"
    text = path.read_text(encoding="utf-8").replace("conditions:\n", "conditions:\n  twins: sinh đôi\n", 1)
    new = "documents:\n- name: Giấy cho trẻ sinh đôi\n  originals: 1\n  when: twins\n"
    path.write_text(text.replace("documents:\n", new, 1), encoding="utf-8")
    lines, is_valid = checking.check(folder)
    assert is_valid
    assert any("chưa nói khi nào đúng trường hợp “twins (sinh đôi)”" in line for line in lines)
    guide = load_library(folder).guides.written["khai-sinh"]
    [paper] = [paper for paper in guide.papers if paper.document.name == "Giấy cho trẻ sinh đôi"]
    assert paper.when({}) is None, "shown with its condition"
