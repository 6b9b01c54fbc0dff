"""What is known of one dossier at one moment. No name, no phone, no ID: signs are kept as keyed hashes."""

from __future__ import annotations

import hashlib
import hmac
import re
from dataclasses import dataclass, field
from datetime import date, datetime

_SIGN = re.compile(r"\d{3}")
_FEWEST_DIGITS = 9  # of a phone or an ID; a spreadsheet drops the leading zero


@dataclass(frozen=True, slots=True)
class State:
    """A dossier as its source tells it."""

    number: str
    source: str
    status: int  # official, 1 to 10
    as_of: datetime  # when the source knew this
    procedure_code: str = ""
    procedure: str = ""
    unit: str = ""
    received: date | None = None
    due: date | None = None
    finished: date | None = None
    need: str = ""  # papers asked for
    need_by: date | None = None
    fee: int | None = None  # đồng still to pay
    phone_key: str = field(default="", repr=False)
    id_key: str = field(default="", repr=False)

    @property
    def state_key(self) -> str:
        """Changes exactly when something changes that a follower is told."""
        told = (self.status, self.due, self.finished, self.need, self.need_by, self.fee)
        return hashlib.sha256(repr(told).encode()).hexdigest()[:16]


class Keys:
    """Keyed hashes: without the secret nobody can try out the thousand endings of a phone."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    def of(self, kind: str, *parts: str) -> str:
        """A hash of the parts, different for each kind; 32 hexadecimal digits."""
        message = "\x1f".join((kind, *parts)).encode()
        return hmac.digest(self._secret, message, "sha256").hex()[:32]

    def sign(self, number: str, written: str) -> str:
        """The key of the last three digits of a phone or ID as written in a table; empty when it is none."""
        digits = "".join(char for char in re.split(r"[;,/]", written)[0] if char.isdigit())
        return self.of("sign", number, digits[-3:]) if len(digits) >= _FEWEST_DIGITS else ""

    def fits(self, state: State | None, number: str, sign: str) -> bool:
        """Whether the three digits are those given when filing. Takes as long when there is no such dossier."""
        given = self.of("sign", number, sign) if _SIGN.fullmatch(sign) else self.of("none", number)
        phone, id_ = (state.phone_key, state.id_key) if state else ("", "")
        by_phone = hmac.compare_digest(given, phone or "-" * 32)
        by_id = hmac.compare_digest(given, id_ or "-" * 32)
        return by_phone or by_id
