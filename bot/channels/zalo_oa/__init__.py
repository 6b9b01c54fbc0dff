"""The channel of a Zalo Official Account: webhook in, ``cs`` messages, templates and group messages out.

Any number of equal replicas may run it: what they share (the token pair, the 7-day window) is kept through
the contracts in ``keeping``. Facts about the platform stand where they are used, and in docs/operations.md.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import structlog
from aiohttp import web

from bot.channels.base import Door, Limits
from bot.channels.http import Http
from bot.channels.zalo_oa import render
from bot.channels.zalo_oa.api import Api, Places
from bot.channels.zalo_oa.failures import ZaloRefusal
from bot.channels.zalo_oa.groups import GROUP, Names, without_mentions
from bot.channels.zalo_oa.intake import Intake
from bot.channels.zalo_oa.keeping import Keeping
from bot.channels.zalo_oa.login import Callback
from bot.channels.zalo_oa.parse import NAME
from bot.channels.zalo_oa.policy import Policy, Route
from bot.channels.zalo_oa.signature import Signature
from bot.channels.zalo_oa.staff import IntakeBesideStaff
from bot.channels.zalo_oa.templates import Templates
from bot.channels.zalo_oa.tokens import LOOK_SECONDS, AppKeys, OAuth, Tokens
from bot.channels.zalo_oa.webhook import PATH, Webhook
from bot.errors import ChannelLater, WindowClosed
from bot.messages import Delivery

__all__ = ["Options", "ZaloOA"]
log = structlog.get_logger(__name__)
NOT_SUPPORTED = -233
_BUTTON_PAUSE = timedelta(hours=1)  # after Zalo refused buttons, before they are tried again


@dataclass(frozen=True, slots=True)
class Options:
    """What config.yaml and the environment say about the OA."""

    keys: AppKeys
    oa_id: str
    signature: Signature
    places: Places = field(default_factory=Places)
    policy: Policy = field(default_factory=Policy)
    per_minute: int = 100
    staff_pause: timedelta = timedelta(minutes=30)
    button_type: render.ButtonType = "hide"
    group_names: Sequence[str] = ()
    photo_hosts: Sequence[str] = ("zdn.vn",)
    photo_bytes: int = 10 * 1024 * 1024
    verification: tuple[str, bytes] | None = None  # name and content of the file that proves our domain
    templates: Templates.Known = field(default_factory=dict)


class ZaloOA:
    """One OA. What it can't send because of its account waits in the outbox; the log and the doctor say why."""

    name = NAME

    def __init__(
        self,
        options: Options,
        keeping: Keeping,
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self.limits = limits_of(options.per_minute)
        self._options = options
        self._keeping = keeping
        self.callback: Callback | None = None  # set by whoever builds us: a consent needs our own OAuth
        self._now = now
        self._sleep = sleep
        self._http = Http()
        self.oauth = OAuth(self._http, options.keys)
        self.tokens = Tokens(self.oauth, keeping.tokens, now, sleep)
        self.api = Api(self._http, self.tokens, options.places, now)
        self.templates = Templates(self.api, keeping.templates, options.templates, now)
        self._intake: Intake | None = None
        self._watch: asyncio.Task[None] | None = None
        self._no_buttons_until = datetime.min.replace(tzinfo=UTC)

    def routes(self) -> Sequence[web.RouteDef]:
        """The webhook, the callback of the consent, and the file by which Zalo verifies the domain."""
        webhook = Webhook(self._options.signature, lambda: self._intake, self._now)
        routes = [web.post(PATH, webhook.receive), web.get(PATH, webhook.look, allow_head=True)]
        if self.callback is not None:
            routes.append(web.get(Callback.PATH, self.callback.receive))
        if self._options.verification is not None:
            name, content = self._options.verification

            async def prove(_request: web.Request) -> web.Response:
                return web.Response(body=content, content_type="text/html")

            routes.append(web.get(f"/{name}", prove))
        return routes

    async def start(self, door: Door) -> None:
        """Opens the webhook and keeps the tokens fresh; Zalo may be out of reach for now."""
        names = Names(self._options.group_names, self._options.oa_id)
        pause = self._options.staff_pause
        self._intake = IntakeBesideStaff(door, self._keeping, self._options.oa_id, names, pause)
        self._watch = asyncio.create_task(self._keep_fresh())

    async def stop(self) -> None:
        """Closes the webhook (Zalo repeats what comes meanwhile) and the connections."""
        self._intake = None
        if self._watch is not None:
            self._watch.cancel()
            await asyncio.gather(self._watch, return_exceptions=True)
        await self._http.close()

    async def send(self, delivery: Delivery) -> None:
        """One message by the way that is open: group, ``cs``, template, or none with the reason."""
        now, chat = self._now(), delivery.chat_id
        if delivery.priority and (until := self._options.policy.hold_until(now)):
            raise ChannelLater(until, "what is not an answer keeps the night")
        if chat.startswith(GROUP):
            return await self._send_to_group(delivery)
        heard = await self._keeping.people.last_heard(chat)
        route = self._options.policy.route(heard, now, self._has_template(delivery))
        if route is Route.CS:
            try:
                return await self._send_cs(delivery)
            except WindowClosed:
                await self._keeping.people.window_closed(chat, now)
                if not self._has_template(delivery):
                    raise
                route = Route.TEMPLATE
        if route is Route.TEMPLATE and delivery.reply.form is not None:
            return await self.templates.send_for(delivery.id, chat, delivery.reply.form, delivery.attempts)
        days = f"{self._options.policy.window_days:g}"
        raise WindowClosed(f"silent for more than {days} days, and no template is set up for this notice")

    async def photo(self, reference: str) -> bytes:
        """The picture behind the address in an event: only from Zalo's own hosts, and only so big."""
        return await self._http.picture(reference, self._options.photo_hosts, self._options.photo_bytes)

    # Sending

    def _has_template(self, delivery: Delivery) -> bool:
        form = delivery.reply.form
        return form is not None and self.templates.knows(form)

    async def _send_cs(self, delivery: Delivery) -> None:
        type_ = "none" if self._now() < self._no_buttons_until else self._options.button_type
        body = render.message(delivery.reply.text, delivery.reply.buttons, type_)
        try:
            await self._post_cs(delivery, body)
        except ZaloRefusal as error:
            if error.code != NOT_SUPPORTED or "attachment" not in body:
                raise
            # Buttons are not officially documented. Nothing is lost: the text has the choices as numbers.
            self._no_buttons_until = self._now() + _BUTTON_PAUSE
            log.error("Zalo refused buttons, sent as text; set zalo_oa.buttons to none if it stays so")
            await self._post_cs(delivery, render.text_message(delivery.reply.text))

    async def _post_cs(self, delivery: Delivery, message: dict[str, object]) -> None:
        body = {"recipient": {"user_id": delivery.chat_id}, "message": message}
        data = await self.api.post("/v3.0/oa/message/cs", body, delivery.attempts)
        await self._note(data, delivery.chat_id)

    async def _send_to_group(self, delivery: Delivery) -> None:
        message = render.text_message(without_mentions(delivery.reply.text))
        body = {"recipient": {"group_id": delivery.chat_id.removeprefix(GROUP)}, "message": message}
        data = await self.api.post("/v3.0/oa/group/message", body, delivery.attempts)
        await self._note(data, delivery.chat_id)

    async def _note(self, data: dict[str, object], chat_id: str) -> None:
        try:
            if message_id := str(data.get("message_id") or ""):
                await self._keeping.sent.note(message_id, chat_id, self._now())
        # An edge: whatever the store raises (a channel knows no database), the message has left, and failing
        # now would send it twice.
        except Exception as error:
            log.error("the id of a message could not be kept", channel=NAME, error=type(error).__name__)

    async def _keep_fresh(self) -> None:
        while True:
            try:
                await self.tokens.look()
            # An edge: ``look`` deals with the platform's errors itself; what is left comes from the store, and
            # a watch that ended with it would let the pair run out unseen.
            except Exception as error:
                log.error("the token could not be looked at", error=type(error).__name__)
            await self._sleep(LOOK_SECONDS)


def limits_of(per_minute: int) -> Limits:
    """Zalo counts calls in a minute: a fifth may go at once, the rest at an even pace."""
    burst = max(1, per_minute // 5)
    return Limits(
        text=1900,  # 2,000 are allowed; the rest is a reserve for what Zalo counts differently
        buttons=render.BUTTONS,
        label=render.TITLE_CHARACTERS,
        per_second=max(0.5, per_minute - burst) / 60,
        burst=burst,
        choices="both",
    )
