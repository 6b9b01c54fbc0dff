"""Learns from a knowledge folder into a cache folder: ``python -m bot.search KNOWLEDGE CACHE``.

A running bot calls this, so that learning takes no time from the turns under way.
"""

from __future__ import annotations

import sys
from pathlib import Path

from bot.knowledge.library import load_library
from bot.search.compiled import compiled

if __name__ == "__main__":
    knowledge, cache = map(Path, sys.argv[1:3])
    compiled(load_library(knowledge), cache)
