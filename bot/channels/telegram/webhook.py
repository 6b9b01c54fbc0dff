"""The webhook: takes updates that Telegram posts and answers 200 once they are stored."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable

import structlog
from aiohttp import web

from bot.channels.telegram.intake import Intake
from bot.channels.telegram.parse import NAME

log = structlog.get_logger(__name__)

PATH = "/telegram/webhook"
BODY_BYTES = 1024 * 1024
SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"


def secret_of(token: str) -> str:
    """A secret that all replicas agree on without being told; it does not give the token away."""
    return hashlib.sha256(token.encode()).hexdigest()


class Webhook:
    """Answers Telegram's posts. ``intake`` gives the open intake, or None while the bot is not started."""

    def __init__(self, secret: str, intake: Callable[[], Intake | None]) -> None:
        self._secret = secret.encode()
        self._intake = intake

    async def receive(self, request: web.Request) -> web.Response:
        """200: stored, or junk that need not come again; 503: Telegram shall try again, which it does."""
        given = request.headers.get(SECRET_HEADER, "")
        if not hmac.compare_digest(given.encode("utf-8", "surrogateescape"), self._secret):
            return web.Response(status=403)
        body = await _read(request)
        if body is None:
            return web.Response(status=413)
        try:
            raw = json.loads(body)
        except (ValueError, RecursionError):
            log.warning("update can't be read", channel=NAME, error="not JSON")
            return web.Response()
        return await self._store(raw)

    async def _store(self, raw: object) -> web.Response:
        intake = self._intake()
        if intake is None:
            return web.Response(status=503)
        try:
            await intake.take(raw)
        except Exception as error:  # whatever the store has, the message must not be lost
            # Only the name: the text of a database error may quote the message.
            log.error("update not stored; Telegram will send it again", error=type(error).__name__)
            return web.Response(status=503)
        return web.Response()


async def _read(request: web.Request) -> bytes | None:
    """The body, or None when it is too long; independent of the limit of the web server around."""
    body = bytearray()
    async for part in request.content.iter_chunked(64 * 1024):
        body += part
        if len(body) > BODY_BYTES:
            return None
    return bytes(body)
