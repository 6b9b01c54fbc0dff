"""One call to the Bot Platform. The token is part of the address, so no address gets into an error or a log."""

from __future__ import annotations

from typing import Any

from bot.channels.http import Answer, Http, NotAnAnswer
from bot.errors import (
    ChannelError,
    ChannelRefused,
    ChannelThrottled,
    ChannelUnavailable,
    CitizenUnreachable,
    ReplyRejected,
)

SECONDS = 30.0
_BUSY_SECONDS = 60.0  # no speed is documented; a minute is the shortest period Zalo counts elsewhere
_NOTHING = 408  # getUpdates: nothing came; normal


class BotApi:
    """The methods of one Bot. Raises only the ChannelError family."""

    def __init__(self, http: Http, base_url: str, token: str) -> None:
        self._http = http
        self._address = f"{base_url.rstrip('/')}/bot{token}"

    async def call(self, method: str, body: dict[str, Any], seconds: float = SECONDS) -> dict[str, Any]:
        """The result of a method; an empty one where Zalo gives none."""
        answer = await self._answer(method, body, seconds)
        if answer.body.get("ok") is True:
            result = answer.body.get("result")
            return result if isinstance(result, dict) else {}
        raise failure(answer, is_about_a_chat="chat_id" in body)

    async def updates(self, timeout: int) -> list[dict[str, Any]]:
        """What came within ``timeout`` seconds: one update as a rule, none as often."""
        answer = await self._answer("getUpdates", {"timeout": str(timeout)}, timeout + 15.0)
        if answer.body.get("ok") is False:
            if code_of(answer) == _NOTHING:
                return []
            raise failure(answer, is_about_a_chat=False)
        found = answer.body.get("result", answer.body)
        return [one for one in (found if isinstance(found, list) else [found]) if isinstance(one, dict)]

    async def _answer(self, method: str, body: dict[str, Any], seconds: float) -> Answer:
        try:
            return await self._http.call("POST", f"{self._address}/{method}", json_body=body, seconds=seconds)
        except NotAnAnswer as error:
            if error.status == 401:  # a wrong token is not always answered in JSON
                raise ChannelRefused("HTTP 401") from None
            raise


def code_of(answer: Answer) -> int:
    """The error code, spelled one way or the other."""
    for name in ("error_code", "errorCode"):
        if isinstance(code := answer.body.get(name), int):
            return code
    return answer.status


def failure(answer: Answer, is_about_a_chat: bool) -> ChannelError:
    """What a refusal means for the one who sends."""
    code = code_of(answer)
    reason = f"{code} {answer.body.get('description', '')}"[:200]
    match code:
        case 429:
            return ChannelThrottled(_BUSY_SECONDS)
        case 401:
            return ChannelRefused(reason)
        case 403 | 404:
            return CitizenUnreachable(reason) if is_about_a_chat else ChannelRefused(reason)
        case 400 | 426:
            return ReplyRejected(reason)
        case _:
            return ChannelUnavailable(reason)
