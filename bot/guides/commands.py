"""``motcua guide``: the list of guides and a drawing of one, for those who review them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bot.config import load_config
from bot.errors import ConfigError
from bot.guides.guide import Guide
from bot.knowledge.library import Library, load_library

commands = typer.Typer(help="Guided filing: list the guides, draw one.", no_args_is_help=True)


@commands.command("list")
def list_() -> None:
    """List the written guides: questions, checks, steps, ways through, when to look again."""
    from bot.guides.routes import paths

    for guide in load_library(load_config().knowledge).guides.written.values():
        ways = sum(1 for _ in paths(guide))
        counts = f"{len(guide.questions)} questions, {len(guide.checks)} checks, {len(guide.steps)} steps"
        print(f"{guide.id:32} {counts}, {ways} ways, checked {guide.checked:%Y-%m-%d}  {guide.name}")


@commands.command()
def graph(
    name: Annotated[str, typer.Argument(help="File name of a guide, or of a procedure the general guide serves.")],
    to: Annotated[Path | None, typer.Option(help="The file to write; without it the drawing is printed.")] = None,
) -> None:
    """Draw a guide as SVG, to look through all its branches."""
    from bot.guides.drawing import draw

    library = load_library(load_config().knowledge)
    svg = draw(named(library, name), library.texts)
    if to is None:
        print(svg, end="")
    else:
        to.write_text(svg, encoding="utf-8")
        print(to)


def named(library: Library, name: str) -> Guide:
    """The guide of that name; raises ConfigError with those there are."""
    guide = library.guides.get(name, library.find(name))
    if guide is None:
        known = ", ".join(library.guides.written)
        raise ConfigError(f"no guide {name}: there are {known}, and a general one for every online procedure")
    return guide
