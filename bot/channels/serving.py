"""How the web chat's page and files are served: content policy, caching."""

from __future__ import annotations

import hashlib
import re

from aiohttp import web

_HOST = re.compile(r"[A-Za-z0-9.\-\[\]:]{1,255}")


def policy(host: str, frame_ancestors: str) -> str:
    """The Content-Security-Policy of the page."""
    # Safari before 15.4 does not count ws: as 'self', so the host is named where it is a plain one.
    sockets = f" ws://{host} wss://{host}" if _HOST.fullmatch(host) else ""
    return (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
        f"connect-src 'self'{sockets}; base-uri 'none'; form-action 'none'; "
        f"frame-ancestors {frame_ancestors}"
    )


def answer(request: web.Request, body: bytes, kind: str, headers: dict[str, str]) -> web.Response:
    """The file, or 304 when the browser has it; ``no-cache`` so that an update is seen at once."""
    tag = hashlib.sha256(body).hexdigest()[:16]
    same = any(known.value == tag for known in request.if_none_match or ())
    response = web.Response(status=304)
    if not same:
        response = web.Response(body=body, content_type=kind, charset="utf-8")
        response.enable_compression()
    response.etag = tag
    response.headers.update(headers)
    response.headers["Cache-Control"] = "no-cache"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response
