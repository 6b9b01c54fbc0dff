"""The channel of the Zalo Bot Platform, for pilots and small teams: text only, numbers as choices.

Receives by long polling, or by webhook when the bot has a public address. Polling knows no acknowledgement:
what Zalo has handed out and we lose is lost, so several replicas, or anything serious, need the webhook.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

import structlog
from aiohttp import web

from bot.channels.base import Door, Limits, utf16_units
from bot.channels.http import Http
from bot.channels.zalo_bot.api import BotApi
from bot.channels.zalo_bot.parse import NAME
from bot.channels.zalo_bot.receiving import Intake, Poller, growing
from bot.channels.zalo_bot.render import to_markdown, to_plain
from bot.channels.zalo_bot.webhook import PATH, Webhook, secret_of
from bot.errors import ChannelError, ChannelRefused, ChannelThrottled, ConfigError, QuotaUsedUp
from bot.messages import Delivery, Message

__all__ = ["Counter", "Options", "ZaloBot"]
log = structlog.get_logger(__name__)
_QUOTA_PAUSE = timedelta(hours=1)
PHOTO_SECONDS = 150.0  # Zalo fetches the picture itself, slowly


class Counter(Protocol):
    """How many messages the Bot has sent this month, over all replicas."""

    async def add(self, at: datetime) -> int:
        """One more; how many that makes."""

    async def sent(self, at: datetime) -> int:
        """How many so far."""


@dataclass(frozen=True, slots=True)
class Options:
    """What config.yaml and the environment say about the Bot."""

    token: str
    secret: str = ""
    base_url: str = "https://bot-api.zaloplatforms.com"
    public_url: str = ""
    poll_timeout: int = 30
    name: str = ""
    messages_a_month: int = 3000
    per_second: float = 5.0
    typing: bool = True
    markdown: bool = False
    photo_hosts: Sequence[str] = ("zdn.vn", "zaloplatforms.com", "zapps.me")
    photo_bytes: int = 10 * 1024 * 1024


class ZaloBot:
    """One Bot. ``refused`` turns true when Zalo does not know the token: then nothing runs any more."""

    name = NAME

    def __init__(
        self,
        options: Options,
        counter: Counter,
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        if ":" not in options.token:
            raise ConfigError("ZALO_BOT_TOKEN does not look like a token (digits:letters)")
        # Numbers cost nothing, so as many choices as fit one screen of a small phone.
        self.limits = Limits(
            text=1900, buttons=8, label=100, per_second=options.per_second, measure=utf16_units, choices="numbers"
        )
        self.refused = False
        self.secret = options.secret or secret_of(options.token)
        self._options = options
        self._counter = counter
        self._now = now
        self._sleep = sleep
        self._http = Http()
        self.api = BotApi(self._http, options.base_url, options.token)
        self._intake: Intake | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    def routes(self) -> Sequence[web.RouteDef]:
        """The webhook, when the bot has a public address."""
        if not self._options.public_url:
            return []
        return [web.post(PATH, Webhook(self.secret, lambda: self._intake).receive)]

    async def start(self, door: Door) -> None:
        """Begins to receive in the background; Zalo may be out of reach for now."""
        self._intake = Intake(door, self._options.name, self._show_typing)
        self._keep(self._receive(self._intake))

    async def stop(self) -> None:
        """Stops receiving and closes the connections. A webhook stays set."""
        self._intake = None
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._http.close()

    async def send(self, delivery: Delivery) -> None:
        """One sendMessage; the choices stand in the text as numbers."""
        if self.refused:
            raise ChannelRefused("ZALO_BOT_TOKEN is refused by Zalo: get a new one from Zalo Bot Manager")
        body: dict[str, Any] = {"chat_id": delivery.chat_id, "text": to_plain(delivery.reply.text)}
        if self._options.markdown:
            body |= {"text": to_markdown(delivery.reply.text), "parse_mode": "markdown"}
        await self._counted(self.api.call("sendMessage", body))

    async def send_photo(self, chat_id: str, url: str, caption: str = "") -> None:
        """A picture by its public address."""
        body = {"chat_id": chat_id, "photo": url, "caption": to_plain(caption)}
        await self._counted(self.api.call("sendPhoto", body, PHOTO_SECONDS))

    async def photo(self, reference: str) -> bytes:
        """The picture behind the address in an event: only from Zalo's own hosts, and only so big."""
        return await self._http.picture(reference, self._options.photo_hosts, self._options.photo_bytes)

    # Sending

    async def _counted(self, call: Awaitable[Any]) -> None:
        allowed = self._options.messages_a_month
        try:
            await call
        except ChannelThrottled as error:
            if allowed and await self._counter.sent(self._now()) >= allowed:
                raise QuotaUsedUp(self._now() + _QUOTA_PAUSE, f"{allowed} messages a month are used up") from error
            raise
        except ChannelRefused as error:
            self._refuse(error)
            raise
        try:
            sent = await self._counter.add(self._now())
        # An edge: whatever the store raises (a channel knows no database), the message has left, and failing
        # now would send it twice.
        except Exception as error:
            log.error("a message could not be counted", channel=NAME, error=type(error).__name__)
            return
        if allowed and sent in (allowed * 8 // 10, allowed):
            log.error("ALARM: messages of this month", channel=NAME, sent=sent, allowed=allowed)

    def _show_typing(self, message: Message) -> None:
        if self._options.typing:
            self._keep(self._type(message.chat_id))

    async def _type(self, chat_id: str) -> None:
        try:
            await self.api.call("sendChatAction", {"chat_id": chat_id, "action": "typing"})
        except ChannelError as error:  # a courtesy only
            log.debug("typing not shown", reason=str(error))

    # Receiving

    async def _receive(self, intake: Intake) -> None:
        tries = 0
        while not self.refused:
            try:
                await self._connect()
                if self._options.public_url:
                    return
                await Poller(self.api, intake, self._options.poll_timeout, self._sleep).run()
            except ChannelRefused as error:
                self._refuse(error)
                return
            except ChannelError as error:
                log.warning("Zalo Bot can't be reached; trying on", reason=str(error))
            except Exception as error:  # an answer no one thought of; the citizens still wait
                log.error("receiving from Zalo Bot failed; starting anew", error=type(error).__name__)
            await self._sleep(growing(tries))
            tries += 1

    async def _connect(self) -> None:
        me = await self.api.call("getMe", {})
        how = "webhook" if self._options.public_url else "polling"
        if self._options.public_url:
            await self._set_webhook()
        else:
            await self.api.call("deleteWebhook", {})  # while one is set, polling is silent
        log.info("zalo bot connected", bot=me.get("account_name"), by=how, groups=me.get("can_join_groups"))

    async def _set_webhook(self) -> None:
        url = self._options.public_url.rstrip("/") + PATH
        found = await self.api.call("setWebhook", {"url": url, "secret_token": self.secret})
        check = found.get("verification") or {}
        if check.get("ok") is False:  # saved all the same, so only this tells
            log.error("Zalo can't reach the webhook", hint=check.get("hint"), code=check.get("status_code"))

    def _refuse(self, error: ChannelRefused) -> None:
        if not self.refused:
            self.refused = True
            log.error(f"ZALO_BOT_TOKEN is refused by Zalo: {error}")

    def _keep(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
