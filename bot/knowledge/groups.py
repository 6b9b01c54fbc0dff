"""Procedures people mix up, and the one question that tells them apart: choices.yaml."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping
from pathlib import Path
from typing import Annotated

from pydantic import Field, StringConstraints

from bot.errors import Problem
from bot.knowledge.models import Line, Slug, Strict
from bot.knowledge.yaml_lines import line_of, lines_of

Label = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=30)]


class Option(Strict):
    """One answer to the question."""

    label: Label  # what the button says
    value: Slug  # a procedure, a common question, or a group that asks a second question
    signs: tuple[Line, ...] = ()  # words of a text that choose this one without asking


class Group(Strict):
    """One question with its answers."""

    id: Slug
    question: Line
    says: tuple[Line, ...] = ()  # texts that name the group and no option: always asked
    options: tuple[Option, ...] = Field(min_length=2, max_length=5)

    def leaves(self, groups: Mapping[str, Group]) -> tuple[str, ...]:
        """What the question leads to in the end, those of second questions included."""
        found = [groups[o.value].values if o.value in groups else (o.value,) for o in self.options]
        return tuple(dict.fromkeys(leaf for leaves in found for leaf in leaves))

    @property
    def values(self) -> tuple[str, ...]:
        """The value of each option."""
        return tuple(option.value for option in self.options)

    def label_of(self, value: str) -> str:
        """What the option of that value is called; empty when there is none."""
        return next((option.label for option in self.options if option.value == value), "")


class GroupsFile(Strict):
    """choices.yaml."""

    groups: tuple[Group, ...]


def problems_of(path: Path, groups: tuple[Group, ...], answerable: Container[str]) -> Iterator[Problem]:
    """What is wrong with the groups beside the rest of the knowledge, each with its line."""
    lines = lines_of(path)
    by_id = {group.id: group for group in groups}

    def problem(key: tuple[str | int, ...], reason: str, kind: str, about: str) -> Problem:
        return Problem(
            str(path), line_of(lines, ("groups", *key)), ".".join(map(str, key)), reason, kind, (("about", about),)
        )

    seen: set[str] = set()
    for at, group in enumerate(groups):
        if group.id in seen or group.id in answerable:
            yield problem((at, "id"), f"{group.id} is taken", "same_id", group.id)
        seen.add(group.id)
        chosen: dict[str, str] = {}
        for number, option in enumerate(group.options):
            key = (at, "options", number)
            if option.value not in answerable and option.value not in by_id:
                yield problem((*key, "value"), f"no procedure {option.value}", "no_procedure", option.value)
            deeper = by_id.get(option.value)
            if deeper and any(value in by_id for value in deeper.values):
                yield problem((*key, "value"), f"{option.value} asks a third question", "deep_group", option.value)
            for word in (option.value, *option.signs):
                if chosen.setdefault(word, option.label) != option.label:
                    yield problem(key, f"{word} stands in two options", "two_options", word)
