"""What ``motcua doctor`` looks at on Zalo: one real call for each thing, and what to mend."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from bot.channels.http import Http
from bot.channels.zalo_bot import Options as BotOptions
from bot.channels.zalo_bot.api import BotApi
from bot.channels.zalo_bot.webhook import PATH as BOT_PATH
from bot.channels.zalo_oa import NOT_SUPPORTED, ZaloOA, render
from bot.channels.zalo_oa.failures import ZaloRefusal
from bot.channels.zalo_oa.webhook import PATH as OA_PATH
from bot.config import Config
from bot.errors import BotError, ChannelError, ConfigError, WindowClosed
from bot.messages import Button
from bot.store.database import Database
from bot.zalo.building import oa_is_on, options_of, secret, tokens_of
from bot.zalo.keeping import CountOf, keeping


async def examine(config: Config) -> list[str]:
    """Lines "ok …", "BAD …: what to do" or "-- …" for both channels."""
    return [*await _oa(config), *await _bot(config)]


async def _oa(config: Config) -> list[str]:
    try:
        if not oa_is_on(config):
            return ["--   Zalo OA is off: ZALO_APP_ID and the others are not set"]
        database = await Database.open(config.database_url)
    except BotError as error:
        return [f"BAD  Zalo OA: {error}"]
    oa = None
    try:
        tokens = tokens_of(config, database)
        oa = ZaloOA(options_of(config), keeping(database, tokens, config.environment.zalo_oa_id))
        lines = [await _token(oa, config)]
        if lines[0].startswith("ok"):
            lines += [await _permissions(oa), await _buttons(oa, config)]
        return [*lines, await _webhook(config, OA_PATH, "Zalo OA")]
    except ConfigError as error:
        return [f"BAD  Zalo OA: {error}"]
    finally:
        if oa is not None:
            await oa.stop()
        await database.close()


async def _token(oa: ZaloOA, config: Config) -> str:
    try:
        data = await oa.api.get("/v2.0/oa/getoa")
    except ChannelError as error:
        return f"BAD  Zalo OA token: {error}"
    if str(data.get("oa_id")) != config.environment.zalo_oa_id:
        return f"BAD  Zalo OA token is for OA {data.get('oa_id')}: set ZALO_OA_ID to it, or consent again"
    if data.get("is_verified") is False:
        return f"BAD  Zalo OA {data.get('name')} is not verified: have it verified at oa.zalo.me"
    return f"ok   Zalo OA token: {data.get('name')}, package {data.get('package_name') or 'unknown'}"


async def _permissions(oa: ZaloOA) -> str:
    try:
        await oa.api.get("/v3.0/oa/user/getlist", {"offset": 0, "count": 1})
    except ChannelError as error:
        return f"BAD  Zalo OA permissions: {error}"
    return "ok   Zalo OA permissions: the package and the granted permissions let us read"


async def _buttons(oa: ZaloOA, config: Config) -> str:
    """A real message to a colleague: the only way to know whether buttons are taken."""
    user, type_ = config.settings.zalo_oa.doctor_user_id, config.settings.zalo_oa.buttons
    if not user or type_ == "none":
        return "--   Zalo OA buttons are not tried: set zalo_oa.doctor_user_id to a colleague's user id"
    message = render.message("motcua doctor\n\n1. OK", [Button("OK", "menu:show:")], type_)
    try:
        await oa.api.post("/v3.0/oa/message/cs", {"recipient": {"user_id": user}, "message": message})
    except WindowClosed:
        return "--   Zalo OA buttons are not tried: the colleague must first write to the OA (7-day window)"
    except ZaloRefusal as error:
        if error.code == NOT_SUPPORTED:
            return "BAD  Zalo OA refuses buttons: set zalo_oa.buttons to none (numbers go on working)"
        return f"BAD  Zalo OA message: {error}"
    except ChannelError as error:
        return f"BAD  Zalo OA message: {error}"
    return "ok   Zalo OA takes messages with buttons; tap it: an answer proves the way back"


async def _webhook(config: Config, path: str, name: str) -> str:
    """Our own public address, as Zalo's console probes it: unsigned and empty."""
    public = config.environment.public_url.rstrip("/")
    if not public:
        return f"--   {name} webhook is not tried: PUBLIC_URL is not set"
    http = Http(read_seconds=10.0)
    try:
        status, is_ours = await http.probe(public + path)
    except ChannelError as error:
        return f"BAD  {name} webhook: {public}{path} can't be reached ({error}): start the bot, check DNS and proxy"
    finally:
        await http.close()
    if status != 200 or not is_ours:
        return f"BAD  {name} webhook: {public}{path} answers {status} and not by this bot: check the proxy's routes"
    return f"ok   {name} webhook answers at {public}{path}"


async def _bot(config: Config) -> list[str]:
    token = secret(config.environment.zalo_bot_token)
    if not token or not config.settings.zalo_bot.enabled:
        return ["--   Zalo Bot is off: ZALO_BOT_TOKEN is not set"]
    http = Http()
    api = BotApi(http, BotOptions(token, base_url=config.environment.zalo_bot_base_url).base_url, token)
    try:
        me = await api.call("getMe", {})
        lines = [f"ok   Zalo Bot: {me.get('account_name')}{_groups(me)}"]
        lines.append(await _bot_receiving(config, api))
    except ChannelError as error:
        return [f"BAD  Zalo Bot: {error}: a new token comes from Zalo Bot Manager"]
    finally:
        await http.close()
    return [*lines, await _bot_quota(config, token)]


def _groups(me: dict[str, Any]) -> str:
    return "" if me.get("can_join_groups") else " (can't join groups)"


async def _bot_receiving(config: Config, api: BotApi) -> str:
    url = str((await api.call("getWebhookInfo", {})).get("url") or "")
    if config.environment.public_url:
        wanted = config.environment.public_url.rstrip("/") + BOT_PATH
        if url != wanted:
            return f"BAD  Zalo Bot webhook is {url or 'not set'}: start the bot, it sets {wanted}"
        return await _webhook(config, BOT_PATH, "Zalo Bot")
    if url:
        return f"BAD  Zalo Bot: a webhook is set ({url}), so polling is silent: start the bot, it takes it away"
    return "ok   Zalo Bot receives by polling"


async def _bot_quota(config: Config, token: str) -> str:
    allowed = config.settings.zalo_bot.messages_a_month
    try:
        database = await Database.open(config.database_url)
    except BotError as error:
        return f"BAD  Zalo Bot: {error}"
    try:
        sent = await CountOf(database, token.partition(":")[0]).sent(datetime.now(UTC))
    finally:
        await database.close()
    mark = "BAD" if allowed and sent >= allowed else "ok "
    return f"{mark}  Zalo Bot sent {sent} of {allowed or 'any number of'} messages this month"
