"""A folder into which staff put the daily export: each file is taken in once, then moved aside."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import structlog

from bot.dossiers.importing import Importer
from bot.errors import BotError

log = structlog.get_logger(__name__)
_READ = (".xlsx", ".xlsm", ".xls", ".ods", ".csv", ".tsv")
_DONE, _REFUSED = "done", "refused"


class Watch:
    """Looks at the folder; a file counts as complete when it has not grown since the last look."""

    def __init__(self, folder: Path, importer: Callable[[], Importer]) -> None:
        self._folder = folder
        self._importer = importer
        self._sizes: dict[Path, tuple[int, float]] = {}

    async def round(self) -> None:
        """The job: takes in what is complete, the oldest first, so that newer news wins anyway."""
        self._folder.mkdir(parents=True, exist_ok=True)
        files = [path for path in self._folder.iterdir() if _is_table(path)]
        found = {path: (path.stat().st_size, path.stat().st_mtime) for path in files}
        complete = [path for path, mark in found.items() if self._sizes.get(path) == mark]
        self._sizes = found
        for path in sorted(complete, key=lambda path: found[path][1]):
            await self._take(path, datetime.fromtimestamp(found[path][1], UTC))

    async def _take(self, path: Path, as_of: datetime) -> None:
        try:
            report = await self._importer().take(path, as_of, datetime.now(UTC))
        except BotError as error:
            log.error("table refused", file=path.name, reason=str(error).removeprefix(str(path)))
            self._move(path, _REFUSED, [str(error)])
            return
        lines = list(report.lines())
        log.info("table taken in", file=path.name, report=lines[0])
        self._move(path, _DONE, lines)

    def _move(self, path: Path, folder: str, lines: list[str]) -> None:
        """Aside with its report, so that staff see what became of it. A name twice gets a number."""
        aside = self._folder / folder
        aside.mkdir(exist_ok=True)
        target, number = aside / path.name, 1
        while target.exists():
            number += 1
            target = aside / f"{path.stem}-{number}{path.suffix}"
        path.replace(target)
        target.with_name(target.name + ".report.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")


def _is_table(path: Path) -> bool:
    """Not what Excel and editors leave beside an open file (~$x.xlsx, .x.swp)."""
    return path.suffix.lower() in _READ and path.name[0] not in ".~"
