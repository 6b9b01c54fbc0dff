"""The secret that keys our hashes: from the environment, else made once and kept in the data folder."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from bot.errors import ConfigError

_FILE = "secret.key"
_FEWEST_CHARACTERS = 16


def load_secret(data: Path, given: str | None) -> bytes:
    """The secret. All replicas and all imports must have the same one, so several need MOTCUA_SECRET.

    Raises ConfigError when it is too short or the file can't be made or read."""
    if given:
        if len(given) < _FEWEST_CHARACTERS:
            raise ConfigError(f"MOTCUA_SECRET: at least {_FEWEST_CHARACTERS} characters are needed")
        return given.encode()
    path = data / _FILE
    try:
        data.mkdir(parents=True, exist_ok=True)
        _make(path)
        return path.read_bytes()
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror}: set MOTCUA_SECRET or make the folder writable") from error


def _make(path: Path) -> None:
    """Complete or not at all, and never over another's: two processes may start together."""
    if path.exists():
        return
    new = path.with_name(f"{path.name}.{os.getpid()}")
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(secrets.token_hex(32).encode())
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(new, path)
    except FileExistsError:
        pass
    finally:
        new.unlink()
