"""Asks a system over HTTP, as config.yaml declares it: which request, where in the answer our fields stand.

Only hosts on the allow-list are asked, and a redirect never leads elsewhere. No number, no answer and no secret
is ever logged; errors name the source and the kind of trouble only.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import re
import time
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime, tzinfo
from typing import Any
from urllib.parse import quote, urlsplit

import aiohttp
import structlog

from bot.dossiers.cells import amount_of, day_of, text_of, time_of, without_persons
from bot.dossiers.settings import Call, HttpSource
from bot.dossiers.state import Keys, State
from bot.errors import DossierUnavailable
from bot.knowledge.dossiers import Dossiers

log = structlog.get_logger(__name__)
_MOST_BYTES = 1024 * 1024
_MOST_REDIRECTS = 3
_FAILURES, _REST, _LONGEST_REST = 4, 15.0, 300.0  # so many failures in a row: no call for so many seconds
_PLACE = re.compile(r"\{(number|token|env:[A-Z][A-Z0-9_]*)\}")
Clock = Callable[[], float]
Sleep = Callable[[float], Awaitable[None]]


class Refused(DossierUnavailable):
    """The token is not (or no longer) accepted."""


class Asker:
    """One HTTP source. ``ask`` raises DossierUnavailable; None means that the system knows no such dossier."""

    def __init__(
        self,
        settings: HttpSource,
        hosts: tuple[str, ...],
        words: Callable[[], Dossiers],
        keys: Keys,
        zone: tzinfo,
        environment: Mapping[str, str] = os.environ,
        clock: Clock = time.monotonic,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self.settings = settings
        self._hosts = hosts
        self._words = words
        self._keys = keys
        self._zone = zone
        self._environment = environment
        self._clock = clock
        self._sleep = sleep
        self._session: aiohttp.ClientSession | None = None
        self._token: tuple[str, float] | None = None
        self._login = asyncio.Lock()
        self._next = 0.0
        self._failures = 0
        self._rests_until = 0.0

    @property
    def is_resting(self) -> bool:
        """Whether the breaker is open: the source failed again and again and is left alone."""
        return self._clock() < self._rests_until

    async def close(self) -> None:
        """Ends the connections."""
        if self._session is not None:
            await self._session.close()

    async def ask(self, number: str) -> State | None:
        """The state of a dossier now."""
        if self.is_resting:
            raise DossierUnavailable(f"{self.settings.name}: rests after failures")
        try:
            answer = await self._tried(number)
        except DossierUnavailable as error:
            if self.is_resting:  # a call begun before: the rest it would ask for has begun
                raise
            self._failures += 1
            if self._failures >= _FAILURES:
                rest = min(_LONGEST_REST, _REST * 2 ** (self._failures - _FAILURES))
                self._rests_until = self._clock() + rest
            log.warning("source failed", source=self.settings.name, reason=str(error), failures=self._failures)
            raise
        self._failures = 0
        return self._state(number, answer)

    async def _tried(self, number: str) -> Any:
        """The answer, with as many tries as are allowed; a refused token is renewed once besides."""
        renewed = False
        for attempt in range(self.settings.tries):
            try:
                try:
                    return await self._call(self.settings, number, await self._get_token())
                except Refused:
                    if renewed or self.settings.login is None:
                        raise
                    renewed, self._token = True, None
                    return await self._call(self.settings, number, await self._get_token())
            except DossierUnavailable:
                if attempt + 1 == self.settings.tries:
                    raise
                await self._sleep(0.3 * 2**attempt * random.uniform(0.8, 1.2))
        raise AssertionError("unreachable")

    async def _get_token(self) -> str:
        login = self.settings.login
        if login is None:
            return ""
        async with self._login:
            if self._token is None or self._token[1] <= self._clock():
                token = at(await self._call(login, "", ""), login.token)
                if not isinstance(token, str | int) or not str(token):
                    raise DossierUnavailable(f"{self.settings.name}: the login gave no token")
                self._token = (str(token), self._clock() + login.keep_minutes * 60)
            return self._token[0]

    async def _call(self, call: Call, number: str, token: str) -> Any:
        values = {"number": number, "token": token}
        url = self._fill(call.url, values, quoted=True)
        options: dict[str, Any] = {
            "headers": self._fill(call.headers, values),
            "params": self._fill(call.query, values),
        }
        if call.form is not None:
            options["data"] = self._fill(call.form, values)
        if call.json_body is not None:
            options["json"] = self._fill(call.json_body, values)
        await self._pace()
        answer = await self._send(call.method, url, options)
        if answer is None:
            return None
        for path, expected in call.ok.items():
            if str(at(answer, path)) != expected:
                raise Refused(f"{self.settings.name}: {path} is not {expected}")
        return answer

    async def _pace(self) -> None:
        """At most so many calls a second, whoever asks."""
        now = self._clock()
        moment = max(now, self._next)
        self._next = moment + 1 / self.settings.calls_per_second
        if moment > now:
            await self._sleep(moment - now)

    async def _send(self, method: str, url: str, options: dict[str, Any]) -> Any:
        name, first = self.settings.name, urlsplit(url).hostname
        try:
            async with asyncio.timeout(self.settings.timeout_seconds):
                for _ in range(_MOST_REDIRECTS):
                    self._check_host(url, first)
                    async with self._open().request(method, url, allow_redirects=False, **options) as response:
                        if response.status in (301, 302, 303, 307, 308):
                            url, options["params"] = str(response.url.join(_location(response))), None
                            if response.status < 307 and method != "GET":
                                raise DossierUnavailable(f"{name}: HTTP {response.status}")
                            continue
                        if response.status in (401, 403):
                            raise Refused(f"{name}: HTTP {response.status}")
                        if response.status == 404:
                            return None
                        if response.status != 200:
                            raise DossierUnavailable(f"{name}: HTTP {response.status}")
                        return _json(name, await _body(name, response))
                raise DossierUnavailable(f"{name}: too many redirects")
        except TimeoutError:
            raise DossierUnavailable(f"{name}: no answer in time") from None
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise DossierUnavailable(f"{name}: {type(error).__name__}") from None

    def _check_host(self, url: str, first: str | None) -> None:
        host = urlsplit(url).hostname
        if host not in self._hosts or host != first:
            raise DossierUnavailable(f"{self.settings.name}: sent on to a host that is not allowed")

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar())
        return self._session

    def _fill(self, value: Any, values: Mapping[str, str], quoted: bool = False) -> Any:
        """Puts number, token and secrets in, however deep they stand."""
        if isinstance(value, Mapping):
            return {key: self._fill(inner, values) for key, inner in value.items()}
        if isinstance(value, list | tuple):
            return [self._fill(inner, values) for inner in value]
        if not isinstance(value, str):
            return value

        def one(match: re.Match[str]) -> str:
            name = match[1]
            if name.startswith("env:"):
                if (secret := self._environment.get(name[4:])) is None:
                    raise DossierUnavailable(f"{self.settings.name}: {name[4:]} is not in the environment")
                return secret
            return quote(values[name], safe="") if quoted else values[name]

        return _PLACE.sub(one, value)

    def _state(self, number: str, answer: Any) -> State | None:
        """Our view of the answer; only a record that names this very number counts."""
        settings = self.settings
        found = at(answer, settings.record) if settings.record else answer
        records = found if isinstance(found, list) else [found]
        for record in records:
            own = text_of(at(record, settings.fields["number"]), 60) if "number" in settings.fields else number
            if isinstance(record, dict) and own.upper() == number:
                return self._read(number, record)
        return None

    def _read(self, number: str, record: dict[str, Any]) -> State:
        def field(name: str) -> Any:
            return at(record, self.settings.fields[name]) if name in self.settings.fields else None

        words = text_of(field("status"), 100)
        status = self.settings.statuses.get(words) or self._words().status_of(words)
        if status is None:
            raise DossierUnavailable(f"{self.settings.name}: unknown status {words!r}: add it under statuses")
        as_of = time_of(field("as_of"), self._zone) or datetime.now(UTC)
        return State(
            number=number,
            source=self.settings.name,
            status=status,
            as_of=as_of.astimezone(UTC).replace(microsecond=0),
            procedure_code=text_of(field("procedure_code"), 40),
            procedure=text_of(field("procedure"), 300),
            unit=text_of(field("unit"), 300),
            received=day_of(field("received"), self._zone),
            due=day_of(field("due"), self._zone),
            finished=day_of(field("finished"), self._zone),
            need=without_persons(text_of(field("need"), 1000)),
            need_by=day_of(field("need_by"), self._zone),
            fee=amount_of(field("fee")),
            phone_key=self._keys.sign(number, text_of(field("phone"), 40)),
            id_key=self._keys.sign(number, text_of(field("id"), 40)),
        )


def at(value: Any, path: str) -> Any:
    """What stands at a path such as ``result.0.MaHoSo`` (``-1``: the last of a list); None when nothing does."""
    for step in path.split(".") if path else ():
        if isinstance(value, dict):
            value = value.get(step)
        elif isinstance(value, list) and re.fullmatch(r"-?\d+", step) and -len(value) <= int(step) < len(value):
            value = value[int(step)]
        else:
            return None
    return value


def _location(response: aiohttp.ClientResponse) -> Any:
    from yarl import URL

    return URL(response.headers.get("Location", ""))


async def _body(name: str, response: aiohttp.ClientResponse) -> bytes:
    body = bytearray()
    async for part in response.content.iter_chunked(64 * 1024):
        body += part
        if len(body) > _MOST_BYTES:
            raise DossierUnavailable(f"{name}: the answer is too long")
    return bytes(body)


def _json(name: str, body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        raise DossierUnavailable(f"{name}: the answer is no JSON") from None
