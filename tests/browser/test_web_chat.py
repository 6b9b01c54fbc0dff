"""The page as a person meets it: Chromium on one side, the web channel with an echoing door on the other."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.channels.web import HistoryItem, Web
from bot.messages import Button, Delivery, Message, Reply

playwright = pytest.importorskip("playwright.async_api", reason="playwright is not installed")
CHROMIUM = Path("/usr/bin/chromium")
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM.exists(), reason=f"{CHROMIUM} is not installed"),
]
SWITCHES = (
    "no-sandbox disable-gpu disable-quic no-first-run disable-background-networking disable-component-update "
    "disable-sync"
)
PICTURES = os.environ.get("MOTCUA_PICTURES", "")  # a folder, when someone wants to look
HOST = (
    '<!doctype html><html lang="vi"><meta name="viewport" content="width=device-width"><title>Phường</title>'
    '<link rel="icon" href="data:,">'
    '<h1>Trang của phường</h1><p>Tin tức trong ngày.</p><script src="/chat/widget.js"></script></html>'
)


async def host(request: web.Request) -> web.Response:
    return web.Response(text=HOST, content_type="text/html")


@dataclass
class Echo:
    """The house: answers every message with its own words and two buttons, and keeps the history."""

    channel: Web | None = None
    messages: dict[str, Message] = field(default_factory=dict)
    items: list[tuple[str, HistoryItem]] = field(default_factory=list)
    push: bool = True
    tasks: list[asyncio.Task[None]] = field(default_factory=list)

    async def receive(self, message: Message) -> bool:
        if message.message_id in self.messages:
            return False
        self.messages[message.message_id] = message
        self.items.append((message.chat_id, HistoryItem(len(self.items) + 1, True, message.text)))
        self.answer(message.chat_id, f"Bạn nói: **{message.text}**\nXem https://dichvucong.gov.vn.")
        return True

    def answer(self, chat_id: str, text: str) -> None:
        buttons = (Button("Giấy tờ cần nộp", "echo:papers:1"), Button("Lệ phí bao nhiêu?", "echo:fee:1"))
        number = len(self.items) + 1
        self.items.append((chat_id, HistoryItem(number, False, text, buttons)))
        if self.push and self.channel:
            delivery = Delivery(number, "web", chat_id, "", Reply(text, buttons))
            self.tasks.append(asyncio.create_task(self.channel.send(delivery)))

    async def set_reachable(self, channel: str, chat_id: str, reachable: bool) -> None: ...

    async def move_chat(self, channel: str, old_id: str, new_id: str) -> None: ...

    async def history(self, chat_id: str, after: int) -> list[HistoryItem]:
        return [item for chat, item in self.items if chat == chat_id and item.id > after]

    @property
    def texts(self) -> list[str]:
        return [message.text for message in self.messages.values()]


@dataclass
class Visit:
    """One browser page, and what went wrong on it."""

    page: playwright.Page
    address: str
    house: Echo
    errors: list[str]

    async def open(self, query: str = "") -> None:
        await self.page.goto(f"{self.address}{query}")

    async def replies(self, count: int) -> None:
        await playwright.expect(self.page.locator(".reply")).to_have_count(count)

    async def write(self, text: str) -> None:
        await self.page.fill("#box", text)
        await self.page.keyboard.press("Enter")

    async def picture(self, name: str) -> None:
        if PICTURES:
            await self.page.screenshot(path=f"{PICTURES}/{name}.png")


@asynccontextmanager
async def visiting(**settings: object) -> AsyncIterator[Visit]:
    house = Echo()
    house.channel = channel = Web(house.history)
    await channel.start(house)
    app = web.Application()
    app.add_routes([*channel.routes(), web.get("/host", host)])
    async with AsyncExitStack() as stack:
        server = await stack.enter_async_context(TestServer(app))
        driver = await stack.enter_async_context(playwright.async_playwright())
        args = [f"--{switch}" for switch in SWITCHES.split()]
        chromium = await driver.chromium.launch(executable_path=str(CHROMIUM), args=args)
        browser = await stack.enter_async_context(chromium)
        page = await browser.new_page(**{"viewport": {"width": 390, "height": 780}, **settings})
        visit = Visit(page, str(server.make_url("/")), house, [])
        page.on("pageerror", lambda error: visit.errors.append(str(error)))
        page.on("console", lambda line: line.type == "error" and visit.errors.append(line.text))
        yield visit
        await channel.stop()


@pytest.fixture
async def visit() -> AsyncIterator[Visit]:
    async with visiting() as visit:
        yield visit
        assert visit.errors == []


async def test_ask_then_tap_a_button(visit):
    await visit.open()
    await visit.replies(1)
    await visit.write("làm khai sinh cần gì <b>ạ</b>")
    await visit.replies(2)
    answer = visit.page.locator(".reply").last
    assert await answer.locator("strong").inner_text() == "làm khai sinh cần gì <b>ạ</b>"
    link = answer.locator(".text a")
    assert await link.get_attribute("href") == "https://dichvucong.gov.vn"
    assert "noopener" in await link.get_attribute("rel")
    assert "\n" in await answer.locator(".text").inner_text()
    await answer.get_by_role("button", name="Lệ phí bao nhiêu?").click()
    await visit.replies(3)
    await playwright.expect(visit.page.locator(".state")).to_have_count(0)
    await playwright.expect(visit.page.locator("#typing")).to_be_empty()
    assert visit.house.texts == ["/start", "làm khai sinh cần gì <b>ạ</b>", "Lệ phí bao nhiêu?"]
    assert list(visit.house.messages.values())[-1].tapped == "echo:fee:1"


async def test_dropped_line_comes_back_with_each_message_once():
    async with visiting() as visit:  # a refused connection is an error on the console, rightly
        house, page = visit.house, visit.page
        await visit.open()
        await visit.replies(1)
        await visit.write("một")
        await visit.replies(2)
        await house.channel.stop()
        await playwright.expect(page.locator("#notice")).to_have_text("Mất kết nối, đang thử lại…")
        chat_id = next(iter(house.messages.values())).chat_id
        house.answer(chat_id, "trong lúc mất kết nối")
        await visit.write("hai")
        await playwright.expect(page.locator(".mine .state")).to_have_text("đang gửi")
        await house.channel.start(house)
        await visit.replies(4)
        await playwright.expect(page.locator("#notice")).to_be_empty()
        await playwright.expect(page.locator(".state")).to_have_count(0)
        assert house.texts == ["/start", "một", "hai"]
        await page.reload()
        await visit.replies(4)
        assert await page.locator(".mine .text").all_inner_texts() == ["một", "hai"]
        assert house.texts == ["/start", "một", "hai"]


async def test_answer_that_was_never_pushed_is_fetched(visit):
    visit.house.push = False
    await visit.page.clock.install()
    await visit.open()
    await playwright.expect(visit.page.locator(".dots")).to_be_visible()
    await playwright.expect(visit.page.locator(".state")).to_have_count(0)
    await visit.page.clock.run_for(5_000)
    await visit.replies(1)


async def test_message_sent_too_fast_is_kept_and_sent_later(visit, monkeypatch):
    monkeypatch.setattr("bot.channels.web.PACE_FRAMES", 3)
    monkeypatch.setattr("bot.channels.web.PACE_SECONDS", 2.0)
    await visit.open()  # hello and /start count
    for number in range(3):
        await visit.write(str(number))
    await playwright.expect(visit.page.locator("#notice")).to_contain_text("gửi hơi nhanh")
    await visit.replies(4)
    await playwright.expect(visit.page.locator(".state")).to_have_count(0)
    assert sorted(visit.house.texts) == ["/start", "0", "1", "2"]


async def test_keyboard_alone_reaches_and_works_everything(visit):
    page = visit.page
    await visit.open()
    await visit.replies(1)
    await playwright.expect(page.locator("#box")).to_be_focused()
    await page.keyboard.type("dòng một")
    await page.keyboard.press("Shift+Enter")
    await page.keyboard.type("dòng hai")
    await page.keyboard.press("Enter")
    await visit.replies(2)
    await playwright.expect(page.locator("#box")).to_be_focused()
    await page.locator(".skip").focus()
    reached = ["Tới ô nhập câu hỏi"]
    for _ in range(16):
        await page.keyboard.press("Tab")
        reached.append(await page.evaluate("document.activeElement.textContent || document.activeElement.id"))
        assert await page.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none"
        if reached[-1] == "Quyền riêng tư":
            break
    assert reached[:2] == ["Tới ô nhập câu hỏi", "Bắt đầu lại"]
    assert reached.count("Giấy tờ cần nộp") == 2
    assert {"box", "Gửi", "Quyền riêng tư"} <= set(reached)
    await page.keyboard.press("Enter")
    await visit.replies(3)
    assert await page.locator(".mine .text").last.inner_text() == "Quyền riêng tư"
    await page.keyboard.press("Escape")
    await visit.replies(4)
    assert visit.house.texts == ["/start", "dòng một\ndòng hai", "/quyenriengtu", "/start"]


async def test_deep_link_asks_once_and_not_again_on_reload(visit):
    await visit.open("?start=khai-sinh")
    await visit.replies(1)
    await visit.page.reload()
    await visit.replies(1)
    assert visit.house.texts == ["/start khai-sinh"]


async def test_long_text_is_cut_with_a_note(visit):
    await visit.open()
    await visit.replies(1)
    await visit.page.fill("#box", "a" * 8_010)
    await playwright.expect(visit.page.locator("#notice")).to_contain_text("8.000")
    await visit.page.keyboard.press("Enter")
    await visit.replies(2)
    assert len(visit.house.texts[-1]) == 8_000


@pytest.mark.parametrize("width", [320, 390, 1280])
async def test_no_width_needs_sideways_scrolling_and_targets_are_large(visit, width):
    await visit.page.set_viewport_size({"width": width, "height": 640})
    await visit.open()
    await visit.replies(1)
    await visit.write("x" * 300 + " https://example.org/" + "y" * 200)
    await visit.replies(2)
    for part in ("html", "#scroll", "footer"):
        assert await visit.page.locator(part).evaluate("e => e.scrollWidth - e.clientWidth") == 0
    assert await visit.page.evaluate("parseFloat(getComputedStyle(document.body).fontSize)") >= 17
    for box in await visit.page.locator("button:visible").all():
        assert (await box.bounding_box())["height"] >= 40


@pytest.mark.parametrize("size", [(1000, 800), (360, 640)])
async def test_widget_opens_in_a_frame_and_closes_by_keyboard(visit, size):
    page = visit.page
    await page.set_viewport_size({"width": size[0], "height": size[1]})
    await visit.open("host")
    await page.get_by_role("button", name="Hỏi Một Cửa").press("Enter")
    frame = page.frame_locator("iframe")
    await playwright.expect(frame.locator(".reply")).to_have_count(1)
    await playwright.expect(frame.locator("#box")).to_be_focused()
    await visit.picture(f"widget-{size[0]}")
    await page.keyboard.press("Escape")
    await playwright.expect(page.locator("iframe")).to_be_hidden()
    await playwright.expect(page.get_by_role("button", name="Hỏi Một Cửa")).to_be_focused()
    assert visit.house.texts == ["/start"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_text_stands_out_from_its_ground(scheme):
    async with visiting(color_scheme=scheme, reduced_motion="reduce") as visit:
        await visit.open()
        await visit.replies(1)
        await visit.write("xin chào")
        await visit.replies(2)
        for part in (".reply .text", ".mine .text", ".choices button", ".send", ".small", ".plain", ".begin"):
            assert await visit.page.evaluate(CONTRAST, part) >= 4.5, part
        await visit.picture(f"390-{scheme}")


# The contrast of an element's text against the first opaque ground beneath it, as WCAG counts it.
CONTRAST = """selector => {
  const parse = color => color.match(/[\\d.]+/g).map(Number);
  const linear = c => c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  const light = color => {
    const [r, g, b] = color.map(c => linear(c / 255));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ground = element => parse(getComputedStyle(element).backgroundColor);
  let element = document.querySelector(selector);
  const ink = light(parse(getComputedStyle(element).color));
  while (ground(element)[3] < 1 && element.parentElement) element = element.parentElement;
  const paper = light(ground(element));
  return (Math.max(ink, paper) + 0.05) / (Math.min(ink, paper) + 0.05);
}"""
