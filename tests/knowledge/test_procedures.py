"""The knowledge as data: every procedure is found by its names, and says what it must say."""

from __future__ import annotations

import pytest

from bot.knowledge.models import Aspect, Procedure
from bot.vietnamese import fold
from handlers.procedures.answers import Answer
from tests.test_dialogs import SHELF

PROCEDURES = list(SHELF.library.procedures.values())
NAMES = [
    pytest.param(procedure, name, id=f"{procedure.id}: {name[:40]}")
    for procedure in PROCEDURES
    for name in (procedure.name, procedure.official_name, *procedure.aliases)
]


@pytest.mark.parametrize(("procedure", "name"), NAMES)
def test_a_procedure_is_found_first_by_each_of_its_names(procedure: Procedure, name: str) -> None:
    for text in (name, fold(name)):
        hits = SHELF.reader.read(text).hits
        assert hits, text
        assert hits[0].procedure.id == procedure.id, text


@pytest.mark.parametrize("procedure", PROCEDURES, ids=lambda procedure: procedure.id)
@pytest.mark.parametrize("aspect", list(Aspect))
def test_every_answer_ends_with_its_source_and_the_day_it_was_checked(procedure: Procedure, aspect: Aspect) -> None:
    text = Answer(procedure, SHELF.library, procedure.checked).text(aspect)
    last = text.splitlines()[-1]
    assert (procedure.code or SHELF.library.texts("procedures.no_code")) in last
    assert f"{procedure.checked:%d/%m/%Y}" in last
    assert procedure.sources[0].name in last


@pytest.mark.parametrize("procedure", PROCEDURES, ids=lambda procedure: procedure.id)
def test_every_procedure_has_example_questions_enough(procedure: Procedure) -> None:
    assert len({fold(question) for question in procedure.questions}) >= 20


def test_forms_of_address_that_fill_without_saying_anything_are_not_used() -> None:
    empty = ("vui lòng", "trân trọng", "theo quy định hiện hành")
    for procedure in PROCEDURES:
        text = " ".join(
            Answer(procedure, SHELF.library, procedure.checked).text(aspect) for aspect in Aspect
        ).lower()
        assert [word for word in empty if word in text] == [], procedure.id


def test_every_sector_can_be_browsed() -> None:
    browsed = {sector for section in SHELF.library.menu.sections for sector in section.sectors}
    assert {procedure.sector for procedure in SHELF.library.procedures.values()} <= browsed
