"""Every procedure is found first by its name, official name and each alias, with and without accents."""

from __future__ import annotations

import pytest

from bot.knowledge.models import Procedure
from bot.vietnamese import fold
from tests.search.test_names import READER, SHELF


@pytest.mark.parametrize("procedure", SHELF.library.procedures.values(), ids=lambda p: p.id)
def test_found_first_by_every_name(procedure: Procedure) -> None:
    missed = []
    for name in (procedure.name, procedure.official_name, *procedure.aliases):
        for text in (name, fold(name)):
            hits = READER.read(text).hits
            if not hits or hits[0].procedure.id != procedure.id:
                missed.append((text, hits[0].procedure.id if hits else "-"))
    assert not missed
