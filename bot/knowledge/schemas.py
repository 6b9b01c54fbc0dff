"""The JSON Schema of each kind of YAML file, made from the models."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

from bot.knowledge.groups import GroupsFile
from bot.knowledge.library import Examples, ProcedureFile
from bot.knowledge.menu import Menu
from bot.knowledge.vocabulary import Vocabulary

_KINDS: dict[str, type[BaseModel]] = {
    "procedure": ProcedureFile,
    "examples": Examples,
    "menu": Menu,
    "choices": GroupsFile,
    "vocabulary": Vocabulary,
}


def schemas() -> dict[str, dict[str, Any]]:
    """File name → schema."""
    made = {f"{name}.json": model.model_json_schema() for name, model in _KINDS.items()}
    for hidden in ("id", "questions", "asked"):  # not written in the file
        made["procedure.json"]["properties"].pop(hidden)
    return made
