"""An imported procedure in the chat: shorter, with its source and day; an authored one always wins."""

from __future__ import annotations

import shutil
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from bot.catalogue import cache, folder, importing
from bot.catalogue.cleaning import Cleaner
from bot.messages import Conversation, Message, Reply
from bot.reload import Shelf
from bot.router import Router
from bot.search.reading import Decision
from handlers import all_handlers
from handlers.base import Turn
from tests.catalogue.shared import row
from tests.faults.child import a_config

DAY = date(2026, 7, 20)


def put(home: Path, *rows: dict[str, str], **changes: date) -> None:
    records = importing.merge_details({}, rows, DAY, Cleaner())
    folder.save(home, {code: r.model_copy(update=changes) for code, r in records.items()}, "")


def shelf(home: Path) -> Shelf:
    return Shelf(a_config().knowledge, a_config().settings.search, home, a_config().cache)


async def say(on: Shelf, text: str, conversation: Conversation | None = None) -> Reply:
    now = datetime(2026, 11, 24, tzinfo=UTC)
    talk = conversation or Conversation("c", "1", "1")
    turn = Turn(Message("c", "1", "1", "1", text, now), talk, on.reader.read(text), on.library, now)
    return await Router(all_handlers(72)).choose(turn).reply(turn)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    put(tmp_path, row(), row("1.001193", "Thủ tục đăng ký khai sinh"))
    return tmp_path


async def test_official_name_is_answered_with_source_and_day(home: Path) -> None:
    text = (await say(shelf(home), "cấp giấy phép nuôi ong")).text
    assert "Cơ sở dữ liệu quốc gia về thủ tục hành chính, mã 1.999001, kiểm tra 20/07/2026" in text
    assert "chưa soạn riêng cho Hải Phòng" in text
    assert "**Hồ sơ của tổ chức**" in text


async def test_code_is_answered_and_followed_up(home: Path) -> None:
    conversation = Conversation("c", "1", "1")
    on = shelf(home)
    assert "nuôi ong" in (await say(on, "1.999001", conversation)).text
    assert "nộp online chưa có số tiền chắc chắn" in (await say(on, "mất bao nhiêu tiền", conversation)).text


async def test_authored_procedure_wins_over_its_imported_twin(home: Path) -> None:
    for text in ("1.001193", "thủ tục đăng ký khai sinh"):
        assert not shelf(home).reader.read(text).hits[0].procedure.imported


async def test_near_name_is_offered_not_answered(home: Path) -> None:
    reading = shelf(home).reader.read("ở thôn có được cấp phép nuôi ong mật không")
    assert reading.decision is Decision.CHOOSE
    assert "1.999001" in reading.codes


async def test_what_is_gone_says_so(tmp_path: Path) -> None:
    put(tmp_path, row(), gone=date(2026, 10, 1))
    assert "Từ 01/10/2026 danh mục quốc gia không còn" in (await say(shelf(tmp_path), "1.999001")).text


async def test_new_version_goes_live(home: Path) -> None:
    on = shelf(home)
    put(home, row("1.999077", "Thu hồi giấy phép nuôi ong"))
    assert on.refresh()
    assert on.reader.read("1.999077").hits
    assert on.reader.read("1.999001").hits[0].procedure.code != "1.999001"


async def test_compiled_copy_is_used_until_the_files_change(home: Path) -> None:
    first = cache.load(home)
    assert first == folder.load(home)
    assert cache.load(home) == first
    for name in ("compiled.json", "names.npz"):
        copy = home / folder.version(home) / name
        whole = copy.read_bytes()
        copy.write_bytes(whole[:100])  # cut short by a crash
        assert cache.load(home) == first
        assert copy.read_bytes() == whole, "and made again"
    (edited,) = (home / folder.version(home)).glob("*.yaml")
    edited.write_text(edited.read_text(encoding="utf-8").replace("nuôi ong", "nuôi dế"), encoding="utf-8")
    assert "nuôi dế" in cache.load(home)["1.999001"].name


async def test_nothing_imported_is_no_trouble(home: Path) -> None:
    shutil.rmtree(home)
    assert "khai sinh" in (await say(shelf(home), "làm giấy khai sinh")).text
