"""What YAML files were parsed to, kept on disk: good for a file while its bytes are the same."""

from __future__ import annotations

import contextlib
import hashlib
import io
import pickle
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from pathlib import Path
from typing import Any

from bot.copies import keep

_NAME = "parsed.pickle"
_PLAIN = {("datetime", "date"), ("datetime", "datetime")}  # what YAML makes beside text, numbers, lists and maps


class _Unpickler(pickle.Unpickler):
    """Reads plain data only: a file that somebody exchanged can't run anything."""

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) in _PLAIN:
            return super().find_class(module, name)
        raise pickle.UnpicklingError(f"{module}.{name} is no plain data")


class Parsed:
    """The parsed files of one folder; parsing 400 of them takes half a second, reading the copy a twentieth."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._kept = _read(path)
        self._used: dict[tuple[str, bytes], Any] = {}

    def get(self, kind: str, content: bytes, parse: Callable[[], Any]) -> Any:
        """What ``parse`` makes of ``content``, from the copy when it is there; raises what ``parse`` raises."""
        key = (kind, hashlib.blake2b(content, digest_size=16).digest())
        if key not in self._used:
            self._used[key] = self._kept[key] if key in self._kept else parse()
        return self._used[key]

    def save(self) -> None:
        """Keeps what was asked for since the start, if that is possible."""
        if self._used.keys() != self._kept.keys():
            keep(self._path, pickle.dumps(self._used, pickle.HIGHEST_PROTOCOL))


def _read(path: Path) -> dict[tuple[str, bytes], Any]:
    try:
        found = _Unpickler(io.BytesIO(path.read_bytes())).load()
        return found if isinstance(found, dict) else {}
    except (OSError, pickle.UnpicklingError, EOFError, ValueError, IndexError, KeyError, AttributeError, TypeError):
        return {}  # no copy, or a damaged one: made again


_current: ContextVar[Parsed | None] = ContextVar("parsed", default=None)


@contextlib.contextmanager
def kept_in(folder: Path | None) -> Iterator[None]:
    """YAML read inside comes from the copy in ``folder``, which is brought up to date when all went well."""
    if folder is None:
        yield
        return
    parsed = Parsed(folder / _NAME)
    token = _current.set(parsed)
    try:
        yield
        parsed.save()
    finally:
        _current.reset(token)


def once(kind: str, content: bytes, parse: Callable[[], Any]) -> Any:
    """What ``parse`` makes of ``content``: from the copy in use, if there is one."""
    parsed = _current.get()
    return parse() if parsed is None else parsed.get(kind, content, parse)
