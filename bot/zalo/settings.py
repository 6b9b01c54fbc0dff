"""The blocks ``zalo_oa`` and ``zalo_bot`` of config.yaml. Where Zalo is unclear stands a switch."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class Section(BaseModel):
    """A block of config.yaml; an unknown key is an error, so a typing mistake can't go unseen."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Parameter(Section):
    """One blank of an approved template."""

    value: str = ""  # name of the notice's value; empty: as the parameter
    longest: int = Field(30, ge=1)
    cut: bool = False
    default: str = ""


class Template(Section):
    """An approved template under the name our notices use."""

    id: str
    by: Literal["user", "phone"] = "user"
    parameters: dict[str, Parameter] = {}


class Broadcasts(Section):
    """Articles sent to all followers."""

    values_as_lists: bool = False
    per_month: int = Field(4, ge=0)
    receivers_a_day: int = Field(500, ge=0)
    receivers_share: float = Field(0.05, ge=0, le=1)


class ZaloOASettings(Section):
    """The Official Account; ids and secrets stand in ZALO_*."""

    enabled: bool = True
    per_minute: int = Field(100, ge=1)
    app_per_minute: int = Field(4000, ge=1)
    buttons: Literal["hide", "show", "none"] = "hide"
    window_days: float = Field(7.0, gt=0)
    quiet_from: int = Field(22, ge=0, le=23)
    quiet_until: int = Field(6, ge=0, le=23)
    signature_first_term: Literal["app_id", "oa_id", "either"] = "app_id"
    signature_key: Literal["oa_secret", "app_secret"] = "oa_secret"
    challenge_in_url: bool = True
    staff_pause_minutes: float = Field(30.0, ge=0)
    group_names: list[str] = []
    photo_hosts: list[str] = ["zdn.vn"]
    photo_megabytes: float = Field(10.0, gt=0)
    verification_file: str = ""
    doctor_user_id: str = ""
    broadcasts: Broadcasts = Broadcasts()
    templates: dict[str, Template] = {}


class ZaloBotSettings(Section):
    """The Zalo Bot Platform; its token stands in ZALO_BOT_TOKEN."""

    enabled: bool = True
    poll_timeout: int = Field(30, ge=1, le=60)
    name: str = ""
    messages_a_month: int = Field(3000, ge=0)
    per_second: float = Field(5.0, gt=0)
    typing: bool = True
    markdown: bool = False
    photo_hosts: list[str] = ["zdn.vn", "zaloplatforms.com", "zapps.me"]
    photo_megabytes: float = Field(10.0, gt=0)
