"""Guides that end at a counter: their words, papers, fee and time are those of a visit, not of the portal."""

from __future__ import annotations

from datetime import date

import pytest

from bot.guides.guide import Guide
from bot.guides.routes import paths
from bot.knowledge.models import Aspect
from handlers.procedures.buttons import aspect_buttons
from tests.guides.phones import Bot
from tests.guides.shared import Person, chosen
from tests.guides.test_channels import shown_on, wanted
from tests.guides.test_paths import GUIDES, LIBRARY

TODAY = date(2026, 11, 25)
OF_THE_PORTAL = (
    "nộp online từng bước",
    "Đã gửi xong",
    "chụp ảnh gửi lên",
    "chụp ảnh để gửi lên",
    "điền ngay trên mạng",
    "Phí nộp online",
    "Rà trước khi nộp",
    "Khoan nộp",
    "Cổng hiện số tiền",
    "mã hồ sơ Cổng",
)
VISITS = [guide for guide in GUIDES if guide.visit.text != "never"]


@pytest.mark.parametrize("guide", GUIDES, ids=lambda guide: guide.id)
def test_a_way_that_sends_nothing_on_the_portal_is_a_visit_and_no_other(guide: Guide) -> None:
    for way in paths(guide):
        is_sent = "step submit" in shown_on(guide, way)
        assert guide.visit(way) is not is_sent, way


@pytest.mark.parametrize("guide", VISITS, ids=lambda guide: guide.id)
async def test_a_visit_speaks_of_going_there_and_never_of_the_portal(guide: Guide) -> None:
    ways = [way for way in paths(guide) if guide.visit(way)]
    for way in ways[:: max(1, len(ways) // 8)]:
        person = Person(LIBRARY)
        reply = await person.tap(f"guides:start:{guide.id}")
        passed = []
        while (mark := person.mark) is not None and mark.stage != "word":
            passed.append(mark.stage)
            run = next(iter(person.store.runs.values())).run
            if guide.visit(run.facts):
                assert not [words for words in OF_THE_PORTAL if words in reply.text], reply.text
            reply = await person.tap(reply.buttons[chosen(mark, way, guide, reply.buttons)].value)
        assert passed.count("number") == 1


async def test_papers_are_brought_on_a_visit_and_photographed_for_the_portal() -> None:
    for way, words in (("visit", "mang bản chính theo"), ("online", "chụp ảnh gửi lên, bản chính nộp sau")):
        person = Person(LIBRARY)
        await person.tap("guides:start:ho-chieu")
        for fact, value in (("age", "grown"), ("state", "none"), ("way", way)):
            await person.tap(f"guides:who:{person.mark.key}.no")  # type: ignore[union-attr]
            reply = await person.tap(f"guides:set:{person.mark.key}.{fact}.{value}")  # type: ignore[union-attr]
        assert f"Ảnh 4 x 6 cm, phông trắng, chụp trong 6 tháng**: {words}" in reply.text


def test_fee_and_time_follow_the_way_of_filing() -> None:
    guide = LIBRARY.guides.written["sao-y-ban-chinh"]
    assert guide.ways({}) == ("paper",)
    facts = {"kind": "paper", "original": "have", "place": "ward"}
    assert guide.fee(facts, TODAY) == "some", "paper copies are paid by the page"
    passport = LIBRARY.guides.written["ho-chieu"]
    assert passport.ways({}) == ("online", "paper"), "not decided yet"


def test_the_time_told_is_that_of_the_case() -> None:
    guide = LIBRARY.guides.written["vneid-muc-2"]
    assert guide.times({"card": "yes"}, TODAY) == ["Không quá 3 ngày làm việc"]
    assert guide.times({"card": "no"}, TODAY) == ["Không quá 7 ngày làm việc, làm cùng thẻ căn cước"]
    assert len(guide.times({}, TODAY)) == 2, "nobody knows yet which"
    insurance = LIBRARY.guides.written["mua-bhyt"]
    jobless = {"want": "buy", "group": "covered", "kind": "jobless"}
    assert [text[:14] for text in insurance.times(jobless, TODAY)] != [
        text[:14] for text in insurance.times({"want": "buy", "group": "household"}, TODAY)
    ]


@pytest.mark.parametrize(
    "id_", ["khai-tu", "ket-hon", "khai-sinh-nhan-cha", "cai-chinh-ho-tich", "nhan-cha-me-con"]
)
def test_what_is_paid_apart_leaves_a_certain_nothing_certain(id_: str) -> None:
    guide = LIBRARY.guides.get(id_, LIBRARY.find(id_))
    assert guide is not None
    assert any(fee.apart for fee in guide.procedure.fees)
    facts = {name: sorted(values)[0] for name, values in guide.kinds.items()}
    labels = [fee.label for fee in guide.fees_due(facts, TODAY, "online")]
    assert not [label for label in labels if "thêm" in label]


@pytest.mark.parametrize("typed", ["không", "ko", "bỏ qua", "xong", "khong co", "chua co ma"])
async def test_the_number_is_only_offered_and_skipped_in_one_word(typed: str) -> None:
    phone = Bot()
    phone.conversation.data["buttons"] = "guides:start:sao-y-ban-chinh\tLàm từng bước"
    await phone.type("1")
    guide = LIBRARY.guides.written["sao-y-ban-chinh"]
    way = next(paths(guide))
    while (mark := phone.mark) is not None and mark.stage != "number":
        await phone.choose(wanted(phone, mark, way, guide))
    assert "Bỏ qua" in phone.choices
    await phone.type(typed)
    assert phone.mark is not None
    assert phone.mark.stage == "rating", phone.shown


@pytest.mark.parametrize(
    ("id_", "label"),
    [
        ("vneid-muc-2", "Làm từng bước"),
        ("sao-y-ban-chinh", "Làm từng bước"),
        ("khai-sinh", "Nộp online từng bước"),
        ("ho-chieu", "Nộp online từng bước"),
    ],
)
def test_the_button_under_an_answer_says_what_the_guide_does(id_: str, label: str) -> None:
    procedure = LIBRARY.find(id_)
    assert procedure is not None
    buttons = aspect_buttons(LIBRARY.texts, procedure, Aspect.WHAT, LIBRARY.guides.of(procedure))
    assert [button.label for button in buttons if button.value.startswith("guides:")] == [label]


async def test_the_number_is_asked_for_where_it_is_got_and_how_it_went_at_the_end() -> None:
    guide = LIBRARY.guides.written["so-do-lan-dau"]
    person = Person(LIBRARY)
    reply = await person.tap(f"guides:start:{guide.id}")
    passed, way = [], next(paths(guide))
    while (mark := person.mark) is not None and mark.stage != "word":
        passed.append(mark.id or mark.stage)
        if mark.stage == "number":
            assert (guide.end or "") not in reply.text, "what comes after is still to be walked"
        if mark.stage == "rating":
            assert (guide.end or "") in reply.text
        reply = await person.tap(reply.buttons[chosen(mark, way, guide, reply.buttons)].value)
    asked = passed.index("number", passed.index("number") + 1)  # the step is called number, too
    assert passed[asked - 1] == "number"
    assert passed[-1] == "rating"
    assert len(passed) - asked > 3, "tax notices and the like come after"


@pytest.mark.parametrize(
    ("typed", "stage"), [("du", "check:before-three"), ("chua du", "check:all-pages"), ("có", "check:before-three")]
)
async def test_the_beginning_of_an_answer_is_enough(typed: str, stage: str) -> None:
    phone = Bot()
    phone.conversation.data["buttons"] = "guides:start:sao-y-ban-chinh\tLàm từng bước"
    await phone.type("1")
    for text in ("1", "con", "ban giay", "trung tam", "du ca roi", "co", "co", "co"):
        await phone.type(text)
    assert phone.mark is not None
    assert phone.mark.id == "all-pages", phone.shown
    await phone.type(typed)
    assert f"{phone.mark.stage}:{phone.mark.id}" == stage, phone.shown
