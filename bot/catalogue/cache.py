"""The catalogue read fast: a compiled copy beside the YAML files, good while they are unchanged."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from bot.catalogue import folder
from bot.catalogue.importing import Records
from bot.catalogue.record import Record

_CACHE = "compiled.json"
_RECORDS = TypeAdapter(list[Record])


def load(home: Path) -> Records:
    """All records by code; from the YAML files when there is no compiled copy of just these.

    Raises CatalogueError when a file is damaged.
    """
    name = folder.version(home)
    if not name:
        return {}
    path, stamp = home / name / _CACHE, _stamp(home / name)
    try:
        with path.open("rb") as file:
            if file.readline().strip() == stamp:
                return {record.code: record for record in _RECORDS.validate_json(file.read())}
    except (OSError, ValidationError):
        pass  # no copy, or one cut short: made again below
    records = folder.load(home)
    _write(path, stamp, records)
    return records


def _write(path: Path, stamp: bytes, records: Records) -> None:
    fresh = path.with_name(f"{_CACHE}.{os.getpid()}")
    try:
        fresh.write_bytes(stamp + b"\n" + _RECORDS.dump_json(list(records.values()), exclude_defaults=True))
        os.replace(fresh, path)
    except OSError:
        fresh.unlink(missing_ok=True)  # a folder that is only readable: slower, but no reason to stop


def _stamp(current: Path) -> bytes:
    digest = hashlib.sha256()
    for path in sorted(current.glob("*.yaml")):
        stat = path.stat()
        digest.update(f"{path.name}:{stat.st_mtime_ns}:{stat.st_size}\n".encode())
    return digest.hexdigest().encode()
