"""A library of three procedures, to learn from in no time."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

from bot.knowledge.library import Library, load_library
from tests.conftest import ROOT

TEXTS = {
    "khai-sinh": ("làm giấy khai sinh cho con", "vợ em mới đẻ thì làm giấy gì", "khai sinh muộn"),
    "ket-hon": ("đăng ký kết hôn", "hai đứa lấy nhau thì ra đâu", "làm giấy cưới"),
    "tam-tru": ("đăng ký tạm trú", "ở trọ thì khai báo thế nào", "thuê nhà phải báo ai"),
}


@cache
def _whole() -> Library:
    return load_library(ROOT / "knowledge")


def a_library(more: str = "") -> Library:
    """Those three with just these questions; ``more``: one more question for the first."""
    kept = {
        id_: _whole().procedures[id_].model_copy(update={"questions": texts, "asked": {}})
        for id_, texts in TEXTS.items()
    }
    if more:
        first = kept["khai-sinh"]
        kept["khai-sinh"] = first.model_copy(update={"questions": (*first.questions, more)})
    return replace(_whole(), procedures=kept, common={}, outside={})
