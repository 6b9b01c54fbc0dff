"""What ``motcua doctor`` looks at: settings, knowledge, database, and the bot that is running."""

from __future__ import annotations

from typing import Any

import aiohttp

from bot.config import Config
from bot.errors import BotError
from bot.knowledge.library import load_library
from bot.store.database import Database
from bot.zalo import doctor as zalo


async def examine(config: Config) -> tuple[list[str], bool]:
    """Lines "ok …" or "BAD …: what to do", and whether all is well."""
    lines = [f"ok   config.yaml in {config.root}"]
    try:
        library = load_library(config.knowledge)
        lines.append(f"ok   knowledge: {len(library.procedures)} procedures")
    except BotError as error:
        lines += [f"BAD  knowledge: {line}" for line in str(error).splitlines()]
    try:
        await (await Database.open(config.database_url)).close()
        lines.append("ok   database opens and is migrated")
    except BotError as error:
        lines.append(f"BAD  {error}")
    lines += await _running(config)
    if config.environment.telegram_token:
        lines.append(await _telegram(config))
    else:
        lines.append("--   Telegram is off: TELEGRAM_TOKEN is not set")
    lines += await zalo.examine(config)
    return lines, not any(line.startswith("BAD") for line in lines)


async def _running(config: Config) -> list[str]:
    web = config.settings.web
    try:
        health = await _get_json(f"http://{web.host}:{web.port}/health", seconds=3)
    except (aiohttp.ClientError, TimeoutError, ValueError):
        return [f"--   no bot is running on {web.host}:{web.port} (start it with: motcua run)"]
    lines = [f"ok   a bot is running on {web.host}:{web.port}"]
    for problem in str(health.get("knowledge_problem") or "").splitlines():
        lines.append(f"BAD  it runs on older knowledge, the last edit is broken: {problem}")
    return lines


async def _telegram(config: Config) -> str:
    token = config.environment.telegram_token
    assert token is not None
    url = f"{config.environment.telegram_base_url}/bot{token.get_secret_value()}/getMe"
    try:
        answer = await _get_json(url, seconds=10)
    except (aiohttp.ClientError, TimeoutError, ValueError) as error:
        return f"BAD  Telegram can't be reached: {type(error).__name__}: check the network"
    if not answer.get("ok"):
        return f"BAD  Telegram refuses TELEGRAM_TOKEN ({answer.get('description')}): get a new one from @BotFather"
    return f"ok   Telegram: @{answer['result'].get('username')}"


async def _get_json(url: str, seconds: float) -> Any:
    timeout = aiohttp.ClientTimeout(total=seconds)
    async with aiohttp.ClientSession(timeout=timeout) as session, session.get(url) as response:
        return await response.json(content_type=None)
