"""Every name, old and new, with accents and without, leads to the units that the resolution names."""

from __future__ import annotations

import pytest

from bot.search.places import PlaceFinder
from bot.vietnamese import fold
from tests.test_dialogs import SHELF

PLACES = SHELF.library.places
FINDER = PlaceFinder(PLACES, frozenset(fold(word) for word in SHELF.library.vocabulary.place_words))
OLD: dict[str, set[str]] = {}
for commune in PLACES.communes.values():
    for old in commune.formed_from:
        if old.share != "land_only":
            OLD.setdefault(old.name, set()).add(commune.code)


def codes(text: str) -> set[str]:
    """The new units found for a text."""
    return {match.commune.code for match in FINDER.find(text).matches}


def test_the_city_has_its_114_units() -> None:
    kinds = [commune.type for commune in PLACES.communes.values()]
    assert (kinds.count("phường"), kinds.count("xã"), kinds.count("đặc khu")) == (45, 67, 2)


@pytest.mark.parametrize("commune", PLACES.communes.values(), ids=lambda commune: commune.full_name)
def test_every_new_name_finds_its_unit(commune: object) -> None:
    for text in (commune.full_name, fold(commune.full_name), commune.name, fold(commune.name)):  # type: ignore[attr-defined]
        assert commune.code in codes(text), text  # type: ignore[attr-defined]


@pytest.mark.parametrize("name", sorted(OLD))
def test_every_old_name_finds_its_new_units(name: str) -> None:
    for text in (f"{name} cũ nay là đâu", f"{fold(name)} cu nay la dau"):
        assert OLD[name] <= codes(text), text
        assert FINDER.find(text).asked


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("An Lư giờ thuộc phường nào", {"Thủy Nguyên", "Hòa Bình"}),
        ("thị trấn núi đèo", {"Thủy Nguyên"}),
        ("Cẩm Giàng", {"Cẩm Giàng"}),
        ("Cẩm Giang", {"Cẩm Giang"}),
        ("cam giang", {"Cẩm Giàng", "Cẩm Giang"}),
        ("An Dương cũ quận Lê Chân", {"An Biên"}),
    ],
)
def test_traps(text: str, names: set[str]) -> None:
    assert {match.commune.name for match in FINDER.find(text).matches} >= names


@pytest.mark.parametrize(
    "text", ["đăng ký tạm trú ở Lê Chân", "làm khai sinh ở An Biên cần gì", "sổ đỏ Thủy Nguyên"]
)
def test_a_place_beside_another_need_is_no_question_for_the_place(text: str) -> None:
    assert not FINDER.find(text).asked


def test_a_former_district_lists_its_units() -> None:
    answer = FINDER.find("quận Lê Chân")
    assert answer.kind == "district"
    assert {"An Biên", "Lê Chân"} <= {match.commune.name for match in answer.matches}
