"""The webhook of the Bot Platform: a secret header, no signature; 200 once the message is stored."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable

import structlog
from aiohttp import web

from bot.channels.http import OURS
from bot.channels.zalo_bot.parse import NAME
from bot.channels.zalo_bot.receiving import Intake

log = structlog.get_logger(__name__)

PATH = "/zalo-bot/webhook"
BODY_BYTES = 1024 * 1024
SECRET_HEADER = "X-Bot-Api-Secret-Token"
MARK = {OURS: NAME}


def secret_of(token: str) -> str:
    """A secret that all replicas agree on without being told; it does not give the token away."""
    return hashlib.sha256(f"webhook:{token}".encode()).hexdigest()


class Webhook:
    """Answers Zalo's posts. ``intake`` gives the open intake, or None while the bot is not started."""

    def __init__(self, secret: str, intake: Callable[[], Intake | None]) -> None:
        self._secret = secret.encode()
        self._intake = intake

    async def receive(self, request: web.Request) -> web.Response:
        """200: stored, or of no use; 403: not from Zalo; 503: not stored."""
        body = bytearray()
        async for part in request.content.iter_chunked(64 * 1024):
            body += part
            if len(body) > BODY_BYTES:
                return web.Response(status=413)
        if not body.strip():  # a probe
            return web.Response(headers=MARK)
        given = request.headers.get(SECRET_HEADER, "")
        if not hmac.compare_digest(given.encode("utf-8", "surrogateescape"), self._secret):
            return web.Response(status=403)
        return await self._store(bytes(body))

    async def _store(self, body: bytes) -> web.Response:
        try:
            update = json.loads(body)
        except (ValueError, RecursionError):
            log.warning("update can't be read", channel=NAME, error="not JSON")
            return web.Response()
        intake = self._intake()
        if intake is None:
            return web.Response(status=503)
        try:
            await intake.take(update)
        except Exception as error:  # whatever the store has, the message must not be lost
            log.error("update not stored", channel=NAME, error=type(error).__name__)
            return web.Response(status=503)
        return web.Response()
