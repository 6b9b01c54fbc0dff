"""One question without a channel: what ``motcua ask`` and ``motcua evaluate`` use."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from bot.catalogue.imported import id_of
from bot.channels.terminal import plain
from bot.config import Config
from bot.dossiers.numbers import find_reference
from bot.errors import ConfigError
from bot.knowledge.models import Aspect
from bot.messages import Conversation, Message, Reply
from bot.reload import Shelf
from bot.router import Router
from handlers import all_handlers
from handlers.base import Turn
from handlers.procedures.answers import Answer


def records(path: Path) -> Iterator[dict[str, Any]]:
    """JSON lines, each with a key ``q``; ConfigError with file and line otherwise."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: {error}") from error
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            record = json.loads(line)
        except json.JSONDecodeError as error:
            raise ConfigError(f"{path}:{number}: no JSON: {error.msg}") from error
        if not isinstance(record, dict) or not isinstance(record.get("q"), str):
            raise ConfigError(f'{path}:{number}: an object with a text under "q" is needed')
        yield record


def questions(path: Path) -> Iterator[str]:
    """The questions of a batch file."""
    return (record["q"] for record in records(path))


class Asker:
    """Reads and answers single questions, without storage."""

    def __init__(self, config: Config) -> None:
        self.shelf = Shelf(config.knowledge, config.settings.search, config.catalogue, config.cache)
        settings, kept = config.settings, config.settings.conversations
        self._router = Router(
            all_handlers(kept.keep_messages_hours, kept.keep_guides_days, settings.questions.keep_days)
        )
        self._zone = ZoneInfo(config.settings.timezone)

    def reading(self, text: str) -> dict[str, Any]:
        """The object of the command contract for one question."""
        started = time.perf_counter()
        reading = self.shelf.reader.read(text)
        spent = (time.perf_counter() - started) * 1000
        return {
            "q": text,
            "decision": reading.decision.value,
            "codes": reading.codes,
            "aspect": reading.aspect.value if reading.aspect else None,
            "reference": find_reference(text),
            "ms": round(spent, 3),
        }

    async def answer(self, text: str) -> str:
        """The answer as a terminal shows it."""
        now = datetime.now(UTC)
        turn = Turn(
            Message("terminal", "ask", "ask", "ask", text.strip(), now),
            Conversation("terminal", "ask", "ask"),
            self.shelf.reader.read(text),
            self.shelf.library,
            now.astimezone(self._zone),
        )
        return plain(await self._router.choose(turn).reply(turn))

    def shown(self, code: str) -> str:
        """A procedure, by code or file name, aspect by aspect; ConfigError when there is none."""
        library = self.shelf.library
        procedure = library.find(code) or library.by_code.get(code) or library.imported.get(id_of(code))
        if procedure is None:
            raise ConfigError(f"no procedure {code}: give its code, such as 1.001193, or the name of its file")
        today = datetime.now(self._zone).date()
        answer = Answer(procedure, library, today)
        return "\n\n\n".join(plain(Reply(answer.text(aspect))) for aspect in Aspect)

    def explanation(self, text: str) -> str:
        """How the text was read, the ten nearest procedures, and why it was decided so."""
        reading = self.shelf.reader.read(text)
        lines = [f"read as:  {reading.understood_as}", f"decision: {reading.decision} ({reading.why})"]
        lines.append(
            f"aspect:   {reading.aspect or '-'}   follow-up: {reading.is_follow_up}   bare: {reading.is_bare}"
        )
        for at, hit in enumerate(reading.hits[:10], 1):
            kinds, strongest = self.shelf.reader.explain(text, hit.procedure.id)
            shares = " ".join(f"{name} {value:+.1f}" for name, value in sorted(kinds.items()))
            lines.append(f"{at:2}. {hit.score:.3f} {hit.procedure.code or '-'} {hit.procedure.name}")
            lines.append(f"      near {hit.near:.2f}   {shares}   most: {', '.join(strongest)}")
        return "\n".join(lines)
