"""A strict stand-in for the Zalo Bot Platform: one update at a time, given once, silent under a webhook."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections import deque
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import aiohttp
from aiohttp import web
from aiohttp.test_utils import TestServer

TOKEN = "331:SECRET-of_the-tests"
PERSON = "7be40c19d2538fa6e071"
METHODS: dict[str, dict[str, tuple[type, bool]]] = {
    "getMe": {},
    "getUpdates": {"timeout": (str, True)},
    "setWebhook": {"url": (str, True), "secret_token": (str, True)},
    "deleteWebhook": {},
    "getWebhookInfo": {},
    "sendMessage": {"chat_id": (str, True), "text": (str, True), "parse_mode": (str, False)},
    "sendPhoto": {"chat_id": (str, True), "photo": (str, True), "caption": (str, False)},
    "sendChatAction": {"chat_id": (str, True), "action": (str, True)},
}


@dataclass
class Call:
    """One call that came in."""

    method: str
    parameters: dict[str, Any]


class Refused(Exception):
    """The call breaks a rule."""

    def __init__(self, code: int, description: str) -> None:
        super().__init__(description)
        self.code = code


class ZaloBotServer:
    """One Bot and its updates."""

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self.canned: dict[str, deque[tuple[int, Any]]] = {}
        self.pending: deque[dict[str, Any]] = deque()
        self.webhook: dict[str, Any] = {}
        self.can_reach_webhook = True
        self.spells_code = "error_code"
        self.is_token_revoked = False
        self.quota = 3000
        self.chats = {PERSON, "d41f0b7726ac93e5581c"}
        self._news = asyncio.Condition()
        self._server: TestServer | None = None
        self._port: int | None = None

    async def open(self) -> None:
        """Listens; after ``close`` on the same port."""
        app = web.Application()
        app.router.add_route("*", "/bot{token}/{method}", self._answer)
        app.router.add_get("/p.jpg", self._picture)
        self._server = TestServer(app, port=self._port)
        await self._server.start_server(access_log=None)
        self._port = self._server.port

    async def close(self) -> None:
        if self._server is not None:
            await self._server.close()
            self._server = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    def answer_next(self, method: str, *answers: tuple[int, Any]) -> None:
        """The next calls of the method get these: status and body (a dict, or text)."""
        self.canned.setdefault(method, deque()).extend(answers)

    def called(self, method: str) -> list[dict[str, Any]]:
        return [call.parameters for call in self.calls if call.method == method]

    async def push(self, *updates: dict[str, Any]) -> None:
        """New updates for whoever polls."""
        async with self._news:
            self.pending.extend(updates)
            self._news.notify_all()

    async def post(self, site: str, update: Any, secret: str | None = None) -> int:
        """Delivers to the webhook that was set, at the test's own address; the status."""
        headers = {"X-Bot-Api-Secret-Token": self.webhook["secret_token"] if secret is None else secret}
        body = update if isinstance(update, bytes) else json.dumps(update).encode()
        async with (
            aiohttp.ClientSession() as session,
            session.post(f"{site}/zalo-bot/webhook", data=body, headers=headers) as response,
        ):
            return response.status

    async def _answer(self, request: web.Request) -> web.Response:
        method = request.match_info["method"]
        call = Call(method, await request.json())
        self.calls.append(call)
        if self.canned.get(method):
            status, body = self.canned[method].popleft()
            if isinstance(body, str):
                return web.Response(status=status, text=body, content_type="text/html")
            return web.json_response(body, status=status)
        try:
            if request.match_info["token"] != TOKEN or self.is_token_revoked:
                raise Refused(401, "Unauthorized")
            self._check(call)
            result = await self._do(call)
        except Refused as error:
            return web.json_response({"ok": False, "description": str(error), self.spells_code: error.code})
        return web.json_response({"ok": True, "result": result})

    def _check(self, call: Call) -> None:
        if call.method not in METHODS:
            raise Refused(404, "Not Found")
        known = METHODS[call.method]
        for name, value in call.parameters.items():
            if name not in known or type(value) is not known[name][0]:
                raise Refused(400, f"{name} is unknown or of a wrong type")
        for name, (_, is_required) in known.items():
            if is_required and name not in call.parameters:
                raise Refused(400, f"{name} is missing")
        if "chat_id" in call.parameters and call.parameters["chat_id"] not in self.chats:
            raise Refused(404, "chat not found")

    async def _do(self, call: Call) -> Any:
        match call.method:
            case "getMe":
                return {"id": "50e2b7c8a1946f3d0d7e", "account_name": "bot.motcua", "can_join_groups": True}
            case "getUpdates":
                return await self._next(float(call.parameters["timeout"]))
            case "setWebhook":
                if not 8 <= len(call.parameters["secret_token"]) <= 256:
                    raise Refused(400, "secret_token")
                self.webhook = call.parameters
                hint = "" if self.can_reach_webhook else "HTTP 403 from a firewall"
                check = {"ok": self.can_reach_webhook, "status_code": 200, "hint": hint}
                return {"url": call.parameters["url"], "updated_at": 1, "verification": check}
            case "deleteWebhook":
                self.webhook = {}
                return True
            case "getWebhookInfo":
                return {"url": self.webhook.get("url", "")}
            case "sendMessage" | "sendPhoto":
                return self._taken(call.parameters)
            case _:
                return True

    def _taken(self, sent: dict[str, Any]) -> dict[str, Any]:
        text = sent.get("text", sent.get("caption", ""))
        if len(text.encode("utf-16-le")) // 2 > 2000 or ("text" in sent and not text.strip()):
            raise Refused(400, "text must have 1 to 2000 characters")
        if self.quota <= 0:
            raise Refused(429, "Quota exceeded")
        self.quota -= 1
        message_id = hashlib.sha256(str(len(self.calls)).encode()).hexdigest()[:20]
        return {"message_id": message_id, "date": 1795500600456}

    async def _next(self, seconds: float) -> Any:
        """One update, which is gone with this answer: there is no acknowledgement."""
        async with self._news:
            try:
                async with asyncio.timeout(min(seconds, 5) if not self.webhook else 0.05):
                    await self._news.wait_for(lambda: self.pending and not self.webhook)
            except TimeoutError:
                raise Refused(408, "Request timeout") from None
            return self.pending.popleft()

    async def _picture(self, _request: web.Request) -> web.Response:
        return web.Response(body=b"\xff\xd8picture")


def said(text: str, number: int, person: str = PERSON, at: datetime | None = None) -> dict[str, Any]:
    """A text update as Zalo gives it."""
    moment = at or datetime.now(UTC)
    return {
        "event_name": "message.text.received",
        "message": {
            "from": {"id": person, "display_name": "Trần Thị Mẫu", "is_bot": False},
            "chat": {"id": person, "chat_type": "PRIVATE"},
            "message_id": f"a90c4471be03d5{number:06d}",
            "date": int(moment.timestamp() * 1000),
            "text": text,
        },
    }
