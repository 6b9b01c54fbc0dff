"""A scripted person takes every way through every guide, within the tightest limits of all channels."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from bot.guides.guide import Guide
from bot.guides.limits import asks_a_secret
from bot.guides.models import CHOICES, LABEL, TEXT
from bot.guides.routes import paths
from bot.messages import Reply
from tests.guides.shared import Person, chosen
from tests.guides.test_paths import GUIDES, LIBRARY

LONGEST = 2000  # characters of one message on the tightest channel
LISTS = ("papers",)  # a list of papers is as long as the law makes it; App cuts what exceeds a channel
WARD = max(LIBRARY.places.communes.values(), key=lambda commune: len(commune.full_name)).code
GENERAL = [
    guide
    for procedure in LIBRARY.procedures.values()
    if (guide := LIBRARY.guides.of(procedure)) is not None and guide.is_general
]


def fits(reply: Reply, stage: str, parts: int = 1) -> None:
    assert reply.text
    length = LONGEST * parts if stage in LISTS else TEXT + 160 if stage == "who" else TEXT
    assert len(reply.text) <= length, reply.text
    assert 0 < len(reply.buttons) <= CHOICES, reply
    for button in reply.buttons:
        assert 0 < len(button.label) <= LABEL, button
        assert button.url or (len(button.value.encode()) <= 64 and button.value.isascii()), button
    assert len({button.label for button in reply.buttons}) == len(reply.buttons), "numbers and words must agree"
    assert "{" not in reply.text, reply.text


async def walked(guide: Guide, way: Mapping[str, str], ward: str = "") -> tuple[Person, list[str]]:
    """The whole way, button by button; the person and the stages passed."""
    person = Person(LIBRARY, ward)
    reply = await person.tap(f"guides:start:{guide.procedure.id if guide.is_general else guide.id}")
    stages = []
    while (mark := person.mark) is not None:
        stages.append(f"{mark.stage}:{mark.id}")
        assert len(stages) < 90, "the guide does not end"
        fits(reply, mark.stage, parts=2 if guide.is_general else 1)
        if mark.stage == "word":
            break
        reply = await person.tap(reply.buttons[chosen(mark, way, guide, reply.buttons)].value)
    await person.tap("", "Dễ làm, cảm ơn")
    return person, stages


@pytest.mark.parametrize("guide", GUIDES, ids=lambda guide: guide.id)
async def test_every_way_reaches_a_number_and_the_question_how_it_went(guide: Guide) -> None:
    for at, way in enumerate(paths(guide)):
        person, stages = await walked(guide, way, WARD if at % 2 else "")
        assert "number:" in stages
        assert stages[-1] == "word:"
        assert person.store.opinions == [(guide.id, 4, "Dễ làm, cảm ơn")]
        assert await person.store.open_runs(person.conversation) == []  # type: ignore[arg-type]


@pytest.mark.parametrize("guide", GENERAL, ids=lambda guide: guide.id)
async def test_the_general_guide_fits_every_procedure(guide: Guide) -> None:
    for helper in ("no", "yes"):
        _, stages = await walked(guide, {"helper": helper})
        assert stages[-1] == "word:"


@pytest.mark.parametrize("guide", [*GUIDES, GENERAL[0]], ids=lambda guide: guide.id)
async def test_every_trouble_of_every_step_leads_to_a_way_out_or_a_person(guide: Guide) -> None:
    person = Person(LIBRARY)
    way = next(paths(guide))
    reply = await person.tap(f"guides:start:{guide.procedure.id if guide.is_general else guide.id}")
    while (mark := person.mark) is not None and mark.stage != "number":
        if mark.stage == "walk":
            for id_, trouble in guide.troubles_at(mark.id).items():
                shown = await person.tap(f"guides:trouble:{mark.key}.{id_}")
                for _ in range(min(2, len(trouble.fix))):
                    fits(shown, "walk")
                    assert not asks_a_secret(shown.text, LIBRARY.guides.never_asked)
                    shown = await person.tap(f"guides:still:{mark.key}.{id_}")
                assert any(button.value.startswith("person:guide:") for button in shown.buttons)
                assert trouble.label in shown.text, "the context says what went wrong"
                fits(shown, "walk")
                await person.tap(f"guides:ok:{mark.key}")
            for at in range(0, len(guide.troubles_at(mark.id)), 3):
                fits(await person.tap(f"guides:stuck:{mark.key}.{at}"), "walk")
            reply = await person.tap(f"guides:go:{mark.key}")
        reply = await person.tap(reply.buttons[chosen(mark, way, guide, reply.buttons)].value)


@pytest.mark.parametrize("guide", GUIDES, ids=lambda guide: guide.id)
async def test_no_text_asks_for_a_secret(guide: Guide) -> None:
    for way in list(paths(guide))[::8]:
        person, _ = await walked(guide, way)
        for reply in person.replies:
            assert not asks_a_secret(reply.text, LIBRARY.guides.never_asked), reply.text
