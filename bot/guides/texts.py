"""Puts a step of a guide into words: placeholders filled, the lines that hold put together."""

from __future__ import annotations

import re
from collections.abc import Mapping

from bot.guides.expressions import YES, Facts
from bot.guides.guide import Guide
from bot.guides.models import Step

_NAME = re.compile(r"\{(\w+)\}")
LONGEST = {"service": 110, "name": 60, "time": 60, "paper": 80, "papers": 160}  # cut at a word


def placeholders(text: str) -> list[str]:
    """The names in braces."""
    return _NAME.findall(text)


def fill(text: str, values: Mapping[str, str]) -> str:
    """The text with its placeholders filled; an unknown one stays as it is."""
    return _NAME.sub(lambda match: values.get(match[1], match[0]), text)


def cut(text: str, length: int) -> str:
    """The text, or as much of it as fits, cut at a word."""
    return text if len(text) <= length else text[: length - 1].rsplit(" ", 1)[0].rstrip(",;:") + "…"


def step_lines(guide: Guide, step: Step, facts: Facts) -> list[str]:
    """What a step says, line by line, still with placeholders."""
    lines = [step.do]
    if step.id in guide.added:
        lines.append(guide.added[step.id])
    if step.helper and facts.get("helper") == YES:
        lines.append(step.helper)
    if step.see:
        lines.append(step.see)
    return lines
