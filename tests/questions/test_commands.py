"""``motcua questions``: the list, attaching with its trial, and dropping, on a small knowledge/."""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from bot.cli import cli
from bot.errors import ConfigError, QuestionError
from bot.knowledge.library import load_library
from bot.knowledge.yaml_lines import load
from bot.store import unanswered
from bot.store.database import Database
from bot.store.unanswered import Unanswered
from bot.vietnamese import fold
from tests.questions.small_knowledge import CONFIG, small_knowledge

Run = Callable[..., Result]
TODAY = date.today()
BIRTH = Path("examples") / "khai-sinh.yaml"


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("small")
    small_knowledge(place)
    return place


@pytest.fixture
def place(built: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with config.yaml, knowledge/ and data/; what was learnt stays for the next test."""
    shutil.copytree(built / "knowledge", tmp_path / "knowledge")
    shutil.copy(built / "config.yaml", tmp_path)
    (built / "cache").mkdir(exist_ok=True)
    (tmp_path / "data").mkdir()
    monkeypatch.setenv("MOTCUA_CONFIG", str(tmp_path / "config.yaml"))
    monkeypatch.setenv("MOTCUA_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("MOTCUA_CACHE", str(built / "cache"))
    monkeypatch.delenv("DATABASE_URL", raising=False)
    return tmp_path


@pytest.fixture
def run(place: Path) -> Run:
    return lambda *words: CliRunner().invoke(cli, ["questions", *map(str, words)], env={"COLUMNS": "140"})


def keep(place: Path, *questions: tuple[str, str, int, int], offered: tuple[str, ...] = ()) -> None:
    """Rows as the bot would have written them: text, why, how often, days ago."""

    async def write() -> None:
        database = await Database.open(f"sqlite+aiosqlite:///{place}/data/motcua.db")
        for text, why, times, ago in questions:
            row = Unanswered(fold(text), text, "telegram", why, TODAY - timedelta(days=ago), offered)
            for _ in range(times):
                await database.write(lambda c, row=row: unanswered.add(c, row))  # type: ignore[misc]
        await database.close()

    asyncio.run(write())


def listed(run: Run, *more: object) -> list[dict[str, object]]:
    result = run("unanswered", "--json", *more)
    assert result.exit_code == 0, repr(result.exception)
    found: list[dict[str, object]] = json.loads(result.output)
    return found


QUESTIONS = (
    ("bay flycam quay đám cưới xin ở đâu", "none", 3, 1),
    ("xin bay flycam quay phim đám cưới", "none", 1, 0),
    ("xin bay fly cam quay dam cuoi o dau", "none", 1, 2),
    ("bé mới chào đời thì ra phường làm gì", "none_of_these", 2, 5),
)


def test_questions_of_one_meaning_stand_together_with_a_suggestion(place: Path, run: Run) -> None:
    keep(place, *QUESTIONS)
    drone, birth = listed(run)
    nearest = str(birth["suggestion"])
    keep(place, QUESTIONS[3], offered=(nearest,))
    drone, birth = listed(run)
    assert (drone["count"], birth["count"]) == (5, 4)
    assert drone["last_day"] == TODAY.isoformat()
    assert drone["question"] == "bay flycam quay đám cưới xin ở đâu"
    assert birth["why"] == {"none_of_these": 4}
    assert birth["suggestion"] not in (None, nearest), "what was offered in vain is not suggested"
    table = run("unanswered").output
    assert "bay flycam quay đám cưới" in table
    assert "none of the choices" in table


def test_only_the_days_asked_for_are_shown_and_numbers_stay(place: Path, run: Run) -> None:
    keep(place, *QUESTIONS)
    numbers = {line["number"] for line in listed(run)}
    (drone,) = listed(run, "--days", 3)
    assert drone["number"] in numbers
    assert [line["count"] for line in listed(run, "--days", 2)] == [4]


def test_an_empty_list_says_so(place: Path, run: Run) -> None:
    assert "every question found an answer" in run("unanswered").output
    assert listed(run) == []


def test_what_people_type_is_no_markup(place: Path, run: Run) -> None:
    keep(place, ("[/red] [bold]xin phép", "none", 1, 0))
    result = run("unanswered")
    assert result.exit_code == 0
    assert "[/red] [bold]" in result.output


def test_a_question_becomes_an_example_under_its_aspect(place: Path, run: Run) -> None:
    text = "cháu vừa chào đời ở viện thì ra đâu làm giấy đầu tiên"
    keep(place, (text, "none", 2, 0), *QUESTIONS[:1])
    before = (place / "knowledge" / BIRTH).read_text(encoding="utf-8")
    result = run("attach", text, "khai-sinh", "--aspect", "where")
    assert result.exit_code == 0, result.output
    assert "names and aliases" in result.output
    assert "100.00%" in result.output
    assert f'"{text}" now finds khai-sinh' in result.output
    after = (place / "knowledge" / BIRTH).read_text(encoding="utf-8")
    assert after == f"{before}where:\n- {text}\n", "the rest of the file stays byte for byte"
    assert len(listed(run)) == 1, "what is learnt is no longer in the list"


def test_a_short_question_becomes_an_alias(place: Path, run: Run) -> None:
    assert run("attach", "giấy chào đời", "1.001193").exit_code == 0
    file = next((place / "knowledge" / "procedures").glob("*/khai-sinh.yaml"))
    assert load(file)["aliases"][-1] == "giấy chào đời"
    assert load_library(place / "knowledge").procedures["khai-sinh"].aliases[-1] == "giấy chào đời"


def test_a_whole_cluster_is_attached_by_its_number(place: Path, run: Run) -> None:
    keep(place, *QUESTIONS)
    birth = next(line for line in listed(run) if "chào đời" in str(line["question"]))
    keep(place, ("bé mới chào đời thì ra phường làm gì ‹tên›", "none", 1, 0))
    result = run("attach", birth["number"], "khai-sinh", "--aspect", "what")
    assert result.exit_code == 0, result.output
    assert load(place / "knowledge" / BIRTH)["what"] == ["bé mới chào đời thì ra phường làm gì"]
    assert all("chào đời" not in str(line["question"]) for line in listed(run))


def test_personal_data_never_enters_the_knowledge(place: Path, run: Run) -> None:
    run("attach", "con em tên Bảo Ngọc vừa chào đời, gọi 0912345678 để hỏi làm giấy", "khai-sinh")
    text = (place / "knowledge" / BIRTH).read_text(encoding="utf-8")
    assert "vừa chào đời" in text
    assert "0912" not in text
    assert "Bảo Ngọc" not in text


def test_what_would_lose_known_questions_is_refused_by_name(place: Path, run: Run) -> None:
    """A name of one procedure is taught to another: the first would no longer be sure to be found."""
    (place / "config.yaml").write_text(CONFIG.format(tolerance=0), encoding="utf-8")
    known = place / "known.jsonl"
    text = "đẻ con xong đi tạm trú"
    before = _found(text, place)
    known.write_text(json.dumps({"q": text, "codes": [before]}), encoding="utf-8")
    other = next(code for code in ("1.001193", "1.000894", "1.004194") if code != before)
    files = {path: path.read_bytes() for path in (place / "knowledge").rglob("*.yaml")}
    words = ("attach", f"{text} thì làm thế nào hả bạn", other, "--known", known)
    result = run(*words)
    assert isinstance(result.exception, QuestionError), result.output
    assert f'"{text}"' in str(result.exception)
    assert "--anyway" in str(result.exception)
    assert "\n" not in str(result.exception)
    assert {path: path.read_bytes() for path in (place / "knowledge").rglob("*.yaml")} == files
    assert run(*words, "--anyway").exit_code == 0
    assert {path: path.read_bytes() for path in (place / "knowledge").rglob("*.yaml")} != files


def _found(text: str, place: Path) -> str:
    from bot.asking import Asker
    from bot.config import load_config

    codes = Asker(load_config()).reading(text)["codes"]
    return str(codes[0])


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("attach", "câu hỏi nào đó", "khong-co"), "no procedure khong-co"),
        (("attach", "đăng ký kết hôn", "khai-sinh"), "already belongs to ket-hon"),
        (("attach", "khai sinh muộn", "khai-sinh"), "has this question already"),
        (("attach", "0912345678", "khai-sinh"), "no number 912345678"),
        (("attach", "gọi@em.vn", "khai-sinh"), "nothing is left"),
        (("attach", "77", "khai-sinh"), "no number 77"),
        (("drop", "77"), "no number 77"),
        (("drop", "câu không ai hỏi"), "no kept question"),
    ],
)
def test_what_cannot_be_done_is_one_clear_line(place: Path, run: Run, words: tuple[str, ...], said: str) -> None:
    result = run(*words)
    assert isinstance(result.exception, QuestionError), result.output
    assert said in str(result.exception)


def test_a_broken_known_file_is_named(place: Path, run: Run) -> None:
    (place / "known.jsonl").write_text('{"q": 5}', encoding="utf-8")
    result = run("attach", "giấy chào đời", "khai-sinh", "--known", place / "known.jsonl")
    assert isinstance(result.exception, ConfigError)
    assert "known.jsonl:1" in str(result.exception)


def test_dropped_clusters_are_gone(place: Path, run: Run) -> None:
    keep(place, *QUESTIONS)
    drone, birth = listed(run)
    assert "3 entries deleted" in run("drop", drone["number"]).output
    assert [line["number"] for line in listed(run)] == [birth["number"]]
    assert "1 entries deleted" in run("drop", QUESTIONS[3][0]).output
    assert listed(run) == []


def test_an_edit_made_meanwhile_is_not_overwritten(tmp_path: Path) -> None:
    from bot.questions.attaching import take_over

    path = tmp_path / "a.yaml"
    path.write_text("by staff", encoding="utf-8")
    with pytest.raises(QuestionError, match="edited meanwhile"):
        take_over({path: "by us"}, {path: b"as it was"})
    assert path.read_text(encoding="utf-8") == "by staff"
    take_over({path: "by us"}, {path: b"by staff"})
    assert [one.name for one in tmp_path.iterdir()] == ["a.yaml"]
    assert path.read_text(encoding="utf-8") == "by us"
