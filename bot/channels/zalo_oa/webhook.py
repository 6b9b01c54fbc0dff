"""The webhook: takes events that Zalo posts and answers 200 once they are stored (2 s are allowed)."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import structlog
from aiohttp import web

from bot.channels.http import OURS
from bot.channels.zalo_oa.intake import Intake
from bot.channels.zalo_oa.parse import NAME, is_too_old
from bot.channels.zalo_oa.signature import HEADER, Signature

log = structlog.get_logger(__name__)

PATH = "/zalo/webhook"
BODY_BYTES = 1024 * 1024
MARK = {OURS: NAME}  # by which ``motcua doctor`` knows that the public address leads here


class Webhook:
    """Answers Zalo's posts. ``intake`` gives the open intake, or None while the bot is not started."""

    def __init__(
        self,
        signature: Signature,
        intake: Callable[[], Intake | None],
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._signature = signature
        self._intake = intake
        self._now = now

    async def look(self, _request: web.Request) -> web.Response:
        """Someone opens the address in a browser: it is the right one."""
        return web.Response(headers=MARK)

    async def receive(self, request: web.Request) -> web.Response:
        """200: stored, known or of no use; 403: not from Zalo; 503: not stored, Zalo shall repeat it."""
        body = await _read(request)
        if body is None:
            return web.Response(status=413)
        event = _event(body)
        if event is None:  # the console's "check" button: unsigned, and wants its 200
            return web.Response(headers=MARK)
        header = request.headers.get(HEADER, "")
        is_ours = str(event.get("app_id")) == self._signature.app_id
        if not self._signature.fits(body, header, str(event.get("timestamp", ""))) or not is_ours:
            log.warning("event refused", channel=NAME, is_signed=bool(header), is_our_app=is_ours)
            return web.Response(status=403)
        return await self._store(event)

    async def _store(self, event: dict[str, Any]) -> web.Response:
        intake = self._intake()
        if intake is None:
            return web.Response(status=503)
        now = self._now()
        if is_too_old(event, now):
            log.warning("event too old", channel=NAME, name=str(event["event_name"])[:60])
            return web.Response()
        try:
            await intake.take(event, now)
        except Exception as error:  # whatever the store has, the message must not be lost
            # Only the name: the text of a database error may quote the message.
            log.error("event not stored; Zalo will send it again", error=type(error).__name__)
            return web.Response(status=503)
        return web.Response()


def _event(body: bytes) -> dict[str, Any] | None:
    """The event in a body; None for a probe. What is not JSON at all is an event without a signature."""
    if not body.strip():
        return None
    try:
        event = json.loads(body)
    except (ValueError, RecursionError):
        return {"event_name": ""}
    if not isinstance(event, dict) or not event.get("event_name"):
        return None
    return event


async def _read(request: web.Request) -> bytes | None:
    """The body, or None when it is too long; independent of the limit of the web server around."""
    body = bytearray()
    async for part in request.content.iter_chunked(64 * 1024):
        body += part
        if len(body) > BODY_BYTES:
            return None
    return bytes(body)
