"""Keeps the knowledge current: a valid edit of knowledge/ goes live, a broken one changes nothing."""

from __future__ import annotations

import asyncio
import atexit
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
from bot.knowledge.parsed import kept_in
from bot.search.compiled import is_learnt
from bot.search.reader import Reader

log = structlog.get_logger()
atexit.register(gc.unfreeze)  # what is frozen is not taken down at the end, of which a library complains
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
        gc.disable()  # what is built stays, and is no longer looked through: that cost each start and held turns up
        try:
            self.library, self.reader = self._read()
        finally:
            gc.freeze()
            gc.enable()
        self.problem = ""

    def _now(self) -> str:
        return f"{_stamp(self._folder)} {self._catalogue.version()}"

    def _read(self) -> tuple[Library, Reader]:
        with kept_in(self._cache):
            library = load_library(self._folder)
        self._work_out(library)
        self._catalogue.refresh()
        library = replace(library, imported=self._catalogue.procedures(library.texts))
        return library, Reader(library, self._limits, self._catalogue.index, self._cache)

    def _work_out(self, library: Library) -> None:
        """What takes long is worked out in processes of their own, side by side: it holds up no turn that is
        under way and leaves no memory behind. If one fails, the same is done in this process."""
        commands = []
        if self._cache is not None and not is_learnt(library, self._cache):
            commands.append(["bot.search", str(self._folder), str(self._cache)])
        if uncompiled := self._catalogue.uncompiled():
            commands.append(["bot.catalogue", str(uncompiled)])
        working = [
            subprocess.Popen([sys.executable, "-m", *command], cwd=_HOME, stderr=subprocess.DEVNULL)
            for command in commands
        ]
        for process in working:
            process.wait()

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
            library, reader = self._read()
        except (CatalogueError, KnowledgeError, OSError, UnicodeDecodeError) as error:
            self.problem = str(error)
            log.error("knowledge not reloaded, the old version stays in use", problem=self.problem)
            return False
        self.library, self.reader, self.problem = library, reader, ""
        gc.unfreeze()  # what was replaced may go
        gc.collect()
        gc.freeze()
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
