"""Two needs in one message are both found; one need is never cut in two."""

from __future__ import annotations

import pytest

from bot.reload import Shelf
from tests.faults.child import a_config

READER = Shelf(a_config().knowledge, a_config().settings.search, cache=a_config().cache).reader


@pytest.mark.parametrize(
    ("text", "needs"),
    [
        ("làm khai sinh với nhập hộ khẩu cho cháu", {"khai-sinh", "thuong-tru"}),
        ("mất cả ví gồm căn cước với bằng lái thì làm lại ở đâu", {"cap-lai-can-cuoc", "cap-lai-bang-lai"}),
        ("doi bang lai va doi can cuoc can nhung gi", {"doi-bang-lai", "doi-can-cuoc"}),
        ("xin giấy độc thân với đăng ký kết hôn luôn", {"giay-doc-than", "ket-hon"}),
    ],
)
def test_both_are_found(text: str, needs: set[str]) -> None:
    reading = READER.read(text)
    assert set(reading.needs) == needs
    own = {READER.read(text).hits[at].procedure.codes()[0] for at in range(len(needs))}
    assert own <= set(reading.codes[:3])


def test_the_linked_procedure_comes_first() -> None:
    reading = READER.read("làm khai sinh với nhập hộ khẩu cho cháu")
    assert reading.codes[0] == "2.000986"
    assert len(reading.codes) <= 10


@pytest.mark.parametrize(
    "text",
    [
        "đất của ông với bà sang tên cho cháu",
        "vợ với chồng cùng đứng tên sổ đỏ thì làm thế nào",
        "đăng ký tạm trú cho vợ và con",
        "mua xe cũ và giấy tờ mang tên chủ cũ thì sang tên thế nào",
        "sổ đỏ bị trộm mất rồi, xin cấp lại cần giấy tờ gì",
        "lập di chúc cần khai sinh của con không hay chỉ căn cước với sổ đỏ thôi",
        "làm hộ chiếu cần căn cước và ảnh thẻ không",
        "khai sinh cho con cần căn cước của bố và mẹ không",
        "lệ phí thi và cấp bằng a1",
        "với",
        "với và rồi cùng",
        "và " * 200,
    ],
)
def test_one_need_stays_one(text: str) -> None:
    assert READER.read(text).needs == ()
