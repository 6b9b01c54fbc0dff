"""The catalogue on disk: one YAML file per ministry in a folder that is replaced as a whole.

``catalogue/current`` names the version in use; a new version is written completely before that
one small file is replaced, so a crash leaves the old catalogue as it was.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections import defaultdict
from pathlib import Path
from typing import Any

import yaml

from bot.catalogue.record import Record, Records
from bot.errors import CatalogueError

_CURRENT, REPORT = "current", "report.txt"


def version(folder: Path) -> str:
    """The name of the version in use, which is the hash of its content; empty when nothing is imported."""
    pointer = folder / _CURRENT
    return pointer.read_text(encoding="ascii").strip() if pointer.exists() else ""


def load(folder: Path) -> Records:
    """All records by code. Raises CatalogueError when a file was edited or damaged."""
    name = version(folder)
    records: Records = {}
    for path in sorted((folder / name).glob("*.yaml")) if name else ():
        try:
            rows = yaml.load(path.read_text(encoding="utf-8"), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
            found = [Record.model_validate(row) for row in rows["records"]]
        except (yaml.YAMLError, ValueError, KeyError, TypeError) as error:
            raise CatalogueError(
                f"{path}: damaged; import the exports again ({str(error).splitlines()[0]})"
            ) from error
        records |= {record.code: record for record in found}
    return dict(sorted(records.items()))


def save(folder: Path, records: Records, report: str) -> bool:
    """Writes the records as the version in use; False when they are what is in use already."""
    files = _files(records)
    name = hashlib.sha256("\0".join(f"{k}\0{v}" for k, v in sorted(files.items())).encode()).hexdigest()[:16]
    old = version(folder)
    if name == old:
        return False
    target = folder / name
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    for ministry, text in files.items():
        (target / f"{ministry}.yaml").write_text(text, encoding="utf-8")
    (target / REPORT).write_text(report, encoding="utf-8")
    pointer = folder / f"{_CURRENT}.new"
    pointer.write_text(name + "\n", encoding="ascii")
    os.replace(pointer, folder / _CURRENT)
    if old:
        shutil.rmtree(folder / old, ignore_errors=True)
    return True


def _files(records: Records) -> dict[str, str]:
    by_ministry: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for record in records.values():
        by_ministry[record.ministry].append(record.model_dump(mode="python", exclude_defaults=True))
    dumper = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
    return {
        ministry: yaml.dump(
            {"ministry": ministry, "records": _lists(rows)},
            Dumper=dumper,
            allow_unicode=True,
            sort_keys=False,
            width=116,
        )
        for ministry, rows in sorted(by_ministry.items())
    }


def _lists(value: Any) -> Any:
    """Tuples as lists, which plain YAML knows."""
    if isinstance(value, dict):
        return {key: _lists(inner) for key, inner in value.items()}
    return [_lists(inner) for inner in value] if isinstance(value, (list, tuple)) else value
