"""The imported records as procedures, made when one is asked for: what the answers and menus know."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import ClassVar

from bot.catalogue import cache, folder
from bot.catalogue.record import Paper, Record, Way
from bot.catalogue.words import portal
from bot.knowledge.models import Document, Duration, Fee, Law, Online, Place, Procedure, Source
from bot.search.catalogue import CatalogueIndex
from bot.texts import Texts

_PAPERS, _TEXT = 8, 200  # papers and characters shown; the official page has the rest


def id_of(code: str) -> str:
    """The id under which an imported record stands among the procedures: it fits a button."""
    return "n" + code.replace(".", "-")


class ImportedProcedure(Procedure):
    """A procedure of the national catalogue; answered shorter, with a caution."""

    imported: ClassVar[bool] = True


class Imported(Mapping[str, Procedure]):
    """id → procedure, for every record."""

    def __init__(self, records: Mapping[str, Record], texts: Texts) -> None:
        self._records = records
        self._codes = {id_of(code): code for code in records}
        self._texts = texts

    def __getitem__(self, id_: str) -> Procedure:
        return as_procedure(self._records[self._codes[id_]], self._texts)

    def __iter__(self) -> Iterator[str]:
        return iter(self._codes)

    def __len__(self) -> int:
        return len(self._codes)

    def __contains__(self, id_: object) -> bool:
        return id_ in self._codes


def as_procedure(record: Record, texts: Texts) -> Procedure:
    """An imported record in the shape of an authored procedure, its gaps said in words.

    Not validated: the portal's texts keep neither our lengths nor our minimum of names.
    """
    shown = record.papers[:_PAPERS]
    unsure = [texts("catalogue.caution")]
    if record.gone:
        unsure.append(texts("catalogue.gone", day=f"{record.gone:%d/%m/%Y}"))
    if len(record.papers) > _PAPERS:
        unsure.append(texts("catalogue.more_papers", count=len(record.papers) - _PAPERS))
    offices = record.agencies or ((record.authority,) if record.authority else ())
    where = "; ".join(offices) or texts("catalogue.no_office")
    day = record.day or date.min
    return ImportedProcedure.model_construct(
        id=id_of(record.code),
        code=record.code,
        name=_cut(record.name),
        official_name=record.name,
        sector="",
        summary=texts("catalogue.summary", field=record.field or "-"),
        aliases=(),
        who=record.audience or (texts("catalogue.unknown"),),
        conditions={_case(paper): _cut(paper.group) for paper in shown if paper.group},
        documents=tuple(map(_document, shown)) or (Document(name=texts("catalogue.no_papers")),),
        where=(Place(text=_cut(where)),),
        decides=_cut(record.authority or where),
        time=_times(record, texts),
        fees=tuple(_fee(way, texts) for way in record.ways) or (_fee(Way(way="paper"), texts),),
        result=tuple(map(_cut, record.result)) or (texts("catalogue.unknown"),),
        online=Online(level="unknown", link=record.link or None),
        unsure=tuple(unsure),
        legal_basis=tuple(Law(number=number) for number in record.laws) or (Law(number="-"),),
        sources=(Source(name=texts("catalogue.source"), link=record.link or None, day=day),),
        checked=day,
    )


def _case(paper: Paper) -> str:
    """A key for the case a paper is for: the portal heads each case with a sentence."""
    return f"case_{zlib.crc32(paper.group.encode()):08x}"


def _document(paper: Paper) -> Document:
    counts = {"originals": min(paper.originals, 20), "copies": min(paper.copies, 20)}
    return Document(name=_cut(paper.name), when=_case(paper) if paper.group else None, **counts)


def _times(record: Record, texts: Texts) -> tuple[Duration, ...]:
    said = {way.time for way in record.ways if way.time}
    if len(said) == 1:
        return (Duration(text=said.pop()),)
    times = tuple(Duration(text=way.time, way=way.way) for way in record.ways if way.time)
    return times or (Duration(text=texts("catalogue.no_time")),)


def _fee(way: Way, texts: Texts) -> Fee:
    label = texts("catalogue.fee")
    if way.fee == portal().free.lower():
        return Fee(label=label, amount=0, way=way.way, note=_cut(way.note) or None)
    note = "; ".join(part for part in (way.fee, way.note) if part)
    return Fee(label=label, amount=None, way=way.way, note=_cut(note) or texts("catalogue.no_fee"))


def _cut(text: str) -> str:
    return text if len(text) <= _TEXT else text[: _TEXT - 1].rsplit(" ", 1)[0] + "…"


class Catalogue:
    """The catalogue in use: its records and the index of their names; nothing when none was imported."""

    def __init__(self, home: Path | None) -> None:
        self._home = home
        self._read = ""
        self._records: Mapping[str, Record] = {}
        self.index: CatalogueIndex | None = None

    def version(self) -> str:
        """Which version lies on disk."""
        return folder.version(self._home) if self._home else ""

    def uncompiled(self) -> Path | None:
        """The folder, when reading it would take long for want of a compiled copy."""
        return self._home if self._home and not cache.is_compiled(self._home) else None

    def refresh(self) -> None:
        """Reads the version on disk when it is another than the one in use; raises CatalogueError."""
        version = self.version()
        if version == self._read or self._home is None:
            return
        self._records = compiled = cache.load(self._home)
        self.index = CatalogueIndex([(id_of(code), code) for code in compiled], compiled.names)
        self._read = version

    def procedures(self, texts: Texts) -> Imported:
        """The records as procedures, their gaps told in these words."""
        return Imported(self._records, texts)
