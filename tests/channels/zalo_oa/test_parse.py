"""Events become messages or signs; junk never raises anything but what the intake expects."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.channels.zalo_oa.groups import Names, without_mentions
from bot.channels.zalo_oa.parse import Sign, Told, is_too_old, moment, oa_of, photo_of, read
from bot.messages import Kind
from tests.channels.zalo_oa.shared import PAYLOADS, recorded
from tests.channels.zalo_oa_server import OA_ID, START, said

NAMES = Names(("Một Cửa", "motcua"), OA_ID)
FILES = [path for path in sorted(PAYLOADS.glob("*.json")) if path.stem != "console_probe_empty"]


def facts(found: Told | Sign) -> dict[str, Any]:
    """What a payload file expects: everything that is not empty."""
    if isinstance(found, Sign):
        sign = {**asdict(found), "sort": found.sort.name.lower()}
        return {"sign": {key: value for key, value in sign.items() if value not in ("", 0, False)}}
    message = asdict(found.message)
    assert message.pop("channel") == "zalo_oa"
    message["received_at"] = message["received_at"].isoformat()
    kept = {"message": {key: value for key, value in message.items() if value not in ("", False)}}
    quotes = {"quotes": found.quotes} if found.quotes else {}
    return {**kept, **quotes, **({} if found.is_for_us else {"is_for_us": False})}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_recorded_event_means_what_it_should(path: Path) -> None:
    case = json.loads(path.read_text(encoding="utf-8"))
    assert facts(read(case["event"], OA_ID, NAMES, START)) == case["expect"]
    assert oa_of(case["event"]) in ("", OA_ID)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_no_name_and_no_phone_number_gets_in(path: Path) -> None:
    found = repr(read(json.loads(path.read_text(encoding="utf-8"))["event"], OA_ID, NAMES, START))
    assert "Trần Thị Mẫu" not in found
    assert "84912345678" not in found


@pytest.mark.parametrize("name", ["user_seen_message", "user_received_message", "user_submit_info_new"])
def test_swapped_sender_and_recipient_do_not_make_the_oa_a_person(name: str) -> None:
    event = recorded(name)
    event["sender"], event["recipient"] = event["recipient"], event["sender"]
    found = read(event, OA_ID, NAMES, START)
    assert isinstance(found, Sign)
    assert found.who != OA_ID


WORDS = st.sampled_from(["", "id", "msg_id", "text", "attachments", "rate", "ệ\x00", "12"])
JSON = st.recursive(
    st.none() | st.booleans() | st.sampled_from([0, -1, 2**70, 1.5]) | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3),
    max_leaves=6,
)
EVENT_NAMES = [recorded(path.stem)["event_name"] for path in FILES]


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(EVENT_NAMES), st.dictionaries(st.sampled_from(["sender", "recipient", "message"]), JSON))
def test_junk_raises_only_what_the_intake_expects(name: str, parts: dict[str, Any]) -> None:
    event = {"event_name": name, **parts}
    try:
        oa_of(event)
        read(event, OA_ID, NAMES, START)
    except (KeyError, TypeError, ValueError, AttributeError):
        pass


def test_ids_beyond_the_precision_of_floats_stay_what_they_are() -> None:
    found = read(said("chào", 1, user="18446744073709551615"), OA_ID, NAMES, START)
    assert isinstance(found, Told)
    assert found.message.user_id == "18446744073709551615"


def test_zalos_own_time_orders_swapped_events() -> None:
    early, late = said("một", 1, at=START - timedelta(seconds=2)), said("hai", 2, at=START)
    assert moment(early, START) < moment(late, START) == START
    assert moment({"timestamp": "soon"}, START) == START
    assert moment(said("mai", 3, at=START + timedelta(days=1)), START) == START


def test_only_what_no_repeat_can_be_is_too_old() -> None:
    assert not is_too_old(said("chậm", 1, at=START - timedelta(minutes=111)), START)
    assert is_too_old(said("phát lại", 1, at=START - timedelta(hours=4)), START)
    assert is_too_old({"timestamp": "x"}, START)


def test_address_of_a_picture() -> None:
    assert photo_of(recorded("user_send_image")) == "https://f7-test.zdn.vn/full.jpg"
    assert photo_of(recorded("user_send_text")) == ""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("/menu", "/menu"),
        ("@Một Cửa khai sinh cần gì", "khai sinh cần gì"),
        ("chào @mot cua, khai sinh cần gì", "chào  khai sinh cần gì"),
        ("Một Cửa ơi, khai sinh cần gì", "khai sinh cần gì"),
        ("motcua: giấy tờ", "giấy tờ"),
        (f"[@{OA_ID}] giấy tờ", "giấy tờ"),
        ("[@123] giấy tờ", None),
        ("ra bộ phận một cửa mà nộp", None),
        ("một cửa ở đâu nhỉ", None),
        ("@một cửahàng", None),
        ("email a@motcua.vn", None),
        ("Mai ai trực?", None),
    ],
)
def test_in_groups_the_bot_hears_only_what_is_addressed_to_it(text: str, expected: str | None) -> None:
    found = NAMES.words_for_us(text)
    assert (found.strip() if found is not None else None) == expected


def test_nobody_is_called_by_our_words_in_a_group() -> None:
    assert "[@" not in without_mentions("Chào [@6007733119955224408] cả nhà [@1]")


@pytest.mark.parametrize("text", ["~mc~", "~mc~có dấu", "~mc~a b", "~mc~" + "x" * 65, "x~mc~menu:show:", "#menu"])
def test_what_is_no_tap_of_ours_is_words(text: str) -> None:
    found = read(said(text, 1), OA_ID, NAMES, START)
    assert isinstance(found, Told)
    assert (found.message.kind, found.message.tapped, found.message.text) == (Kind.TEXT, "", text)
