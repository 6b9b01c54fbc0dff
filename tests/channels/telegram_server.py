"""A strict stand-in for the Bot API: refuses what Telegram refuses, keeps updates until confirmed."""

from __future__ import annotations

import asyncio
import io
import json
import re
from collections import deque
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

from aiohttp import ClientSession, web
from aiohttp.test_utils import TestServer

TOKEN = "42:SECRET-token_of-the-tests"
BOT = {"id": 42, "is_bot": True, "first_name": "Một Cửa", "username": "motcua_bot"}

# method -> parameter -> (type, required); from the published Bot API 10.1, for the methods we call.
METHODS: dict[str, dict[str, tuple[type, bool]]] = {
    "getMe": {},
    "getUpdates": {
        "offset": (int, False),
        "limit": (int, False),
        "timeout": (int, False),
        "allowed_updates": (list, False),
    },
    "setWebhook": {
        "url": (str, True),
        "max_connections": (int, False),
        "allowed_updates": (list, False),
        "secret_token": (str, False),
        "drop_pending_updates": (bool, False),
    },
    "deleteWebhook": {"drop_pending_updates": (bool, False)},
    "setMyCommands": {"commands": (list, True), "scope": (dict, False), "language_code": (str, False)},
    "answerCallbackQuery": {"callback_query_id": (str, True), "text": (str, False)},
    "sendMessage": {
        "chat_id": (str, True),
        "text": (str, True),
        "message_thread_id": (int, False),
        "parse_mode": (str, False),
        "link_preview_options": (dict, False),
        "reply_markup": (dict, False),
        "disable_notification": (bool, False),
        "protect_content": (bool, False),
    },
    "sendDocument": {"chat_id": (str, True), "document": (str, False), "caption": (str, False)},
}


@dataclass
class Call:
    """One accepted or refused call; ``files`` maps part names to content."""

    method: str
    parameters: dict[str, Any]
    files: dict[str, bytes] = field(default_factory=dict)


@dataclass
class Canned:
    """An answer prepared for the next call of a method."""

    status: int
    body: Any


def refusal(status: int, description: str, **parameters: Any) -> Canned:
    """An error the way Telegram words it."""
    body: dict[str, Any] = {"ok": False, "error_code": status, "description": description}
    return Canned(status, body | ({"parameters": parameters} if parameters else {}))


class Refused(Exception):
    """The call breaks a rule of the Bot API."""

    def __init__(self, status: int, description: str) -> None:
        super().__init__(description)
        self.status = status


class TelegramServer:
    """Holds updates for polling, posts them to a webhook, and records every call."""

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self.canned: dict[str, deque[Canned]] = {}
        self.webhook: dict[str, Any] = {}
        self.pending: list[dict[str, Any]] = []
        self.is_token_revoked = False
        self._news = asyncio.Condition()
        self._server: TestServer | None = None
        self._port: int | None = None

    async def open(self) -> None:
        """Listens; after ``close`` on the same port, as a network that comes back."""
        app = web.Application()
        app.router.add_route("*", "/bot{token}/{method}", self._answer)
        self._server = TestServer(app, port=self._port)
        await self._server.start_server(access_log=None)
        self._port = self._server.port

    async def close(self) -> None:
        """Stops listening and breaks what is open."""
        if self._server is not None:
            await self._server.close()
            self._server = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    def answer_next(self, method: str, *answers: Canned) -> None:
        """The next calls of the method get these answers."""
        self.canned.setdefault(method, deque()).extend(answers)

    def called(self, method: str) -> list[dict[str, Any]]:
        """The parameters of every call of the method so far."""
        return [call.parameters for call in self.calls if call.method == method]

    async def push(self, *updates: dict[str, Any]) -> None:
        """New updates for whoever polls."""
        async with self._news:
            self.pending.extend(updates)
            self._news.notify_all()

    async def until(self, is_so: Any) -> None:
        """Waits for something the channel does; a second is plenty."""
        async with asyncio.timeout(5):
            while not is_so():
                await asyncio.sleep(0.002)

    async def post_webhook(self, site: str, update: Any, secret: str | None = None) -> int:
        """Delivers to the webhook that was set, at the test's own address; returns the status."""
        path = self.webhook["url"].partition("://")[2].partition("/")[2]
        headers = {"X-Telegram-Bot-Api-Secret-Token": secret or self.webhook["secret_token"]}
        body = io.BytesIO(update if isinstance(update, bytes) else json.dumps(update).encode())
        async with (
            ClientSession() as session,
            session.post(f"{site}/{path}", data=body, headers=headers) as r,
        ):
            return r.status

    async def _answer(self, request: web.Request) -> web.Response:
        method = request.match_info["method"]
        call = await _read_call(request, method)
        self.calls.append(call)
        if self.canned.get(method):
            canned = self.canned[method].popleft()
            if isinstance(canned.body, str):
                return web.Response(status=canned.status, text=canned.body, content_type="text/html")
            return web.json_response(canned.body, status=canned.status)
        try:
            if request.match_info["token"] != TOKEN or self.is_token_revoked:
                raise Refused(401, "Unauthorized")
            result = await self._do(call)
        except Refused as error:
            body = {"ok": False, "error_code": error.status, "description": str(error)}
            return web.json_response(body, status=error.status)
        return web.json_response({"ok": True, "result": result})

    async def _do(self, call: Call) -> Any:
        check_parameters(call)
        match call.method:
            case "getMe":
                return BOT
            case "getUpdates":
                return await self._updates(call.parameters)
            case "setWebhook":
                return self._set_webhook(call.parameters)
            case "deleteWebhook":
                self.webhook = {}
            case "sendMessage":
                check_message(call.parameters)
                return {
                    "message_id": len(self.calls),
                    "date": 1764000000,
                    "chat": {"id": 1, "type": "private"},
                }
            case "sendDocument":
                return {
                    "message_id": len(self.calls),
                    "date": 1764000000,
                    "chat": {"id": 1, "type": "private"},
                }
        return True

    def _set_webhook(self, wanted: dict[str, Any]) -> bool:
        if not wanted["url"].startswith("https://"):
            raise Refused(400, "Bad Request: bad webhook: HTTPS url must be provided")
        if not re.fullmatch(r"[A-Za-z0-9_-]{1,256}", wanted.get("secret_token", "x")):
            raise Refused(400, "Bad Request: secret token contains unallowed characters")
        self.webhook = wanted
        return True

    async def _updates(self, asked: dict[str, Any]) -> list[dict[str, Any]]:
        if self.webhook:
            raise Refused(409, "Conflict: can't use getUpdates method while webhook is active")
        offset = asked.get("offset", 0)
        self.pending = [update for update in self.pending if update["update_id"] >= offset]
        async with self._news:
            try:
                async with asyncio.timeout(min(asked.get("timeout", 0), 50)):
                    await self._news.wait_for(lambda: self.pending)
            except TimeoutError:
                pass
            return self.pending[: asked.get("limit", 100)]


async def _read_call(request: web.Request, method: str) -> Call:
    call = Call(method, dict(request.query))
    for name, value in (await request.post()).items():
        if isinstance(value, web.FileField):
            call.files[name] = value.file.read()
        else:
            assert isinstance(value, str)
            call.parameters[name] = value
    known = METHODS.get(method, {})
    for name, value in call.parameters.items():
        if known.get(name, (str, False))[0] is not str:
            call.parameters[name] = json.loads(value)
    return call


def check_parameters(call: Call) -> None:
    """Unknown method or parameter, wrong type, something missing: stricter than Telegram itself."""
    if call.method not in METHODS:
        raise Refused(404, "Not Found")
    known = METHODS[call.method]
    for name, value in call.parameters.items():
        if name not in known or type(value) is not known[name][0]:
            raise Refused(400, f"Bad Request: parameter {name} is unknown or of a wrong type")
    for name, (_, is_required) in known.items():
        if is_required and name not in call.parameters:
            raise Refused(400, f"Bad Request: {name} is missing")


def check_message(parameters: dict[str, Any]) -> None:
    """Markup, lengths and keyboard of a sendMessage."""
    text = parameters["text"]
    if parameters.get("parse_mode") == "HTML":
        text = visible_text(text)
    if not text.strip():
        raise Refused(400, "Bad Request: message text is empty")
    if len(text.encode("utf-16-le")) // 2 > 4096:
        raise Refused(400, "Bad Request: message is too long")
    for row in parameters.get("reply_markup", {}).get("inline_keyboard", []):
        for button in row:
            if not 1 <= len(button.get("callback_data", "x").encode()) <= 64:
                raise Refused(400, "Bad Request: BUTTON_DATA_INVALID")
            if not button["text"] or ("callback_data" in button) == ("url" in button):
                raise Refused(400, "Bad Request: inline keyboard button is invalid")


class _Strict(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=False)
        self.open: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag != "b" or attrs or "b" in self.open:
            raise Refused(400, f"Bad Request: can't parse entities: unsupported start tag {tag}")
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            raise Refused(400, "Bad Request: can't parse entities: unexpected end tag")

    def handle_data(self, data: str) -> None:
        if "<" in data or "&" in data:
            raise Refused(400, "Bad Request: can't parse entities: bare character")
        self.text += data

    def handle_entityref(self, name: str) -> None:
        if name not in ("lt", "gt", "amp", "quot"):
            raise Refused(400, f"Bad Request: can't parse entities: unknown entity {name}")
        self.text += {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}[name]

    def handle_charref(self, name: str) -> None:
        raise Refused(400, "Bad Request: can't parse entities: we write no numeric entity")

    def handle_comment(self, data: str) -> None:
        raise Refused(400, "Bad Request: can't parse entities: comment")


def visible_text(markup: str) -> str:
    """What the person sees of our HTML; refuses anything but balanced <b> and the four entities."""
    parser = _Strict()
    parser.feed(markup)
    parser.close()
    if parser.open:
        raise Refused(400, "Bad Request: can't parse entities: can't find end tag")
    return parser.text
