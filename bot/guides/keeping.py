"""Where runs are kept: the contract of the store, and a stand-in that keeps nothing (``motcua ask``)."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from bot.guides.run import ALPHABET, Run
from bot.messages import Place

Effect = Callable[[Any], Awaitable[object]]  # as in handlers/base.py: made in the turn's transaction

CODE_LENGTH, SLIP_LENGTH = 8, 6
CODE_LIFE = timedelta(minutes=30)  # to go on elsewhere
SLIP_LIFE = timedelta(days=14)  # to show at the counter


@dataclass(frozen=True, slots=True)
class Kept:
    """A run as it lies in the store; ``changes`` counts how often it was written."""

    run: Run
    changes: int
    updated_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Slip:
    """A checklist for the counter: lines of text and nothing about the person."""

    code: str
    title: str
    lines: tuple[str, ...]
    until: datetime


class Keeping(Protocol):
    """What the handlers ask of the store. Changes come as effects of the turn."""

    async def open_runs(self, place: Place) -> list[Kept]:
        """The person's unfinished runs, the newest first."""

    def saving(self, kept: Kept, run: Run, place: Place, now: datetime) -> Effect:
        """Writes the run; nothing when somebody else wrote it meanwhile (it went on elsewhere)."""

    def dropping(self, run: Run) -> Effect:
        """Deletes a run with its codes and slips."""

    def handing(self, run: Run, code: str, until: datetime) -> Effect:
        """Notes a one-time code by which the run can go on in another chat."""

    async def by_code(self, code: str, now: datetime) -> Kept | None:
        """The run of an unused code that has not expired."""

    def taking(self, code: str, kept: Kept, run: Run, place: Place, now: datetime) -> Effect:
        """Uses up the code: the run is now here."""

    def issuing(self, slip: Slip, run: Run) -> Effect:
        """Notes a slip for the counter."""

    async def slip(self, code: str, now: datetime) -> Slip | None:
        """The slip of that code, while it is valid."""

    def judging(self, guide: str, rating: int, words: str, now: datetime) -> Effect:
        """Keeps how it went, without the person."""


async def _nothing(_connection: Any) -> None:
    return None


class KeepsNothing:
    """For single questions without a database."""

    async def open_runs(self, place: Place) -> list[Kept]:
        """None."""
        return []

    def saving(self, kept: Kept, run: Run, place: Place, now: datetime) -> Effect:
        """Does nothing."""
        return _nothing

    def dropping(self, run: Run) -> Effect:
        """Does nothing."""
        return _nothing

    def handing(self, run: Run, code: str, until: datetime) -> Effect:
        """Does nothing."""
        return _nothing

    async def by_code(self, code: str, now: datetime) -> Kept | None:
        """None."""
        return None

    def taking(self, code: str, kept: Kept, run: Run, place: Place, now: datetime) -> Effect:
        """Does nothing."""
        return _nothing

    def issuing(self, slip: Slip, run: Run) -> Effect:
        """Does nothing."""
        return _nothing

    async def slip(self, code: str, now: datetime) -> Slip | None:
        """None."""
        return None

    def judging(self, guide: str, rating: int, words: str, now: datetime) -> Effect:
        """Does nothing."""
        return _nothing


def new_code(length: int) -> str:
    """A random code of letters and digits, at least one of each, so that it is no word and no number."""
    while True:
        code = "".join(secrets.choice(ALPHABET) for _ in range(length))
        if any(char.isdigit() for char in code) and any(char.isalpha() for char in code):
            return code


def read_code(text: str, length: int) -> str:
    """The code in a text that is just a code (spaces and dashes left out); empty if it is none."""
    code = "".join(char for char in text.upper() if char not in " -–.")
    fits = len(code) == length and all(char in ALPHABET for char in code)
    return code if fits and any(c.isdigit() for c in code) and any(c.isalpha() for c in code) else ""


def hash_of(code: str) -> str:
    """How a one-time code is kept."""
    return hashlib.sha256(code.encode()).hexdigest()
