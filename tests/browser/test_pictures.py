"""Pictures in the web chat: chosen or pasted, made small in the browser, read by the bot, kept nowhere."""

from __future__ import annotations

import io

import pytest

from bot.dossiers.images import read_picture
from bot.messages import Kind
from tests.browser.test_web_chat import CHROMIUM, playwright, visiting
from tests.dossiers.receipts import Shot, photo

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM.exists(), reason=f"{CHROMIUM} is not installed"),
]
NUMBER = "H24.77.20-260915-0012"


@pytest.mark.parametrize("width", [390, 1280])
async def test_a_chosen_picture_arrives_small_and_readable(width):
    from PIL import Image

    out = io.BytesIO()  # larger than the server takes: twelve megapixels of noise around the receipt
    receipt = Image.open(io.BytesIO(photo(Shot(NUMBER, width=2400))))
    large = Image.effect_noise((4000, 3600), 60).convert("RGB")
    large.paste(receipt.crop((0, 0, 2400, 3400)), (800, 100))
    large.save(out, "JPEG", quality=97)
    async with visiting(viewport={"width": width, "height": 780}) as visit:
        await visit.open()
        await visit.replies(1)
        file = {"name": "giay-hen.jpg", "mimeType": "image/jpeg", "buffer": out.getvalue()}
        await visit.page.set_input_files("#file", file)
        await visit.replies(2)
        await visit.picture(f"picture-{width}")
        [message] = [one for one in visit.house.messages.values() if one.kind is Kind.PHOTO]
        data = await visit.house.channel.photo(message.photo)
        assert len(data) < 2_500_000
        assert [number.text for number in read_picture(data).numbers] == [NUMBER]
        await playwright.expect(visit.page.locator(".mine .text").last).to_have_text("Ảnh giấy hẹn")
        await playwright.expect(visit.page.locator(".state")).to_have_count(0)
        assert visit.errors == []


async def test_what_is_no_picture_is_said_at_once():
    async with visiting() as visit:
        await visit.open()
        await visit.replies(1)
        await visit.page.set_input_files(
            "#file", {"name": "a.pdf", "mimeType": "application/pdf", "buffer": b"%PDF"}
        )
        await playwright.expect(visit.page.locator("#notice")).to_contain_text("không phải ảnh")
        assert len(visit.house.messages) == 1
