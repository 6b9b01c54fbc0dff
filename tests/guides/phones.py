"""Phones on which a scripted person reads what a platform would show, and answers as one can answer there.

Everything goes the real way: the channel's own parsing, the whole turn, paging, cutting and the channel's own
rendering, then the rules of the strict test servers. Only network and database are left out.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from bot.app import App
from bot.channels import web, zalo_bot
from bot.channels.base import Limits
from bot.channels.telegram import TelegramChannel
from bot.channels.telegram.parse import Me, update_of
from bot.channels.telegram.parse import read as read_telegram
from bot.channels.telegram.render import keyboard, to_html
from bot.channels.zalo_bot.parse import read as read_bot
from bot.channels.zalo_bot.render import to_plain
from bot.channels.zalo_oa import limits_of
from bot.channels.zalo_oa.groups import Names
from bot.channels.zalo_oa.parse import Told
from bot.channels.zalo_oa.parse import read as read_oa
from bot.channels.zalo_oa.render import BUTTONS, message
from bot.messages import Conversation, Message, Reply
from handlers.guides.session import Mark
from tests.channels import telegram_server, zalo_bot_server, zalo_oa_server
from tests.conftest import SilentChannel
from tests.faults.child import a_config
from tests.guides.shared import Memory
from tests.test_dialogs import SHELF

_LINE = re.compile(r"^(\d+)\. (.+)$")
_numbers = itertools.count(1)


class Phone:
    """A person in one chat of one platform, who can only do what ``choices`` shows."""

    name = ""
    limits: Limits

    def __init__(self) -> None:
        self.store = Memory()
        self.choices: list[str] = []  # labels that can be chosen now, in order
        self.shown = ""  # the words of the last reply
        channel = SilentChannel()
        channel.name, channel.limits = self.name, self.limits
        self.app = App(a_config(), SHELF, None, [channel])  # type: ignore[arg-type]
        self.app.services = replace(
            self.app.services, guides=self.store, dossiers=None, public_url="https://motcua.example"
        )
        self.conversation = Conversation(self.name, "chat", "person")

    @property
    def mark(self) -> Mark | None:
        """Where the guide stands."""
        parts = self.conversation.data.get("guide", "").split("|")
        return Mark(*parts) if len(parts) == 5 else None

    async def hear(self, said: Message) -> None:
        """One turn: what comes back is shown."""
        outcome = await self.app.handle(said, self.conversation)
        assert outcome.handler != "error"
        for effect in outcome.effects:
            await effect(None)
        self.show(outcome.replies)

    async def choose(self, label: str) -> None:
        """Chooses by the words one sees; what has no room stands behind the last choice."""
        more = SHELF.library.texts("choices.more")
        while label not in self.choices:
            assert self.choices[-1:] == [more], f"{label} is not among {self.choices}: {self.shown}"
            await self.press(len(self.choices))
        await self.press(self.choices.index(label) + 1)

    def show(self, parts: Sequence[Reply]) -> None:
        """Renders and checks what the platform would get; sets ``choices`` and ``shown``."""
        raise NotImplementedError

    async def press(self, number: int) -> None:
        """Makes the choice of that number."""
        raise NotImplementedError

    async def type(self, text: str) -> None:
        """Sends words."""
        raise NotImplementedError


class _Typing(Phone):
    """Reads numbered lines and types numbers, nothing else."""

    def read_lines(self, texts: Sequence[str]) -> None:
        """The numbered lines at the very end are the choices."""
        self.shown = "\n\n".join(texts)
        lines = [_LINE.match(line) for line in texts[-1].rpartition("\n\n")[2].splitlines()]
        assert all(lines), f"no numbered choices at the end: {texts[-1]}"
        numbered = [(int(line[1]), line[2].partition(": https://")[0]) for line in lines if line]
        assert [number for number, _ in numbered] == list(range(1, len(numbered) + 1))
        self.choices = [label for _, label in numbered]

    async def press(self, number: int) -> None:
        await self.type(str(number))


class OfficialAccount(_Typing):
    """Zalo OA: five buttons, 2,000 characters, plain text."""

    name = "zalo_oa"
    limits = limits_of(60)
    _names = Names((), zalo_oa_server.OA_ID)

    def show(self, parts: Sequence[Reply]) -> None:
        server = zalo_oa_server.ZaloOAServer()
        bodies = [message(part.text, part.buttons) for part in parts]
        for body in bodies:
            server._check_message(body)
            assert "**" not in body["text"]
        self.read_lines([body["text"] for body in bodies])
        buttons = bodies[-1]["attachment"]["payload"]["buttons"]
        assert len(buttons) == len(self.choices) <= BUTTONS, "whoever taps has the same choices"

    async def type(self, text: str) -> None:
        event = zalo_oa_server.said(text, next(_numbers), at=datetime.now(UTC))
        told = read_oa(event, zalo_oa_server.OA_ID, self._names, datetime.now(UTC))
        assert isinstance(told, Told)
        await self.hear(told.message)


class Bot(_Typing):
    """Zalo Bot: text alone."""

    name = "zalo_bot"
    limits = zalo_bot.ZaloBot(zalo_bot.Options(zalo_bot_server.TOKEN), None).limits  # type: ignore[arg-type]

    def show(self, parts: Sequence[Reply]) -> None:
        server = zalo_bot_server.ZaloBotServer()
        texts = [to_plain(part.text) for part in parts]
        for text in texts:
            server._taken({"text": text})
            assert "**" not in text
        self.read_lines(texts)

    async def type(self, text: str) -> None:
        said = read_bot(zalo_bot_server.said(text, next(_numbers)), "", datetime.now(UTC))
        assert said is not None
        await self.hear(said)


class Telegram(Phone):
    """Telegram: an inline keyboard; taps its data."""

    name = "telegram"
    limits = TelegramChannel.limits

    def show(self, parts: Sequence[Reply]) -> None:
        for part in parts:
            board = keyboard(part.buttons)
            sent: dict[str, Any] = {"text": to_html(part.text), "parse_mode": "HTML"}
            if board is not None:
                sent["reply_markup"] = board.to_dict()
            telegram_server.check_message(sent)
        self.shown = "\n\n".join(part.text for part in parts)
        self._data = {
            b.text: b.callback_data or "" for row in (board.inline_keyboard if board else ()) for b in row
        }
        self.choices = list(self._data)
        assert len(self.choices) == len(parts[-1].buttons), "no button was dropped or doubled"

    async def press(self, number: int) -> None:
        person = {"id": 9007199254740, "is_bot": False, "first_name": "Lan"}
        chat = {"id": 9007199254740, "first_name": "Lan", "type": "private"}
        ours = {"message_id": next(_numbers), "date": 1764000000, "chat": chat, "text": "?"}
        data = str(self._data[self.choices[number - 1]])
        tap = {"id": str(next(_numbers)), "from": person, "chat_instance": "c", "data": data, "message": ours}
        await self._take({"update_id": next(_numbers), "callback_query": tap})

    async def type(self, text: str) -> None:
        person = {"id": 9007199254740, "is_bot": False, "first_name": "Lan"}
        chat = {"id": 9007199254740, "first_name": "Lan", "type": "private"}
        body = {"message_id": next(_numbers), "from": person, "chat": chat, "date": 1764000000, "text": text}
        await self._take({"update_id": next(_numbers), "message": body})

    async def _take(self, update: dict[str, Any]) -> None:
        said = read_telegram(update_of(update), Me(42, "motcua_bot"), datetime.now(UTC))
        assert isinstance(said, Message)
        await self.hear(said)


class WebChat(Phone):
    """The web chat: buttons come as JSON and go back by value."""

    name = "web"
    limits = web.Web.limits

    def show(self, parts: Sequence[Reply]) -> None:
        self.shown = "\n\n".join(part.text for part in parts)
        self._buttons = web._buttons(parts[-1].buttons)
        assert all(len(part.text) <= self.limits.text for part in parts)
        assert all(button["url"] or len(button["value"]) <= 64 for button in self._buttons)
        self.choices = [button["label"] for button in self._buttons]

    async def press(self, number: int) -> None:
        button = self._buttons[number - 1]
        await self._take({"type": "tap", "value": button["value"], "label": button["label"]})

    async def type(self, text: str) -> None:
        await self._take({"type": "say", "text": text})

    async def _take(self, frame: dict[str, Any]) -> None:
        said = web._message("c" * 32, f"f{next(_numbers)}", frame, "")
        assert said is not None
        await self.hear(said)


PHONES: tuple[type[Phone], ...] = (OfficialAccount, Bot, Telegram, WebChat)
