"""Every way through every guide, walked in thought: each ends, and none is without papers or steps."""

from __future__ import annotations

from datetime import date

import pytest

from bot.guides.guide import Guide
from bot.guides.routes import TOO_MANY, paths
from bot.knowledge.library import load_library
from tests.conftest import ROOT

LIBRARY = load_library(ROOT / "knowledge")
GUIDES = list(LIBRARY.guides.written.values())
TODAY = date(2026, 11, 25)


@pytest.mark.parametrize("guide", GUIDES, ids=lambda guide: guide.id)
def test_every_way_ends_with_papers_and_steps(guide: Guide) -> None:
    ways = list(paths(guide))
    assert 0 < len(ways) <= TOO_MANY
    for way in ways:
        assert guide.needed(way, TODAY), "whoever files something files at least one paper"
        assert any(timed.holds(way) for timed in guide.steps)


def test_every_online_procedure_has_a_guide() -> None:
    for procedure in LIBRARY.procedures.values():
        if procedure.online.level != "none":
            assert LIBRARY.guides.of(procedure) is not None, procedure.id
