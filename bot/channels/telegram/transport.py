"""Carries the calls of python-telegram-bot over aiohttp: one pooled session, files too.

The library's own httpx transport gets slower the more calls are in flight (its issue 4560;
``benchmarks/telegram_transport.py`` measures both). ``BaseRequest`` is its documented place for another.
"""

from __future__ import annotations

import json
from typing import Any

import aiohttp
import telegram
from telegram.request import BaseRequest, RequestData

# Not exported, but needed to call a method without the library parsing its answer; the version is pinned.
from telegram.request._requestparameter import RequestParameter

CONNECTIONS = 128
CONNECT_SECONDS = 5.0
READ_SECONDS = 10.0
UPLOAD_SECONDS = 60.0
_FORM = {"Content-Type": "application/x-www-form-urlencoded", "User-Agent": BaseRequest.USER_AGENT}
_MULTIPART = {"User-Agent": BaseRequest.USER_AGENT}


class AiohttpTransport(BaseRequest):
    """A transport for ``telegram.Bot``; opens its session with the first call."""

    def __init__(self, read_seconds: float = READ_SECONDS) -> None:
        self._read_seconds = read_seconds
        self._session: aiohttp.ClientSession | None = None
        self._closed = False

    @property
    def read_timeout(self) -> float:
        """Seconds to wait for an answer when the call names none."""
        return self._read_seconds

    async def initialize(self) -> None:
        """May be used (again); the session opens with the first call."""
        self._closed = False

    async def shutdown(self) -> None:
        """Closes the session and its connections."""
        self._closed = True
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    async def call(self, url: str, parameters: dict[str, Any], read_timeout: float) -> Any:
        """One call whose result comes back as plain JSON, its errors as those of the library."""
        data = RequestData([RequestParameter.from_input(key, value) for key, value in parameters.items()])
        return await self.post(url, data, read_timeout=read_timeout)

    async def do_request(
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        read_timeout: Any = BaseRequest.DEFAULT_NONE,
        write_timeout: Any = BaseRequest.DEFAULT_NONE,
        connect_timeout: Any = BaseRequest.DEFAULT_NONE,
        pool_timeout: Any = BaseRequest.DEFAULT_NONE,
    ) -> tuple[int, bytes]:
        """The one thing the library asks of a transport: status and body of a call."""
        read = self._read_seconds if read_timeout is BaseRequest.DEFAULT_NONE else read_timeout
        connect = CONNECT_SECONDS if connect_timeout is BaseRequest.DEFAULT_NONE else connect_timeout
        has_files = request_data is not None and request_data.contains_files
        total = None if read is None else read + (UPLOAD_SECONDS if has_files else CONNECT_SECONDS)
        body, headers = _body(request_data)
        try:
            async with self._open().request(
                method,
                url,
                data=body,
                headers=headers,
                allow_redirects=False,
                timeout=aiohttp.ClientTimeout(total=total, sock_connect=connect, sock_read=read),
            ) as response:
                status, payload = response.status, await response.read()
        except TimeoutError as error:
            raise telegram.error.TimedOut(_describe(error)) from None
        except (aiohttp.ClientError, OSError) as error:
            raise telegram.error.NetworkError(_describe(error)) from None
        _check_origin(status, payload)
        return status, payload

    @staticmethod
    def parse_json_payload(payload: bytes) -> dict[str, Any]:
        """As the library's own, but the body (it holds what people wrote) is not logged."""
        try:
            answer = json.loads(payload.decode("utf-8", "replace"))
        except ValueError:
            answer = None
        if not isinstance(answer, dict) or ("result" not in answer and answer.get("ok") is not False):
            raise telegram.error.NetworkError("the answer is not one of the Bot API")
        return answer

    def _open(self) -> aiohttp.ClientSession:
        if self._closed:
            raise telegram.error.NetworkError("the channel is stopped")
        if self._session is None:
            # trust_env: in some networks Telegram is reached through a proxy only.
            connector = aiohttp.TCPConnector(limit=CONNECTIONS, ttl_dns_cache=300)
            self._session = aiohttp.ClientSession(
                connector=connector, trust_env=True, cookie_jar=aiohttp.DummyCookieJar()
            )
        return self._session


def _body(request_data: RequestData | None) -> tuple[aiohttp.FormData | bytes | None, dict[str, str]]:
    if request_data is None:
        return None, _MULTIPART
    if not request_data.contains_files:
        return request_data.url_encoded_parameters().encode(), _FORM
    form = aiohttp.FormData()
    for name, value in request_data.json_parameters.items():
        form.add_field(name, value)
    for name, (filename, content, mime) in request_data.multipart_data.items():
        form.add_field(name, content, filename=filename, content_type=mime)
    return form, _MULTIPART


def _describe(error: BaseException) -> str:
    # str(error) may hold the address, and the address holds the token.
    if isinstance(error, aiohttp.ClientConnectorError):
        return f"{type(error).__name__}: {error.host}:{error.port} {error.os_error.strerror or ''}".strip()
    return type(error).__name__


def _check_origin(status: int, payload: bytes) -> None:
    # A gateway's own 403 or 404 page must not be taken for "the person blocked us" or "wrong token".
    if status >= 400 and status != 401 and not payload.lstrip().startswith(b"{"):
        raise telegram.error.NetworkError(f"HTTP {status}, not from the Bot API")
