"""Approved templates (ZBS): the paid way to a person who has been silent, by user id or by phone number.

Every send has a tracking id of ours and a line in the book, so a repeat after a crash or a time-out is safe:
what is known to have gone never goes again.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from bot.channels.zalo_oa.api import Api
from bot.channels.zalo_oa.keeping import TemplateBook
from bot.errors import ChannelError, ChannelLater, ChannelUnavailable, CitizenUnreachable, ReplyRejected
from bot.messages import Form
from bot.vietnamese import nfc

TRACKING_CHARACTERS = 48
AFTER_SILENCE = timedelta(minutes=10)  # no answer to a send: a delivery event may come meanwhile
_PHONE = re.compile(r"(?:\+?84|0)?([235789]\d{8})")
By = Literal["user", "phone"]


@dataclass(frozen=True, slots=True)
class Parameter:
    """One blank of a template. ``value``: the name of the value that fills it. ``longest``: characters
    (Zalo's usual: name 30, code 30, status 30, time 20, address 200). ``cut``: shorten instead of refusing."""

    value: str
    longest: int = 30
    cut: bool = False
    default: str = ""


@dataclass(frozen=True, slots=True)
class Template:
    """An approved template under the name our notices use for it."""

    id: str
    by: By = "user"
    parameters: Mapping[str, Parameter] = field(default_factory=dict)


class Templates:
    """Sends templates. Raises only the ChannelError family."""

    Known = Mapping[str, Template]

    def __init__(
        self, api: Api, book: TemplateBook, known: Known, now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._api = api
        self._book = book
        self._known = known
        self._now = now

    def knows(self, form: Form) -> bool:
        """Whether this notice can go by user id as a template."""
        template = self._known.get(form.name)
        return template is not None and template.by == "user"

    async def send_for(self, row: int, user_id: str, form: Form, tries: int = 0) -> None:
        """A notice from the outbox to a person; the row and its content make the tracking id."""
        await self.to_user(user_id, form, tracking_of(str(row), user_id, form), tries)

    async def to_user(self, user_id: str, form: Form, tracking_id: str, tries: int = 0) -> None:
        """By user id: only people whom the OA knows. Zalo takes no tracking id here, so ours stays with us."""
        template = self._template(form)
        body = {"user_id": user_id, "template_id": template.id, "template_data": filled(template, form)}

        async def call() -> str:
            data = await self._api.post("/v3.0/oa/message/template", body, tries)
            return str(data.get("message_id") or "")

        await self._once(tracking_id, form.name, "user", call)

    async def to_phone(self, phone: str, form: Form, tracking_id: str, tries: int = 0) -> None:
        """By phone number: any Zalo user who has agreed to be written to. The number is not kept."""
        template = self._template(form)
        body: dict[str, Any] = {
            "phone": normal_phone(phone),
            "template_id": template.id,
            "template_data": filled(template, form),
            "tracking_id": tracking_id[:TRACKING_CHARACTERS],
        }

        async def call() -> str:
            data = await self._api.post_business("/message/template", body, tries)
            return str(data.get("msg_id") or "")

        await self._once(tracking_id, form.name, "phone", call)

    async def status(self, message_id: str) -> int:
        """-1 refused, 0 on its way, 1 delivered, as Zalo knows it."""
        data = await self._api.get_business("/message/status", {"message_id": message_id})
        return int(data.get("status", 0))

    def _template(self, form: Form) -> Template:
        if (template := self._known.get(form.name)) is None:
            raise ReplyRejected(f"no template {form.name} in config.yaml (zalo_oa.templates)")
        return template

    async def _once(self, tracking_id: str, name: str, by: By, call: Callable[[], Any]) -> None:
        state = await self._book.begin(tracking_id, name, by, self._now(), AFTER_SILENCE)
        if state == "sent":
            return
        if state == "asked":
            raise ChannelLater(self._now() + AFTER_SILENCE, "template without an answer so far")
        try:
            message_id = await call()
        except ChannelUnavailable as error:  # it may have gone: wait for the event before it is sent again
            raise ChannelLater(self._now() + AFTER_SILENCE, f"template without an answer: {error}") from None
        except ChannelError as error:
            await self._book.settle(tracking_id, "failed", "", str(error), self._now())
            if isinstance(error, CitizenUnreachable):  # by this way only: their chat with us may be open
                raise ReplyRejected(str(error)) from None
            raise
        await self._book.settle(tracking_id, "sent", message_id, "", self._now())


def tracking_of(*what: object) -> str:
    """An id that is the same for the same send, and of no use to anybody else."""
    return "mc-" + hashlib.sha256("\n".join(map(repr, what)).encode()).hexdigest()[:40]


def filled(template: Template, form: Form) -> dict[str, str]:
    """The blanks with their values; ReplyRejected names the one that is missing or too long."""
    values = dict(form.values)
    data = {}
    for name, parameter in template.parameters.items():
        value = nfc(values.get(parameter.value or name, parameter.default)).strip()
        if not value:
            raise ReplyRejected(f"template {form.name}: no value for {name}")
        if len(value) > parameter.longest:
            if not parameter.cut:
                raise ReplyRejected(f"template {form.name}: {name} is longer than {parameter.longest} characters")
            value = value[: parameter.longest - 1].rstrip() + "…"
        data[name] = value
    return data


def normal_phone(phone: str) -> str:
    """84 and nine digits, from any way people write a number; ReplyRejected for what can't be one."""
    found = _PHONE.fullmatch(re.sub(r"[\s.()-]", "", phone))
    if found is None:
        raise ReplyRejected("that is no Vietnamese mobile number")
    return "84" + found[1]
