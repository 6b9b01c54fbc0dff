"""Pictures and files on their way to people: uploaded once, used for six days, then uploaded again."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import PurePath
from typing import Any

import aiohttp

from bot.channels.zalo_oa import render
from bot.channels.zalo_oa.api import Api
from bot.channels.zalo_oa.failures import AssetExpired
from bot.errors import ReplyRejected

_MEGABYTE = 1024 * 1024
_LIFE = timedelta(days=6)  # Zalo lets assets go after 7
_KEEP = 500
# where to, which endings, how big at most, what the answer names it
_KINDS = {
    "image": (("jpg", "jpeg", "png"), 1 * _MEGABYTE, "attachment_id"),
    "file": (("pdf", "doc", "docx", "csv"), 5 * _MEGABYTE, "token"),
}


class Uploads:
    """Sends pictures and files to one person. Raises only the ChannelError family."""

    def __init__(self, api: Api, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._api = api
        self._now = now
        self._known: dict[str, tuple[str, datetime]] = {}

    async def send_picture(self, user_id: str, name: str, content: bytes, caption: str = "") -> None:
        """A JPG or PNG of at most 1 MB, with a caption."""
        await self._send(user_id, "image", name, content, lambda i: render.image_message(caption, attachment_id=i))

    async def send_file(self, user_id: str, name: str, content: bytes) -> None:
        """A PDF, DOC, DOCX or CSV of at most 5 MB. For what lasts send a link instead: files vanish."""
        await self._send(user_id, "file", name, content, render.file_message)

    async def _send(
        self, user_id: str, kind: str, name: str, content: bytes, make: Callable[[str], dict[str, Any]]
    ) -> None:
        for is_last in (False, True):
            asset = await self._asset(kind, name, content)
            body = {"recipient": {"user_id": user_id}, "message": make(asset)}
            try:
                await self._api.post("/v3.0/oa/message/cs", body)
                return
            except AssetExpired:
                self._known.clear()
                if is_last:
                    raise

    async def _asset(self, kind: str, name: str, content: bytes) -> str:
        """The id of the uploaded content; uploads it when it is new or about to vanish."""
        endings, limit, field = _KINDS[kind]
        if PurePath(name).suffix.lower().removeprefix(".") not in endings:
            raise ReplyRejected(f"Zalo takes {', '.join(endings)} here, not {PurePath(name).suffix or name}")
        if len(content) > limit:
            raise ReplyRejected(f"{name} is bigger than {limit // _MEGABYTE} MB")
        key, now = hashlib.sha256(content).hexdigest(), self._now()
        known = self._known.get(key)
        if known is not None and now - known[1] < _LIFE:
            return known[0]

        def form() -> aiohttp.FormData:
            data = aiohttp.FormData()
            data.add_field("file", content, filename=name)
            return data

        data = await self._api.upload(f"/v2.0/oa/upload/{kind}", form)
        asset = str(data.get(field) or data.get("token") or data.get("attachment_id") or "")
        if not asset:
            raise ReplyRejected("the upload brought no id")
        if len(self._known) >= _KEEP:
            self._known.clear()
        self._known[key] = (asset, now)
        return asset
