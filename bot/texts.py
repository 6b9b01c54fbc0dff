"""Gives the bot's words by key from knowledge/texts.yaml."""

from __future__ import annotations

import string
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import RootModel

from bot.errors import KnowledgeError, Problem
from bot.knowledge.yaml_lines import read


class _Texts(RootModel[dict[str, dict[str, str]]]):
    """texts.yaml: a block per handler, a text per situation."""


class Texts:
    """Words by key ``handler.situation``; ``{placeholders}`` are filled by name."""

    def __init__(self, words: dict[str, str], facts: Mapping[str, str] | None = None) -> None:
        """``facts`` (such as hotlines) fill placeholders in every text: a number stands in one place."""
        self._words = words
        self._facts = dict(facts or {})

    def with_facts(self, facts: Mapping[str, str]) -> Texts:
        """The same words, able to name these facts."""
        return Texts(self._words, facts)

    @classmethod
    def load(cls, path: Path) -> Texts:
        """Reads texts.yaml; raises KnowledgeError with file and key."""
        blocks = read(path, _Texts).root
        words = {
            f"{block}.{key}": text.strip("\n") for block, texts in blocks.items() for key, text in texts.items()
        }
        problems = [problem for key, text in words.items() for problem in _problems(path, key, text)]
        if problems:
            raise KnowledgeError(problems)
        return cls(words)

    def __call__(self, key: str, **values: object) -> str:
        """The text, filled; KeyError for an unknown key (a test walks all keys used)."""
        text = self._words[key]
        return text.format(**{**self._facts, **values}) if "{" in text else text

    def has(self, key: str) -> bool:
        """Whether there is such a text."""
        return key in self._words

    def keys(self) -> list[str]:
        """All keys, sorted."""
        return sorted(self._words)

    def placeholders(self, key: str) -> set[str]:
        """The names in braces."""
        return {name for _, name, _, _ in string.Formatter().parse(self._words[key]) if name}


def _problems(path: Path, key: str, text: str) -> list[Problem]:
    if not text.strip():
        return [Problem(str(path), 1, key, "empty text")]
    try:
        parts: list[Any] = list(string.Formatter().parse(text))
    except ValueError as error:
        return [Problem(str(path), 1, key, f"braces: {error}")]
    return [Problem(str(path), 1, key, "placeholder without a name") for p in parts if p[1] == ""]
