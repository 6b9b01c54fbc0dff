"""A scripted person who is led through a guide, without a database."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from bot.guides.guide import Guide
from bot.guides.keeping import Effect, KeepsNothing, Kept, Slip
from bot.guides.run import Run
from bot.knowledge.library import Library
from bot.messages import Button, Conversation, Kind, Message, Place, Reply
from bot.search.reading import EMPTY
from handlers.base import Services, Turn
from handlers.guides import Guides
from handlers.guides.session import Mark

NOW = datetime(2026, 11, 25, 10, 0, tzinfo=ZoneInfo("Asia/Ho_Chi_Minh"))


class Memory(KeepsNothing):
    """Keeps runs, slips and codes in memory; effects are made at once."""

    def __init__(self) -> None:
        self.runs: dict[str, Kept] = {}
        self.slips: dict[str, Slip] = {}
        self.opinions: list[tuple[str, int, str]] = []

    async def open_runs(self, place: Place) -> list[Kept]:
        return [kept for kept in reversed(self.runs.values()) if not kept.run.is_over]

    def saving(self, kept: Kept, run: Run, place: Place, now: datetime) -> Effect:
        async def effect(_: Any) -> None:
            self.runs[run.id] = Kept(run, kept.changes + 1, now)

        return effect

    def dropping(self, run: Run) -> Effect:
        async def effect(_: Any) -> None:
            self.runs.pop(run.id, None)

        return effect

    def issuing(self, slip: Slip, run: Run) -> Effect:
        async def effect(_: Any) -> None:
            self.slips[slip.code] = slip

        return effect

    def judging(self, guide: str, rating: int, words: str, now: datetime) -> Effect:
        async def effect(_: Any) -> None:
            self.opinions.append((guide, rating, words))

        return effect


class Person:
    """Talks with the guides handler alone; every reply is looked at by ``check``."""

    def __init__(self, library: Library, ward: str = "") -> None:
        self.library = library
        self.store = Memory()
        self.conversation = Conversation("fake", "chat", "person", ward=ward)
        self.handler = Guides()
        self.replies: list[Reply] = []

    async def tap(self, value: str, text: str = "") -> Reply:
        """Presses a button (by its value), or says something that the guide takes."""
        kind = Kind.TAP if value else Kind.TEXT
        message = Message("fake", "chat", "person", "m", text, NOW, kind, value)
        services = Services(guides=self.store, public_url="https://motcua.example")
        turn = Turn(message, self.conversation, EMPTY, self.library, NOW, services)
        reply = await self.handler.reply(turn)
        for effect in turn.effects:
            await effect(None)
        self.replies.append(reply)
        return reply

    @property
    def mark(self) -> Mark | None:
        """Where the guide stands."""
        message = Message("fake", "chat", "person", "m", "", NOW)
        return Mark.of(Turn(message, self.conversation, EMPTY, self.library, NOW))


def chosen(mark: Mark, way: Mapping[str, str], guide: Guide, buttons: tuple[Button, ...]) -> int:
    """Which button the scripted person presses: the answer of this way, else the one that goes on."""
    wanted = {
        "who": f".{way.get('helper', 'no')}",
        "consent": ":agreed:",
        "question": f"{mark.id}.{way.get(mark.id)}",
        "papers": ":ready:",
        "check": ".yes" if (check := guide.check(mark.id)) and check.good else ".no",
        "number": ":numbered:",
        "rating": ".4",
        "word": ":word:",
    }
    step = guide.step(mark.id) if mark.stage == "walk" else None
    if step is not None:
        wanted["walk"] = f"{mark.id}.{way[step.fact]}" if step.fact else f".{mark.id}"
    return next(at for at, button in enumerate(buttons) if wanted[mark.stage] in button.value)
