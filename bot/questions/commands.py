"""``motcua questions``: what people asked in vain, and how to learn from it."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, Any, TypeVar
from zoneinfo import ZoneInfo

import typer

from bot.config import Config, load_config
from bot.errors import QuestionError
from bot.knowledge.models import Aspect
from bot.store import unanswered
from bot.store.database import Database

commands = typer.Typer(help="What people asked in vain: list it, learn from it.", no_args_is_help=True)
T = TypeVar("T")


def _on_database(config: Config, work: Callable[[Database], Awaitable[T]]) -> T:
    async def opened() -> T:
        config.data.mkdir(parents=True, exist_ok=True)
        database = await Database.open(config.database_url)
        try:
            return await work(database)
        finally:
            await database.close()

    return asyncio.run(opened())


def _rows(config: Config) -> list[unanswered.Unanswered]:
    async def read(database: Database) -> list[unanswered.Unanswered]:
        async with database.reading() as connection:
            return await unanswered.all_kept(connection)

    return _on_database(config, read)


def _drop(config: Config, keys: list[str]) -> int:
    return _on_database(config, lambda database: database.write(lambda c: unanswered.drop(c, keys)))


@commands.command("unanswered")
def list_unanswered(
    days: Annotated[int, typer.Option(min=1, help="How many days to look back.")] = 30,
    as_json: Annotated[bool, typer.Option("--json", help="Print a list of JSON objects.")] = False,
) -> None:
    """List the questions that got no answer or a wrong one, those of the same meaning together."""
    from bot.questions import listing

    config = load_config()
    today = datetime.now(ZoneInfo(config.settings.timezone)).date()
    found = listing.Listing.of(config, _rows(config), today - timedelta(days=days - 1))
    if as_json:
        print(json.dumps(found.objects(), ensure_ascii=False))
    else:
        found.show(days)


@commands.command()
def attach(
    question: Annotated[str, typer.Argument(help="The question in quotes, or a number of the list.")],
    procedure: Annotated[str, typer.Argument(help="File name of the procedure, such as khai-sinh, or its code.")],
    aspect: Annotated[Aspect | None, typer.Option(help="What it asks about, where that is clear.")] = None,
    known: Annotated[
        Path | None, typer.Option(help="JSON lines with q and codes: more questions that must stay found.")
    ] = None,
    anyway: Annotated[bool, typer.Option("--anyway", help="Even when known questions would be lost.")] = False,
) -> None:
    """Teach the bot that this question is about that procedure.

    Tried out first: the bot learns it in a copy, and all known questions are asked before and after.
    """
    from bot.questions import attaching, listing
    from bot.questions.known import Comparison

    config = load_config()
    shelf = attaching.shelf_of(config, config.knowledge)
    target = attaching.find_procedure(shelf.library, procedure)
    meant = listing.meant(config, shelf, question, lambda: _rows(config))
    plan = attaching.planned(shelf, meant.texts, target, aspect)
    asked = attaching.known_questions(config, shelf.library, known)
    print(f"learning, then asking {len(asked)} known questions before and after…", file=sys.stderr)
    with attaching.tried(config, plan) as (trial, changed):
        before = {path: path.read_bytes() if path.exists() else b"" for path in changed}
        comparison = Comparison.of(asked, shelf.reader, trial.reader)
        is_found = attaching.are_found(plan, trial.reader)
    print("\n".join(comparison.lines()))
    if reason := attaching.refusal(comparison, config.settings.questions.tolerance):
        if not anyway:
            raise QuestionError(reason)
        print(f"motcua: {reason}", file=sys.stderr)
    attaching.take_over(changed, before)
    _drop(config, meant.keys)
    for path in changed:
        print(path)
    for text in (*plan.aliases, *plan.questions):
        print(f'"{text}" {"now finds" if is_found[text] else "still does not find"} {target.id}')


@commands.command()
def drop(
    questions: Annotated[list[str], typer.Argument(help="Numbers of the list, or a question in quotes.")],
) -> None:
    """Delete questions from the list: nonsense, or something personal that was not masked."""
    from bot.questions import attaching, listing

    config = load_config()
    shelf = attaching.shelf_of(config, config.knowledge)
    rows: list[Any] = _rows(config)
    keys = [key for one in questions for key in listing.meant(config, shelf, one, lambda: rows, True).keys]
    print(f"{_drop(config, list(dict.fromkeys(keys)))} entries deleted")
