"""The work behind ``motcua zalo …``: with the OA's interface, but without starting its channel."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from bot.channels.zalo_oa import ZaloOA
from bot.channels.zalo_oa.articles import Articles, Broadcasting
from bot.channels.zalo_oa.keeping import Pair
from bot.channels.zalo_oa.login import Callback, code_of
from bot.channels.zalo_oa.templates import tracking_of
from bot.config import Config, load_config
from bot.errors import ConfigError
from bot.messages import Form
from bot.run import set_up_logs
from bot.store.database import Database
from bot.zalo.building import consent_of, oa_is_on, options_of, tokens_of
from bot.zalo.keeping import BroadcastsOf, keeping

T = TypeVar("T")
_LOOK_SECONDS = 1.0
_LIFE = timedelta(hours=24)  # of a pasted access token: a little less than Zalo gives


@dataclass(frozen=True, slots=True)
class Desk:
    """What a command works with."""

    config: Config
    database: Database
    oa: ZaloOA

    async def whose(self) -> str:
        """One real call that proves the token."""
        data = await self.oa.api.get("/v2.0/oa/getoa")
        return f"Done: the token is for {data.get('name')} ({data.get('oa_id')})."


@asynccontextmanager
async def _open() -> AsyncIterator[Desk]:
    config = load_config()
    set_up_logs("error")
    if not oa_is_on(config):
        raise ConfigError("the Zalo OA is not set up: set ZALO_APP_ID and the others of docs/operations.md")
    config.data.mkdir(parents=True, exist_ok=True)
    database = await Database.open(config.database_url)
    oa_id = config.environment.zalo_oa_id
    oa = ZaloOA(options_of(config), keeping(database, tokens_of(config, database), oa_id))
    try:
        yield Desk(config, database, oa)
    finally:
        await oa.stop()
        await database.close()


def run(work: Callable[[Desk], Awaitable[T]]) -> T:
    """Opens the desk, does the work, closes it."""

    async def main() -> T:
        async with _open() as desk:
            return await work(desk)

    return asyncio.run(main())


async def log_in(desk: Desk, code: str, minutes: float) -> str:
    """Finishes a consent with its code, or begins one and waits for the running bot to get the answer."""
    consent = consent_of(desk.config, desk.database, desk.oa)
    if code:
        await consent.finish(*code_of(code))
        return await desk.whose()
    public = desk.config.environment.public_url.rstrip("/")
    if not public:
        raise ConfigError("PUBLIC_URL must be set: Zalo leads the admin back to it after the consent")
    tokens = tokens_of(desk.config, desk.database)
    before = await tokens.load()
    print("An admin of the OA opens this page and agrees (the link lives for 30 minutes):\n")
    print(f"  {await consent.begin(public + Callback.PATH)}\n")
    print(f"The app's callback URL in Zalo's console must be {public}{Callback.PATH}")
    print("Waiting for the running bot. Or stop with Ctrl-C and run:")
    print("  motcua zalo login --code 'the address Zalo led to'", flush=True)
    deadline = datetime.now(UTC) + timedelta(minutes=minutes)
    while datetime.now(UTC) < deadline:
        await asyncio.sleep(_LOOK_SECONDS)
        if (now := await tokens.load()) is not None and now != before:
            return await desk.whose()
    raise ConfigError("no consent came: is the bot running, and does PUBLIC_URL lead to it?")


async def take_pair(desk: Desk, access: str, refresh: str) -> str:
    """Keeps a pair made by hand in Zalo's console."""
    tokens = tokens_of(desk.config, desk.database)
    async with tokens.lock():
        await tokens.save(Pair(access, refresh, datetime.now(UTC) + _LIFE))
    return await desk.whose()


async def list_groups(desk: Desk) -> list[str]:
    """A line for each group: its chat id and name."""
    data = await desk.oa.api.get("/v3.0/oa/group/getgroupsofoa", {"offset": 0, "count": 50})
    found = data.get("groups") or data.get("list") or []
    return [f"group:{one.get('group_id')}  {one.get('name') or one.get('group_name') or ''}" for one in found]


async def send_template(desk: Desk, form: Form, phone: str, user: str, tracking: str) -> None:
    """One template message; without a tracking id the same notice goes once a day."""
    templates = desk.oa.templates
    tracking_id = tracking or tracking_of(datetime.now(UTC).date(), phone or user, form)
    await (templates.to_phone(phone, form, tracking_id) if phone else templates.to_user(user, form, tracking_id))


async def send_article(desk: Desk, article: str, target: dict[str, list[int]], again: bool) -> str:
    """An article to the followers; the message id."""
    settings = desk.config.settings.zalo_oa.broadcasts
    book = BroadcastsOf(desk.database, desk.config.environment.zalo_oa_id)
    rules = Broadcasting(**settings.model_dump())
    return await Articles(desk.oa.api, book, options_of(desk.config).policy, rules).broadcast(
        article, target, again
    )
