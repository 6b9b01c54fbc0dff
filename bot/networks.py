"""Which network a web visitor comes from, as a keyed hash: the address itself is never kept."""

from __future__ import annotations

import ipaddress

from aiohttp import web

from bot.dossiers.state import Keys


class Networks:
    """``proxies``: how many trusted proxies stand before the bot; each adds one entry to X-Forwarded-For."""

    def __init__(self, keys: Keys, proxies: int) -> None:
        self._keys = keys
        self._proxies = proxies

    def of(self, request: web.Request) -> str:
        """A hash of the address, of IPv6 the 64 bits that one household shares."""
        written = request.remote or ""
        if self._proxies:
            forwarded = [part.strip() for part in request.headers.get("X-Forwarded-For", "").split(",")]
            written = forwarded[-self._proxies] if len(forwarded) >= self._proxies else written
        return self._keys.of("address", _shared(written))


def _shared(written: str) -> str:
    try:
        address = ipaddress.ip_address(written.strip("[]"))
    except ValueError:
        return written
    if isinstance(address, ipaddress.IPv6Address):
        return str(address.ipv4_mapped or ipaddress.ip_network((int(address) >> 64 << 64, 64)))
    return written
