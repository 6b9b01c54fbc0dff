"""The block ``dossiers:`` of config.yaml: limits against guessing, following, and the sources of status."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from bot.knowledge.dossiers import FieldName

Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{1,39}$")]
_LOCAL = ("127.0.0.1", "localhost", "::1")


class Part(BaseModel):
    """A part of the block; an unknown key is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class TableSource(Part):
    """Tables that staff hand in: ``motcua dossiers import`` or the watched folder."""

    kind: Literal["table"]
    name: Name
    numbers: tuple[str, ...] = ("city", "portal")  # kinds, or how a number begins
    columns: dict[FieldName, tuple[str, ...]] = Field(default_factory=dict)  # more names of columns
    statuses: dict[str, int] = Field(default_factory=dict)  # this system's own words for the ten statuses


class Call(Part):
    """One request. ``{number}``, ``{token}`` and ``{env:NAME}`` are filled in everywhere."""

    url: str
    method: Literal["GET", "POST"] = "GET"
    headers: dict[str, str] = Field(default_factory=dict)
    query: dict[str, str] = Field(default_factory=dict)
    form: dict[str, str] | None = None
    json_body: Any = Field(None, alias="json")
    ok: dict[str, str] = Field(default_factory=dict)  # path in the answer: what must stand there


class Login(Call):
    """The request that gives a token, and where in the answer it stands."""

    token: str
    keep_minutes: float = Field(30, gt=0)


class HttpSource(Call):
    """A system that is asked over HTTP."""

    kind: Literal["http"]
    name: Name
    numbers: tuple[str, ...]
    login: Login | None = None
    record: str = ""  # path to the record, or to a list of them
    fields: dict[FieldName, str]  # our name: path within the record
    statuses: dict[str, int] = Field(default_factory=dict)
    timeout_seconds: float = Field(5, gt=0, le=60)
    tries: int = Field(2, ge=1, le=5)
    calls_per_second: float = Field(2, gt=0)
    cache_minutes: float = Field(10, ge=0)
    poll_minutes: float = Field(60, gt=0)

    @model_validator(mode="after")
    def _names_what_it_needs(self) -> Self:
        if "status" not in self.fields:
            raise ValueError("fields needs status")
        if "{number}" not in repr((self.url, self.query, self.form, self.json_body)):
            raise ValueError("{number} stands neither in url, query, form nor json")
        return self


class DossierSettings(Part):
    """Everything under ``dossiers:``."""

    wrong_tries_an_hour: int = Field(5, ge=1)
    numbers_an_hour: int = Field(20, ge=1)
    change_seconds: float = Field(60, gt=0)
    quiet_from: int = Field(21, ge=0, le=23)
    quiet_until: int = Field(7, ge=0, le=23)
    watch_folder: str = ""
    watch_seconds: float = Field(60, gt=0)
    hosts: tuple[str, ...] = ()
    sources: tuple[Annotated[TableSource | HttpSource, Field(discriminator="kind")], ...] = (
        TableSource(kind="table", name="mot-cua"),
    )

    @model_validator(mode="after")
    def _is_sound(self) -> Self:
        names = [source.name for source in self.sources]
        if len(set(names)) < len(names):
            raise ValueError("two sources have the same name")
        for source in self.sources:
            if isinstance(source, HttpSource):
                for call in (source, source.login):
                    if call is not None:
                        _check_address(call.url, self.hosts)
        return self


def _check_address(url: str, hosts: tuple[str, ...]) -> None:
    parts = urlsplit(re.sub(r"\{[^}]*\}", "x", url))
    if parts.hostname not in hosts:
        raise ValueError(f"{parts.hostname} is not in dossiers.hosts")
    if "{" in urlsplit(url).netloc:
        raise ValueError("the host must stand there in full")
    if parts.scheme != "https" and parts.hostname not in _LOCAL:
        raise ValueError(f"{parts.hostname}: https is needed")
