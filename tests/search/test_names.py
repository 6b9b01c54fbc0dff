"""Names found inside a question, whatever surrounds them and in whatever order."""

from __future__ import annotations

import pytest

from bot.reload import Shelf
from bot.search.reading import Decision
from tests.faults.child import a_config

SHELF = Shelf(a_config().knowledge, a_config().settings.search, cache=a_config().cache)
READER = SHELF.reader


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("làm giấy khai sinh", "1.001193"),
        ("cho bác hỏi làm giấy khai sinh ở đâu", "1.001193"),
        ("đăng ký kết hôn hết bao nhiêu tiền ạ", "1.000894"),
    ],
)
def test_question_about_a_name_is_answered(text: str, code: str) -> None:
    reading = READER.read(text)
    assert reading.decision is Decision.ANSWER
    assert reading.hits[0].procedure.code == code


@pytest.mark.parametrize("text", ["so do lam o dau", "sổ đỏ làm ở đâu"])
def test_a_name_of_several_things_is_asked_about(text: str) -> None:
    reading = READER.read(text)
    assert reading.decision is Decision.CHOOSE
    assert {"1.013978", "1.012786"} <= set(reading.codes)


def test_every_name_finds_its_procedure() -> None:
    for procedure in SHELF.library.procedures.values():
        for text in (procedure.name, procedure.official_name):
            assert READER.read(text).hits[0].procedure.code == procedure.code, text


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("cho bác hỏi lệ phí khai sinh", "bác"),
        ("cô muốn hỏi làm căn cước", "cô"),
        ("cho ong hoi lam can cuoc o dau", "ông"),
        ("bác ơi cho cháu hỏi lệ phí khai sinh", ""),
        ("có cần hỏi ai không", ""),
        ("làm căn cước cho bà nội", ""),
    ],
)
def test_how_people_call_themselves(text: str, word: str) -> None:
    assert READER.read(text).address == word
