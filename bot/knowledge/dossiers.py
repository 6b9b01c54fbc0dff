"""The shape of dossiers.yaml: statuses and what to do next, whom a number belongs to, names in exports."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import cached_property
from typing import Literal, Self

from pydantic import Field, model_validator

from bot.knowledge.models import Key, Line, Link, Strict
from bot.vietnamese import words

# What we keep of a dossier; names in an export are mapped to these.
FieldName = Literal[
    "number",
    "status",
    "procedure_code",
    "procedure",
    "unit",
    "received",
    "due",
    "finished",
    "need",
    "need_by",
    "fee",
    "as_of",
    "phone",
    "id",
]
REQUIRED = ("number", "status")


class Status(Strict):
    """One of the ten official statuses of a dossier (national portal, field TrangThaiHoSo)."""

    name: Line  # official
    plain: Line  # in plain words, after "Hồ sơ …: "
    means: Line  # for the person
    next: tuple[Line, ...] = Field(min_length=1)  # what to do now
    words: tuple[Line, ...] = ()  # what other systems call it
    ends: bool = False  # nothing follows any more
    good: bool = False  # the result is there or handed over
    waits: bool = False  # the office's clock stands still: not late


class Handler(Strict):
    """Who stands behind a kind of number."""

    what: Line  # what kind of dossier it is
    who: Line  # who handles it
    page: Link | None = None  # where its status can be looked up
    phone: Line | None = None


class Dossiers(Strict):
    """dossiers.yaml."""

    checked: date
    source: Line
    statuses: dict[int, Status]
    kinds: dict[Key, Handler]  # by bot.dossiers.numbers.Kind
    provinces: dict[str, Line]  # "H15": its name
    ministries: dict[str, Line]  # "G09"
    portals: dict[str, Line]  # first two running digits of a ministry's portal
    columns: dict[FieldName, tuple[Line, ...]]  # names of columns in exports

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        if set(self.statuses) != set(range(1, 11)):
            raise ValueError("statuses must be 1 to 10")
        missing = [name for name in REQUIRED if name not in self.columns]
        if missing:
            raise ValueError(f"columns lacks {missing[0]}")
        return self

    @cached_property
    def by_words(self) -> Mapping[str, int]:
        """Status by its folded name or other words."""
        named = {self.folded(status.name): code for code, status in self.statuses.items()}
        other = {self.folded(text): code for code, status in self.statuses.items() for text in status.words}
        return {**other, **named}

    @staticmethod
    def folded(text: str) -> str:
        """Words without accents and signs, to compare names."""
        return " ".join(words(text))

    def status_of(self, text: str) -> int | None:
        """The official code for a source's own word or number; None when we don't know it."""
        text = text.strip()
        number = int(text) if text.isdigit() and len(text) <= 2 else 0
        return number if number in self.statuses else self.by_words.get(self.folded(text))
