"""Questions that are no procedure: found by every name, answered with source and day."""

from __future__ import annotations

import pytest

from bot.knowledge.common import CommonAnswer
from bot.knowledge.models import Aspect
from bot.vietnamese import fold
from handlers.procedures.answers import Answer
from handlers.procedures.buttons import aspect_buttons
from tests.test_dialogs import SHELF

COMMON = list(SHELF.library.common.values())


@pytest.mark.parametrize("question", COMMON, ids=lambda question: question.id)
def test_found_first_by_every_name(question: CommonAnswer) -> None:
    for name in (question.name, *question.aliases):
        for text in (name, fold(name)):
            reading = SHELF.reader.read(text)
            assert reading.hits, (text, reading.why)
            assert reading.hits[0].procedure.id == question.id, text


@pytest.mark.parametrize("question", COMMON, ids=lambda question: question.id)
def test_answer_ends_with_source_and_day_and_fills_hotlines(question: CommonAnswer) -> None:
    text = Answer(question, SHELF.library, question.checked).text(Aspect.WHAT)
    assert "{" not in text
    assert question.sources[0].name in text.splitlines()[-1]
    assert f"{question.checked:%d/%m/%Y}" in text.splitlines()[-1]
    buttons = aspect_buttons(SHELF.library.texts, question, Aspect.WHAT, None)
    assert not [button for button in buttons if button.value.startswith("procedures:")]


def test_overdue_answer_says_so() -> None:
    question = COMMON[0]
    assert question.recheck is not None
    late = question.recheck.replace(year=question.recheck.year + 1)
    assert "quá ngày cần rà lại" in Answer(question, SHELF.library, late).text(Aspect.WHAT)
