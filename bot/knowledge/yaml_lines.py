"""Reads a YAML file into a model; every problem is named with file, line and key."""

from __future__ import annotations

import unicodedata
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from bot.errors import KnowledgeError, Problem
from bot.knowledge.parsed import once

M = TypeVar("M", bound=BaseModel)
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
Place = tuple[str | int, ...]


def read(path: Path, model: type[M]) -> M:
    """The file as ``model``; raises KnowledgeError listing every problem in it."""
    data = load(path)
    try:
        return model.model_validate(data)
    except ValidationError as error:
        lines = lines_of(path)
        raise KnowledgeError([_problem(path, lines, dict(one)) for one in error.errors()]) from error


def load(path: Path) -> Any:
    """The plain data of a YAML file in composed Unicode; duplicate keys are an error."""
    try:
        content = path.read_bytes()
        return once("data", content, lambda: _parsed(content))
    except UnicodeDecodeError as error:
        raise KnowledgeError([Problem(str(path), 1, "", "not UTF-8 text")]) from error
    except OSError as error:
        raise KnowledgeError([Problem(str(path), 1, "", error.strerror or "can't be read")]) from error
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise KnowledgeError(
            [Problem(str(path), mark.line + 1 if mark else 1, "", error.problem or "broken YAML", "yaml")]
        ) from error
    except yaml.YAMLError as error:
        raise KnowledgeError([Problem(str(path), 1, "", str(error).splitlines()[0])]) from error


def _parsed(content: bytes) -> Any:
    return yaml.load(unicodedata.normalize("NFC", content.decode()), Loader=_UniqueKeys)


class _UniqueKeys(_Loader):  # type: ignore[misc]
    """YAML lets a key stand twice and drops the first: a lost fact, so we refuse it."""


def _mapping(loader: Any, node: yaml.MappingNode) -> dict[Any, Any]:
    seen = set()
    for key, _ in node.value:
        if key.value in seen:
            raise yaml.MarkedYAMLError(problem=f"key {key.value} stands twice", problem_mark=key.start_mark)
        seen.add(key.value)
    loader.flatten_mapping(node)
    return dict(loader.construct_pairs(node, deep=True))


_UniqueKeys.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _mapping)


def _problem(path: Path, lines: dict[Place, int], error: dict[str, Any]) -> Problem:
    place = tuple(error["loc"])
    reason = "unknown key" if error["type"] == "extra_forbidden" else error["msg"]
    context = tuple(error.get("ctx", {}).items())
    return Problem(str(path), line_of(lines, place), ".".join(map(str, place)), reason, error["type"], context)


def line_of(lines: dict[Place, int], place: Place) -> int:
    """The line of a place, or of the nearest thing around it."""
    while place and place not in lines:
        place = place[:-1]
    return lines.get(place, 1)


def lines_of(path: Path) -> dict[Place, int]:
    """Where each key and list item stands, lines counted from 1."""
    content = path.read_bytes()
    found: dict[Place, int] = once("lines", content, lambda: _lines(content))
    return found


def _lines(content: bytes) -> dict[Place, int]:
    found: dict[Place, int] = {}

    def walk(node: yaml.Node | None, place: Place) -> None:
        if isinstance(node, yaml.MappingNode):
            for key, value in node.value:
                found[(*place, key.value)] = key.start_mark.line + 1
                walk(value, (*place, key.value))
        elif isinstance(node, yaml.SequenceNode):
            for at, value in enumerate(node.value):
                found[(*place, at)] = value.start_mark.line + 1
                walk(value, (*place, at))

    walk(yaml.compose(content.decode(), Loader=_Loader), ())
    return found
