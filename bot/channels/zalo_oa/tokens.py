"""The token pair: an access token of 25 hours, and a refresh token that renews it once and is then spent.

Two processes that renew with the same refresh token lock the OA out. So a renewal happens under a lock that
all processes share, after a look whether another was faster, and the new pair is committed before it is used.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import structlog

from bot.channels.http import Http
from bot.channels.zalo_oa.keeping import Pair, TokenShelf
from bot.errors import ChannelError, ChannelRefused, ChannelUnavailable, StoreError

log = structlog.get_logger(__name__)

MARGIN = timedelta(hours=3)  # renew when less than this is left
LOOK_SECONDS = 600.0  # how often an idle bot looks whether it is time
_LOOK_AGAIN = timedelta(seconds=30)  # how long a pair read from the shelf is taken for the newest
_TRIES = 3  # of one renewal, on network trouble only
CONSENT = "an OA admin must consent again: run `motcua zalo login`, or paste a pair with `motcua zalo token`"
Now = Callable[[], datetime]
Sleep = Callable[[float], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class AppKeys:
    """Who we are for Zalo's OAuth."""

    app_id: str
    secret: str
    base_url: str = "https://oauth.zaloapp.com"


class OAuth:
    """The three addresses of Zalo's OAuth v4."""

    def __init__(self, http: Http, keys: AppKeys) -> None:
        self._http = http
        self._keys = keys

    def consent_url(self, redirect: str, state: str, verifier: str, with_challenge: bool = True) -> str:
        """The page on which an OA admin consents. Without challenge: the console holds it."""
        asked = {"app_id": self._keys.app_id, "redirect_uri": redirect, "state": state}
        if with_challenge:
            asked["code_challenge"] = challenge_of(verifier)
        return f"{self._keys.base_url}/v4/oa/permission?{urlencode(asked)}"

    async def exchange(self, code: str, verifier: str, now: datetime) -> Pair:
        """The first pair, for a code of 10 minutes' life; ChannelRefused with what to mend."""
        return await self._ask({"grant_type": "authorization_code", "code": code, "code_verifier": verifier}, now)

    async def renew(self, refresh: str, now: datetime) -> Pair:
        """The next pair; the refresh token is spent. ChannelRefused: it was spent before, or is too old."""
        return await self._ask({"grant_type": "refresh_token", "refresh_token": refresh}, now)

    async def _ask(self, fields: dict[str, str], now: datetime) -> Pair:
        answer = await self._http.call(
            "POST",
            f"{self._keys.base_url}/v4/oa/access_token",
            headers={"secret_key": self._keys.secret},
            form={"app_id": self._keys.app_id, **fields},
        )
        body = answer.body
        if not body.get("access_token") or not body.get("refresh_token"):
            # Whatever the code (that of a spent token is not documented): no token, no renewal.
            raise ChannelRefused(f"OAuth {body.get('error', '?')} {_ADVICE.get(body.get('error'), '')}".strip())
        return Pair(str(body["access_token"]), str(body["refresh_token"]), now + _life(body))


_ADVICE: dict[Any, str] = {
    -14002: "the app id is unknown or the app is not switched on",
    -14003: "the callback address is not registered for the app",
    -14029: "the app is not approved",
    -14012: "the OA does not belong to the app's owner",
    -14024: "this type of OA does not fit",
}


def new_verifier() -> str:
    """A PKCE verifier as Zalo wants it: 43 letters and digits."""
    letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
    return "".join(secrets.choice(letters) for _ in range(43))


def challenge_of(verifier: str) -> str:
    """The S256 challenge of a verifier (RFC 7636)."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def _life(body: dict[str, Any]) -> timedelta:
    try:  # "90000": seconds, as text
        return timedelta(seconds=int(body.get("expires_in", 90_000)))
    except (TypeError, ValueError):
        return timedelta(hours=25)


class Tokens:
    """Gives the access token that is valid now."""

    def __init__(
        self, oauth: OAuth, shelf: TokenShelf, now: Now = lambda: datetime.now(UTC), sleep: Sleep = asyncio.sleep
    ) -> None:
        self._oauth = oauth
        self._shelf = shelf
        self._now = now
        self._sleep = sleep
        self._pair: Pair | None = None
        self._read_at = datetime.min.replace(tzinfo=UTC)
        self._renewing = asyncio.Lock()  # many calls of one process fail together: one of them renews

    async def access(self) -> str:
        """The token for the next call; ChannelRefused when there is none to be had."""
        now = self._now()
        if self._pair is None or now - self._read_at > _LOOK_AGAIN:
            self._pair, self._read_at = await self._load(), now
        if self._pair is None:
            raise ChannelRefused(f"no token for the OA yet: {CONSENT}")
        if self._pair.expires_at - now > MARGIN:
            return self._pair.access
        try:
            return await self.renew(self._pair.access)
        except ChannelError:
            if self._pair.expires_at > now:  # still good for a while; the alarm has been given
                return self._pair.access
            raise

    async def renew(self, stale: str) -> str:
        """A newer token than ``stale``: another process's, or one renewed here and committed first."""
        async with self._renewing, self._shelf.lock():
            pair = await self._load()
            if pair is None:
                raise ChannelRefused(f"no token for the OA yet: {CONSENT}")
            if pair.access == stale:
                if problem := await self._shelf.problem():
                    raise ChannelRefused(problem)  # a spent refresh token must not be shown to Zalo again
                pair = await self._renewed(pair)
            self._pair, self._read_at = pair, self._now()
            return pair.access

    async def look(self) -> None:
        """Renews in time also when nobody writes: the refresh token dies after three idle months."""
        try:
            await self.access()
        except ChannelError as error:
            log.error("ALARM: the OA has no valid token", reason=str(error))

    async def _load(self) -> Pair | None:
        try:
            return await self._shelf.load()
        except StoreError as error:  # sealed with another key
            raise ChannelRefused(str(error)) from None

    async def _renewed(self, pair: Pair) -> Pair:
        for tries in range(1, _TRIES + 1):
            try:
                new = await self._oauth.renew(pair.refresh, self._now())
            except ChannelUnavailable:
                if tries == _TRIES:
                    raise
                await self._sleep(2.0**tries)
            except ChannelRefused as error:
                problem = f"the token can't be renewed ({error}): {CONSENT}"
                await self._shelf.note_problem(problem)
                log.error("ALARM: the OA is locked out", reason=problem)
                raise ChannelRefused(problem) from None
            else:
                await self._shelf.save(new)
                log.info("token renewed", expires_at=new.expires_at.isoformat())
                return new
        raise AssertionError("unreachable")
