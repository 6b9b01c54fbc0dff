"""The dialogs of tests/dialogs: through the whole bot and a real database, each message delivered twice."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import yaml

from bot.app import App
from bot.config import Config
from bot.dossiers.building import keys_of
from bot.dossiers.state import State
from bot.messages import Button, Delivery, Kind, Reply
from bot.reload import Shelf
from bot.store import unanswered
from bot.store.database import Database
from tests.conftest import ROOT, SilentChannel, a_message, until
from tests.dossiers.receipts import picture_of
from tests.dossiers.shared import ZONE, a_state, put
from tests.faults.child import a_config


def known_to(config: Config, number: str, status: int, **more: Any) -> State:
    """A dossier with the signs that this configuration can check."""
    keys = keys_of(config)
    signs = {"phone_key": keys.sign(number, "0912345678"), "id_key": keys.sign(number, "031093001234")}
    return a_state(number, status=status, **{"due": None, **more}, **signs)


DIALOGS = [
    pytest.param(dialog, id=f"{path.stem}: {dialog['name']}")
    for path in sorted((ROOT / "tests" / "dialogs").glob("*.yaml"))
    for dialog in yaml.safe_load(path.read_text(encoding="utf-8"))
]
FILED = datetime.now(UTC).astimezone(ZONE).date() - timedelta(days=20)
KNOWN = [  # dossiers that dialogs ask after; phone ends in 678, ID in 234
    known_to(a_config(), f"H24.77.20-260915-00{at}", status, **more)
    for at, status, more in (
        (11, 4, {"due": FILED + timedelta(days=25)}),
        (12, 5, {"need": "bản chụp sơ đồ thửa đất", "need_by": FILED + timedelta(days=30)}),
        (13, 4, {"due": FILED + timedelta(days=10)}),
        (14, 9, {"finished": FILED + timedelta(days=9)}),
        (15, 6, {"fee": 120000}),
        (16, 10, {}),
    )
]
SHELF = Shelf(a_config().knowledge, a_config().settings.search, cache=a_config().cache)


class FakeChannel(SilentChannel):
    """Keeps what was sent; has the tightest limits of all platforms."""

    def __init__(self) -> None:
        self.sent: list[Delivery] = []

    async def send(self, delivery: Delivery) -> None:
        self.sent.append(delivery)


@pytest.fixture
async def app(database_url: str) -> AsyncIterator[App]:
    database = await Database.open(database_url)
    app = App(a_config(), SHELF, database, [FakeChannel()])
    await put(database, *KNOWN, now=datetime.now(UTC))
    await app.start()
    yield app
    await app.stop()


async def say(app: App, text: str = "", **changes: Any) -> Reply:
    """Sends a message twice, as platforms do; the answer, its parts put together."""
    channel = app.channels["fake"]
    assert isinstance(channel, FakeChannel)
    before = len(channel.sent)
    message = a_message(text, **changes)
    assert await app.receive(message) is True
    assert await app.receive(message) is False
    await until(lambda: app.turns.is_idle and not app.sender.waiting and len(channel.sent) > before)
    parts = channel.sent[before:]
    assert all(len(part.reply.text) <= channel.limits.text for part in parts)
    return Reply("\n\n".join(part.reply.text for part in parts), parts[-1].reply.buttons)


def _pattern(key: str) -> str:
    """A text with its placeholders open."""
    words = _plain(SHELF.library.texts._words[key])
    return ".*".join(re.escape(piece) for piece in re.split(r"\{\w+\}", words))


def _plain(text: str) -> str:
    """Without bold: not every platform shows it."""
    return text.replace("**", "")


def _shown(text: str, buttons: Sequence[Button]) -> str:
    """All that the person reads."""
    return "\n".join([_plain(text), *(button.label for button in buttons)])


def _has_more(buttons: Sequence[Button]) -> bool:
    return bool(buttons) and buttons[-1].label == SHELF.library.texts("choices.more")


def _misses(turn: dict[str, Any], text: str, buttons: Sequence[Button]) -> bool:
    """Whether something the turn asks for has not been shown so far."""
    shown = _shown(text, buttons)
    return any(_plain(fact) not in shown for fact in turn.get("has", [])) or len(buttons) < turn.get("buttons", 0)


async def converse(
    dialog: dict[str, Any],
    say: Callable[[str], Any],
    tap: Callable[[int], Any],
    other: Callable[[dict[str, Any]], Any] | None = None,
    kept: Callable[[], Any] | None = None,
) -> None:
    """Runs a dialog through any line: ``say`` and ``tap`` (the number of a button, from 1) give the reply;
    ``other`` takes photos and groups, where the line can; ``kept`` tells what was kept as unanswered."""
    passed = 0  # choices on pages before the one shown last; a number means a place on that one
    for turn in dialog["turns"]:
        assert turn.get("tap", passed + 1) > passed, "the choice stands on an earlier page"
        if other is not None and not turn.keys() & {"say", "tap"}:
            reply: Reply = await other(turn)
        else:
            reply = await (tap(turn["tap"] - passed) if "tap" in turn else say(str(turn["say"])))
        passed = 0 if reply.buttons else passed
        text, buttons = reply.text, list(reply.buttons)
        while _misses(turn, text, buttons) and _has_more(buttons):
            passed += len(reply.buttons) - 1
            reply = await say(str(len(reply.buttons)))  # what stands behind "Xem thêm" must really come
            assert reply.buttons, "a page without choices"
            text, buttons = f"{text}\n{reply.text}", [*buttons[:-1], *reply.buttons]
        text, shown = _plain(text), _shown(text, buttons)
        for fact in turn.get("has", []):
            assert _plain(fact) in shown
        for fact in turn.get("lacks", []):
            assert _plain(fact) not in shown
        if "key" in turn:
            assert re.search(_pattern(turn["key"]), text, re.DOTALL), text
        if "buttons" in turn:
            assert len(buttons) >= turn["buttons"]
        if "keeps" in turn and kept is not None:
            assert await kept() == turn["keeps"]


@pytest.mark.parametrize("dialog", DIALOGS)
async def test_dialog(app: App, dialog: dict[str, Any]) -> None:
    buttons: Sequence[Button] = ()

    async def heard(reply: Reply) -> Reply:
        nonlocal buttons
        buttons = reply.buttons or buttons
        return reply

    async def speak(text: str) -> Reply:
        return await heard(await say(app, text))

    async def tap(number: int) -> Reply:
        return await heard(await say(app, tapped=buttons[number - 1].value, kind=Kind.TAP))

    async def other(turn: dict[str, Any]) -> Reply:
        if "group" in turn:
            return await heard(await say(app, str(turn["group"]), in_group=True))
        FakeChannel.photos = {"a": picture_of(turn["photo"])}
        return await heard(await say(app, kind=Kind.PHOTO, photo="a"))

    await converse(dialog, speak, tap, other, lambda: kept(app))


async def kept(app: App) -> list[str]:
    """Why and what was kept as unanswered, one after the other."""
    async with app.database.reading() as connection:
        return [part for row in await unanswered.all_kept(connection) for part in (row.why, row.text)]


@pytest.mark.parametrize("kind", [kind for kind in Kind if kind not in (Kind.TEXT, Kind.TAP)])
async def test_every_kind_of_message_gets_a_fitting_word(app: App, kind: Kind) -> None:
    assert (await say(app, kind=kind)).text == SHELF.library.texts(f"media.{kind.value}")


@pytest.mark.parametrize(
    "tapped",
    [
        "procedures:fee:gone",
        "procedures:nonsense:khai-sinh",
        "menu:open:gone",
        "menu:open:ho-tich.999",
        "menu:show:-1",
        "ward:save:99999",
        "ward:page:x.y",
        "nobody:at:home",
        ":::",
        "x" * 64,
        "forget:yes:",
        "procedures",
        "\x00",
        "url:",
    ],
)
async def test_forged_and_old_buttons_are_answered_politely(app: App, tapped: str) -> None:
    reply = await say(app, tapped=tapped, kind=Kind.TAP)
    assert reply.text
    assert reply.text != SHELF.library.texts("error.try_again")
    assert reply.text != SHELF.library.texts("forget.done"), "nothing is deleted without an open question"


@pytest.mark.parametrize(
    "text",
    [
        "a" * 100_000,
        "sổ đỏ " * 20_000,
        "\x00\x07\x1b[31m",
        "👨‍👩‍👧‍👦",
        "中文 العربية",
        "{name}",
        "**",
        "/",
        "/ ",
        "-1",
        "999999999999",
    ],
)
async def test_strange_texts_are_answered_politely(app: App, text: str) -> None:
    assert (await say(app, text)).text != SHELF.library.texts("error.try_again")


async def test_two_replicas_answer_each_message_once_and_in_order(postgres: Any) -> None:
    postgres.psql("CREATE DATABASE replicas;")
    url = str(postgres.get_uri(database="replicas")).replace("postgresql://", "postgresql+asyncpg://")
    channels = [FakeChannel(), FakeChannel()]
    apps = [App(a_config(), SHELF, await Database.open(url), [channel]) for channel in channels]
    for app in apps:
        await app.start()
    messages = [a_message(f"câu {n}", chat_id=f"c{n % 7}", user_id=f"c{n % 7}") for n in range(140)]
    stored = await asyncio.gather(*(app.receive(message) for message in messages for app in apps))
    assert sum(stored) == len(messages)
    await until(lambda: sum(len(channel.sent) for channel in channels) >= len(messages), 30)
    await until(lambda: all(app.turns.is_idle and not app.sender.waiting for app in apps))
    sent = [delivery.id for channel in channels for delivery in channel.sent]
    assert len(sent) == len(set(sent)) == len(messages)
    for app in apps:
        await app.stop()


async def test_messages_of_one_chat_are_answered_in_order(app: App) -> None:
    channel = app.channels["fake"]
    assert isinstance(channel, FakeChannel)
    for number in range(30):
        await app.receive(a_message("cảm ơn" if number % 2 else "xin chào"))
    await until(lambda: len(channel.sent) == 30)
    greeting, thanks = (SHELF.library.texts(key) for key in ("talk.greeting", "talk.thanks"))
    assert [delivery.reply.text for delivery in channel.sent] == [greeting, thanks] * 15
