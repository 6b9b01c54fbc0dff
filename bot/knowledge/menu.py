"""The shape of menu.yaml: fields and life events by which people browse."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from bot.knowledge.models import Line, Slug, Strict


class Section(Strict):
    """One entry of the menu: a field (all procedures of a sector) or a life event."""

    id: Slug
    kind: Literal["field", "event"]
    label: Line = Field(max_length=25)
    sectors: tuple[Slug, ...] = ()
    procedures: tuple[Slug, ...] = ()


class Menu(Strict):
    """Everything in menu.yaml, in the order in which it is shown."""

    sections: tuple[Section, ...] = Field(min_length=1)
