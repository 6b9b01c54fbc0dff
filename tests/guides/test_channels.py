"""Every guide is completed on every channel, within its limits: on Zalo with typed numbers alone.

A few ways of each guide, chosen so that together they answer every question in every way and show every step,
check and paper there is."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from bot.guides.guide import Guide
from bot.guides.routes import paths
from bot.messages import Button
from tests.guides.phones import PHONES, Phone
from tests.guides.shared import chosen
from tests.guides.test_paths import GUIDES, LIBRARY

Way = Mapping[str, str]


def shown_on(guide: Guide, way: Way) -> set[str]:
    """What a person meets on this way: answers given, steps, checks and papers."""
    met = {f"{fact}={value}" for fact, value in way.items()}
    met |= {f"step {timed.item.id}" for timed in guide.steps if timed.holds(way)}
    met |= {f"check {timed.item.id}" for timed in guide.checks if timed.holds(way)}
    return met | {f"paper {paper.key}" for paper in guide.papers if paper.when(way) is not False}


def few(guide: Guide) -> list[Way]:
    """The fewest ways (found greedily) that together meet everything."""
    ways = [(way, shown_on(guide, way)) for way in paths(guide)]
    wanted = set().union(*(met for _, met in ways))
    kept: list[Way] = []
    while wanted:
        best, met = max(ways, key=lambda one: len(one[1] & wanted))
        kept.append(best)
        wanted -= met
    return kept


async def completed(phone: Phone, guide: Guide, way: Way) -> list[str]:
    """Walks to the end by what the phone shows; the stages passed."""
    start = Button("", f"guides:start:{guide.id}")
    phone.conversation.data["buttons"] = f"{start.value}\tNộp online từng bước"  # as under an answer
    phone.choices = ["Nộp online từng bước"]
    await phone.type("1")
    stages: list[str] = []
    while (mark := phone.mark) is not None:
        stages.append(mark.stage)
        assert len(stages) < 90, "the guide does not end"
        if mark.stage == "word":
            await phone.type("de lam, cam on")
            continue
        await phone.choose(wanted(phone, mark, way, guide))
    return stages


def wanted(phone: Phone, mark, way: Way, guide: Guide) -> str:  # type: ignore[no-untyped-def]
    """The words of the choice that this way makes here, of those shown or behind "Xem thêm"."""
    lines = phone.conversation.data["buttons"].splitlines()
    lines += phone.conversation.data.get("more_buttons", "").splitlines()[1:]
    buttons = tuple(Button(label, value) for value, _, label in (line.partition("\t") for line in lines))
    return buttons[chosen(mark, way, guide, buttons)].label


@pytest.mark.parametrize("make", PHONES, ids=lambda make: make.__name__)
@pytest.mark.parametrize("guide", GUIDES, ids=lambda guide: guide.id)
async def test_a_guide_is_completed_within_the_limits_of_a_channel(guide: Guide, make: type[Phone]) -> None:
    for way in few(guide):
        phone = make()
        stages = await completed(phone, guide, way)
        assert stages[-1] == "word"
        assert "walk" in stages
        assert phone.store.opinions == [(guide.id, 4, "de lam, cam on")]
        assert await phone.store.open_runs(None) == []  # type: ignore[arg-type]


@pytest.mark.parametrize("make", PHONES, ids=lambda make: make.__name__)
async def test_the_general_guide_is_completed_too(make: type[Phone]) -> None:
    longest = max(
        (guide for p in LIBRARY.procedures.values() if (guide := LIBRARY.guides.of(p)) and guide.is_general),
        key=lambda guide: len(guide.papers),
    )
    phone = make()
    assert (await completed(phone, longest, {"helper": "yes"}))[-1] == "word"
