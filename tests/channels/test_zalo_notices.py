"""News of a dossier to a person on the Official Account: text while they are near, the approved template later."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from bot.app import App
from bot.channels.zalo_oa import ZaloOA
from bot.channels.zalo_oa.templates import Parameter, Template
from bot.dossiers.following import Following
from bot.messages import Place
from bot.store.database import Database
from bot.store.tables import outbox, zalo_templates
from bot.zalo.keeping import FirstPair, TokensOf, keeping
from bot.zalo.sealing import Seal
from handlers.dossiers.notices import FollowNotices
from tests.channels.zalo_oa.conftest import options
from tests.channels.zalo_oa.shared import PERSON
from tests.channels.zalo_oa_server import OA_ID, ZaloOAServer
from tests.conftest import until
from tests.dossiers.shared import NOW, NUMBER, ZONE, a_state, put
from tests.faults.child import a_config
from tests.test_dialogs import SHELF

BY_ID = "/v3.0/oa/message/template"
ME = Place("zalo_oa", PERSON, PERSON)
BLANKS = {
    "code": Parameter("number"),
    "status": Parameter("status", cut=True),
    "due": Parameter("due", default="-"),
}


class Ward:
    """A bot on the fake OA, and a person who follows a dossier."""

    def __init__(self, app: App, channel: ZaloOA, server: ZaloOAServer, heard: Any) -> None:
        self.app = app
        self.server = server
        self.heard = heard
        notices = FollowNotices(lambda: SHELF.library, lambda: NOW.astimezone(ZONE))
        words = app.dossiers.words
        self.following = Following(app.database, app.dossiers, app.notices, notices, words, ZONE)

    async def follow(self, silent: timedelta, is_verified: bool = True) -> None:
        last = self.server.now - silent
        self.server.heard[PERSON] = last
        await self.heard(PERSON, last)
        await self.app.database.write(self.app.dossiers.followed(ME, a_state(), is_verified))

    async def settled(self) -> tuple[str, str]:
        """State and reason of the one notice."""
        rows: list[Any] = []

        async def read() -> bool:
            async with self.app.database.reading() as connection:
                rows[:] = (await connection.execute(sa.select(outbox.c.state, outbox.c.reason))).all()
            return bool(rows) and all(row.state != "pending" for row in rows)

        await until(lambda: not self.app.sender.waiting)
        assert await read()
        ((state, reason),) = rows
        return state, reason


async def _ward(folder: Path, server: ZaloOAServer, templates: dict[str, Template]) -> Ward:
    database = await Database.open(f"sqlite+aiosqlite:///{folder}/notices.db")
    await put(database, a_state())
    kept = keeping(database, TokensOf(database, Seal("k" * 24), OA_ID, FirstPair("", server.refresh)), OA_ID)
    channel = ZaloOA(options(server, templates=templates), kept, now=lambda: server.now)
    app = App(a_config(), SHELF, database, [channel])
    await app.sender.start()
    return Ward(app, channel, server, kept.people.heard)


@pytest.fixture
async def server() -> AsyncIterator[ZaloOAServer]:
    server = ZaloOAServer()
    server.now = NOW
    server.templates = {"310511": set(BLANKS)}
    await server.open()
    yield server
    await server.close()


@pytest.fixture
async def ward(tmp_path: Path, server: ZaloOAServer) -> AsyncIterator[Ward]:
    ward = await _ward(tmp_path, server, {"dossier_status": Template("310511", "user", BLANKS)})
    yield ward
    await ward.app.stop()


async def test_who_wrote_lately_gets_the_text(ward: Ward) -> None:
    await ward.follow(timedelta(days=6))
    await put(ward.app.database, a_state(status=5))
    assert await ward.following.tell(NOW) == 1
    assert (await ward.settled())[0] == "sent"
    assert NUMBER in ward.server.sent[0]["message"]["text"]
    assert not ward.server.called(BY_ID)


async def test_who_was_silent_for_ten_days_gets_the_template_once(ward: Ward) -> None:
    await ward.follow(timedelta(days=10))
    await put(ward.app.database, a_state(status=5))
    assert await ward.following.tell(NOW) == 1
    assert await ward.following.tell(NOW) == 0
    assert (await ward.settled())[0] == "sent"
    status = SHELF.library.dossiers.statuses[5].plain
    data = {"code": NUMBER, "status": status, "due": "02/12/2026"}
    assert ward.server.called(BY_ID) == [{"user_id": PERSON, "template_id": "310511", "template_data": data}]
    assert not ward.server.sent
    async with ward.app.database.reading() as connection:
        (line,) = (await connection.execute(sa.select(zalo_templates))).all()
    assert line.tracking_id.startswith("mc-")
    assert line.state == "sent"


async def test_the_reminder_is_a_template_too(ward: Ward) -> None:
    await ward.follow(timedelta(days=10))
    assert await ward.following.remind(datetime(2026, 12, 1, 3, tzinfo=UTC)) == 1
    assert (await ward.settled())[0] == "sent"
    (body,) = ward.server.called(BY_ID)
    assert body["template_data"] == {
        "code": NUMBER,
        "status": SHELF.library.texts("dossier.form_due"),
        "due": "02/12/2026",
    }


async def test_without_a_second_sign_only_the_status_is_told(ward: Ward) -> None:
    await ward.follow(timedelta(days=10), is_verified=False)
    await put(ward.app.database, a_state(status=5))
    await ward.following.tell(NOW)
    assert (await ward.settled())[0] == "sent"
    assert ward.server.called(BY_ID)[0]["template_data"]["due"] == "-"


async def test_without_a_template_the_reason_is_kept(tmp_path: Path, server: ZaloOAServer) -> None:
    ward = await _ward(tmp_path, server, {})
    await ward.follow(timedelta(days=10))
    await put(ward.app.database, a_state(status=5))
    await ward.following.tell(NOW)
    state, reason = await ward.settled()
    assert state == "failed"
    assert "no template is set up" in reason
    assert not server.sent
    assert not server.called(BY_ID)
    await ward.app.stop()
