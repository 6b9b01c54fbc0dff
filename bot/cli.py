"""The command ``motcua``: every error is one clear line on stderr, never a traceback."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from bot.catalogue.commands import commands as import_commands
from bot.config import Config, load_config
from bot.dossiers.commands import commands as dossier_commands
from bot.errors import (
    BotError,
    CatalogueError,
    ConfigError,
    DossierError,
    KnowledgeError,
    QuestionError,
    SheetError,
    StoreError,
)
from bot.guides.commands import commands as guide_commands
from bot.knowledge.commands import commands as knowledge_commands
from bot.questions.commands import commands as question_commands
from bot.zalo.commands import commands as zalo_commands

cli = typer.Typer(
    help="Một Cửa: the one-stop counter of a Hải Phòng ward, in the chat app people already use.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


cli.add_typer(import_commands, name="import")
cli.add_typer(guide_commands, name="guide")
cli.add_typer(knowledge_commands, name="knowledge")
cli.add_typer(dossier_commands, name="dossiers")
cli.add_typer(zalo_commands, name="zalo")
cli.add_typer(question_commands, name="questions")


def main() -> None:
    """Runs the command line; exit code 1 for a failure, 2 for wrong use or a wrong setting."""
    try:
        cli()
    except (CatalogueError, ConfigError, DossierError, KnowledgeError, QuestionError, SheetError) as error:
        print(f"motcua: {error}", file=sys.stderr)
        sys.exit(2)
    except (BotError, StoreError) as error:
        print(f"motcua: {error}", file=sys.stderr)
        sys.exit(1)
    except BrokenPipeError:
        sys.exit(0)


def _config(verbose: bool = False) -> Config:
    from bot.run import set_up_logs

    config = load_config()
    set_up_logs(config.settings.log_level if verbose else "error")
    return config


@cli.command()
def run() -> None:
    """Start the bot: the web chat, and Telegram when TELEGRAM_TOKEN is set."""
    from bot.run import serve

    asyncio.run(serve(_config(verbose=True)))


@cli.command()
def chat() -> None:
    """Talk to the bot in this terminal (or through a pipe); nothing is kept afterwards."""
    from bot.run import talk

    asyncio.run(talk(_config(), _lines()))


def _lines() -> Iterator[str]:
    is_person = sys.stdin.isatty()
    while True:
        try:
            line = input("> ") if is_person else sys.stdin.readline()
        except (EOFError, KeyboardInterrupt):
            return
        if not line and not is_person:
            return
        if line.strip():
            yield line.rstrip("\n")


@cli.command()
def ask(
    question: Annotated[str, typer.Argument(help="The question, in quotes.")] = "",
    batch: Annotated[
        Path | None, typer.Option(help='JSON lines with a key "q"; prints one JSON line each.')
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    explain: Annotated[bool, typer.Option(help="Show how the text was read and why it was decided so.")] = False,
) -> None:
    """Ask one question and print the answer as a person would see it."""
    from bot import asking

    asker = asking.Asker(_config())
    if batch is not None:
        for text in asking.questions(batch):
            print(json.dumps(asker.reading(text), ensure_ascii=False))
    elif not question:
        raise typer.BadParameter("give a question in quotes, or --batch FILE")
    elif explain:
        print(asker.explanation(question))
    elif as_json:
        print(json.dumps(asker.reading(question), ensure_ascii=False))
    else:
        print(asyncio.run(asker.answer(question)))


@cli.command()
def evaluate(
    files: Annotated[list[Path], typer.Argument(help="JSON lines with q, codes, kind, aspect.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Measure how well questions with known answers are understood."""
    from bot import asking, evaluation

    report = evaluation.evaluate(asking.Asker(_config()), files)
    print(json.dumps(report, ensure_ascii=False) if as_json else evaluation.table(report))


@cli.command()
def check(
    quiet: Annotated[bool, typer.Option(help="Only errors, no advice.")] = False,
) -> None:
    """Check config.yaml and all of knowledge/: errors (exit code 2) and advice, in the words of staff."""
    from bot.knowledge import checking

    lines, is_valid = checking.check(_config().knowledge, quiet)
    print("\n".join(lines), file=sys.stdout if is_valid else sys.stderr)
    if not is_valid:
        raise typer.Exit(2)


@cli.command()
def doctor() -> None:
    """Check settings, knowledge, database, a running bot and its channels; says what to mend."""
    from bot import doctor as examination

    lines, is_well = asyncio.run(examination.examine(_config()))
    print("\n".join(lines))
    if not is_well:
        raise typer.Exit(1)
