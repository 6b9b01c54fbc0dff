"""HTTP for the channels that speak plain JSON: one pooled session, foreign errors turned into ours.

Addresses may hold a token and bodies hold what people wrote, so neither ever gets into an error or a log.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import aiohttp

from bot.errors import ChannelThrottled, ChannelUnavailable, ReplyRejected

CONNECTIONS = 64
CONNECT_SECONDS = 5.0
READ_SECONDS = 15.0
_BUSY_SECONDS = 30.0
OURS = "X-Motcua"  # header by which a webhook of this bot is known


class NotAnAnswer(ChannelUnavailable):
    """Something answered with this HTTP status, but not in the platform's words: a gateway, as a rule."""

    def __init__(self, status: int) -> None:
        super().__init__(f"HTTP {status}, not an answer of the platform")
        self.status = status


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: the JSON object, and the headers in lower case."""

    status: int
    body: dict[str, Any]
    headers: dict[str, str] = field(default_factory=dict)


class Http:
    """Makes calls; opens its session with the first one. ``proxy`` from the environment is honoured."""

    def __init__(self, read_seconds: float = READ_SECONDS) -> None:
        self._read_seconds = read_seconds
        self._session: aiohttp.ClientSession | None = None

    async def call(
        self,
        method: str,
        url: str,
        *,
        headers: dict[str, str] | None = None,
        json_body: Any = None,
        form: Any = None,
        params: dict[str, str] | None = None,
        seconds: float | None = None,
    ) -> Answer:
        """One call. ChannelUnavailable: no answer, or not one of the platform's; ChannelThrottled: 429 without
        a word of why. Whatever JSON object comes back, with any other status, is for the caller to judge."""
        limit = aiohttp.ClientTimeout(total=seconds or self._read_seconds, sock_connect=CONNECT_SECONDS)
        data: Any = form
        if json_body is not None:
            data = json.dumps(json_body, ensure_ascii=False).encode()
            headers = {**(headers or {}), "Content-Type": "application/json"}
        try:
            async with self._open().request(
                method,
                url,
                headers=headers,
                data=data,
                params=params,
                timeout=limit,
                allow_redirects=False,
                proxy=proxy_of(url),
            ) as response:
                status, payload = response.status, await response.read()
                found = {name.lower(): value for name, value in response.headers.items()}
        except TimeoutError:
            raise ChannelUnavailable("no answer in time") from None
        except (aiohttp.ClientError, OSError) as error:
            raise ChannelUnavailable(_describe(error)) from None
        return Answer(status, _object(status, payload), found)

    async def probe(self, url: str) -> tuple[int, bool]:
        """An empty post to a webhook of our own: its status, and whether one of our bots answered."""
        limit = aiohttp.ClientTimeout(total=self._read_seconds, sock_connect=CONNECT_SECONDS)
        try:
            async with self._open().post(
                url, timeout=limit, allow_redirects=False, proxy=proxy_of(url)
            ) as response:
                return response.status, OURS in response.headers
        except TimeoutError:
            raise ChannelUnavailable("no answer in time") from None
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise ChannelUnavailable(_describe(error)) from None

    async def picture(self, url: str, hosts: Sequence[str], limit: int) -> bytes:
        """A picture from one of these hosts (or their subdomains), by https, at most ``limit`` bytes: an
        address in an event must not lead us anywhere else. ReplyRejected: foreign, too big or gone."""
        try:
            parts = urlsplit(url)
            host = parts.hostname or ""
        except ValueError:
            raise ReplyRejected("the picture has no proper address") from None
        is_known = any(host == known or host.endswith(f".{known}") for known in hosts)
        if not is_known or (parts.scheme != "https" and host != "127.0.0.1"):
            raise ReplyRejected("the picture does not lie with the platform")
        return await self._download(url, limit)

    async def _download(self, url: str, limit: int) -> bytes:
        timeout = aiohttp.ClientTimeout(total=self._read_seconds * 2, sock_connect=CONNECT_SECONDS)
        content = bytearray()
        try:
            async with self._open().get(
                url, timeout=timeout, allow_redirects=False, proxy=proxy_of(url)
            ) as response:
                if response.status >= 500:
                    raise ChannelUnavailable(f"HTTP {response.status}")
                if response.status != 200:
                    raise ReplyRejected(f"the file is not there: HTTP {response.status}")
                async for part in response.content.iter_chunked(64 * 1024):
                    content += part
                    if len(content) > limit:
                        raise ReplyRejected(f"the file is bigger than {limit} bytes")
        except TimeoutError:
            raise ChannelUnavailable("no answer in time") from None
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise ChannelUnavailable(_describe(error)) from None
        return bytes(content)

    async def close(self) -> None:
        """Closes the connections; a later call opens them anew."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None:
            connector = aiohttp.TCPConnector(limit=CONNECTIONS, ttl_dns_cache=300)
            jar = aiohttp.DummyCookieJar()
            self._session = aiohttp.ClientSession(connector=connector, cookie_jar=jar)
        return self._session


def proxy_of(url: str) -> str | None:
    """The proxy that the environment names for this address; looked up once for each host, since aiohttp's own
    ``trust_env`` reads ~/.netrc anew for every call, a tenth of all the time of sending."""
    parts = urlsplit(url)
    return _proxy(parts.scheme, parts.hostname or "")


@cache
def _proxy(scheme: str, host: str) -> str | None:
    return None if proxy_bypass(host) else getproxies().get(scheme)


def _object(status: int, payload: bytes) -> dict[str, Any]:
    try:
        body = json.loads(payload.decode("utf-8", "replace"))
    except (ValueError, RecursionError):
        body = None
    if isinstance(body, dict) and status < 500:
        return body
    if status == 429:
        raise ChannelThrottled(_BUSY_SECONDS)
    raise NotAnAnswer(status)


def _describe(error: BaseException) -> str:
    # str(error) may hold the address, and the address may hold the token.
    if isinstance(error, aiohttp.ClientConnectorError):
        return f"{type(error).__name__}: {error.host}:{error.port} {error.os_error.strerror or ''}".strip()
    return type(error).__name__
