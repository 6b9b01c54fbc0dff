"""The consent of an OA admin: the page it begins on, the callback it ends on, and the exchange for a pair."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol
from urllib.parse import parse_qs, urlsplit

import structlog
from aiohttp import web

from bot.channels.zalo_oa.keeping import TokenShelf
from bot.channels.zalo_oa.tokens import OAuth, new_verifier
from bot.errors import ChannelError, ChannelRefused

log = structlog.get_logger(__name__)
LIFE = timedelta(minutes=30)  # from the printed address to the callback


@dataclass(frozen=True, slots=True)
class Attempt:
    """A consent that was begun: the state that may come back, and the secret that proves it was us."""

    state: str
    verifier: str
    begun_at: datetime


class Attempts(Protocol):
    """Where attempts lie, so that the running bot can finish what a command began."""

    async def begin(self, attempt: Attempt) -> None:
        """Keeps it."""

    async def take(self, state: str, since: datetime) -> Attempt | None:
        """The attempt of that state, or without one the newest since then; it can be taken once."""


class Consent:
    """Begins and finishes consents. ``fixed_verifier``: when the challenge is saved in the console."""

    def __init__(
        self,
        oauth: OAuth,
        attempts: Attempts,
        shelf: TokenShelf,
        oa_id: str,
        fixed_verifier: str = "",
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._oauth = oauth
        self._attempts = attempts
        self._shelf = shelf
        self._oa_id = oa_id
        self._fixed_verifier = fixed_verifier
        self._now = now

    async def begin(self, redirect: str) -> str:
        """The address that an OA admin must open."""
        attempt = Attempt(secrets.token_urlsafe(16), self._fixed_verifier or new_verifier(), self._now())
        await self._attempts.begin(attempt)
        return self._oauth.consent_url(redirect, attempt.state, attempt.verifier, not self._fixed_verifier)

    async def finish(self, code: str, oa_id: str = "", state: str = "") -> None:
        """Exchanges the code and keeps the pair; ChannelRefused says what to mend."""
        if oa_id and self._oa_id and oa_id != self._oa_id:
            raise ChannelRefused(f"consent was given for OA {oa_id}, but ZALO_OA_ID is {self._oa_id}")
        now = self._now()
        # Whether Zalo sends the state back is not confirmed; the OA id binds the callback as well.
        attempt = await self._attempts.take(state, now - LIFE)
        if attempt is None:
            raise ChannelRefused("no consent was begun in the last 30 minutes: run `motcua zalo login` again")
        async with self._shelf.lock():
            await self._shelf.save(await self._oauth.exchange(code, attempt.verifier, now))


class Callback:
    """The page Zalo leads the admin back to, on the bot's own server."""

    PATH = "/zalo/callback"

    def __init__(self, consent: Consent, done: str, failed: Callable[[str], str]) -> None:
        """``done`` and ``failed``: what the admin reads; the latter gets the reason."""
        self._consent = consent
        self._done = done
        self._failed = failed

    async def receive(self, request: web.Request) -> web.Response:
        """Finishes the consent; the address is not logged, it holds the code."""
        asked = request.query
        try:
            if not asked.get("code"):
                raise ChannelRefused("Zalo sent no code")
            await self._consent.finish(asked["code"], asked.get("oa_id", ""), asked.get("state", ""))
        except ChannelError as error:
            log.error("consent failed", reason=str(error))
            return web.Response(status=400, text=self._failed(str(error)))
        return web.Response(text=self._done)


def code_of(pasted: str) -> tuple[str, str, str]:
    """Code, OA id and state from what a person pasted: the code alone, or the whole callback address."""
    pasted = pasted.strip()
    if "code=" not in pasted:
        return pasted, "", ""
    asked = parse_qs(urlsplit(pasted).query or pasted.partition("?")[2] or pasted)
    first = {key: values[0] for key, values in asked.items()}
    return first.get("code", ""), first.get("oa_id", ""), first.get("state", "")
