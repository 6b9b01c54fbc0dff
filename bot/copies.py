"""Copies on disk of what can be worked out again: whole or not there."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path


def keep(path: Path, content: bytes) -> None:
    """Written beside and moved into place, so that nobody reads half of it. A folder that is only readable or
    full makes the next start slower, which is no reason to stop."""
    fresh = path.with_name(f"{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh.write_bytes(content)
        os.replace(fresh, path)
    except OSError:
        with contextlib.suppress(OSError):
            fresh.unlink(missing_ok=True)
