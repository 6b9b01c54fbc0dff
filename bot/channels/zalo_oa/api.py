"""One call to Zalo: the token in its header, the code in its answer, one renewal when the token is stale."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.channels.http import Answer, Http
from bot.channels.zalo_oa.failures import OA, ZBS, Do, failure
from bot.channels.zalo_oa.tokens import Tokens
from bot.errors import ChannelThrottled

Now = Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class Places:
    """The hosts, which tests and proxies may replace."""

    openapi: str = "https://openapi.zalo.me"
    business: str = "https://business.openapi.zalo.me"


class Api:
    """Calls of one OA. Raises only the ChannelError family."""

    def __init__(self, http: Http, tokens: Tokens, places: Places, now: Now = lambda: datetime.now(UTC)) -> None:
        self._http = http
        self._tokens = tokens
        self._places = places
        self._now = now
        self._blocked_until = datetime.min.replace(tzinfo=UTC)

    async def post(self, path: str, body: dict[str, Any], tries: int = 0) -> dict[str, Any]:
        """A call to the OA interface; its ``data``. ``tries``: how often this was tried before."""
        return await self._call("POST", self._places.openapi + path, OA, tries, json_body=body)

    async def get(self, path: str, asked: dict[str, Any] | None = None) -> dict[str, Any]:
        """A question to the OA interface: the parameters go as one JSON text named ``data``."""
        params = {} if asked is None else {"data": json.dumps(asked, ensure_ascii=False)}
        return await self._call("GET", self._places.openapi + path, OA, 0, params=params)

    async def upload(self, path: str, form: Callable[[], Any]) -> dict[str, Any]:
        """A multipart upload; ``form`` makes the body anew when the call must be repeated."""
        return await self._call("POST", self._places.openapi + path, OA, 0, make_form=form, seconds=60.0)

    async def post_business(self, path: str, body: dict[str, Any], tries: int = 0) -> dict[str, Any]:
        """A call to the interface of template messages by phone."""
        return await self._call("POST", self._places.business + path, ZBS, tries, json_body=body)

    async def get_business(self, path: str, params: dict[str, str]) -> dict[str, Any]:
        """A question to the interface of template messages."""
        return await self._call("GET", self._places.business + path, ZBS, 0, params=params)

    async def _call(self, method: str, url: str, table: dict[int, Do], tries: int, **sent: Any) -> dict[str, Any]:
        self._check_pause()
        access = await self._tokens.access()
        body = await self._once(method, url, access, **sent)
        if table.get(_code(body)) is Do.TOKEN:
            access = await self._tokens.renew(access)
            body = await self._once(method, url, access, **sent)
        if code := _code(body):
            raise failure(code, str(body.get("message", "")), self._now(), tries, table)
        data = body.get("data")
        return data if isinstance(data, dict) else {"list": data}

    async def _once(self, method: str, url: str, access: str, **sent: Any) -> dict[str, Any]:
        if make_form := sent.pop("make_form", None):
            sent["form"] = make_form()
        answer = await self._http.call(method, url, headers={"access_token": access}, **sent)
        self._heed(answer)
        return answer.body

    def _heed(self, answer: Answer) -> None:
        """The package's allowance of this minute is gone (another replica may have had a part of it)."""
        if answer.headers.get("x-ratelimit-remain") == "0":
            now = self._now()
            self._blocked_until = now.replace(second=0, microsecond=0) + timedelta(minutes=1)

    def _check_pause(self) -> None:
        if (wait := (self._blocked_until - self._now()).total_seconds()) > 0:
            raise ChannelThrottled(wait + 0.5)


def _code(body: dict[str, Any]) -> int:
    """The error code; an answer without one is no success either."""
    try:
        return int(body.get("error", -1))
    except (TypeError, ValueError):
        return -1
