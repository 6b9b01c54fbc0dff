"""Documents can't go stale: every key, command and setting is described."""

from __future__ import annotations

from bot.cli import cli
from bot.config import Environment
from bot.knowledge.models import Document, Fee, Procedure
from tests.conftest import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")
FOR_STAFF = (ROOT / "knowledge" / "README.md").read_text(encoding="utf-8")
OPERATIONS = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")


def test_every_key_of_a_procedure_is_explained_to_staff() -> None:
    keys = {*Procedure.model_fields, *Document.model_fields, *Fee.model_fields} - {"id", "questions", "asked"}
    assert [key for key in sorted(keys) if f"`{key}`" not in FOR_STAFF] == []


def test_every_file_of_knowledge_is_explained_to_staff() -> None:
    files = [path.name for path in (ROOT / "knowledge").glob("*.yaml")]
    assert [name for name in files if f"`{name}`" not in FOR_STAFF] == []


def test_every_command_is_in_the_readme() -> None:
    names = [command.name or command.callback.__name__ for command in cli.registered_commands if command.callback]
    assert [name for name in names if f"`motcua {name}" not in README] == []


def test_every_variable_of_the_environment_is_documented() -> None:
    assert [name for name in Environment.model_fields if f"`{name.upper()}`" not in OPERATIONS] == []
