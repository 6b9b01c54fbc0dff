"""Real Chromium and a real bot: ask, press a button, follow up, and go on after the bot was killed."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ROOT

playwright = pytest.importorskip("playwright.async_api", reason="playwright is not installed")
CHROMIUM = Path("/usr/bin/chromium")
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM.exists(), reason=f"{CHROMIUM} is not installed"),
]
SWITCHES = "no-sandbox disable-gpu disable-quic no-first-run disable-background-networking disable-component-update"
PICTURES = os.environ.get("MOTCUA_PICTURES", "")  # a folder, when someone wants to look


class Bot:
    """``motcua run`` that can be killed and started again on the same port and data."""

    def __init__(self, folder: Path) -> None:
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
        self.address = f"http://127.0.0.1:{port}/"
        config = folder / "config.yaml"
        config.write_text(f"knowledge: {ROOT}/knowledge\nlog_level: error\nweb: {{port: {port}}}\n")
        self._environment = {
            **{key: value for key, value in os.environ.items() if key not in ("DATABASE_URL", "TELEGRAM_TOKEN")},
            "MOTCUA_CONFIG": str(config),
            "MOTCUA_DATA": str(folder / "data"),
        }
        self._process: subprocess.Popen[bytes] | None = None
        self._port = port

    def start(self) -> None:
        self._process = subprocess.Popen([sys.executable, "-m", "bot", "run"], cwd=ROOT, env=self._environment)
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self._port)) == 0:
                    return
            time.sleep(0.02)
        raise AssertionError("the bot did not start")

    def end(self, how: signal.Signals) -> None:
        assert self._process is not None
        self._process.send_signal(how)
        self._process.wait(20)


@asynccontextmanager
async def opened(address: str, **settings: Any) -> AsyncIterator[Any]:
    async with playwright.async_playwright() as driver:
        args = [f"--{switch}" for switch in SWITCHES.split()]
        async with await driver.chromium.launch(executable_path=str(CHROMIUM), args=args) as browser:
            page = await browser.new_page(**{"viewport": {"width": 390, "height": 780}, **settings})
            await page.goto(address)
            yield page


async def _replies(page: Any, count: int) -> None:
    await playwright.expect(page.locator(".reply")).to_have_count(count, timeout=20_000)


async def _write(page: Any, text: str) -> None:
    await page.fill("#box", text)
    await page.keyboard.press("Enter")


async def _picture(page: Any, name: str) -> None:
    if PICTURES:
        await page.screenshot(path=f"{PICTURES}/{name}.png")


async def test_ask_press_follow_up_and_survive_a_kill(tmp_path: Path) -> None:
    bot = Bot(tmp_path)
    bot.start()
    async with opened(bot.address) as page:
        await _replies(page, 1)
        await _write(page, "làm giấy khai sinh cho con cần gì")
        await _replies(page, 2)
        answer = page.locator(".reply").last
        await playwright.expect(answer).to_contain_text("Giấy chứng sinh")
        await playwright.expect(answer).to_contain_text("Nguồn:")
        await _picture(page, "answer-390")
        await answer.get_by_role("button", name="Hết bao nhiêu tiền").click()
        await _replies(page, 3)
        await playwright.expect(page.locator(".reply").last).to_contain_text("60 ngày")
        await _write(page, "thế mất bao lâu")
        await _replies(page, 4)
        await playwright.expect(page.locator(".reply").last).to_contain_text("thời gian")

        bot.end(signal.SIGKILL)
        await playwright.expect(page.locator("#notice")).not_to_be_empty()
        await _write(page, "cảm ơn")  # typed while the bot is down
        bot.start()
        await _replies(page, 5)
        await playwright.expect(page.locator("#notice")).to_be_empty(timeout=20_000)
        await page.reload()
        await _replies(page, 5)
        assert len(await page.locator(".mine .text").all_inner_texts()) == 4
    bot.end(signal.SIGTERM)
    async with opened_again(bot) as wide:
        await _replies(wide, 1)
        await _write(wide, "/menu")
        await _replies(wide, 2)
        await _picture(wide, "menu-1280")


@asynccontextmanager
async def opened_again(bot: Bot) -> AsyncIterator[Any]:
    bot.start()
    try:
        async with opened(bot.address, viewport={"width": 1280, "height": 800}) as page:
            yield page
    finally:
        bot.end(signal.SIGTERM)
