"""The rules of the house: who may import whom, where words live, how long a file may be."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.texts import Texts
from handlers import all_handlers
from tests.conftest import ROOT

SOURCES = sorted([*(ROOT / "bot").rglob("*.py"), *(ROOT / "handlers").rglob("*.py")])
_ACCENTED = re.compile(r"[ăâđêôơưàảãáạằẳẵắặầẩẫấậèẻẽéẹềểễếệìỉĩíịòỏõóọồổỗốộờởỡớợùủũúụừửữứựỳỷỹýỵ]", re.IGNORECASE)

# room -> rooms of ours that it must not import
FORBIDDEN = {
    "bot/messages.py": ["bot", "handlers"],
    "bot/errors.py": ["bot", "handlers"],
    "bot/vietnamese.py": ["bot", "handlers"],
    "bot/router.py": ["bot.channels", "bot.store", "bot.search", "bot.knowledge"],
    "bot/knowledge": ["bot.channels", "bot.search", "bot.store", "handlers", "bot.app"],
    "bot/guides": ["bot.channels", "bot.search", "bot.store", "handlers", "bot.app"],
    "bot/search": ["bot.channels", "bot.store", "handlers", "bot.app"],
    "bot/catalogue": ["bot.channels", "bot.store", "handlers", "bot.app"],
    "bot/dossiers": ["bot.channels", "bot.search", "handlers", "bot.app"],
    "bot/dossiers/numbers.py": ["bot.store", "bot.knowledge", "bot.config"],
    "bot/questions": ["bot.channels", "handlers", "bot.app"],
    "bot/store": ["bot.channels", "bot.search", "bot.knowledge", "handlers", "bot.app"],
    "bot/channels/zalo_oa": ["bot.channels.zalo_bot", "bot.channels.telegram", "bot.channels.web", "bot.zalo"],
    "bot/channels/zalo_bot": ["bot.channels.zalo_oa", "bot.channels.telegram", "bot.channels.web", "bot.zalo"],
    "bot/zalo": ["handlers", "bot.app", "bot.search"],
    "bot/channels": ["handlers", "bot.router", "bot.knowledge", "bot.search", "bot.store", "bot.app"],
    "handlers": ["bot.channels", "bot.app", "bot.store", "bot.sending", "aiohttp", "telegram", "sqlalchemy"],
}
ONLY_IN = {
    "telegram": "bot/channels/telegram",
    "sqlalchemy": "bot/store",
    "cryptography": "bot/zalo",
}


def imports(path: Path) -> Iterator[str]:
    """The modules a file imports, those for type checking left out."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    typing_only = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
        for inner in ast.walk(node)
    }
    for node in ast.walk(tree):
        if id(node) in typing_only:
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _is_in(module: str, room: str) -> bool:
    return module == room or module.startswith(room + ".")


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_keep_to_the_rules(path: Path) -> None:
    name = str(path.relative_to(ROOT))
    for room, forbidden in FORBIDDEN.items():
        if name == room or name.startswith(room + "/"):
            broken = {m for m in imports(path) for ban in forbidden if _is_in(m, ban)}
            assert not broken, f"{name} must not import {broken}"
    for library, home in ONLY_IN.items():
        if not name.startswith(home) and name != "bot/app.py":
            assert not [m for m in imports(path) if _is_in(m, library)], f"{library} belongs to {home}"


def test_only_the_app_and_the_commands_import_handlers() -> None:
    users = {str(p.relative_to(ROOT)) for p in SOURCES if any(_is_in(m, "handlers") for m in imports(p))}
    assert {user for user in users if user.startswith("bot/")} == {"bot/app.py", "bot/asking.py"}


def _literals(path: Path) -> Iterator[tuple[int, str]]:
    """String literals that are no docstrings."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    documentation = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in documentation:
            yield node.lineno, node.value


# Values of the data itself, compared and never shown: the types of units in communes.yaml, and the product's name.
_ALLOWED = {"phường", "xã", "đặc khu"}


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_vietnamese_words_in_python(path: Path) -> None:
    found = [
        (line, text)
        for line, text in _literals(path)
        if _ACCENTED.search(text) and text not in _ALLOWED and len(text) > 1
    ]
    found = [(line, text) for line, text in found if not (path.name == "cli.py" and line < 45)]
    assert not found


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_files_are_short_and_open_with_a_sentence(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    assert source.count("\n") <= 300
    assert ast.get_docstring(ast.parse(source)), "a module opens with one sentence: what it owns"


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_functions_are_short(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.end_lineno:
            assert node.end_lineno - node.lineno <= 50, node.name


def test_every_text_is_used_and_every_text_used_exists() -> None:
    texts = Texts.load(ROOT / "knowledge" / "texts.yaml")
    code = "\n".join(path.read_text(encoding="utf-8") for path in SOURCES)
    exact = set(re.findall(r"[\"']([a-z_]+\.[a-z_]+)[\"']", code))
    starts = set(re.findall(r"f[\"']([a-z]+\.[a-z_]*)\{", code))
    unused = [key for key in texts.keys() if key not in exact and not key.startswith(tuple(starts))]  # noqa: SIM118
    assert not unused
    blocks = {key.partition(".")[0] for key in texts.keys()}  # noqa: SIM118
    missing = [key for key in exact if key.partition(".")[0] in blocks and not texts.has(key)]
    assert [key for key in missing if not key.endswith((".yaml", ".py"))] == []


def test_every_handler_file_is_in_the_list() -> None:
    listed = {type(handler).__module__.split(".")[1] for handler in all_handlers(72)}
    files = {path.stem for path in (ROOT / "handlers").iterdir() if path.suffix == ".py" or path.is_dir()}
    assert files - {"__init__", "base", "__pycache__"} == listed


def test_lock_files_name_no_index() -> None:
    for path in ROOT.glob("requirements*.txt"):
        assert "://" not in path.read_text(encoding="utf-8"), path.name
