"""A whole bot in a process of its own, with an OA and a Bot on servers that are not Zalo's: consent by the
running bot, a conversation by signed webhooks, and one by polling."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiohttp

from tests.channels import zalo_bot_server, zalo_oa_server
from tests.channels.test_telegram_whole import _free_port
from tests.channels.zalo_bot_server import ZaloBotServer
from tests.channels.zalo_oa_server import APP_ID, APP_SECRET, OA_ID, OA_KEY, ZaloOAServer
from tests.conftest import ROOT, until


def _environment(folder: Path, oa: ZaloOAServer, bot: ZaloBotServer, port: int) -> dict[str, str]:
    config = folder / "config.yaml"
    config.write_text(f"knowledge: {ROOT}/knowledge\nweb: {{port: {port}}}\nzalo_bot: {{poll_timeout: 1}}\n")
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("DATABASE", "TELEGRAM"))}
    return {
        **kept,
        "MOTCUA_CONFIG": str(config),
        "MOTCUA_DATA": str(folder / "data"),
        "ZALO_APP_ID": APP_ID,
        "ZALO_APP_SECRET": APP_SECRET,
        "ZALO_OA_ID": OA_ID,
        "ZALO_OA_SECRET_KEY": OA_KEY,
        "ZALO_BOT_TOKEN": zalo_bot_server.TOKEN,
        "ZALO_BASE_URL": oa.url,
        "ZALO_OAUTH_BASE_URL": oa.url,
        "ZALO_BOT_BASE_URL": bot.url,
    }


async def _is_up(site: str) -> bool:
    try:
        async with aiohttp.ClientSession() as session, session.get(f"{site}/health") as response:
            return response.status == 200
    except aiohttp.ClientError:
        return False


async def test_consent_and_two_conversations(tmp_path: Path) -> None:
    oa, bot, port = ZaloOAServer(), ZaloBotServer(), _free_port()
    oa.now = datetime.now(UTC)
    oa.expires_at = oa.now + timedelta(hours=25)
    await oa.open()
    await bot.open()
    site = f"http://127.0.0.1:{port}"
    environment = _environment(tmp_path, oa, bot, port)
    run = subprocess.Popen([sys.executable, "-m", "bot", "run"], cwd=ROOT, env=environment, stderr=subprocess.PIPE)
    try:
        while not await _is_up(site):
            assert run.poll() is None, "the bot did not start"
            await asyncio.sleep(0.05)
        login = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "bot", "zalo", "login"),
            cwd=ROOT,
            env={**environment, "PUBLIC_URL": site},
            stdout=asyncio.subprocess.PIPE,
        )
        assert login.stdout is not None
        page = ""
        while "/v4/oa/permission" not in page:
            page = (await asyncio.wait_for(login.stdout.readline(), 30)).decode()
            assert page, "no page to open"
        async with (
            aiohttp.ClientSession() as session,
            session.get(f"{site}/zalo/callback?{oa.consent(page.strip())}") as response,
        ):
            assert response.status == 200
        rest, _ = await asyncio.wait_for(login.communicate(), 30)
        assert "Phường Thử" in rest.decode()

        assert await oa.post(site, zalo_oa_server.said("lam giay khai sinh", 1, at=oa.now)) == 200
        assert await oa.post(site, zalo_oa_server.said("lam giay khai sinh", 1, at=oa.now)) == 200
        await until(lambda: len(oa.sent) == 1, 60)  # it looks for a token every half minute
        text = oa.sent[0]["message"]["text"]
        assert "Đăng ký khai sinh" in text
        assert "**" not in text
        button = oa.sent[0]["message"]["attachment"]["payload"]["buttons"][1]
        assert await oa.post(site, zalo_oa_server.said(button["payload"], 2, at=oa.now)) == 200
        await until(lambda: len(oa.sent) == 2)

        await bot.push(zalo_bot_server.said("lam giay khai sinh", 1))
        await until(lambda: len(bot.called("sendMessage")) == 1)
        assert "1. " in bot.called("sendMessage")[0]["text"]
    finally:
        run.send_signal(signal.SIGTERM)
        _, errors = run.communicate(timeout=20)
        await oa.close()
        await bot.close()
    assert run.returncode == 0, errors.decode()
    shown = errors.decode()
    assert not [token for token in (zalo_bot_server.TOKEN, "access-1", "refresh-1", APP_SECRET) if token in shown]
