"""Questions that are no procedure but are asked all day: common.yaml."""

from __future__ import annotations

from datetime import date
from typing import ClassVar

from pydantic import Field

from bot.knowledge.models import Line, Link, Online, Procedure, Slug, Source, Strict


class CommonQuestion(Strict):
    """One such question with its answer, line by line; ``{portal}`` and the like are hotlines."""

    id: Slug
    name: Line
    aliases: tuple[Line, ...] = Field(min_length=3)
    answer: tuple[Line, ...] = Field(min_length=1)
    link: Link | None = None
    sources: tuple[Source, ...] = Field(min_length=1)
    checked: date
    recheck: date
    questions: tuple[Line, ...] = Field(min_length=8)


class CommonFile(Strict):
    """common.yaml."""

    questions: tuple[CommonQuestion, ...]


class CommonAnswer(Procedure):
    """A common question in the shape the search and the choices know; it has an answer and no aspects."""

    has_aspects: ClassVar[bool] = False
    answer: tuple[Line, ...]


def as_answer(question: CommonQuestion) -> CommonAnswer:
    """Not validated as a procedure: it has no papers, fee or time."""
    kept = ("id", "name", "aliases", "answer", "sources", "checked", "recheck", "questions")
    return CommonAnswer.model_construct(
        **{name: getattr(question, name) for name in kept},
        official_name=question.name,
        summary=question.name,
        code=None,
        provisional=None,
        same_as=(),
        replaces=(),
        documents=(),
        unsure=(),
        online=Online(level="unknown", link=question.link),
    )
