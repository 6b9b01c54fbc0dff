"""Proves that an event comes from Zalo: plain SHA-256 over app id, raw body, timestamp and OA secret key."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from typing import Literal

import structlog

log = structlog.get_logger(__name__)

HEADER = "X-ZEvent-Signature"
FirstTerm = Literal["app_id", "oa_id", "either"]


def mac_of(first: str, body: bytes, timestamp: str, key: str) -> str:
    """The hex digest that Zalo puts into the header. ``body``: the bytes as received, never a re-dump."""
    return hashlib.sha256(first.encode() + body + timestamp.encode() + key.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Signature:
    """Checks the header of an event. ``first_term`` says what stands before the body: the app id in most
    sources, the OA id in some; ``either`` takes both and logs which one it was (for the first day)."""

    app_id: str
    oa_id: str
    key: str
    first_term: FirstTerm = "app_id"

    def fits(self, body: bytes, header: str, timestamp: str) -> bool:
        """Whether the header proves the body. Constant time, also when nothing fits."""
        given = header.strip().removeprefix("mac=").lower().encode("utf-8", "surrogateescape")
        matched = ""
        for name in ("app_id", "oa_id") if self.first_term == "either" else (self.first_term,):
            first = self.app_id if name == "app_id" else self.oa_id
            wanted = mac_of(first, body, timestamp, self.key).encode()
            if hmac.compare_digest(given, wanted) and first and self.key:
                matched = name
        if matched and self.first_term == "either":
            log.info("signature fits; set zalo_oa.signature_first_term to this", first_term=matched)
        return bool(matched)
