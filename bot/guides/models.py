"""The shape of knowledge/guides/*.yaml and of its blocks; every key is explained in knowledge/README.md."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from bot.knowledge.models import Key, Line, Link, Slug, Source, Strict

CHOICES = 5  # buttons under one message, the fixed ones included: the tightest channel
TEXT = 400  # characters of one message without a reason to be longer
LABEL = 25  # characters; what fits on a button of a narrow phone on every channel
Label = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=LABEL)]
StepId = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{1,23}$")]
Fact = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{1,19}$")]  # short: buttons carry it
Condition = Line  # an expression, see bot/guides/expressions.py
How = Literal["photo", "form", "show", "original", "bring"]


def _short_for(key: str) -> BeforeValidator:
    """A bare word stands for an entry with only that key."""
    return BeforeValidator(lambda value: {key: value} if isinstance(value, str) else value)


class Choice(Strict):
    """An answer of a question. ``guide``: it leads to another guide; ``stop``: here it does not go on."""

    label: Label
    guide: Slug | None = None
    stop: Line | None = None
    go: StepId | None = None  # in the walk only: back or on to this step


Choices = dict[Fact, Annotated[Choice, _short_for("label")]]


class Question(Strict):
    """Something that changes the papers or the way. Without ``choices`` it is a yes/no question."""

    fact: Fact
    ask: Line
    why: Line | None = None
    when: Condition | None = None
    choices: Choices = Field({})
    labels: tuple[Label, Label] | None = None  # of yes and no
    unsure: bool = True  # offers "not sure", which leaves the fact open


class PaperNote(Strict):
    """What a guide adds to a paper of its procedure, found by its ``name``."""

    name: Line
    how: How | None = None
    when: Condition | None = None  # besides the condition that the procedure knows
    tip: Line | None = None
    skip: Line | None = None  # not needed when filed online, because …


class NotNeeded(Strict):
    """A paper people bring although the state has it."""

    text: Line
    when: Condition | None = None


class Check(Strict):
    """A yes/no question before sending; another answer than ``good`` shows ``fix``."""

    id: StepId
    ask: Line
    good: bool = True
    fix: Line
    labels: tuple[Label, Label] | None = None  # of yes and no
    when: Condition | None = None


class CheckUse(Strict):
    """A check of one's own, or ``use``: one that a block offers."""

    use: StepId | None = None
    id: StepId | None = None
    ask: Line | None = None
    good: bool = True
    fix: Line | None = None
    labels: tuple[Label, Label] | None = None
    when: Condition | None = None

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.use is None:
            _need(self, "id", "ask", "fix")
        return self


class Trouble(Strict):
    """Something that goes wrong, and the ways out, tried in order."""

    label: Label
    at: tuple[StepId, ...] = Field(min_length=1)  # the steps where it happens; "any": everywhere
    says: tuple[Line, ...] = ()  # how people put it
    fix: tuple[Line, ...] = Field(min_length=1, max_length=3)
    link: Link | None = None


class Step(Strict):
    """One action. With ``fact`` and ``choices`` it asks what the person sees."""

    id: StepId
    title: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=60)]
    do: Line
    see: Line | None = None
    helper: Line | None = None  # said besides, to one who helps another person
    link: Line | None = None  # an address or a placeholder such as {filing_page}
    picture: Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]+\.svg$")] | None = None
    when: Condition | None = None
    each: Literal["papers"] | None = None  # repeated for every paper to attach
    fact: Fact | None = None
    choices: Choices = Field({})
    button: StepId | None = None  # the trouble so frequent here that it has its own button
    number: bool = False  # here one gets the reference number, which is then offered to be followed
    long: Line | None = None  # the reason why the text may exceed 400 characters


class WalkItem(Strict):
    """A block by name, or a step of one's own."""

    block: Slug | None = None
    skip: tuple[StepId, ...] = ()
    add: dict[StepId, Line] = Field({})  # a line for a step of the block, true for this procedure
    when: Condition | None = None
    id: StepId | None = None
    title: Line | None = None
    do: Line | None = None
    see: Line | None = None
    helper: Line | None = None
    link: Line | None = None
    picture: Line | None = None
    each: Literal["papers"] | None = None
    fact: Fact | None = None
    choices: Choices = Field({})
    button: StepId | None = None
    number: bool = False
    long: Line | None = None

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.block is None:
            _need(self, "id", "title", "do")
        return self

    def as_step(self) -> Step:
        """The step it is; call only without ``block``."""
        return Step.model_validate(self.model_dump(exclude={"block", "skip", "add"}))


class Block(Strict):
    """knowledge/guides/blocks/<name>.yaml: steps, troubles and checks written once."""

    name: Line
    steps: tuple[Step, ...] = ()
    troubles: dict[StepId, Trouble] = Field({})
    checks: tuple[Check, ...] = ()
    sources: tuple[Source, ...] = Field(min_length=1)
    checked: date
    recheck: date


class GuideFile(Strict):
    """knowledge/guides/<name>.yaml."""

    procedure: Slug  # papers, fee, time and place come from its file
    serves: tuple[Slug, ...] = ()  # other procedures whose button leads here too
    by_choice: bool = False  # reached only from an answer of another guide, not from the procedure's button
    name: Line | None = None  # unset: the procedure's everyday name
    visit: bool | Condition = False  # it (or one way of it) ends at a counter, not on the portal
    intro: Line | None = None
    questions: tuple[Question, ...] = ()
    conditions: dict[Key, Condition] = Field({})  # the procedure's conditions, said in facts
    papers: tuple[PaperNote, ...] = ()
    not_needed: tuple[NotNeeded, ...] = ()
    checks: tuple[Annotated[CheckUse, _short_for("use")], ...] = ()
    walk: tuple[Annotated[WalkItem, _short_for("block")], ...] = Field(min_length=1)
    troubles: dict[StepId, Trouble] = Field({})
    end: Line | None = None  # what comes after filing
    sources: tuple[Source, ...] = Field(min_length=1)
    checked: date
    recheck: date
    owner: Line | None = None


class Secrets(Strict):
    """How a sentence sounds that asks for a secret: ``asking`` before ``secrets``, and nothing of ``unless``."""

    secrets: tuple[Line, ...] = Field(min_length=1)
    asking: tuple[Line, ...] = Field(min_length=1)
    unless: tuple[Line, ...] = Field(min_length=1)


def _need(entry: Strict, *keys: str) -> None:
    missing = [key for key in keys if getattr(entry, key) is None]
    if missing:
        values: dict[str, Any] = {"about": missing[0]}
        raise PydanticCustomError("entry_incomplete", "missing {about}", values)
