"""A running fake of the Bot API and channels pointed at it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from bot.channels.telegram import TelegramChannel
from tests.channels.telegram.shared import (
    House,
    Make,
    Pauses,
)
from tests.channels.telegram_server import TOKEN, TelegramServer


@pytest.fixture
def house() -> House:
    return House()


@pytest.fixture
def pauses() -> Pauses:
    return Pauses()


@pytest.fixture
async def server() -> AsyncIterator[TelegramServer]:
    server = TelegramServer()
    await server.open()
    yield server
    await server.close()


@pytest.fixture
async def make(server: TelegramServer, house: House, pauses: Pauses) -> AsyncIterator[Make]:
    made: list[TelegramChannel] = []

    async def start(**settings: Any) -> TelegramChannel:
        channel = TelegramChannel(TOKEN, base_url=server.url, sleep=pauses, **settings)
        made.append(channel)
        await channel.start(house)
        return channel

    yield start
    for channel in made:
        await channel.stop()


@pytest.fixture
async def sender(server: TelegramServer) -> AsyncIterator[TelegramChannel]:
    channel = TelegramChannel(TOKEN, base_url=server.url)
    yield channel
    await channel.stop()
