"""Runs through the whole bot and a real database: pausing, moving, reminders, edits, restarts, forgetting."""

from __future__ import annotations

import asyncio
import copy
import random
import shutil
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from bot.app import App
from bot.guides.keeping import SLIP_LENGTH, Kept, read_code
from bot.guides.loading import load_guides
from bot.guides.routes import paths
from bot.guides.run import Run, World, all_ready, begin, done, note_check, position
from bot.guides.schedule import ZONE
from bot.messages import Kind, Place, Reply
from bot.reload import Shelf
from bot.store.database import Database
from bot.store.guides import GuideRuns
from bot.store.tables import guide_codes, guide_opinions, guide_runs, guide_slips
from tests.conftest import ROOT, a_message, until
from tests.faults.child import a_config
from tests.guides.shared import NOW
from tests.test_dialogs import SHELF, FakeChannel

START = "guides:start:khai-sinh"


class Other(FakeChannel):
    """A second platform."""

    name = "other"


class Bot:
    """An app with two channels; ``say`` returns the answer in the chat it was said in."""

    def __init__(self, app: App) -> None:
        self.app = app

    async def say(self, text: str = "", tapped: str = "", **changes: Any) -> Reply:
        channel = self.app.channels[changes.get("channel", "fake")]
        assert isinstance(channel, FakeChannel)
        before = len(channel.sent)
        kind = Kind.TAP if tapped else Kind.TEXT
        await self.app.receive(a_message(text, tapped=tapped, kind=kind, **changes))
        await until(lambda: self.app.turns.is_idle and not self.app.sender.waiting and len(channel.sent) > before)
        parts = channel.sent[before:]
        return Reply("\n\n".join(part.reply.text for part in parts), parts[-1].reply.buttons)

    async def talk(self, *texts: str, **changes: Any) -> Reply:
        reply = Reply("")
        for text in texts:
            reply = await self.say(text, **changes)
        return reply

    async def count(self, table: sa.Table) -> int:
        async with self.app.database.reading() as connection:
            return int(await connection.scalar(sa.select(sa.func.count()).select_from(table)) or 0)


async def opened(url: str, shelf: Shelf = SHELF) -> Bot:
    app = App(a_config(), shelf, await Database.open(url), [FakeChannel(), Other()])
    await app.start()
    return Bot(app)


@pytest.fixture
async def bot(database_url: str) -> AsyncIterator[Bot]:
    bot = await opened(database_url)
    yield bot
    await bot.app.stop()


async def test_a_one_time_code_carries_the_run_to_another_channel_once(bot: Bot) -> None:
    await bot.say(tapped=START)
    shown = await bot.talk("1", "1", "2", "1", "2", "để sau", "làm tiếp ở máy khác")
    [code] = [word.strip("*") for word in shown.text.split() if "-" in word and word.startswith("**")]
    async with bot.app.database.reading() as connection:
        assert code.replace("-", "") not in str((await connection.execute(sa.select(guide_codes))).all())
    taken = await bot.say(f"/tieptuc {code}", channel="other", chat_id="there", user_id="there")
    assert "Đã chuyển sang đây" in taken.text
    assert "Giấy chứng sinh do bệnh viện cấp" in taken.text
    again = await bot.say(f"/tieptuc {code}", channel="other", chat_id="thief", user_id="thief")
    assert "Mã này không đúng" in again.text
    assert "không có phần dẫn nào" in (await bot.say("tiếp tục")).text, "it is there now, not here"
    gone_on = await bot.say("đủ rồi", channel="other", chat_id="there", user_id="there")
    assert "Rà trước khi nộp" in gone_on.text


async def test_a_code_typed_bare_is_understood_and_an_expired_one_refused(bot: Bot) -> None:
    await bot.say(tapped=START)
    shown = await bot.talk("1", "để sau", "làm tiếp ở máy khác")
    [code] = [word.strip("*") for word in shown.text.split() if "-" in word and word.startswith("**")]
    late = sa.update(guide_codes).values(until=datetime.now(ZONE) - timedelta(seconds=1))
    await bot.app.database.write(lambda connection: connection.execute(late))
    assert "hết hạn" in (await bot.say(code, chat_id="there", user_id="there")).text


async def test_staff_see_the_prepared_list_by_its_code_and_nothing_personal(bot: Bot) -> None:
    await bot.say(tapped=START)
    shown = await bot.talk("1", "1", "2", "1", "2", "đánh dấu từng giấy", "rồi", "danh sách", "In, mang ra quầy")
    code = next(c for word in shown.text.split() if (c := read_code(word.strip("*"), SLIP_LENGTH)))
    for asked in (f"/phieu {code}", f"/phieu {code.lower()}", code):
        seen = await bot.say(asked, chat_id="desk", user_id="desk")
        assert "☑ Giấy chứng sinh do bệnh viện cấp (1 bản chính)" in seen.text
        assert "☐ Căn cước hoặc hộ chiếu" in seen.text
        assert code in seen.text
    async with bot.app.database.reading() as connection:
        [row] = (await connection.execute(sa.select(guide_slips))).all()
    assert "person" not in row.body


async def test_one_reminder_by_day_with_the_place_and_never_again(bot: Bot) -> None:
    await bot.say(tapped=START)
    await bot.talk("1", "1")
    channel = bot.app.channels["fake"]
    assert isinstance(channel, FakeChannel)
    before = len(channel.sent)
    tomorrow = datetime.now(ZONE) + timedelta(days=1, minutes=5)
    night = tomorrow.replace(hour=23, minute=0) + timedelta(days=1)
    noon = tomorrow.replace(hour=12, minute=0) + timedelta(days=2)
    assert await bot.app.reminders.round(datetime.now(ZONE).replace(hour=12)) == 0, "too early"
    assert await bot.app.reminders.round(night) == 0, "people sleep"
    assert await bot.app.reminders.round(noon) == 1
    assert await bot.app.reminders.round(noon + timedelta(days=5)) == 0, "once is enough"
    await until(lambda: len(channel.sent) > before)
    reminder = channel.sent[-1].reply
    assert "Khai sinh cho con" in reminder.text
    back = await bot.say(tapped=reminder.buttons[0].value)
    assert "Hỏi 2" in back.text
    await bot.talk("để sau")
    assert await bot.app.reminders.round(noon + timedelta(days=9)) == 0, "and not after the next pause either"


async def test_a_declined_reminder_does_not_come(bot: Bot) -> None:
    await bot.say(tapped=START)
    await bot.talk("1", "để sau", "đừng nhắc tôi")
    assert await bot.app.reminders.round(NOW + timedelta(days=400)) == 0


async def test_the_rating_is_kept_without_the_person_and_the_run_is_over(bot: Bot) -> None:
    await bot.say(tapped="guides:start:gia-han-tam-tru")
    await bot.talk("1", "đủ rồi", "có", "có", "có", "có")
    while "Đã gửi xong" not in (reply := await bot.say("xong")).text:
        assert "Bước" in reply.text
    await bot.talk("không cần theo dõi", "5")
    assert "không kèm tên" in (await bot.say("chữ to hơn thì tốt")).text
    async with bot.app.database.reading() as connection:
        [opinion] = (await connection.execute(sa.select(guide_opinions))).all()
    assert (opinion.guide, opinion.rating, opinion.words) == ("gia-han-tam-tru", 5, "chữ to hơn thì tốt")
    assert "không có phần dẫn nào" in (await bot.say("tiếp tục")).text


async def test_forgetting_deletes_runs_codes_and_slips(bot: Bot) -> None:
    await bot.say(tapped=START)
    await bot.talk("1", "1", "2", "1", "2", "In, mang ra quầy", "xem danh sách", "để sau", "làm tiếp ở máy khác")
    assert [await bot.count(table) for table in (guide_runs, guide_codes, guide_slips)] == [1, 1, 1]
    await bot.talk("/xoadulieu", "có")
    assert [await bot.count(table) for table in (guide_runs, guide_codes, guide_slips)] == [0, 0, 0]


async def test_old_runs_and_what_expired_are_tidied_away(bot: Bot) -> None:
    await bot.say(tapped=START)
    await bot.talk("1", "để sau", "làm tiếp ở máy khác")
    await bot.app.tidy()
    assert await bot.count(guide_runs) == 1
    old = sa.update(guide_runs).values(updated_at=datetime.now(ZONE) - timedelta(days=61))
    await bot.app.database.write(lambda connection: connection.execute(old))
    await bot.app.tidy()
    assert [await bot.count(table) for table in (guide_runs, guide_codes)] == [0, 0]


async def test_a_group_that_becomes_a_supergroup_keeps_its_runs(bot: Bot) -> None:
    await bot.say(tapped=START)
    await bot.app.move_chat("fake", "chat", "new")
    assert "Bạn làm cho ai" in (await bot.say("tiếp tục", chat_id="new")).text


async def test_in_a_group_nobody_is_led(bot: Bot) -> None:
    assert "riêng" in (await bot.say(tapped=START, in_group=True)).text
    assert await bot.count(guide_runs) == 0


async def test_two_open_guides_are_told_apart(bot: Bot) -> None:
    await bot.say(tapped=START)
    await bot.say(tapped="guides:start:gia-han-tam-tru")
    await bot.talk("hủy")
    shown = await bot.say("tiếp tục")
    assert {button.label for button in shown.buttons} == {"Khai sinh cho con", "Gia hạn tạm trú"}
    first = next(button for button in shown.buttons if button.label == "Khai sinh cho con")
    assert "Khai sinh cho con" in (await bot.say(tapped=first.value)).text


async def test_an_old_button_of_a_step_done_does_nothing_twice(bot: Bot) -> None:
    await bot.say(tapped="guides:start:gia-han-tam-tru")
    first = await bot.talk("1", "đủ rồi", "có", "có", "có", "có")
    done_button = first.buttons[0].value
    assert "Bước 2/" in (await bot.say(tapped=done_button)).text
    assert "Bước 2/" in (await bot.say(tapped=done_button)).text


async def test_an_edited_guide_keeps_people_at_the_step_of_the_same_name(database_url: str, tmp_path: Path) -> None:
    folder = shutil.copytree(ROOT / "knowledge" / "guides", tmp_path / "guides")
    shelf = copy.copy(SHELF)
    bot = await opened(database_url, shelf)

    def reload() -> None:
        guides = load_guides(folder, SHELF.library.procedures)
        shelf.library = replace(SHELF.library, guides=guides)

    await bot.say(tapped=START)
    await bot.talk("1", "1", "2", "1", "2", "đủ rồi", "có", "có", "có", "có", "có", "xong", "xong", "xong")
    assert "Tìm đúng thủ tục" in (await bot.say("tiếp tục")).text
    path = folder / "khai-sinh.yaml"
    text = path.read_text(encoding="utf-8")
    text = text.replace("walk:\n", "walk:\n- {id: fresh, title: Bước mới, do: Làm một việc mới.}\n")
    path.write_text(text.replace("only: Chỉ làm khai sinh", "alone: Chỉ làm khai sinh"), encoding="utf-8")
    reload()
    asked = await bot.say("tiếp tục")
    assert "cập nhật" in asked.text
    assert "Hỏi 2" in asked.text, "an answer that means nothing any more is asked again"
    gone_on = await bot.say("2")
    assert "Tìm đúng thủ tục" in gone_on.text, "and the step is the one of the same name"
    path.unlink()  # the general guide serves the procedure from now on: same block, same step
    reload()
    assert "Tìm đúng thủ tục" in (await bot.say("tiếp tục")).text
    await bot.app.stop()


def somewhere(number: int) -> Run:
    """A run that has come some way, the same for the same number."""
    dice = random.Random(number)
    guide = SHELF.library.guides.written["khai-sinh"]
    ways = list(paths(guide))
    way = ways[number % len(ways)]
    world = World(datetime.now(ZONE).date())
    run = begin(guide).with_(facts={**way, "helper": "no"})
    if dice.random() < 0.2:
        return run
    run = all_ready(guide, run, world)
    for check in guide.checks:
        run = note_check(run, check.item.id, "good")
    for _ in range(dice.randrange(0, 10)):
        run = done(guide, run, position(guide, run, world).id)
    return run.with_(at=position(guide, run, world).id)


async def test_a_thousand_people_go_on_where_they_were_after_a_restart(database_url: str) -> None:
    people = 1000
    bot = await opened(database_url)
    store = GuideRuns(bot.app.database)
    runs = [somewhere(number) for number in range(people)]

    async def begin_all(connection: Any) -> None:
        for number, run in enumerate(runs):
            place = Place("fake", f"c{number}", f"c{number}")
            await store.saving(Kept(run, 0), run, place, datetime.now(ZONE))(connection)

    await bot.app.database.write(begin_all)
    await bot.app.stop()
    bot = await opened(database_url)
    channel = bot.app.channels["fake"]
    assert isinstance(channel, FakeChannel)
    chats = [f"c{number}" for number in range(people)]
    await asyncio.gather(*(bot.app.receive(a_message("tiếp tục", chat_id=c, user_id=c)) for c in chats))
    await until(lambda: len(channel.sent) >= people, 60)
    guide, world = SHELF.library.guides.written["khai-sinh"], World(datetime.now(ZONE).date())
    answers = {delivery.chat_id: delivery.reply.text for delivery in channel.sent}
    for number, run in enumerate(runs):
        where = position(guide, run, world)
        step = guide.step(where.id)
        expected = step.title.partition("{")[0] if step else "giấy tờ của bạn"
        assert expected in answers[f"c{number}"] or where.stage == "number"
    await bot.app.stop()
