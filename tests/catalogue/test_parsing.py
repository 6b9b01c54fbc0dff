"""The portal's glued tables taken apart."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.catalogue import parsing
from bot.catalogue.cleaning import Cleaner
from tests.catalogue.shared import LAWS, PAPERS, RESULT, WAYS


def test_ways_of_filing() -> None:
    online, paper, post = parsing.ways(WAYS, Cleaner())
    assert (online.way, online.time, online.fee, online.note) == (
        "online",
        "3 ngày làm việc",
        "40.000 đồng",
        "40.000đ/giấy",
    )
    assert (paper.way, paper.time, paper.fee) == ("paper", "", "")  # "1" without unit; "free" against its own note
    assert "60/2023/TT-BTC" in paper.note
    assert (post.way, post.time, post.fee) == ("post", "", "miễn phí")
    assert post.note == "Trực tiếp: nộp tại quầy"  # a way named in a sentence is no row


def test_ways_in_the_other_shape() -> None:
    [paper, post] = parsing.ways(
        "Trực tiếp | 30 Ngày | Phí : 0 Đồng | Tại quầy\nDịch vụ bưu chính | 60 Ngày", Cleaner()
    )
    assert (paper.time, paper.fee, paper.note) == ("30 ngày", "miễn phí", "Tại quầy")
    assert (post.way, post.time, post.fee) == ("post", "60 ngày", "")


def test_papers_with_their_groups_counts_and_forms() -> None:
    papers, remarks = parsing.papers(PAPERS, Cleaner())
    assert [(p.originals, p.copies, p.group) for p in papers] == [
        (1, 0, "Hồ sơ của cá nhân"),
        (0, 2, "Hồ sơ của cá nhân"),
        (1, 1, "Hồ sơ của tổ chức"),
    ]
    assert papers[0].form == "Mau 01 don.docx"
    assert papers[0].name == "Đơn đề nghị (mẫu 01)."
    assert papers[1].name.endswith("để đối chiếu")  # a count inside a sentence ends nothing
    assert papers[2].name == "Văn bản của đơn vị Quyết định thành lập"  # the lost space is back
    assert remarks == ("Lưu ý: ghi rõ họ tên",)


def test_papers_that_the_portal_does_not_count() -> None:
    papers, remarks = parsing.papers(
        "--Tên giấy tờMẫu đơn, tờ khaiSố lượngTờ khai0 bản chínhẢnh0 bản chính", Cleaner()
    )
    assert [paper.name for paper in papers] == ["Tờ khai", "Ảnh"]
    assert not remarks


def test_number_of_a_form_is_no_count() -> None:
    table = (
        "--Tên giấy tờMẫu đơn, tờ khaiSố lượngĐơn theo Mẫu số 181 bản chính,1 bản sao"
        "Tờ khai mẫu số 05-ĐK.Mau 05.docx1 bản chính"
    )
    papers, _ = parsing.papers(table, Cleaner())
    assert [(p.name, p.originals) for p in papers] == [("Đơn theo Mẫu số 18", 1), ("Tờ khai mẫu số 05-ĐK.", 1)]


def test_laws_lose_what_is_glued_to_them() -> None:
    assert parsing.laws(LAWS, Cleaner()) == ("31/2024/QH15", "15/2025/NĐ-CP", "60/2023/TT-BTC", "44/2023/TT-BTC")


def test_results_lose_number_and_page_furniture() -> None:
    assert parsing.results(RESULT, Cleaner()) == ("Giấy phép nuôi ong", "Sổ theo dõi")


def test_decomposed_text_is_composed_and_counted() -> None:
    cleaner = Cleaner()
    assert parsing.results(unicodedata.normalize("NFD", RESULT), cleaner) == parsing.results(RESULT, Cleaner())
    assert cleaner.done["decomposed Unicode composed"] == 1


PIECES = st.sampled_from([*"Trực tiếp0123,|()Miễnphí\n-", "1 bản chính", "Trực tuyến", "/2024/QH15"])


@pytest.mark.parametrize("parse", [parsing.ways, parsing.papers, parsing.laws, parsing.results])
@given(pieces=st.lists(PIECES))
def test_no_text_breaks_a_parser(parse: Callable[[str, Cleaner], object], pieces: list[str]) -> None:
    parse("".join(pieces), Cleaner())
