"""Encryption of tokens at rest: Fernet (AES-128-CBC with HMAC-SHA256) from the package cryptography."""

from __future__ import annotations

import base64
import hashlib
import os
import secrets
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken

from bot.errors import ConfigError, StoreError

_CHARACTERS = 24


class Seal:
    """Encrypts and decrypts with one key."""

    def __init__(self, key: str) -> None:
        if len(key) < _CHARACTERS:
            raise ConfigError(f"ZALO_TOKEN_KEY is shorter than {_CHARACTERS} characters: take a long random one")
        self._fernet = Fernet(base64.urlsafe_b64encode(hashlib.sha256(key.encode()).digest()))

    def close(self, plain: str) -> str:
        """The text, unreadable without the key."""
        return self._fernet.encrypt(plain.encode()).decode()

    def open(self, sealed: str) -> str:
        """The text again; StoreError when it was sealed with another key."""
        try:
            return self._fernet.decrypt(sealed.encode()).decode()
        except InvalidToken:
            raise StoreError(
                "the Zalo token was encrypted with another ZALO_TOKEN_KEY: set the old key, or consent again "
                "with `motcua zalo login`"
            ) from None


def key_in(folder: Path) -> str:
    """The key of a bot without ZALO_TOKEN_KEY: made once, in a file of the data folder that only we may read."""
    path = folder / "zalo-token.key"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        made = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    except FileExistsError:
        return path.read_text().strip()
    except OSError as error:
        raise StoreError(f"the key {path} can't be written: {error.strerror}") from error
    with os.fdopen(made, "w") as file:
        key = secrets.token_urlsafe(32)
        file.write(key)
    return key
