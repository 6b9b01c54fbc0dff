"""Adds what people ask to the files of knowledge/: an alias or an example question, comments kept."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ruamel.yaml.comments import CommentedMap, CommentedSeq

from bot.knowledge.common import CommonAnswer
from bot.knowledge.models import Procedure
from bot.knowledge.sheets import yaml_writer


def with_texts(
    folder: Path, procedure: Procedure, aliases: Sequence[str], questions: Sequence[str], group: str
) -> dict[Path, str]:
    """The files as they will be: aliases in the procedure's file, questions under ``group`` of its examples
    (a common question has both in common.yaml). Nothing is written."""
    changed: dict[Path, str] = {}
    if isinstance(procedure, CommonAnswer):
        path = folder / "common.yaml"
        data = yaml_writer().load(path)
        entry = next(entry for entry in data["questions"] if entry["id"] == procedure.id)
        _add(entry, "aliases", aliases)
        _add(entry, "questions", questions)
        changed[path] = _written(data)
        return changed
    if aliases:
        path = folder / "procedures" / procedure.sector / f"{procedure.id}.yaml"
        data = yaml_writer().load(path)
        _add(data, "aliases", aliases)
        changed[path] = _written(data)
    if questions:
        path = folder / "examples" / f"{procedure.id}.yaml"
        data = yaml_writer().load(path) if path.exists() else None
        data = CommentedMap() if data is None else data
        _add(data, group, questions)
        changed[path] = _written(data)
    return changed


def _add(data: Any, key: str, lines: Sequence[str]) -> None:
    """At the end of the list; before its last line when a comment hangs there that belongs to what follows."""
    if not lines:
        return
    listed = data.setdefault(key, CommentedSeq())
    for line in lines:
        hangs = len(listed) > 0 and (len(listed) - 1) in listed.ca.items
        listed.insert(len(listed) - hangs, line)


def _written(data: Any) -> str:
    stream = io.StringIO()
    yaml_writer().dump(data, stream)
    return stream.getvalue()
