"""A strict stand-in for Zalo's Official Account platform: answers 200 to failures, refuses what Zalo refuses.

One-time refresh tokens, tokens that end after so many calls, the 7-day window, calls a minute, lengths,
templates it does not take, repeats of webhooks at 30 s, 5 min, 15 min, 30 min and 1 h. Its clock stands
still until a test moves it (``now``), so nothing here ever waits for real.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import io
import json
from collections import Counter, deque
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit
from zoneinfo import ZoneInfo

import aiohttp
from aiohttp import web
from aiohttp.test_utils import TestServer

APP_ID, APP_SECRET = "7400112233445566778", "app-secret-of-the-tests"
OA_ID, OA_KEY = "3150998877665544332", "oa-secret-key-of-the-tests"
START = datetime(2026, 11, 24, 6, 10, 1, tzinfo=UTC)  # 13:10 in Hải Phòng
REPEATS = (30, 300, 900, 1800, 3600)
WINDOW = timedelta(days=7)
_ZONE = ZoneInfo("Asia/Ho_Chi_Minh")

CS_KEYS = {"text", "quote_message_id", "attachment"}
BUTTON_TYPES = {"oa.query.hide", "oa.query.show", "oa.open.url", "oa.open.phone", "oa.open.sms"}


class Failed(Exception):
    """An error code of the platform."""

    def __init__(self, code: int, message: str = "refused") -> None:
        super().__init__(message)
        self.code = code


@dataclass
class Call:
    """One call that came in: path, body (or parameters), and the code it was answered with."""

    path: str
    body: dict[str, Any]
    error: int = 0
    headers: dict[str, str] = field(default_factory=dict)


@dataclass
class Post:
    """A webhook that was not taken, waiting for its next try."""

    body: bytes
    due: datetime
    tries: int = 1


class ZaloOAServer:
    """One OA, its app, and its users."""

    def __init__(self) -> None:
        self.now = START
        self.calls: list[Call] = []
        self.canned: dict[str, deque[Any]] = {}
        self.access = "access-0"
        self.refresh = "refresh-0"
        self.spent: set[str] = set()
        self.renewals = 0
        self.expires_at = START + timedelta(hours=25)
        self.calls_left: int | None = None  # the access token ends after so many calls
        self.codes: dict[str, str] = {}  # code -> PKCE challenge
        self.heard: dict[str, datetime] = {}  # person -> last word; the window hangs on it
        self.per_minute = 10_000
        self.takes_buttons = True
        self.templates: dict[str, set[str]] = {"310511": {"code", "status"}}
        self.tracked: Counter[str] = Counter()
        self.groups = {"6007733119955224408"}
        self.verified = True
        self.followers = 1
        self.permissions = {"messages", "users"}
        self.delay = 0.0  # seconds before an answer: a slow platform
        self.waiting: list[Post] = []
        self._minutes: Counter[str] = Counter()
        self._numbers = 0
        self._server: TestServer | None = None
        self._port: int | None = None

    # The life of the server

    async def open(self) -> None:
        """Listens; after ``close`` on the same port, as a network that comes back."""
        app = web.Application(client_max_size=8 * 1024 * 1024)
        app.router.add_post("/v4/oa/access_token", self._oauth)
        app.router.add_get("/picture.jpg", self._picture)
        app.router.add_route("*", "/{rest:.*}", self._answer)
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

    # What tests look at and prepare

    def answer_next(self, path: str, *answers: Any) -> None:
        """The next calls of the path get these bodies (a dict), codes (an int), or (status, text)."""
        self.canned.setdefault(path, deque()).extend(answers)

    def called(self, path: str) -> list[dict[str, Any]]:
        """The bodies of every successful call of the path so far."""
        return [call.body for call in self.calls if call.path == path and not call.error]

    @property
    def sent(self) -> list[dict[str, Any]]:
        """The ``cs`` messages that were taken."""
        return self.called("/v3.0/oa/message/cs")

    # OAuth

    async def _oauth(self, request: web.Request) -> web.Response:
        form = {key: str(value) for key, value in (await request.post()).items()}
        self.calls.append(Call("/v4/oa/access_token", form))
        await asyncio.sleep(self.delay)
        if self.canned.get("/v4/oa/access_token"):
            status, text = self.canned["/v4/oa/access_token"].popleft()
            return web.Response(status=status, text=text)
        if form.get("app_id") != APP_ID or request.headers.get("secret_key") != APP_SECRET:
            return web.json_response({"error_name": "Invalid appId", "error": -14002})
        if form.get("grant_type") == "authorization_code":
            challenge = self.codes.pop(form.get("code", ""), None)
            digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
            if challenge != base64.urlsafe_b64encode(digest).rstrip(b"=").decode():
                return web.json_response({"error_name": "Invalid code", "error": -14019})
        elif form.get("refresh_token") != self.refresh:
            self.spent.add(form.get("refresh_token", ""))
            return web.json_response({"error_name": "Invalid refresh token", "error": -14014})
        return web.json_response(self.new_pair())

    def new_pair(self) -> dict[str, str]:
        """The next pair; the one before stops working at once."""
        self.renewals += 1
        self.access, self.refresh = f"access-{self.renewals}", f"refresh-{self.renewals}"
        self.expires_at = self.now + timedelta(hours=25)
        return {"access_token": self.access, "refresh_token": self.refresh, "expires_in": "90000"}

    def consent(self, address: str) -> str:
        """An OA admin opens the consent page and agrees: the query of the callback."""
        asked = {key: values[0] for key, values in parse_qs(urlsplit(address).query).items()}
        assert asked["app_id"] == APP_ID
        code = f"code-{len(self.codes)}-{self.renewals}"
        self.codes[code] = asked.get("code_challenge", self.codes.pop("console", ""))
        return f"code={code}&oa_id={OA_ID}&state={asked['state']}"

    # The interface

    async def _answer(self, request: web.Request) -> web.Response:
        call = Call(request.path, await _body_of(request), headers=dict(request.headers))
        self.calls.append(call)
        await asyncio.sleep(self.delay)
        try:
            if self.canned.get(request.path):
                prepared = self.canned[request.path].popleft()
                if isinstance(prepared, tuple):
                    call.error = -1
                    return web.Response(status=prepared[0], text=prepared[1])
                if isinstance(prepared, dict):
                    return web.json_response(prepared)
                raise Failed(prepared)
            self._check_token(request)
            self._check_rate()
            data = self._do(request.method, request.path, call.body)
        except Failed as error:
            call.error = error.code
            return web.json_response({"error": error.code, "message": str(error)})
        left = self.per_minute - self._minutes[self.now.strftime("%H:%M")]
        headers = {"X-RateLimit-Limit": str(self.per_minute), "X-RateLimit-Remain": str(max(left, 0))}
        return web.json_response({"data": data, "error": 0, "message": "Success"}, headers=headers)

    def _check_token(self, request: web.Request) -> None:
        wrong = -124 if request.path.startswith("/message/") else -216
        if request.headers.get("access_token") != self.access:
            raise Failed(wrong, "Access token is invalid")
        if self.now >= self.expires_at or self.calls_left == 0:
            raise Failed(-124 if wrong == -124 else -220, "Access token has expired")
        if self.calls_left is not None:
            self.calls_left -= 1

    def _check_rate(self) -> None:
        minute = self.now.strftime("%H:%M")
        self._minutes[minute] += 1
        if self._minutes[minute] > self.per_minute:
            raise Failed(-32, "Too many requests")

    def _do(self, method: str, path: str, body: dict[str, Any]) -> Any:
        if method == "POST" and path == "/v3.0/oa/message/cs":
            return self._cs(body)
        if method == "POST" and path == "/v3.0/oa/message/template":
            return self._template(body, {"user_id", "template_id", "template_data"})
        if method == "POST" and path == "/message/template":
            return self._template(body, {"phone", "template_id", "template_data", "tracking_id"})
        if method == "POST" and path == "/v3.0/oa/group/message":
            return self._group(body)
        if method == "POST" and path == "/v2.0/oa/message":
            return self._broadcast(body)
        if method == "POST" and path.startswith("/v2.0/oa/upload/"):
            return self._upload(path, body)
        return self._look_up(path, body)

    def _look_up(self, path: str, body: dict[str, Any]) -> Any:
        if path == "/v2.0/oa/getoa":
            return {"oa_id": OA_ID, "name": "Phường Thử", "is_verified": self.verified, "package_name": "Growth"}
        if path == "/v3.0/oa/user/getlist":
            if "users" not in self.permissions:
                raise Failed(-223, "OA has not granted the permission")
            return {
                "total": self.followers,
                "count": 1,
                "offset": 0,
                "users": [{"user_id": next(iter(self.heard), "1")}],
            }
        if path == "/v3.0/oa/group/getgroupsofoa":
            return {"total": 1, "groups": [{"group_id": group, "name": "Tổ 7"} for group in self.groups]}
        if path == "/message/status":
            return {"status": 1, "delivery_time": str(int(self.now.timestamp() * 1000))}
        raise Failed(-240 if path.startswith("/v2.0/oa/message") else -201, f"no such call: {path}")

    def _cs(self, body: dict[str, Any]) -> dict[str, Any]:
        user = _only(body, "recipient", {"user_id"})["user_id"]
        message = _only(body, "message", CS_KEYS)
        if set(body) != {"recipient", "message"} or not isinstance(user, str):
            raise Failed(-201, "unknown field")
        if "messages" not in self.permissions:
            raise Failed(-223, "OA has not granted the permission")
        heard = self.heard.get(user)
        if heard is None or self.now - heard >= WINDOW:
            raise Failed(-230, "User has not interacted with the OA in the past 7 days")
        self._check_message(message)
        return self._taken(user_id=user, quota={"quota_type": "reply", "owner_type": "OA", "owner_id": OA_ID})

    def _check_message(self, message: dict[str, Any]) -> None:
        text = message.get("text")
        attachment = message.get("attachment")
        if text is None and attachment is None:
            raise Failed(-201, "message is empty")
        if text is not None and not (isinstance(text, str) and text.strip()):
            raise Failed(-201, "text is empty")
        if len(text or "") > 2000:
            raise Failed(-210, "text exceeds 2000 characters")
        if attachment is None:
            return
        payload = attachment["payload"]
        if attachment["type"] == "file":
            if text is not None or set(payload) != {"token"}:
                raise Failed(-201, "a file takes a token and no text")
        elif "template_type" in payload:
            if payload["template_type"] != "media" or len(payload["elements"]) != 1:
                raise Failed(-233, "Message type is not supported")
        else:
            self._check_buttons(payload)

    def _check_buttons(self, payload: dict[str, Any]) -> None:
        if not self.takes_buttons:
            raise Failed(-233, "Message type is not supported")
        if set(payload) != {"buttons"} or not 1 <= len(payload["buttons"]) <= 5:
            raise Failed(-201, "buttons")
        for button in payload["buttons"]:
            if set(button) != {"title", "type", "payload"} or button["type"] not in BUTTON_TYPES:
                raise Failed(-201, "button")
            if not 1 <= len(button["title"]) <= 100:
                raise Failed(-210, "title")
            if button["type"].startswith("oa.query"):
                if not isinstance(button["payload"], str) or not 1 <= len(button["payload"]) <= 1000:
                    raise Failed(-210, "payload")
            elif button["type"] == "oa.open.url" and not str(button["payload"]["url"]).startswith("http"):
                raise Failed(-201, "url")

    def _template(self, body: dict[str, Any], keys: set[str]) -> dict[str, Any]:
        by_phone = "phone" in keys
        if set(body) != keys:
            raise Failed(-132 if by_phone else -201, "unknown or missing field")
        wanted = self.templates.get(body["template_id"])
        if wanted is None:
            raise Failed(-109 if by_phone else -249, "template")
        if set(body["template_data"]) != wanted:
            raise Failed(-1122, "template data")
        if any(not isinstance(v, str) or len(v) > 30 for v in body["template_data"].values()):
            raise Failed(-1121, "template data is too long")
        if not by_phone:
            return self._taken(user_id=body["user_id"])
        if not (body["phone"].startswith("84") and body["phone"].isdigit() and len(body["phone"]) == 11):
            raise Failed(-108, "Phone number is invalid")
        if len(body["tracking_id"]) > 48:
            raise Failed(-132, "tracking_id")
        self.tracked[body["tracking_id"]] += 1
        return {"msg_id": self._new_id(), "sent_time": "1", "sending_mode": "1", "quota": {"dailyQuota": "500"}}

    def _group(self, body: dict[str, Any]) -> dict[str, Any]:
        group = _only(body, "recipient", {"group_id"})["group_id"]
        message = _only(body, "message", {"text"})
        if group not in self.groups:
            raise Failed(-403, "OA is not in the group")
        if not 1 <= len(message["text"]) <= 2000:
            raise Failed(-210, "text")
        return self._taken(group_id=group)

    def _broadcast(self, body: dict[str, Any]) -> dict[str, Any]:
        recipient = body.get("recipient", {})
        if "target" not in recipient:
            raise Failed(-240, "MessageV2 API has been shut down")
        known = {"ages", "gender", "locations", "cities", "platform"}
        if set(recipient["target"]) - known:
            raise Failed(-201, "target")
        (element,) = body["message"]["attachment"]["payload"]["elements"]
        if set(element) != {"media_type", "attachment_id"} or element["media_type"] != "article":
            raise Failed(-201, "only an article can be broadcast")
        if not 6 <= self.now.astimezone(_ZONE).hour < 22:
            raise Failed(-234, "not at night")
        return self._taken()

    def _upload(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        kind, size = path.rpartition("/")[2], len(body["file"])
        if size > {"image": 1, "gif": 5, "file": 5}[kind] * 1024 * 1024:
            raise Failed(-210, "file is too big")
        return {"token": self._new_id()} if kind == "file" else {"attachment_id": self._new_id()}

    def _taken(self, **fields: Any) -> dict[str, Any]:
        return {"message_id": self._new_id(), **fields}

    def _new_id(self) -> str:
        self._numbers += 1
        return hashlib.sha256(str(self._numbers).encode()).hexdigest()[:20]

    async def _picture(self, request: web.Request) -> web.Response:
        if request.query.get("to"):
            raise web.HTTPFound(request.query["to"])
        return web.Response(body=b"\xff\xd8" + b"x" * int(request.query.get("bytes", 10)))

    # Webhooks

    async def post(self, site: str, event: Any, *, mac: str | None = None, first: str = APP_ID) -> int:
        """Signs and delivers an event once; the status. A person's event opens their window."""
        body = event if isinstance(event, bytes) else json.dumps(event, ensure_ascii=False).encode()
        status = await self._post(site, body, mac if mac is not None else self.mac(body, first), 0)
        if status != 200:
            self.waiting.append(Post(body, self.now + timedelta(seconds=REPEATS[0])))
        return status

    def mac(self, body: bytes, first: str = APP_ID) -> str:
        """The header's value, by the formula of the documents."""
        stamp = ""
        try:
            event = json.loads(body)
            stamp = str(event.get("timestamp", ""))
            if str(event.get("event_name", "")).startswith("user_send_"):
                self.heard[event["sender"]["id"]] = self.now
        except (ValueError, KeyError, AttributeError, TypeError):
            pass
        return "mac=" + hashlib.sha256(first.encode() + body + stamp.encode() + OA_KEY.encode()).hexdigest()

    async def advance(self, seconds: float, site: str) -> None:
        """Moves the clock and makes the repeats that fall due."""
        self.now += timedelta(seconds=seconds)
        for post in [post for post in self.waiting if post.due <= self.now]:
            self.waiting.remove(post)
            if await self._post(site, post.body, self.mac(post.body), post.tries) != 200 and post.tries < len(
                REPEATS
            ):
                due = self.now + timedelta(seconds=REPEATS[post.tries])
                self.waiting.append(Post(post.body, due, post.tries + 1))

    async def _post(self, site: str, body: bytes, mac: str, num_retry: int) -> int:
        headers = {"X-ZEvent-Signature": mac, "num_retry": str(num_retry), "Content-Type": "application/json"}
        async with (
            aiohttp.ClientSession() as session,
            session.post(f"{site}/zalo/webhook", data=io.BytesIO(body), headers=headers) as response,
        ):
            return response.status


def said(text: str, number: int, user: str = "8220045612378904561", at: datetime = START) -> dict[str, Any]:
    """A text event as Zalo sends it."""
    return {
        "app_id": APP_ID,
        "sender": {"id": user},
        "user_id_by_app": "5511200987654321098",
        "recipient": {"id": OA_ID},
        "event_name": "user_send_text",
        "message": {"text": text, "msg_id": f"6f02ce8b41d9a3{number:06d}"},
        "timestamp": str(int(at.timestamp() * 1000)),
    }


def _only(body: dict[str, Any], key: str, known: set[str]) -> dict[str, Any]:
    part = body.get(key)
    if not isinstance(part, dict) or set(part) - known:
        raise Failed(-201, key)
    return part


async def _body_of(request: web.Request) -> dict[str, Any]:
    if request.method == "GET":
        if "data" in request.query:
            return dict(json.loads(request.query["data"]))
        return dict(request.query)
    if request.content_type == "multipart/form-data":
        part = (await request.post())["file"]
        assert isinstance(part, web.FileField)
        return {"file": part.file.read(), "name": part.filename}
    found = await request.json()
    assert isinstance(found, dict)
    return found
