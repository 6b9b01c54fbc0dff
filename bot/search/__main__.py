"""Learns from a knowledge folder into a cache folder: ``python -m bot.search KNOWLEDGE CACHE``.

A bot calls this, so that learning takes no time from turns under way and leaves no memory behind.
"""

from __future__ import annotations

import sys
from pathlib import Path

from bot.knowledge.library import load_library
from bot.knowledge.parsed import kept_in
from bot.search.compiled import compiled

if __name__ == "__main__":
    knowledge, cache = map(Path, sys.argv[1:3])
    with kept_in(cache):
        library = load_library(knowledge)
    compiled(library, cache, side_by_side=True)
