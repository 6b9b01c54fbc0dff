"""Settings and command line: a mistake is one clear line with its place, never a traceback."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from bot.config import load_config
from bot.errors import ConfigError
from tests.conftest import ROOT


def motcua(*arguments: str, given: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
    """Runs the command in a process of its own."""
    foreign = ("MOTCUA_DATA", "MOTCUA_CONFIG", "MOTCUA_SECRET", "DATABASE", "TELEGRAM", "ZALO")
    kept = {k: v for k, v in os.environ.items() if not k.startswith(foreign)}
    command = [sys.executable, "-m", "bot", *arguments]
    return subprocess.run(
        command,
        cwd=ROOT,
        env={**kept, **environment},
        input=given,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("wbe: {}\n", "config.yaml:1: wbe: unknown key"),
        ("log_level: info\nweb:\n  port: eighty\n", "config.yaml:3: web.port:"),
        ("web:\n  port: 99999\n", "config.yaml:2: web.port:"),
        ("web: [1,\n", "config.yaml:2:"),
        ("web: {}\nweb: {}\n", "web stands twice"),
    ],
)
def test_a_wrong_setting_is_named_with_file_line_and_key(
    text: str, expected: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "config.yaml"
    path.write_text(text)
    monkeypatch.setenv("MOTCUA_CONFIG", str(path))
    with pytest.raises(ConfigError) as caught:
        load_config()
    assert expected in str(caught.value)


def test_the_config_of_the_product_is_valid_and_every_key_is_explained() -> None:
    settings = load_config().settings
    lines = (ROOT / "config.yaml").read_text(encoding="utf-8").splitlines()
    for name, value in settings:
        assert any(line.startswith(f"{name}:") and "#" in line for line in lines), name
        for inner in getattr(type(value), "model_fields", ()):
            assert any(line.startswith(f"  {inner}:") for line in lines), f"{name}.{inner}"


def test_secrets_do_not_show() -> None:
    zalo = {f"zalo_{name}": "hush" for name in ("app_secret", "oa_secret_key", "access_token", "refresh_token")}
    zalo |= {f"zalo_{name}": "hush" for name in ("code_verifier", "token_key", "bot_token", "bot_secret")}
    config = load_config(
        telegram_token="123:hush", database_url="postgresql://u:pw@h/d", motcua_secret="nobody may see this", **zalo
    )
    assert "hush" not in repr(config)
    assert "nobody" not in repr(config)
    assert "pw" not in repr(config)


@pytest.mark.parametrize(
    ("arguments", "code"),
    [(["nonsense"], 2), (["ask"], 2), (["ask", "--batch", "/nowhere"], 2), (["evaluate"], 2), (["--help"], 0)],
)
def test_wrong_use_ends_with_code_2_and_no_traceback(arguments: list[str], code: int) -> None:
    result = motcua(*arguments)
    assert result.returncode == code
    assert "Traceback" not in result.stderr


def test_a_broken_line_of_a_batch_is_named(tmp_path: Path) -> None:
    batch = tmp_path / "batch.jsonl"
    batch.write_text('{"q": "xin chào"}\n{"q": 3}\n')
    result = motcua("ask", "--batch", str(batch))
    assert result.returncode == 2
    assert "batch.jsonl:2" in result.stderr


def test_a_pipe_holds_a_conversation() -> None:
    result = motcua("chat", given="làm giấy khai sinh\n2\n")
    assert result.returncode == 0, result.stderr
    assert result.stdout.count("Nguồn:") == 2
    assert "1. " in result.stdout


def test_a_port_in_use_is_one_line_and_nothing_is_half_started(tmp_path: Path) -> None:
    import socket

    with socket.create_server(("127.0.0.1", 0)) as taken:
        config = tmp_path / "config.yaml"
        config.write_text(f"knowledge: {ROOT}/knowledge\nweb: {{port: {taken.getsockname()[1]}}}\n")
        result = motcua("run", MOTCUA_CONFIG=str(config), MOTCUA_DATA=str(tmp_path / "data"))
    assert result.returncode == 2
    assert "is in use" in result.stderr
    assert "Traceback" not in result.stderr


def test_an_unusable_database_is_one_line(tmp_path: Path) -> None:
    result = motcua("run", MOTCUA_DATA=str(tmp_path), DATABASE_URL="postgresql://nobody@127.0.0.1:1/none")
    assert result.returncode == 1
    assert result.stderr.count("\n") == 1
    assert "database can't be opened" in result.stderr
    blocked = tmp_path / "file"
    blocked.write_text("")
    result = motcua("run", MOTCUA_DATA=str(blocked / "data"))
    assert result.returncode == 1
    assert "can't be written" in result.stderr
