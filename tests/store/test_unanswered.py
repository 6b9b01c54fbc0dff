"""Unanswered questions in the database, and what a turn leaves there."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from bot.app import App
from bot.messages import Conversation
from bot.store import unanswered
from bot.store.database import Database
from bot.store.tables import conversations
from bot.store.tables import unanswered as table
from bot.store.unanswered import Unanswered
from tests.conftest import SilentChannel, a_message, until
from tests.faults.child import a_config
from tests.test_dialogs import SHELF

DAY = date(2026, 11, 20)


def a_question(text: str = "bay flycam", **changes: Any) -> Unanswered:
    fields = {"key": text, "text": text, "channel": "telegram", "why": "none", "day": DAY}
    return Unanswered(**{**fields, **changes})


async def kept(database: Database) -> list[Unanswered]:
    async with database.reading() as connection:
        return await unanswered.all_kept(connection)


async def test_the_same_question_of_a_day_is_one_row_with_a_count(database: Database) -> None:
    for question in (a_question(), a_question(offered=("tam-tru",)), a_question(why="wrong")):
        await database.write(lambda c, q=question: unanswered.add(c, q))  # type: ignore[misc]
    await database.write(lambda c: unanswered.add(c, a_question(day=DAY + timedelta(days=1))))
    rows = await kept(database)
    assert [(row.why, row.count, row.offered, row.day.day) for row in rows] == [
        ("none", 2, ("tam-tru",), 20),
        ("wrong", 1, (), 20),
        ("none", 1, (), 21),
    ]


async def test_dropping_takes_every_day_of_a_question_and_no_other(database: Database) -> None:
    for question in (a_question(), a_question(day=DAY + timedelta(days=1)), a_question("thuê xe")):
        await database.write(lambda c, q=question: unanswered.add(c, q))  # type: ignore[misc]
    assert await database.write(lambda c: unanswered.drop(c, ["bay flycam", "never asked"])) == 2
    assert [row.text for row in await kept(database)] == ["thuê xe"]


@pytest.fixture
async def app(database: Database) -> AsyncIterator[App]:
    app = App(a_config(), SHELF, database, [SilentChannel()])
    yield app
    await database.close()


async def test_what_is_older_than_the_config_allows_is_deleted(app: App) -> None:
    today = datetime.now(ZoneInfo("Asia/Ho_Chi_Minh")).date()
    for ago in (0, 90, 91):
        question = a_question(day=today - timedelta(days=ago))
        await app.database.write(lambda c, q=question: unanswered.add(c, q))  # type: ignore[misc]
    await app.tidy()
    assert [(today - row.day).days for row in await kept(app.database)] == [0, 90]


async def test_no_column_leads_to_a_person_and_the_conversation_remembers_it_masked(app: App) -> None:
    assert {column.name for column in table.columns} == {
        "id", "key", "text", "channel", "why", "day", "offered", "count",
    }  # fmt: skip
    await app.start()
    await app.receive(a_message("khai sinh cho con, tên con là Bảo Ngọc, gọi 0912345678"))
    await until(lambda: app.turns.is_idle and not app.sender.waiting)
    async with app.database.reading() as connection:
        data = await connection.scalar(sa.select(conversations.c.data))
    await app.stop()
    assert "khai sinh cho con" in data
    assert "0912345678" not in data
    assert "Bảo Ngọc" not in data


async def test_a_turn_that_fails_keeps_nothing_and_its_repetition_keeps_one(app: App) -> None:
    message, conversation = a_message("xin bay flycam đám cưới"), Conversation("fake", "chat", "person")
    await app.receive(message)
    outcome = await app.handle(message, conversation)

    async def broken(_connection: Any) -> None:
        raise RuntimeError("the disk is full")

    outcome.effects.append(broken)  # type: ignore[attr-defined]
    with pytest.raises(RuntimeError):
        await app._commit(1, message, conversation, outcome)
    assert await kept(app.database) == []
    outcome.effects.pop()  # type: ignore[attr-defined]
    for _ in range(2):  # the second comes too late and writes nothing
        await app._commit(1, message, conversation, outcome)
    assert [row.count for row in await kept(app.database)] == [1]


async def test_nothing_is_kept_where_the_config_says_so(database: Database) -> None:
    config = a_config()
    questions = config.settings.questions.model_copy(update={"keep_days": 0})
    settings = config.settings.model_copy(update={"questions": questions})
    app = App(config.model_copy(update={"settings": settings}), SHELF, database, [SilentChannel()])
    outcome = await app.handle(a_message("xin bay flycam đám cưới"), Conversation("fake", "chat", "person"))
    assert list(outcome.effects) == []
