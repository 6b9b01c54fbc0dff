"""``motcua check``: all of knowledge/ read as the bot would, every finding one line for staff."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from bot.errors import KnowledgeError
from bot.knowledge.advice import Words, warnings
from bot.knowledge.library import load_library
from bot.knowledge.yaml_lines import read


def check(folder: Path, quiet: bool = False) -> tuple[list[str], bool]:
    """The lines to print, and whether the bot could use the folder. Raises KnowledgeError for check.yaml itself."""
    words = read(folder / "check.yaml", Words)
    try:
        library = load_library(folder)
    except KnowledgeError as error:
        return [words.explain(problem) for problem in error.problems], False
    advice = [] if quiet else [words.explain(one) for one in warnings(library, folder, words, date.today())]
    questions = sum(len(procedure.questions) for procedure in library.procedures.values())
    summary = [words.count.format(count=len(advice))] if advice else []
    return [*advice, *summary, words.ok.format(procedures=len(library.procedures), questions=questions)], True
