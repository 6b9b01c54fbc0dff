"""The shape of an imported procedure. Shorter and rougher than an authored one, and said to be so."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, StringConstraints

Code = Annotated[str, StringConstraints(pattern=r"^\d\.\d{6}$")]


class Entry(BaseModel):
    """Read back from our own files: unknown keys are an error there too."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Paper(Entry):
    """A paper to hand in; ``group``: the case it is for, as the portal heads it."""

    name: str
    originals: int = 0
    copies: int = 0
    form: str = ""  # file name of the blank form on the portal
    group: str = ""


class Way(Entry):
    """One way of filing. Empty ``time`` or ``fee``: the portal does not say."""

    way: Literal["online", "paper", "post"]
    time: str = ""
    fee: str = ""
    note: str = ""


class Record(Entry):
    """One procedure of the national database."""

    code: Code
    name: str
    ministry: str  # the slug that names its file
    field: str = ""
    level: str = ""
    audience: tuple[str, ...] = ()
    agencies: tuple[str, ...] = ()  # who carries it out
    authority: str = ""  # who decides, where that is another
    papers: tuple[Paper, ...] = ()
    remarks: tuple[str, ...] = ()  # lines of the papers' table that name no paper
    ways: tuple[Way, ...] = ()
    result: tuple[str, ...] = ()
    laws: tuple[str, ...] = ()
    decision: str = ""
    link: str = ""
    steps: int = 0  # lines of the description; the text itself stays on the portal
    same_name: tuple[str, ...] = ()  # other codes under the very same name
    listed: date | None = None  # the day of the list it stood in last
    read: date | None = None  # the day its details were read
    gone: date | None = None  # the day from which its list no longer had it

    @property
    def day(self) -> date | None:
        """The day the facts are of."""
        return self.read or self.listed


Records = dict[str, Record]  # code → record
