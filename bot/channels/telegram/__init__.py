"""The Telegram channel: receives by long polling or webhook, sends with ``telegram.Bot``.

python-telegram-bot parses updates and makes calls; order, pace, retries of replies and persistence are
the house's own. The library's types stop at this package. One process may poll for a token; several
replicas need the webhook (``public_url``).
"""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Coroutine, Sequence
from typing import Any

import structlog
import telegram
from aiohttp import web
from telegram.error import BadRequest, InvalidToken, TelegramError

from bot.channels.base import Door, Limits, utf16_units
from bot.channels.telegram.failures import channel_error, is_markup_refused
from bot.channels.telegram.intake import Intake
from bot.channels.telegram.parse import NAME, Me
from bot.channels.telegram.patience import Patience, Sleep
from bot.channels.telegram.polling import Poller
from bot.channels.telegram.render import keyboard, to_html, to_plain
from bot.channels.telegram.transport import READ_SECONDS, AiohttpTransport
from bot.channels.telegram.webhook import PATH, Webhook, secret_of
from bot.errors import ChannelRefused, ChannelUnavailable, ConfigError, ReplyRejected
from bot.messages import Delivery, Message

__all__ = ["TelegramChannel"]
log = structlog.get_logger(__name__)

ALLOWED_UPDATES = ("message", "edited_message", "callback_query", "my_chat_member", "channel_post")
MAX_CONNECTIONS = 40
PHOTO_BYTES = 10 * 1024 * 1024
GENERAL_TOPIC = "1"  # must be addressed by leaving the id out
# Without it the library warns of a deprecation each time Telegram asks for a pause.
os.environ.setdefault("PTB_TIMEDELTA", "true")


class TelegramChannel:
    """One bot. ``refused`` turns true when Telegram does not know the token: then nothing runs any more."""

    name = NAME
    limits = Limits(text=4000, buttons=8, label=64, per_second=28, per_chat_second=1, measure=utf16_units)

    def __init__(
        self,
        token: str,
        *,
        base_url: str = "https://api.telegram.org",
        public_url: str = "",
        commands: Sequence[tuple[str, str]] = (),
        poll_timeout: int = 50,
        secret: str = "",
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        if not token.strip():
            raise ConfigError("TELEGRAM_TOKEN is empty")
        _quieten()
        self.refused = False
        self.secret = secret or secret_of(token.strip())
        self._public_url = public_url.rstrip("/")
        self._commands = commands
        self._poll_timeout = poll_timeout
        self._patience = Patience(sleep)
        self._transport = AiohttpTransport()
        self._api = f"{base_url.rstrip('/')}/bot{token.strip()}"
        self._bot = telegram.Bot(
            token.strip(),
            base_url=f"{base_url.rstrip('/')}/bot",
            base_file_url=f"{base_url.rstrip('/')}/file/bot",
            request=self._transport,
            get_updates_request=self._transport,
        )
        self._intake: Intake | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    def routes(self) -> Sequence[web.RouteDef]:
        """The webhook, when the bot has a public address."""
        if not self._public_url:
            return []
        return [web.post(PATH, Webhook(self.secret, lambda: self._intake).receive)]

    async def start(self, door: Door) -> None:
        """Begins to receive in the background; Telegram may be out of reach for now."""
        await self._transport.initialize()
        self._intake = Intake(door, self._answer_tap)
        self._keep(self._receive(self._intake))

    async def stop(self) -> None:
        """Stops receiving and closes the connections. A webhook stays set: Telegram keeps what comes."""
        self._intake = None
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._transport.shutdown()

    async def send(self, delivery: Delivery) -> None:
        """One sendMessage; a second, without markup, only when Telegram can't read our HTML."""
        if self.refused:
            raise ChannelRefused("TELEGRAM_TOKEN is refused by Telegram")
        text = delivery.reply.text
        try:
            try:
                await self._send(delivery, to_html(text), telegram.constants.ParseMode.HTML)
            except BadRequest as error:
                if not is_markup_refused(error):
                    raise
                log.error("markup refused, sent as plain text", delivery=delivery.id, reason=str(error)[:200])
                await self._send(delivery, to_plain(text), None)
        except TelegramError as error:
            if isinstance(error, InvalidToken):
                self._refuse(error)
            raise channel_error(error) from error

    @property
    def private_link(self) -> str:
        """The address of the private chat; empty until Telegram has told our name."""
        me = self._intake.me if self._intake else None
        return f"https://t.me/{me.username}" if me and me.username else ""

    async def photo(self, reference: str) -> bytes:
        """getFile, then the file itself: core.telegram.org/bots/api#getfile."""
        try:
            file = await self._bot.get_file(reference)
            if (file.file_size or 0) > PHOTO_BYTES:
                raise ReplyRejected("the picture is too large")
            data = bytes(await file.download_as_bytearray())
        except TelegramError as error:
            raise channel_error(error) from error
        if len(data) > PHOTO_BYTES:
            raise ReplyRejected("the picture is too large")
        return data

    async def remove(self, message: Message) -> None:
        """Works where the bot is an administrator that may delete messages."""
        chat_id, _, number = message.message_id.partition(":")
        if chat_id != message.chat_id or not number.isdigit():
            return  # a tap has no message of its own
        try:
            await self._bot.delete_message(chat_id, int(number))
        except TelegramError as error:
            raise channel_error(error) from error

    async def _send(self, delivery: Delivery, text: str, parse_mode: str | None) -> None:
        thread = delivery.thread_id
        try:
            await self._bot.send_message(
                chat_id=delivery.chat_id,
                text=text,
                parse_mode=parse_mode,
                link_preview_options=telegram.LinkPreviewOptions(is_disabled=True),
                message_thread_id=int(thread) if thread and thread != GENERAL_TOPIC else None,
                reply_markup=keyboard(delivery.reply.buttons),
            )
        except (LookupError, TypeError, ValueError, AttributeError) as error:
            if error.args == ("result",):  # a 200 that says "not ok"
                raise ChannelUnavailable("the answer is not one of the Bot API") from error
            # Telegram took it (200 with a result); only the copy it sends back is strange to the library.
            log.warning("sent, but the answer can't be read", error=type(error).__name__)

    # Receiving

    async def _receive(self, intake: Intake) -> None:
        while not self.refused:
            try:
                await self._connect(intake)
                if self._public_url:
                    return
                await Poller(self._fetch, intake, self._patience).run()
            except InvalidToken as error:
                self._refuse(error)
            except Exception as error:  # an answer no one thought of; the citizens still wait
                log.error("receiving from Telegram failed; starting anew", error=type(error).__name__)
                await self._patience.pause(3)

    async def _connect(self, intake: Intake) -> None:
        me = await self._patience.until_done("getMe", self._bot.get_me)
        intake.me = Me(me.id, me.username or "")
        if self._public_url:
            await self._patience.until_done("setWebhook", self._set_webhook)
        else:
            await self._patience.until_done("deleteWebhook", self._bot.delete_webhook)
        how = "webhook" if self._public_url else "polling"
        log.info("telegram connected", bot=intake.me.username, by=how)
        if self._commands:
            self._keep(self._set_commands())

    async def _set_webhook(self) -> bool:
        return await self._bot.set_webhook(
            url=self._public_url + PATH,
            max_connections=MAX_CONNECTIONS,
            allowed_updates=ALLOWED_UPDATES,
            secret_token=self.secret,
        )

    async def _set_commands(self) -> None:
        try:
            await self._bot.set_my_commands(self._commands)
        except TelegramError as error:  # only a menu: the next start tries again
            log.warning("the menu of commands could not be set", reason=str(error)[:200])

    async def _fetch(self, offset: int | None) -> list[dict[str, Any]]:
        # Not Bot.get_updates: it parses the batch as a whole, so one strange update would block all.
        asked = {"timeout": self._poll_timeout, "allowed_updates": list(ALLOWED_UPDATES)}
        if offset is not None:
            asked["offset"] = offset
        wait = self._poll_timeout + READ_SECONDS
        updates: list[dict[str, Any]] = await self._transport.call(f"{self._api}/getUpdates", asked, wait)
        return updates

    def _answer_tap(self, query_id: str) -> None:
        self._keep(self._answer(query_id))

    async def _answer(self, query_id: str) -> None:
        try:
            await self._bot.answer_callback_query(query_id)
        except TelegramError as error:  # too late or out of reach: the button spins a while longer, no more
            log.debug("tap not answered", reason=str(error)[:200])

    def _refuse(self, error: TelegramError) -> None:
        if not self.refused:
            self.refused = True
            log.error(f"TELEGRAM_TOKEN is refused by Telegram: {str(error)[:200]}")

    def _keep(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _quieten() -> None:
    # At DEBUG and INFO these write addresses, which hold the token, and messages.
    for name in ("telegram", "httpx", "httpcore"):
        logging.getLogger(name).setLevel(logging.WARNING)
