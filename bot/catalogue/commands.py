"""``motcua import``: brings exports of the national portal into the catalogue, all of a call or nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from bot.config import load_config

if TYPE_CHECKING:
    from bot.catalogue.cleaning import Cleaner
    from bot.catalogue.record import Records

T = TypeVar("T")

commands = typer.Typer(help="Import exports of the national portal.", no_args_is_help=True)
Day = Annotated[
    datetime | None,
    typer.Option(formats=["%Y-%m-%d"], help="Day the files were read off the portal; else the day they carry."),
]


@commands.command("list")
def import_list(
    files: Annotated[list[Path], typer.Argument(help="xlsx exports of the procedures' list.")], day: Day = None
) -> None:
    """Import official lists: names, authorities, fields; marks what a list no longer has."""
    from bot.catalogue import importing, reading

    tables = []
    for file in files:
        own, rows = reading.listed(file)
        tables.append((_day(file, day, own), rows))

    def merge(records: Records, cleaner: Cleaner) -> Records:
        for on, rows in sorted(tables, key=lambda table: table[0]):
            records = importing.merge_list(records, rows, on, cleaner)
        return records

    _bring_in(merge)


@commands.command("details")
def import_details(
    files: Annotated[list[Path], typer.Argument(help="JSON lines, also gzipped.")], day: Day = None
) -> None:
    """Import detailed records: papers, times, fees, results, laws, links."""
    from bot.catalogue import importing, reading

    tables = [
        (_day(file, day), [row for _, row in _with_bar(reading.details(file), f"reading {file.name}")])
        for file in files
    ]

    def merge(records: Records, cleaner: Cleaner) -> Records:
        for on, rows in sorted(tables, key=lambda table: table[0]):
            records = importing.merge_details(records, _with_bar(rows, "cleaning", len(rows)), on, cleaner)
        return records

    _bring_in(merge)


def _day(file: Path, given: datetime | None, own: date | None = None) -> date:
    return given.date() if given else own or datetime.fromtimestamp(file.stat().st_mtime, UTC).date()


def _bring_in(merge: Callable[[Records, Cleaner], Records]) -> None:
    from bot.catalogue import folder, report
    from bot.catalogue.cleaning import Cleaner

    home, cleaner = load_config().catalogue, Cleaner()
    old = folder.load(home)
    new = merge(old, cleaner)
    text = report.report(old, new, cleaner)
    if folder.save(home, new, text):
        print(text.split("\nsomething missing")[0].split("\none name")[0].strip())
        print(f"report: {home / folder.version(home) / folder.REPORT}")
    else:
        print(f"nothing changed: {len(new)} records, as before")


def _with_bar(rows: Iterable[T], what: str, total: int | None = None) -> Iterator[T]:
    from rich.console import Console
    from rich.progress import track

    yield from track(rows, what, total=total, console=Console(stderr=True))
