"""Arrays and words kept in a file, read back only when whole."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from bot.copies import keep

Arrays = dict[str, Any]


def save(path: Path, arrays: Mapping[str, Any]) -> None:
    """Keeps the arrays, if that is possible."""
    content = io.BytesIO()
    np.savez(content, **arrays)
    keep(path, content.getvalue())


def load(path: Path) -> Arrays | None:
    """The arrays, or None when there is no such file or it is damaged."""
    try:
        with path.open("rb") as source, np.load(source, allow_pickle=False) as file:
            return {name: file[name] for name in file.files}
    except (OSError, ValueError, KeyError, zipfile.BadZipFile, EOFError):
        return None


def packed(words: Sequence[str]) -> Any:
    """Words without line ends as one array."""
    return np.frombuffer("\n".join(words).encode(), np.uint8)


def unpacked(array: Any) -> list[str]:
    """The words again."""
    return str(array.tobytes().decode()).split("\n") if array.size else []
