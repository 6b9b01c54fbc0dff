"""A running fake of Zalo and a channel pointed at it, on the bot's own web server."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.channels.zalo_oa import Options, ZaloOA
from bot.channels.zalo_oa.api import Places
from bot.channels.zalo_oa.keeping import Pair
from bot.channels.zalo_oa.signature import Signature
from bot.channels.zalo_oa.templates import Parameter, Template
from bot.channels.zalo_oa.tokens import AppKeys
from tests.channels.telegram.shared import House, Pauses
from tests.channels.zalo_oa.shared import Kept
from tests.channels.zalo_oa_server import APP_ID, APP_SECRET, OA_ID, OA_KEY, ZaloOAServer

STATUS = Template("310511", "user", {"code": Parameter("code"), "status": Parameter("status", 30, cut=True)})
Make = Callable[..., Awaitable[ZaloOA]]


@pytest.fixture
def house() -> House:
    return House()


@pytest.fixture
def pauses() -> Pauses:
    return Pauses()


@pytest.fixture
async def server() -> AsyncIterator[ZaloOAServer]:
    server = ZaloOAServer()
    await server.open()
    yield server
    await server.close()


@pytest.fixture
def kept(server: ZaloOAServer) -> Kept:
    return Kept(Pair(server.access, server.refresh, server.expires_at))


def options(server: ZaloOAServer, **changes: Any) -> Options:
    wanted: dict[str, Any] = {
        "keys": AppKeys(APP_ID, APP_SECRET, server.url),
        "oa_id": OA_ID,
        "signature": Signature(APP_ID, OA_ID, OA_KEY),
        "places": Places(server.url, server.url),
        "group_names": ("Một Cửa", "motcua"),
        "templates": {"dossier_status": STATUS},
        "photo_hosts": ("zdn.vn", "127.0.0.1"),
    }
    return Options(**{**wanted, **changes})


@pytest.fixture
async def channel(server: ZaloOAServer, kept: Kept, pauses: Pauses) -> AsyncIterator[ZaloOA]:
    """Not started: it sends."""
    channel = ZaloOA(options(server), kept.all, now=lambda: server.now, sleep=pauses)
    yield channel
    await channel.stop()


@pytest.fixture
async def site(server: ZaloOAServer, kept: Kept, house: House) -> AsyncIterator[str]:
    """A started channel behind its webhook; the address of the bot's own server."""

    async def forever(seconds: float) -> None:
        import asyncio

        await asyncio.Event().wait()

    channel = ZaloOA(options(server), kept.all, now=lambda: server.now, sleep=forever)
    app = web.Application()
    app.add_routes(channel.routes())
    own = TestServer(app)
    await own.start_server(access_log=None)
    await channel.start(house)
    yield f"http://127.0.0.1:{own.port}"
    await channel.stop()
    await own.close()
