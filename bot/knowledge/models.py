"""The shape of the YAML files in knowledge/: procedures and everything inside them.

Labels of the official forms stand in knowledge/README.md beside each key.
"""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Annotated, ClassVar, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=400)]
Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{1,39}$")]
Key = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{1,39}$")]
Code = Annotated[str, StringConstraints(pattern=r"^\d\.\d{6}$")]
Provisional = Annotated[str, StringConstraints(pattern=r"^x-[a-z0-9-]{2,39}$")]
Link = Annotated[str, StringConstraints(pattern=r"^https://\S+$")]


class Strict(BaseModel):
    """A model that refuses unknown keys, so that a typing error never hides a fact."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Aspect(StrEnum):
    """What is asked about a procedure."""

    DOCUMENTS = "documents"
    FEE = "fee"
    TIME = "time"
    WHERE = "where"
    HOW_ONLINE = "how_online"
    WHO = "who"
    RESULT = "result"
    LEGAL = "legal"
    WHAT = "what"


Way = Literal["any", "paper", "online", "post"]


class Fact(Strict):
    """A fact that may hold only under a condition, in a way of filing or in a span of days."""

    when: Key | None = None  # a key of the procedure's `conditions`
    valid_from: date | None = None
    valid_until: date | None = None
    unsure: Line | None = None  # why the sources contradict or leave it open; shown to people

    def holds_on(self, day: date) -> bool:
        """Whether the fact is in force on that day (both ends included)."""
        return (self.valid_from is None or self.valid_from <= day) and (
            self.valid_until is None or day <= self.valid_until
        )


class Document(Fact):
    """One paper: handed in (originals, copies), only shown at the desk, or a form to fill in."""

    name: Line
    originals: int = Field(0, ge=0, le=20)
    copies: int = Field(0, ge=0, le=20)  # plain or certified, see `certified`
    certified: bool = False  # the copies must be certified
    show: bool = False  # only shown, not handed in
    form: Line | None = None  # number of the official form, such as CT01
    note: Line | None = None


class Duration(Fact):
    """How long it takes, in people's words ("3 ngày làm việc")."""

    text: Line
    way: Way = "any"


class Fee(Fact):
    """What is paid. ``amount`` in đồng; 0 = free; null = set elsewhere, then ``note`` says where."""

    label: Line  # what it is paid for, such as "Đăng ký quá 60 ngày"
    amount: int | None = Field(ge=0, strict=True)  # strict: 8.000 in YAML is eight, not eight thousand
    unit: Line | None = None  # of what: "bản", "trang", "người"; unset: for the whole filing
    way: Way = "any"
    apart: bool = False  # not part of handing in: only for extra copies, or billed later by another office
    basis: Line | None = None  # the resolution or circular that sets it
    note: Line | None = None


class Place(Fact):
    """Where to hand it in: a kind of office (see offices.yaml), or words when no kind fits."""

    office: Slug | None = None
    text: Line | None = None


class Online(Strict):
    """Filing online: official level, page, and what to know."""

    level: Literal["full", "partial", "none", "unknown"]
    link: Link | None = None
    notes: tuple[Line, ...] = ()


class Law(Strict):
    """A legal document: its number and what it is, in a few words."""

    number: Line
    title: Line | None = None


class Source(Strict):
    """Where the facts were read, and the day they were read or published."""

    name: Line
    link: Link | None = None
    day: date | None = None


class Procedure(Strict):
    """One procedure as a clerk would explain it; the file name is its id."""

    has_aspects: ClassVar[bool] = True  # papers, fee, time; a common question has none
    imported: ClassVar[bool] = False  # whether it comes from the national catalogue instead of a file

    id: Slug
    code: Code | None = None  # unset: not confirmed yet, then `unsure` says so
    provisional: Provisional | None = None  # stood for the code until the official one was confirmed
    same_as: tuple[Code, ...] = ()  # the same procedure at another level of government
    replaces: tuple[Code, ...] = ()  # repealed codes that people still quote
    name: Line  # everyday name
    official_name: Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=1200)]
    sector: Slug  # the folder it lies in
    summary: Line  # one sentence: what it is for
    aliases: tuple[Line, ...] = Field(min_length=3)
    conditions: dict[Key, Line] = {}
    who: tuple[Line, ...] = Field(min_length=1)
    documents: tuple[Document, ...] = Field(min_length=1)
    where: tuple[Place, ...] = Field(min_length=1)
    any_ward: Literal["yes", "no", "unknown"] = "unknown"  # may be filed at another ward of the city
    decides: Line
    time: tuple[Duration, ...] = Field(min_length=1)
    fees: tuple[Fee, ...] = Field(min_length=1)
    result: tuple[Line, ...] = Field(min_length=1)
    online: Online
    sent_back: tuple[Line, ...] = ()  # common reasons for being sent back
    notes: tuple[Line, ...] = ()
    unsure: tuple[Line, ...] = ()  # what the sources contradict or leave open; shown to people
    legal_basis: tuple[Law, ...] = Field(min_length=1)
    related: tuple[Slug, ...] = ()  # ids of procedures people often need next
    covers: tuple[Slug, ...] = ()  # ids of procedures that this one does in one go
    sources: tuple[Source, ...] = Field(min_length=1)
    checked: date
    owner: Line | None = None  # who keeps it current; unset: the ward's centre
    recheck: date | None = None
    questions: tuple[Line, ...] = ()  # filled from knowledge/examples/<id>.yaml
    asked: dict[Aspect, tuple[Line, ...]] = {}  # the same, by what they ask about, where that is known

    def codes(self) -> tuple[str, ...]:
        """Its own code first, then those at other levels, the repealed ones, and one it went by before."""
        own = tuple(code for code in (self.code, self.provisional) if code)
        return own[:1] + self.same_as + self.replaces + own[1:]

    @model_validator(mode="after")
    def _says_that_code_is_unknown(self) -> Self:
        if self.code is None and not self.unsure:
            raise ValueError("without a code, unsure must say what is not confirmed")
        return self
