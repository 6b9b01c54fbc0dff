"""The web chat: serves the page and talks to it over a WebSocket; keeps nothing of the person.

The token in the browser is the only key to a conversation. It crosses in the first frame, never in
an address or a cookie (so a foreign page has nothing to ride on and no Origin check is needed), and
the rest of the bot sees only its hash. The frames are described in ``Web._take``.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import re
import secrets
import time
import unicodedata
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import structlog
from aiohttp import WSCloseCode, WSMessage, WSMsgType, web

from bot.channels.base import Door, Limits
from bot.channels.photos import PHOTO_BYTES, Photos
from bot.channels.serving import answer, policy
from bot.errors import BotError
from bot.messages import Button, Delivery, Kind, Message

log = structlog.get_logger(__name__)

PAGE = Path(__file__).with_name("page")
FILES = {"chat.js": "text/javascript", "chat.css": "text/css", "widget.js": "text/javascript"}
FRAME_BYTES = 128 * 1024
ID_BYTES = 32
TEXT_CHARACTERS = 8_000
PACE_FRAMES, PACE_SECONDS = 20, 10.0
HEARTBEAT_SECONDS = 25.0
PUSH_SECONDS = 5.0  # a phone that takes no bytes for longer must not hold up the sender

_TOKEN = re.compile(r"[A-Za-z0-9_-]{22,128}")
_FRAME_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
# PostgreSQL refuses NUL, and neither it nor UTF-8 takes half of a surrogate pair.
_UNSTORABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class HistoryItem:
    """One thing said earlier, by the person (``mine``) or by the bot.

    For the bot's replies ``id`` is the delivery's; the page drops those that it has already."""

    id: int
    mine: bool
    text: str
    buttons: tuple[Button, ...] = ()


History = Callable[[str, int], Awaitable[list[HistoryItem]]]


@dataclass(slots=True, eq=False)
class _Socket:
    """One open page. While its history is being read, pushes are ``held`` so that order is kept."""

    response: web.WebSocketResponse
    request: web.Request
    chat_id: str = ""
    held: list[dict[str, Any]] | None = None
    times: deque[float] = field(default_factory=deque)

    async def push(self, frame: dict[str, Any]) -> None:
        if self.held is not None:
            self.held.append(frame)
        else:
            await self.response.send_json(frame)

    def pause(self, now: float) -> float:
        """Seconds to wait before the next frame is taken; 0.0 counts the frame and lets it in."""
        while self.times and now - self.times[0] >= PACE_SECONDS:
            self.times.popleft()
        if len(self.times) >= PACE_FRAMES:
            return PACE_SECONDS - (now - self.times[0])
        self.times.append(now)
        return 0.0


class Web:
    """The channel of the page. ``history`` is asked as (chat_id, after) for items with id > after;
    ``frame_ancestors`` names the sites that may embed the page (as a CSP source list)."""

    name = "web"
    limits = Limits(text=8_000, buttons=12, label=80)

    def __init__(
        self,
        history: History,
        *,
        frame_ancestors: str = "*",
        page: Path = PAGE,
        network: Callable[[web.Request], str] = lambda request: "",
    ) -> None:
        self._history = history
        self._frame_ancestors = frame_ancestors
        self._html = (page / "index.html").read_bytes()
        self._files = {name: (page / name).read_bytes() for name in FILES}
        self._network = network
        self._photos = Photos()
        self._door: Door | None = None
        self._all: set[_Socket] = set()
        self._open: dict[str, set[_Socket]] = {}

    def routes(self) -> Sequence[web.RouteDef]:
        """The page, its files, and the socket."""
        return [
            web.get("/", self._serve_page),
            web.get("/chat/socket", self._serve_socket),
            *(web.get(f"/chat/{name}", self._serve_file) for name in FILES),
        ]

    async def start(self, door: Door) -> None:
        """From now on pages may connect."""
        self._door = door

    async def stop(self) -> None:
        """Close every page's socket; the pages go on trying until we are back."""
        self._door = None
        going = [s.response.close(code=WSCloseCode.GOING_AWAY) for s in self._all]
        await asyncio.gather(*going, return_exceptions=True)

    async def send(self, delivery: Delivery) -> None:
        """Push to every open page of the chat; with none open the history brings it later."""
        reply = delivery.reply
        frame = {"type": "reply", "id": delivery.id, "text": reply.text, "buttons": _buttons(reply.buttons)}
        for socket in tuple(self._open.get(delivery.chat_id, ())):
            try:
                async with asyncio.timeout(PUSH_SECONDS):
                    await socket.push(frame)
            except (OSError, RuntimeError):  # RuntimeError: aiohttp's word for a socket just closed;
                self._drop(socket)  # OSError covers the reset connection and the timeout

    # The page and its files

    async def _serve_page(self, request: web.Request) -> web.Response:
        in_widget = request.query.get("widget") == "1"
        ancestors = self._frame_ancestors if in_widget else "'none'"
        headers = {"Content-Security-Policy": policy(request.host, ancestors)}
        return answer(request, self._html, "text/html", headers)

    async def _serve_file(self, request: web.Request) -> web.Response:
        name = request.path.rpartition("/")[2]
        # A foreign site loads widget.js; without this header a site with COEP could not.
        headers = {"Cross-Origin-Resource-Policy": "cross-origin"}
        return answer(request, self._files[name], FILES[name], headers)

    # The socket

    async def _serve_socket(self, request: web.Request) -> web.StreamResponse:
        if self._door is None:
            raise web.HTTPServiceUnavailable
        # No compression: two tasks write to one socket, and frames are small.
        most = PHOTO_BYTES + ID_BYTES
        response = web.WebSocketResponse(heartbeat=HEARTBEAT_SECONDS, max_msg_size=most, compress=False)
        await response.prepare(request)
        socket = _Socket(response, request)
        self._all.add(socket)
        try:
            async for incoming in response:
                if incoming.type is WSMsgType.ERROR:
                    break  # a frame over the limit; aiohttp has closed the socket
                if incoming.type is WSMsgType.TEXT and len(incoming.data) > FRAME_BYTES:
                    await response.close(code=WSCloseCode.MESSAGE_TOO_BIG)
                    break
                frame = self._frame(socket, incoming)
                await socket.response.send_json(await self._take(socket, frame))
                await self._release(socket)
        except ConnectionError:
            pass  # the page went away in the middle of an answer; it asks again when it is back
        finally:
            self._leave(socket)
            self._all.discard(socket)
        return response

    async def _take(self, socket: _Socket, frame: dict[str, Any] | None) -> dict[str, Any]:
        """One frame in, one frame out: hello -> welcome, say | tap | photo -> ack, else slow or error.

        A photo comes as one binary frame: 32 characters of id, then the picture."""
        if frame is None:
            return {"type": "error"}
        frame_id = _text(frame.get("id"), 64)
        if wait := socket.pause(time.monotonic()):
            return {"type": "slow", "id": frame_id, "seconds": round(wait, 1)}
        if frame.get("type") == "hello":
            return await self._hello(socket, frame)
        message = _message(socket.chat_id, frame_id, frame, self._network(socket.request))
        if message is None or self._door is None:
            return {"type": "error", "id": frame_id}
        try:
            if not await self._door.receive(message):
                self._photos.drop(message.photo)
        except BotError as error:  # not stored, so not acknowledged: the page sends it again
            log.warning("web.not_received", error=type(error).__name__)
            return {"type": "error", "id": frame_id, "again": True}
        return {"type": "ack", "id": frame_id}

    def _frame(self, socket: _Socket, incoming: WSMessage) -> dict[str, Any] | None:
        if incoming.type is WSMsgType.TEXT:
            frame = _parse(incoming.data)
            return None if frame is None or frame.get("type") == "photo" else frame
        if incoming.type is not WSMsgType.BINARY:
            return None
        frame_id = incoming.data[:ID_BYTES].decode("ascii", "replace")
        if not socket.chat_id or not _FRAME_ID.fullmatch(frame_id):
            return None
        photo = self._photos.keep(f"{socket.chat_id}:{frame_id}", incoming.data[ID_BYTES:])
        return {"type": "photo", "id": frame_id, "photo": photo}

    async def photo(self, reference: str) -> bytes:
        """The picture, once: it leaves our memory with this call."""
        return self._photos.take(reference)

    async def _hello(self, socket: _Socket, frame: dict[str, Any]) -> dict[str, Any]:
        """Bind the socket to its chat. A page says hello again when it misses an answer."""
        token, after = frame.get("session"), frame.get("after")
        known = isinstance(token, str) and _TOKEN.fullmatch(token) is not None
        session = str(token) if known else secrets.token_urlsafe(24)
        self._leave(socket)
        socket.chat_id = hashlib.sha256(session.encode()).hexdigest()[:32]
        socket.held = []
        self._open.setdefault(socket.chat_id, set()).add(socket)
        seen = after if isinstance(after, int) and 0 <= after < 2**63 else 0
        items = await self._history(socket.chat_id, seen) if known else []
        history = [{"id": i.id, "mine": i.mine, "text": i.text, "buttons": _buttons(i.buttons)} for i in items]
        return {"type": "welcome", "session": session, "history": history}

    async def _release(self, socket: _Socket) -> None:
        while socket.held:
            await socket.response.send_json(socket.held.pop(0))
        socket.held = None  # no await since the last look, so nothing can slip in between

    def _leave(self, socket: _Socket) -> None:
        pages = self._open.get(socket.chat_id, set())
        pages.discard(socket)
        if not pages:
            self._open.pop(socket.chat_id, None)

    def _drop(self, socket: _Socket) -> None:
        """Cut the line hard, so that the page notices and asks for what it missed."""
        self._leave(socket)
        if socket.request.transport is not None:
            socket.request.transport.abort()


def _parse(data: str) -> dict[str, Any] | None:
    try:
        frame = json.loads(data)
    except (ValueError, RecursionError):
        return None
    return frame if isinstance(frame, dict) else None


def _text(value: object, limit: int) -> str:
    if not isinstance(value, str):
        return ""
    text = value[: limit * 3].replace("\r\n", "\n")  # decomposed, one letter may be three
    return unicodedata.normalize("NFC", _UNSTORABLE.sub("", text)).strip()[:limit].strip()


def _message(chat_id: str, frame_id: str, frame: dict[str, Any], network: str) -> Message | None:
    """What the person sent; None when the frame is not of our page. A tap's text is its label."""
    kinds = {"say": Kind.TEXT, "tap": Kind.TAP, "photo": Kind.PHOTO}
    kind = kinds.get(str(frame.get("type")))
    tapped = _text(frame.get("value"), 64) if kind is Kind.TAP else ""
    photo = str(frame.get("photo") or "")
    said = _text(frame.get("label" if kind is Kind.TAP else "text"), TEXT_CHARACTERS)
    if not chat_id or not _FRAME_ID.fullmatch(frame_id) or kind is None or not (tapped or said or photo):
        return None
    if kind is Kind.TAP and not tapped:
        return None
    return Message(
        channel=Web.name,
        chat_id=chat_id,
        user_id=chat_id,
        message_id=f"{chat_id[:8]}:{frame_id}",
        text=said,
        received_at=datetime.now(UTC),
        kind=kind,
        tapped=tapped,
        photo=photo if kind is Kind.PHOTO else "",
        network=network,
    )


def _buttons(buttons: Sequence[Button]) -> list[dict[str, str]]:
    return [{"label": b.label, "value": b.value, "url": b.url} for b in buttons]
