"""Compiles a catalogue: ``python -m bot.catalogue FOLDER``. Its YAML takes seconds and much memory to read,
which a starting bot leaves to this process."""

from __future__ import annotations

import sys
from pathlib import Path

from bot.catalogue import cache

if __name__ == "__main__":
    cache.load(Path(sys.argv[1]))
