"""The shape of communes.yaml and offices.yaml: units old and new, where to hand things in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from bot.knowledge.models import Key, Line, Link, Slug, Source, Strict
from bot.knowledge.yaml_lines import read

UnitCode = Annotated[str, StringConstraints(pattern=r"^\d{5}$")]
Share = Literal["all", "part", "rest", "land_only"]


class OldUnit(Strict):
    """A former commune, and how much of it went into the new unit."""

    name: Line
    type: Line
    district: str = ""
    share: Share
    earlier: tuple[str, ...] = ()  # names before 2019-2025 mergers, no accents, no spaces

    @property
    def full_name(self) -> str:
        """ "phường An Lư (Thành phố Thủy Nguyên)"."""
        return f"{self.type} {self.name} ({self.district})" if self.district else f"{self.type} {self.name}"


class Commune(Strict):
    """One of the units that exist since 1 July 2025."""

    code: UnitCode  # of the statistics office
    type: Literal["phường", "xã", "đặc khu"]
    name: Line
    former_province: Line
    formed_from: tuple[OldUnit, ...]

    @property
    def full_name(self) -> str:
        """ "Phường Kinh Môn"."""
        return f"{self.type.capitalize()} {self.name}"


class Words(Strict):
    """Words around a unit's name."""

    kinds: tuple[Line, ...]
    former: tuple[Line, ...]


class _Communes(Strict):
    source: Source
    checked: date
    words: Words
    communes: tuple[Commune, ...] = Field(min_length=1)


class Office(Strict):
    """A kind of office, or the single one of the city."""

    name: Line
    ward: bool
    address: Line | None = None
    phone: Line | None = None
    hours: Line | None = None
    note: Line | None = None
    source: Line


class WardOffice(Strict):
    """What is known of one ward's centre."""

    address: Line | None = None
    phone: Line | None = None
    hours: Line | None = None
    site: Link | None = None
    source: Line


class _Offices(Strict):
    checked: date
    offices: dict[Slug, Office]
    wards: dict[UnitCode, WardOffice]
    hotlines: dict[Key, Line]
    filing_page: Line = ""  # of the national portal, with {formality} and {ward}


@dataclass(frozen=True, slots=True)
class Places:
    """Communes by code, offices by kind, ward centres by commune code, hotlines by name."""

    communes: dict[str, Commune]
    words: Words
    source: Source
    checked: date
    offices: dict[str, Office]
    wards: dict[str, WardOffice]
    hotlines: dict[str, str]
    filing_page: str = ""

    def filing_url(self, link: str | None, commune: Commune | None) -> str:
        """The filing page with the ward chosen; empty unless ``link`` is a page of the portal with an id."""
        id_ = (link or "").rpartition("/")[2]
        if not self.filing_page or commune is None or id_.count("-") != 4:
            return ""
        return self.filing_page.format(formality=id_, ward=commune.code)


def load_places(folder: Path) -> Places:
    """Reads both files; raises KnowledgeError."""
    communes = read(folder / "communes.yaml", _Communes)
    offices = read(folder / "offices.yaml", _Offices)
    return Places(
        {commune.code: commune for commune in communes.communes},
        communes.words,
        communes.source,
        communes.checked,
        dict(offices.offices),
        dict(offices.wards),
        dict(offices.hotlines),
        offices.filing_page,
    )
