"""Questions of one meaning find together, others stay apart."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from bot.questions.clusters import Meaning, clusters
from bot.search.compiled import learnt
from bot.store.unanswered import Unanswered
from bot.vietnamese import fold
from tests.search.small import a_library

DAY = date(2026, 11, 20)
MEANINGS = [
    [
        "bay flycam quay đám cưới có phải xin phép",
        "xin phep bay flycam quay phim cuoi",
        "flycam đám cưới xin ở đâu",
    ],
    ["nuôi chó có phải đăng ký không", "đăng ký nuôi chó ở phường"],
    ["mở lớp dạy múa cho trẻ cần giấy gì", "giay phep mo lop day mua"],
    ["lắp camera ngoài ngõ có phải báo ai", "lắp camera an ninh ở ngõ"],
]


@pytest.fixture(scope="module")
def meaning() -> Meaning:
    library = a_library()
    return Meaning(library, learnt(library))


def rows(texts: list[str], **changes: object) -> list[Unanswered]:
    fields = {"channel": "web", "why": "none", "day": DAY, **changes}
    return [Unanswered(fold(text), text, id=at, **fields) for at, text in enumerate(texts, 1)]  # type: ignore[arg-type]


def test_questions_of_one_meaning_find_together(meaning: Meaning) -> None:
    found = clusters(rows([text for texts in MEANINGS for text in texts]), meaning)
    texts = [{asked.text for asked in cluster.questions} for cluster in found]
    together = sum(set(wanted) in texts for wanted in MEANINGS)
    assert together >= 3, texts
    for cluster in texts:
        assert any(cluster <= set(wanted) for wanted in MEANINGS), "different things never stand together"


def test_the_most_asked_come_first_and_lead(meaning: Meaning) -> None:
    first, second = MEANINGS[0][:2]
    asked = [*rows([first]), *rows([second], count=5), *rows(["thuê sân bóng"], count=2)]
    found = clusters(asked, meaning)
    assert [cluster.count for cluster in found] == [6, 2]
    assert found[0].questions[0].text == second


def test_a_window_of_days_keeps_what_was_asked_in_it(meaning: Meaning) -> None:
    old, new = rows(["thuê sân bóng"])[0], rows(["thue san bong"], day=DAY + timedelta(days=3), count=4)[0]
    (cluster,) = clusters([old, new], meaning)
    assert (cluster.count, cluster.last_day) == (5, DAY + timedelta(days=3))
    recent = cluster.since(DAY + timedelta(days=1))
    assert recent is not None
    assert recent.count == 4
    assert cluster.since(DAY + timedelta(days=4)) is None


def test_the_same_rows_give_the_same_clusters(meaning: Meaning) -> None:
    asked = rows([text for texts in MEANINGS for text in texts])
    assert clusters(asked, meaning) == clusters(asked, meaning)
    assert clusters([], meaning) == []
