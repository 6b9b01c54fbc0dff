"""The catalogue read fast: a compiled copy beside the YAML files, good while they are unchanged.

First a line with what it was made from, then the codes, then a line of JSON for each record: a record is
only made into an object when somebody asks for it, which saves half a second at the start and 60 MB.
"""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path

from bot.catalogue import folder
from bot.catalogue.record import Record, Records
from bot.copies import keep
from bot.search import packing
from bot.search.catalogue import arrays_of
from bot.search.packing import Arrays

_CACHE, _NAMES = "compiled.json", "names.npz"


class Compiled(Mapping[str, Record]):
    """code → record, each read from its line when asked for; ``names``: what search needs of their names."""

    def __init__(self, lines: Mapping[str, bytes], names: Arrays) -> None:
        self._lines = lines
        self.names = names

    def __getitem__(self, code: str) -> Record:
        return Record.model_validate_json(self._lines[code])

    def __iter__(self) -> Iterator[str]:
        return iter(self._lines)

    def __len__(self) -> int:
        return len(self._lines)

    def __contains__(self, code: object) -> bool:
        return code in self._lines


def load(home: Path) -> Compiled:
    """All records by code; from the YAML files when there is no compiled copy of just these.

    Raises CatalogueError when a file is damaged.
    """
    if not folder.version(home):
        return Compiled({}, arrays_of([]))
    body, names = _kept(home), packing.load(_place(home, _NAMES))
    if body is None or names is None:
        records = folder.load(home)
        names, body = arrays_of([record.name for record in records.values()]), _body(records)
        packing.save(_place(home, _NAMES), names)
        keep(_place(home, _CACHE), _head(_stamp(home), body) + b"\n" + body)
    codes, *lines = body.split(b"\n")
    return Compiled(dict(zip(codes.decode().split(), lines, strict=True)), names)


def is_compiled(home: Path) -> bool:
    """Whether there is nothing to compile: a copy of just these files (damaged or not), or no catalogue."""
    if not folder.version(home):
        return True
    try:
        with _place(home, _CACHE).open("rb") as file:
            is_current = file.readline().split(b" ")[0] == _stamp(home).encode()
        return is_current and _place(home, _NAMES).exists()
    except OSError:
        return False


def _kept(home: Path) -> bytes | None:
    """The copy without its head; None when there is none, or one of other files, or a damaged one."""
    try:
        head, _, body = _place(home, _CACHE).read_bytes().partition(b"\n")
    except OSError:
        return None
    return body if head == _head(_stamp(home), body) else None


def _body(records: Records) -> bytes:
    lines = (record.model_dump_json(exclude_defaults=True) for record in records.values())
    return "\n".join([" ".join(records), *lines]).encode()


def _head(stamp: str, body: bytes) -> bytes:
    """Tells a copy of other files, and one cut short or damaged, from the right one."""
    return f"{stamp} {zlib.crc32(body)}".encode()


def _place(home: Path, name: str) -> Path:
    return home / folder.version(home) / name


def _stamp(home: Path) -> str:
    digest = hashlib.sha256()
    for path in sorted((home / folder.version(home)).glob("*.yaml")):
        stat = path.stat()
        digest.update(f"{path.name}:{stat.st_mtime_ns}:{stat.st_size}\n".encode())
    return digest.hexdigest()
