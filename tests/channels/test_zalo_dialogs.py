"""All dialogs of the house through both Zalo channels, within their limits, with typed numbers alone:
over HTTP, signed, each message delivered twice, against servers that refuse what Zalo refuses."""

from __future__ import annotations

import itertools
import re
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Protocol

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.app import App
from bot.channels.base import Channel
from bot.channels.zalo_bot import Options as BotOptions
from bot.channels.zalo_bot import ZaloBot
from bot.channels.zalo_oa import ZaloOA
from bot.messages import Button, Reply
from bot.store.database import Database
from bot.zalo.keeping import CountOf, FirstPair, TokensOf, keeping
from bot.zalo.sealing import Seal
from tests.channels import zalo_bot_server, zalo_oa_server
from tests.channels.zalo_bot_server import ZaloBotServer
from tests.channels.zalo_oa.conftest import options
from tests.channels.zalo_oa_server import OA_ID, ZaloOAServer
from tests.conftest import until
from tests.dossiers.shared import put
from tests.faults.child import a_config
from tests.test_dialogs import DIALOGS, KNOWN, SHELF, converse

# photos and groups have tests of their own: here everything is typed by one person
TYPED = [dialog for dialog in DIALOGS if all(turn.keys() & {"say", "tap"} for turn in dialog.values[0]["turns"])]
_LINES = re.compile(r"^(\d+)\. (.+)$", re.MULTILINE)
_numbers = itertools.count(1)


class Server(Protocol):
    """What both fakes have."""

    async def open(self) -> None: ...

    async def close(self) -> None: ...


class Line:
    """A person at a phone: types, and reads what the platform took."""

    def __init__(self, app: App, deliver: Callable[[str], Any], sent: Callable[[], Sequence[str]]) -> None:
        self._app = app
        self._deliver = deliver
        self._sent = sent
        self.shown: tuple[Button, ...] = ()

    async def say(self, text: str) -> Reply:
        before = len(self._sent())
        await self._deliver(text)
        await until(
            lambda: self._app.turns.is_idle and not self._app.sender.waiting and len(self._sent()) > before, 20
        )
        said = "\n\n".join(self._sent()[before:])
        buttons = tuple(Button(label, str(number)) for number, label in self._choices(said))
        self.shown = buttons or self.shown
        return Reply(said, buttons)

    async def tap(self, number: int) -> Reply:
        """By typing its number; what has no room is behind the last one."""
        more = SHELF.library.texts("choices.more")
        while self.shown[-1].label == more and number >= len(self.shown):
            number -= len(self.shown) - 1
            await self.say(str(len(self.shown)))
        return await self.say(str(number))

    @staticmethod
    def _choices(text: str) -> list[tuple[int, str]]:
        """The numbered lines at the very end of a reply."""
        tail = text.rpartition("\n\n")[2]
        lines = [(int(number), label) for number, label in _LINES.findall(tail)]
        is_list = [number for number, _ in lines] == list(range(1, len(lines) + 1))
        return lines if is_list and len(lines) == len(tail.splitlines()) else []


async def _no_sleep(seconds: float) -> None:
    import asyncio

    await asyncio.sleep(0.01 if seconds < 5 else 3600)


async def _opened(folder: Path, make: Callable[[Database], Channel]) -> tuple[App, TestServer]:
    database = await Database.open(f"sqlite+aiosqlite:///{folder}/zalo.db")
    await put(database, *KNOWN, now=datetime.now(UTC))
    channel = make(database)
    app = App(a_config(), SHELF, database, [channel])
    own = web.Application()
    own.add_routes(channel.routes())
    site = TestServer(own)
    await site.start_server(access_log=None)
    await app.start()
    return app, site


@pytest.fixture
async def oa(tmp_path: Path) -> AsyncIterator[Line]:
    server = ZaloOAServer()
    server.now = datetime.now(UTC)
    server.expires_at = server.now + timedelta(hours=25)
    await server.open()

    def make(database: Database) -> Channel:
        first = FirstPair("", server.refresh)
        kept = keeping(database, TokensOf(database, Seal("k" * 24), OA_ID, first), OA_ID)
        return ZaloOA(options(server), kept, now=lambda: server.now, sleep=_no_sleep)

    app, site = await _opened(tmp_path, make)

    async def deliver(text: str) -> None:
        event = zalo_oa_server.said(text, next(_numbers), at=server.now)
        for _ in range(2):
            assert await server.post(f"http://127.0.0.1:{site.port}", event) == 200

    yield Line(app, deliver, lambda: [body["message"]["text"] for body in server.sent])
    assert not [call for call in server.calls if call.error], "Zalo refused something"
    await app.stop()
    await site.close()
    await server.close()


@pytest.fixture
async def bot(tmp_path: Path) -> AsyncIterator[Line]:
    server = ZaloBotServer()
    await server.open()

    def make(database: Database) -> Channel:
        settings = BotOptions(zalo_bot_server.TOKEN, base_url=server.url, poll_timeout=1, per_second=1000)
        return ZaloBot(settings, CountOf(database, "331"), sleep=_no_sleep)

    app, site = await _opened(tmp_path, make)

    async def deliver(text: str) -> None:
        update = zalo_bot_server.said(text, next(_numbers))
        await server.push(update, update)

    yield Line(app, deliver, lambda: [sent["text"] for sent in server.called("sendMessage")])
    await app.stop()
    await site.close()
    await server.close()


@pytest.mark.parametrize("dialog", TYPED)
async def test_a_dialog_through_the_official_account(oa: Line, dialog: dict[str, Any]) -> None:
    await converse(dialog, oa.say, oa.tap)


@pytest.mark.parametrize("dialog", TYPED)
async def test_a_dialog_through_a_bot(bot: Line, dialog: dict[str, Any]) -> None:
    await converse(dialog, bot.say, bot.tap)


async def _walk_the_menu(line: Line) -> None:
    seen: set[str] = set()
    reply = await line.say("/menu")
    more = (SHELF.library.texts("choices.more"), SHELF.library.texts("menu.more"))
    while True:
        seen |= {button.label for button in reply.buttons}
        if not reply.buttons or reply.buttons[-1].label not in more:
            break
        reply = await line.say(f"số {len(reply.buttons)}")
    assert {section.label for section in SHELF.library.menu.sections} <= seen


async def test_the_whole_menu_can_be_walked_by_numbers(oa: Line) -> None:
    await _walk_the_menu(oa)


async def test_the_whole_menu_can_be_walked_by_numbers_with_a_bot(bot: Line) -> None:
    await _walk_the_menu(bot)
