"""The portal's own wording (portal.yaml) and the patterns made of it."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict

from bot.vietnamese import fold


class Portal(BaseModel):
    """portal.yaml."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    ways: dict[str, tuple[str, ...]]
    nothing: tuple[str, ...]
    ways_head: str
    papers_head: str
    laws_head: str
    furniture: tuple[str, ...]
    units: tuple[str, ...]
    free: str
    money: tuple[str, ...]
    currency: str
    originals: str
    copies: str
    originals_label: str
    copies_label: str
    result_code: str
    laws: tuple[str, ...]
    list_columns: dict[str, str]
    ministries: dict[str, tuple[str, ...]]
    structured: dict[str, dict[str, str] | str]

    def way(self, word: str) -> str:
        """Our name of a way of filing."""
        return next((way for way, words in self.ways.items() if word in words), "")

    def ministry(self, name: str) -> str:
        """The slug of a ministry named in full; an unknown one is slugged as it stands."""
        key = fold(name.strip())
        known = next((slug for slug, names in self.ministries.items() if key in map(fold, names)), "")
        return known or re.sub(r"[^a-z0-9]+", "-", key).strip("-")


@cache
def portal() -> Portal:
    """The wording, read once."""
    text = (Path(__file__).parent / "portal.yaml").read_text(encoding="utf-8")
    return Portal.model_validate(yaml.safe_load(text))


def any_of(words: tuple[str, ...]) -> str:
    """A pattern for any of the words, longest first."""
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))
