"""The pages of guided filing in real Chromium, on a phone and on a desk: the drawing of a guide, and in the web
chat the list that is ticked, opened to print, and read by the desk from its QR code."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest

from tests.browser.test_whole import CHROMIUM, PICTURES, Bot, _replies, _write, opened, playwright

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM.exists(), reason=f"{CHROMIUM} is not installed"),
]
WIDTHS = (390, 1280)
STEPS = (
    "lam giay khai sinh",
    "Nộp online từng bước",
    "1",
    "1",
    "2",
    "1",
    "2",
    "danh dau tung giay",
    "co roi",
    "danh sach",
)


async def _whole_picture(page: Any, name: str) -> None:
    if PICTURES:
        await page.screenshot(path=f"{PICTURES}/{name}.png", full_page=True)


async def _fits(page: Any) -> None:
    """Nothing has to be moved sideways to be read."""
    assert await page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


@pytest.fixture
def bot(tmp_path: Path) -> Any:
    import signal

    bot = Bot(tmp_path)
    bot.start()
    yield bot
    bot.end(signal.SIGTERM)


@pytest.mark.parametrize("width", WIDTHS)
async def test_the_list_is_ticked_in_the_chat_printed_and_read_at_the_desk(bot: Bot, width: int) -> None:
    async with opened(bot.address, viewport={"width": width, "height": 800}) as page:
        await _replies(page, 1)
        for at, text in enumerate(STEPS, 2):
            await _write(page, text)
            await _replies(page, at)
        answer = page.locator(".reply").last
        await playwright.expect(answer).to_contain_text("☑ Giấy chứng sinh")
        await page.screenshot(path=f"{PICTURES}/list-{width}.png") if PICTURES else None
        await answer.get_by_role("button", name="In, mang ra quầy").click()
        await _replies(page, len(STEPS) + 2)
        slip = page.locator(".reply").last
        await _whole_picture(page, f"slip-{width}")
        address = await slip.get_by_role("link", name="Mở để in").get_attribute("href")
        await page.goto(f"{bot.address.rstrip('/')}{address}")
        await playwright.expect(page.locator("li").first).to_contain_text("☑ Giấy chứng sinh")
        code = await page.locator(".code strong").inner_text()
        assert await _read(page.locator(".code svg")) == code
        assert await page.get_by_role("button", name="In danh sách").is_visible()
        await _fits(page)
        await _whole_picture(page, f"checklist-{width}")
        await page.emulate_media(media="print")
        assert not await page.locator("#print").is_visible(), "no button on paper"
        await _whole_picture(page, f"checklist-print-{width}")


async def _read(svg: Any) -> str:
    """What a camera at the desk reads from the screen."""
    import zxingcpp
    from PIL import Image

    picture = Image.open(io.BytesIO(await svg.screenshot()))
    [found] = zxingcpp.read_barcodes(picture.resize((picture.width * 3, picture.height * 3)))
    return str(found.text)


@pytest.mark.parametrize("width", WIDTHS)
async def test_a_drawing_is_shown_and_can_be_read(bot: Bot, width: int) -> None:
    async with opened(f"{bot.address}guides/khai-sinh", viewport={"width": width, "height": 800}) as page:
        await playwright.expect(page.locator("main svg")).to_be_visible()
        size = await page.locator("main svg text").nth(3).evaluate("e => e.getBoundingClientRect().height")
        assert size >= 11, "letters stay large enough to read"
        await _fits(page)
        assert await page.title() == "Khai sinh cho con"
        await page.get_by_role("link", name="Đăng ký kết hôn").click()
        await playwright.expect(page.locator("main svg")).to_contain_text("ket-hon")
        await _whole_picture(page, f"guide-{width}")
