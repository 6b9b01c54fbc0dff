"""``motcua dossiers``: take exports in, watch a folder for them, see what is known of a number or a source."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from bot.config import Config, load_config
from bot.dossiers.building import build_importer, environment, keys_of
from bot.dossiers.http import Asker
from bot.dossiers.importing import Importer, Report
from bot.dossiers.numbers import find
from bot.dossiers.settings import HttpSource
from bot.dossiers.watching import Watch
from bot.errors import ConfigError, DossierError, DossierUnavailable
from bot.knowledge.dossiers import Dossiers as Words
from bot.knowledge.yaml_lines import read
from bot.store import dossiers
from bot.store.database import Database

commands = typer.Typer(help="Where dossiers stand: tables, sources, look-ups.", no_args_is_help=True)


def _words(config: Config) -> Words:
    return read(config.knowledge / "dossiers.yaml", Words)


def _run(work: Callable[[Config, Database], Awaitable[None]]) -> None:
    """Runs the work on the configured database."""

    async def opened() -> None:
        config = load_config()
        config.data.mkdir(parents=True, exist_ok=True)
        database = await Database.open(config.database_url)
        try:
            await work(config, database)
        finally:
            await database.close()

    asyncio.run(opened())


@commands.command("import")
def import_(
    files: Annotated[list[Path], typer.Argument(help="Exports of the one-stop system: xlsx, xls, ods or csv.")],
    source: Annotated[str, typer.Option(help="Name of the table source in config.yaml; default: the first.")] = "",
    as_of: Annotated[
        str,
        typer.Option(help="When the file was exported, such as 2026-11-25T07:30; default: the file's date."),
    ] = "",
) -> None:
    """Take the daily export in. The same file again changes nothing; an older one overwrites no newer news."""

    async def work(config: Config, database: Database) -> None:
        importer = build_importer(config, _words(config), database, source)
        for path in files:
            moment = _moment(as_of, path, ZoneInfo(config.settings.timezone))
            report = await _with_bar(importer, path, moment)
            print(f"{path}: " + "\n".join(report.lines()))

    _run(work)


def _moment(as_of: str, path: Path, zone: ZoneInfo) -> datetime:
    if not as_of:
        if not path.exists():
            raise DossierError(f"{path}: no such file")
        return datetime.fromtimestamp(path.stat().st_mtime, UTC)
    try:
        moment = datetime.fromisoformat(as_of)
    except ValueError as error:
        raise ConfigError(f"--as-of {as_of}: write it like 2026-11-25T07:30") from error
    return moment if moment.tzinfo else moment.replace(tzinfo=zone)


async def _with_bar(importer: Importer, path: Path, as_of: datetime) -> Report:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(path.name, total=None)
        return await importer.take(
            path,
            as_of,
            datetime.now(UTC),
            lambda done, total: bar.update(task, completed=done, total=total),
        )


@commands.command()
def watch(
    folder: Annotated[Path, typer.Argument(help="Where staff put the exports.")],
    source: Annotated[str, typer.Option(help="Name of the table source in config.yaml; default: the first.")] = "",
    once: Annotated[bool, typer.Option(help="Take in what lies there now, then end.")] = False,
) -> None:
    """Take in every table put into a folder, until stopped. A running bot does so itself: dossiers.watch_folder."""

    async def work(config: Config, database: Database) -> None:
        watching = Watch(folder, lambda: build_importer(config, _words(config), database, source))
        await watching.round()
        await asyncio.sleep(1.0)
        await watching.round()
        while not once:
            await asyncio.sleep(config.settings.dossiers.watch_seconds)
            await watching.round()

    try:
        _run(work)
    except KeyboardInterrupt:
        raise typer.Exit(0) from None


@commands.command()
def show(number: Annotated[str, typer.Argument(help="A reference number, in any written form.")]) -> None:
    """Print what the bot knows of a dossier. No names: there are none."""
    numbers = find(number).numbers
    if not numbers:
        raise DossierError("that is no reference number; write it as on the receipt, such as H24.77.20-250915-0012")

    async def work(config: Config, database: Database) -> None:
        words = _words(config)
        for source in config.settings.dossiers.sources:
            async with database.reading() as connection:
                kept = await dossiers.find(connection, numbers[0].text, source.name)
            if kept is None:
                print(f"{source.name}: nothing known")
                continue
            state, checked = kept
            print(f"{source.name}: {state.status} {words.statuses[state.status].name}")
            shown = ("procedure", "unit", "received", "due", "finished", "need", "need_by", "fee", "as_of")
            for name in shown:
                if (value := getattr(state, name)) not in (None, ""):
                    print(f"  {name}: {value}")
            print(f"  checked: {checked}   second sign kept: {bool(state.phone_key or state.id_key)}")

    _run(work)


@commands.command()
def sources(
    ask: Annotated[str, typer.Option(help="Also ask every HTTP source after this number, to try it out.")] = "",
) -> None:
    """List the sources of status: what they cover, how much they know, how fresh it is."""

    async def work(config: Config, database: Database) -> None:
        async with database.reading() as connection:
            totals = {name: (count, newest) for name, count, newest in await dossiers.totals(connection)}
        for source in config.settings.dossiers.sources:
            count, newest = totals.get(source.name, (0, None))
            covers = ", ".join(source.numbers)
            print(f"{source.name}: {source.kind}, covers {covers}; {count} dossiers, newest {newest or '-'}")
            if ask and isinstance(source, HttpSource):
                print(f"  {await _try(config, source, ask)}")

    _run(work)


async def _try(config: Config, source: HttpSource, written: str) -> str:
    numbers = find(written).numbers
    if not numbers:
        raise DossierError("--ask: that is no reference number")
    words, zone = _words(config), ZoneInfo(config.settings.timezone)
    asker = Asker(source, config.settings.dossiers.hosts, lambda: words, keys_of(config), zone, environment())
    try:
        state = await asker.ask(numbers[0].text)
    except DossierUnavailable as error:
        return f"failed: {error}"
    finally:
        await asker.close()
    return f"answers: {words.statuses[state.status].name}" if state else "answers: knows no such dossier"
