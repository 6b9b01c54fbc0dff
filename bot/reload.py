"""Keeps the knowledge current: a valid edit of knowledge/ goes live, a broken one changes nothing."""

from __future__ import annotations

import asyncio
import gc
import hashlib
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import structlog

from bot.catalogue.imported import Catalogue
from bot.config import Search
from bot.errors import CatalogueError, KnowledgeError
from bot.knowledge.library import Library, load_library
from bot.search.compiled import is_learnt
from bot.search.reader import Reader

log = structlog.get_logger()
_HOME = Path(__file__).resolve().parent.parent  # where the package bot lies


class Shelf:
    """The library in use and the reader built on it; both are replaced together."""

    def __init__(
        self, folder: Path, limits: Search, catalogue: Path | None = None, cache: Path | None = None
    ) -> None:
        """Reads everything; raises KnowledgeError or CatalogueError when it is not valid.

        ``cache``: folder for what search has learnt; without it learning takes seconds each time.
        """
        self._folder = folder
        self._limits = limits
        self._catalogue = Catalogue(catalogue)
        self._cache = cache
        self._stamp = self._now()
        self.library, self.reader = self._read()
        self.problem = ""

    def _now(self) -> str:
        return f"{_stamp(self._folder)} {self._catalogue.version()}"

    def _read(self, is_busy: bool = False) -> tuple[Library, Reader]:
        """``is_busy``: turns are under way, so learning goes to another process."""
        self._catalogue.refresh()
        library = load_library(self._folder)
        if is_busy and self._cache is not None and not is_learnt(library, self._cache):
            command = [sys.executable, "-m", "bot.search", str(self._folder), str(self._cache)]
            subprocess.run(command, check=False, cwd=_HOME)  # failed: learnt below, in this process
        library = replace(library, imported=self._catalogue.procedures(library.texts))
        reader = Reader(library, self._limits, self._catalogue.index, self._cache)
        gc.collect()  # building leaves some 10 MB that nobody needs
        return library, reader

    async def watch(self, seconds: float) -> None:
        """Looks for edits for ever; parsing runs beside the turns, so that nobody waits for it."""
        while True:
            await asyncio.sleep(seconds)
            await asyncio.to_thread(self.refresh)

    def refresh(self) -> bool:
        """Loads the folder again if it changed; True when a new version is in use."""
        stamp = self._now()
        if stamp == self._stamp:
            return False
        self._stamp = stamp
        started = time.perf_counter()
        try:
            library, reader = self._read(is_busy=True)
        except (CatalogueError, KnowledgeError, OSError, UnicodeDecodeError) as error:
            self.problem = str(error)
            log.error("knowledge not reloaded, the old version stays in use", problem=self.problem)
            return False
        self.library, self.reader, self.problem = library, reader, ""
        log.info("knowledge reloaded", seconds=round(time.perf_counter() - started, 2))
        return True


def _stamp(folder: Path) -> str:
    """Changes whenever a YAML file is added, removed or written."""
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*.yaml")):
        try:
            stat = path.stat()
        except OSError:  # an editor is just replacing it
            continue
        digest.update(f"{path}:{stat.st_mtime_ns}:{stat.st_size}\n".encode())
    return digest.hexdigest()
