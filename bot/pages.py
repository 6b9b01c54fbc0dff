"""The house's own pages beside the chat: a checklist to print, and drawings of guides for reviewers."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from html import escape
from pathlib import Path
from string import Template

import zxingcpp
from aiohttp import web

from bot.guides.drawing import draw
from bot.guides.keeping import SLIP_LENGTH, Keeping, read_code
from bot.guides.schedule import ZONE
from bot.reload import Shelf

_FOLDER = Path(__file__).with_name("guides") / "page"
_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'self'"
)
_PRINT = "script-src 'unsafe-inline'"  # the print button; a code cannot bring a script with it


class Pages:
    """Routes of the pages; they show nothing about a person."""

    def __init__(self, shelf: Shelf, store: Keeping) -> None:
        self._shelf = shelf
        self._store = store
        self._templates = {path.stem: Template(path.read_text(encoding="utf-8")) for path in _FOLDER.glob("*.html")}

    def routes(self) -> Sequence[web.RouteDef]:
        """To be mounted on the web server."""
        return [
            web.get("/checklist/{code}", self._checklist),
            web.get("/pictures/{name}", self._picture),
            web.get("/guides", self._guides),
            web.get("/guides/{name}", self._guides),
        ]

    async def _checklist(self, request: web.Request) -> web.Response:
        code = read_code(request.match_info["code"], SLIP_LENGTH)
        slip = await self._store.slip(code, datetime.now(UTC)) if code else None
        if slip is None:
            return self._page("missing", status=404)
        lines = "\n".join(f"<li>{escape(line)}</li>" for line in slip.lines)
        until = f"{slip.until.astimezone(ZONE):%d/%m/%Y}"
        return self._page(
            "checklist", title=escape(slip.title), code=slip.code, lines=lines, until=until, qr=qr(code)
        )

    async def _picture(self, request: web.Request) -> web.Response:
        svg = self._shelf.library.guides.pictures.get(request.match_info["name"])
        if svg is None:
            return self._page("missing", status=404)
        headers = {"Content-Security-Policy": _POLICY, "X-Content-Type-Options": "nosniff"}
        return web.Response(text=svg, content_type="image/svg+xml", headers=headers)

    async def _guides(self, request: web.Request) -> web.Response:
        library = self._shelf.library
        name = request.match_info.get("name", "")
        guide = library.guides.get(name, library.find(name)) if name else None
        if name and guide is None:
            return self._page("missing", status=404)
        links = "".join(
            f'<a href="/guides/{escape(one.id)}">{escape(one.name)}</a>' for one in library.guides.written.values()
        )
        drawing = draw(guide, library.texts) if guide else ""
        title = escape(guide.name) if guide else ""
        return self._page("guides", title=title, links=links, drawing=drawing)

    def _page(self, template: str, status: int = 200, **values: str) -> web.Response:
        body = self._templates[template].substitute(values)
        headers = {
            "Content-Security-Policy": f"{_POLICY}; {_PRINT}" if template == "checklist" else _POLICY,
            "Cache-Control": "no-store",
            "Referrer-Policy": "no-referrer",
            "X-Content-Type-Options": "nosniff",
        }
        return web.Response(text=body, content_type="text/html", status=status, headers=headers)


def qr(text: str) -> str:
    """The text as a QR code, an SVG element to put into a page."""
    barcode = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode)
    svg = str(barcode.to_svg())
    size = re.search(r'<svg width="(\d+)" height="(\d+)"', svg)
    drawn = svg[svg.index("<svg") :]
    if size:
        box = f'<svg viewBox="0 0 {size[1]} {size[2]}" role="img" aria-label="{escape(text)}"'
        drawn = drawn.replace(size[0], box, 1)
    return drawn
