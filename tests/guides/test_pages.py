"""The checklist to print, the QR code on it, and the drawings for reviewers, over real HTTP."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree
from collections.abc import AsyncIterator
from datetime import datetime, timedelta

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from bot.guides.commands import named
from bot.guides.drawing import draw
from bot.guides.keeping import Slip
from bot.guides.schedule import ZONE
from bot.pages import Pages, qr
from tests.guides.shared import Memory
from tests.guides.test_paths import GUIDES, LIBRARY
from tests.test_dialogs import SHELF

SLIP = Slip("K7M2PQ", "Khai sinh <b>", ("☑ Giấy chứng sinh", "☐ Tờ khai & đơn"), datetime.now(ZONE) + timedelta(1))


class Slips(Memory):
    async def slip(self, code: str, now: datetime) -> Slip | None:
        return SLIP if code == SLIP.code else None


@pytest.fixture
async def client() -> AsyncIterator[TestClient[web.Request, web.Application]]:
    app = web.Application()
    app.add_routes(Pages(SHELF, Slips()).routes())
    async with TestClient(TestServer(app)) as client:
        yield client


async def test_the_checklist_is_printable_and_escaped(client: TestClient[web.Request, web.Application]) -> None:
    response = await client.get("/checklist/k7m2pq")
    body = await response.text()
    assert response.status == 200
    assert "@media print" in body
    assert "Khai sinh &lt;b&gt;" in body
    assert "Tờ khai &amp; đơn" in body
    assert response.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("path", ["/checklist/AAAAA2", "/checklist/x", "/checklist/%3Cscript%3E", "/guides/none"])
async def test_what_does_not_exist_is_said_kindly(
    client: TestClient[web.Request, web.Application], path: str
) -> None:
    response = await client.get(path)
    assert response.status == 404
    assert "Không có trang này" in await response.text()


async def test_every_guide_has_a_page_and_a_link(client: TestClient[web.Request, web.Application]) -> None:
    listed = await (await client.get("/guides")).text()
    for guide in GUIDES:
        assert f'href="/guides/{guide.id}"' in listed
        assert f"{guide.version})" in await (await client.get(f"/guides/{guide.id}")).text()


@pytest.mark.parametrize("name", sorted(LIBRARY.guides.pictures))
async def test_every_picture_is_shown_and_says_that_it_is_one(
    client: TestClient[web.Request, web.Application], name: str
) -> None:
    response = await client.get(f"/pictures/{name}")
    svg = await response.text()
    assert response.content_type == "image/svg+xml"
    ElementTree.fromstring(svg)
    assert "Hình minh họa, không phải ảnh chụp màn hình thật" in svg
    named = {timed.item.picture for guide in GUIDES for timed in guide.steps}
    assert name in named, "a picture nobody shows"


@pytest.mark.parametrize("guide", GUIDES, ids=lambda guide: guide.id)
def test_a_drawing_is_valid_and_shows_every_question_and_step(guide) -> None:  # type: ignore[no-untyped-def]
    svg = draw(guide, LIBRARY.texts)
    words = " ".join(element.text or "" for element in ElementTree.fromstring(svg).iter())
    for question in guide.questions:
        assert f"{question.item.fact}:" in words
    for step in guide.steps:
        assert f"[{step.item.id}]" in words


def test_a_general_guide_is_drawn_too() -> None:
    assert "gia-han-tam-tru" in draw(named(LIBRARY, "gia-han-tam-tru"), LIBRARY.texts)


def test_the_qr_code_on_the_slip_reads_as_the_code() -> None:
    zxingcpp = pytest.importorskip("zxingcpp")
    numpy = pytest.importorskip("numpy")
    svg = qr("K7M2PQ")
    size = int(re.search(r'viewBox="0 0 (\d+)', svg)[1])  # type: ignore[index]
    picture = numpy.full((size, size), 255, dtype=numpy.uint8)
    for x, y, w, h in re.findall(r"M(\d+) (\d+)h(\d+)v(\d+)", svg):
        picture[int(y) : int(y) + int(h), int(x) : int(x) + int(w)] = 0
    large = numpy.kron(picture, numpy.ones((8, 8), dtype=numpy.uint8))
    [found] = zxingcpp.read_barcodes(large)
    assert found.text == "K7M2PQ"
