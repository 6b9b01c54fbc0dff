"""Systems that know dossiers, played by a local server: national exchange, iGate portal, plain REST service."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestServer

RECORD = {
    "MaHoSo": "H24.77.20-260915-0012",
    "TenTTHC": "Đăng ký khai sinh",
    "ChuHoSo": "Nguyễn Văn A",
    "SoDienThoai": "0912345678",
    "NgayTiepNhan": "20260915083000",
    "NgayHenTra": "20261202170000",
    "TrangThaiHoSo": "5",
    "DonViXuLy": "UBND phường",
    "DanhSachHoSoBoSung": [{"NoiDungBoSung": "bản sao sổ hộ khẩu"}, {"NoiDungBoSung": "giấy chứng sinh"}],
}


class Systems:
    """Counts calls and fails as told."""

    def __init__(self) -> None:
        self.calls: list[str] = []
        self.sessions: set[str] = set()
        self.fails_with: int = 0  # HTTP status for the next answers
        self.redirects_to: str = ""
        self.status = "5"
        self.body: Any = None

    async def login(self, request: web.Request) -> web.Response:
        sent = await request.json()
        if (sent["user"], sent["password"], request.headers["dstcode"]) != ("ward", "open sesame", "VN:GOV"):
            return web.json_response({"error_code": "1"})
        self.sessions.add(session := f"s{len(self.sessions) + 1}")
        self.calls.append("login")
        return web.json_response({"error_code": "0", "session": session})

    async def exchange(self, request: web.Request) -> web.Response:
        sent = await request.json()
        self.calls.append(sent.get("service", "?"))
        if self.fails_with:
            return web.Response(status=self.fails_with)
        if self.body is not None:
            return web.Response(text=self.body)
        if sent["session"] not in self.sessions or sent["madonvi"] != "H24.77" or sent["service"] != "TraCuuHoSo":
            return web.json_response({"error_code": "9"})
        found = [RECORD | {"TrangThaiHoSo": self.status}] if sent["mahoso"] == RECORD["MaHoSo"] else []
        return web.json_response({"error_code": "0", "result": found})

    async def token(self, request: web.Request) -> web.Response:
        sent = await request.post()
        self.calls.append("token")
        if (sent["grant_type"], sent["client_id"], sent["client_secret"]) != ("client_credentials", "bot", "hush"):
            return web.Response(status=401)
        return web.json_response({"access_token": "t1", "expires_in": 300})

    async def search(self, request: web.Request) -> web.Response:
        self.calls.append("search")
        if request.headers.get("Authorization") != "Bearer t1":
            return web.Response(status=401)
        code = request.query["code"]
        content = {
            "code": code,
            "applicant": {"data": {"fullname": "Nguyễn Văn A", "phoneNumber": "0912345678"}},
            "procedure": {"translate": [{"name": "Đăng ký kết hôn"}]},
            "statusCurrentTask": "Đang xử lý",
            "appliedDate": "2026-09-15T01:30:00.000Z",
            "appointmentDate": "2026-12-02T10:00:00.000Z",
        }
        return web.json_response({"content": [content] if code.endswith("0012") else []})

    async def rest(self, request: web.Request) -> web.Response:
        self.calls.append("rest")
        if self.redirects_to:
            raise web.HTTPFound(self.redirects_to)
        if request.headers.get("X-Api-Key") != "k" or not request.match_info["number"].endswith("0012"):
            return web.Response(status=404)
        return web.json_response({"state": "ready", "number": request.match_info["number"], "dueOn": "2026-12-02"})


@asynccontextmanager
async def running() -> AsyncIterator[tuple[Systems, str]]:
    """The server and its address."""
    systems = Systems()
    application = web.Application()
    application.router.add_post("/adapter/login", systems.login)
    application.router.add_post("/adapter/api", systems.exchange)
    application.router.add_post("/auth/realms/digo/token", systems.token)
    application.router.add_get("/pa/dossier-search/dvc", systems.search)
    application.router.add_get("/dossiers/{number}", systems.rest)
    server = TestServer(application)
    await server.start_server()
    try:
        yield systems, str(server.make_url("")).rstrip("/")
    finally:
        await server.close()
