"""Signs that decide, groups that are asked, and cases found in a procedure's own lines."""

from __future__ import annotations

from bot.knowledge.groups import Group, Option
from bot.knowledge.library import load_library
from bot.search.cases import matching
from bot.search.choosing import Choosing
from bot.search.phrases import split
from bot.search.reading import Decision, Hit
from tests.conftest import ROOT

LIBRARY = load_library(ROOT / "knowledge")
GROUP = Group(
    id="giay",
    question="Còn sổ không?",
    says=("mất giấy",),
    options=(
        Option(label="Còn", value="trich-luc-ho-tich", signs=("còn sổ",)),
        Option(label="Mất", value="khai-sinh-lai", signs=("không còn sổ", "cháy sổ")),
        Option(label="Lần đầu", value="khai-sinh"),
    ),
)
CHOOSING = Choosing({"giay": GROUP}, LIBRARY.answerable)


def hits(**scores: float) -> list[Hit]:
    return [Hit(LIBRARY.answerable[id_.replace("_", "-")], score, 0.5) for id_, score in scores.items()]


def ids(found: tuple[Hit, ...]) -> list[str]:
    return [hit.procedure.id for hit in found]


def test_two_of_a_group_are_asked_and_all_options_stand_first() -> None:
    unsure = hits(khai_sinh_lai=0.5, trich_luc_ho_tich=0.4, ket_hon=0.05, tam_tru=0.01)
    settled = CHOOSING.settle(Decision.CHOOSE, unsure, split("giấy khai sinh cũ"), "")
    assert (settled.decision, settled.group) == (Decision.CHOOSE, "giay")
    assert ids(settled.hits) == ["khai-sinh-lai", "trich-luc-ho-tich", "ket-hon", "khai-sinh", "tam-tru"]


def test_a_sign_decides_without_asking() -> None:
    unsure = hits(trich_luc_ho_tich=0.5, khai_sinh_lai=0.4)
    settled = CHOOSING.settle(Decision.CHOOSE, unsure, split("ủy ban bị cháy sổ"), "")
    assert (settled.decision, ids(settled.hits)[0]) == (Decision.ANSWER, "khai-sinh-lai")


def test_a_longer_sign_hides_the_shorter_one_inside_it() -> None:
    assert CHOOSING.signed(GROUP, split("không còn sổ")) == ("khai-sinh-lai",)


def test_signs_of_two_options_narrow_the_question() -> None:
    unsure = hits(trich_luc_ho_tich=0.5, khai_sinh_lai=0.4)
    settled = CHOOSING.settle(Decision.CHOOSE, unsure, split("còn sổ hay cháy sổ"), "")
    assert settled.options == ("trich-luc-ho-tich", "khai-sinh-lai")


def test_a_sign_for_the_second_corrects_a_sure_answer_unless_it_is_hardly_likely() -> None:
    sure = hits(trich_luc_ho_tich=0.95, khai_sinh_lai=0.04)
    assert ids(CHOOSING.settle(Decision.ANSWER, sure, split("cháy sổ"), "").hits)[0] == "khai-sinh-lai"
    surer = hits(trich_luc_ho_tich=0.99, khai_sinh_lai=0.001)
    assert ids(CHOOSING.settle(Decision.ANSWER, surer, split("cháy sổ"), "").hits)[0] == "trich-luc-ho-tich"


def test_others_are_left_as_they_are() -> None:
    mixed = hits(ket_hon=0.5, khai_sinh=0.4)
    assert CHOOSING.settle(Decision.CHOOSE, mixed, split("cháy sổ"), "why").group == ""
    assert CHOOSING.settle(Decision.NONE, hits(khai_sinh=0.01), split("cháy sổ"), "").decision is Decision.NONE


def test_a_text_that_only_names_the_group_is_known_in_any_order() -> None:
    assert CHOOSING.is_named(split("giấy mất"))
    assert not CHOOSING.is_named(split("mất giấy xe"))


LINES = ["không có giấy chứng sinh: văn bản của người làm chứng", "tờ khai đăng ký khai sinh", "trẻ bị bỏ rơi"]


def test_a_case_is_found_by_its_rare_words_only() -> None:
    assert matching(LINES, ["tre", "bi", "bo", "roi"]) == [2]
    assert matching(LINES, ["con", "rieng"]) == []
    assert matching(LINES, ["khai", "sinh", "tren", "may", "bay"]) == []
    assert matching([], ["con", "rieng"]) == []
    assert matching(LINES, []) == []
