"""What a handler wants written, and what the bot says unasked: together with the turn, or not at all."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import pytest
import sqlalchemy as sa

from bot.app import App
from bot.messages import Delivery, Place, Reply
from bot.store import conversations
from bot.store.database import Database
from bot.store.tables import chats, outbox
from handlers.base import Turn
from tests.conftest import SilentChannel, a_message, until
from tests.faults.child import a_config
from tests.test_dialogs import SHELF


class Noting:
    """A handler that writes beside its reply; ``broken`` makes the write fail once."""

    name = "noting"

    def __init__(self, broken: bool = False) -> None:
        self.broken = broken

    def matches(self, turn: Turn) -> bool:
        return True

    async def reply(self, turn: Turn) -> Reply:
        async def note(connection: Any) -> None:
            await conversations.set_reachable(connection, "fake", "noted", True, turn.now)
            if self.broken:
                self.broken = False
                raise RuntimeError("the disk is full")

        turn.effects.append(note)
        return Reply("noted")


@pytest.fixture
async def app(database: Database) -> AsyncIterator[App]:
    app = App(a_config(), SHELF, database, [SilentChannel()])
    await app.start()
    yield app
    await app.stop()


async def _rows(app: App, table: sa.Table) -> list[Any]:
    async with app.database.reading() as connection:
        return list((await connection.execute(sa.select(table))).all())


async def test_effects_are_written_with_the_reply(app: App) -> None:
    app.router._handlers = [Noting()]
    await app.receive(a_message("bất kỳ điều gì"))
    await until(lambda: app.turns.is_idle and not app.sender.waiting)
    assert [row.chat_id for row in await _rows(app, chats)] == ["noted"]
    assert len(await _rows(app, outbox)) == 1


async def test_an_effect_that_fails_takes_the_reply_with_it_and_the_turn_comes_again(app: App) -> None:
    app.router._handlers = [Noting(broken=True)]
    await app.receive(a_message("bất kỳ điều gì"))
    await until(lambda: app.turns.is_idle)
    assert (await _rows(app, chats), await _rows(app, outbox)) == ([], [])
    app.turns.wake(("fake", "chat"))
    await until(lambda: app.turns.is_idle and not app.sender.waiting)
    assert (len(await _rows(app, chats)), len(await _rows(app, outbox))) == (1, 1)


async def test_a_notice_is_cut_to_the_channel_and_waits_behind_answers(app: App) -> None:
    place, now = Place("fake", "chat", "person"), datetime.now(UTC)
    long = Reply("Hồ sơ đã có kết quả.\n\n" * 200)
    deliveries: list[Delivery] = await app.database.write(lambda c: app.notices.add(c, place, long, now))
    app.notices.push(deliveries)
    await until(lambda: not app.sender.waiting)
    rows = await _rows(app, outbox)
    assert len(rows) == len(deliveries) > 1
    assert {row.priority for row in rows} == {1}
    assert {row.state for row in rows} == {"sent"}
