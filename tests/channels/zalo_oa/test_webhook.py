"""The webhook: only what Zalo signed gets in, once, and whatever comes is answered."""

from __future__ import annotations

import asyncio
import hashlib
import json
from datetime import timedelta
from typing import Any

import aiohttp
import pytest

from bot.channels.zalo_oa.signature import Signature, mac_of
from tests.channels.telegram.shared import House
from tests.channels.zalo_oa.shared import GROUP, PAYLOADS, PERSON, Kept, recorded
from tests.channels.zalo_oa_server import APP_ID, OA_ID, OA_KEY, START, ZaloOAServer, said
from tests.conftest import ROOT

VECTORS = ROOT.parent / "shared" / "zalo" / "samples" / "signature_vectors.json"


def test_the_published_vectors_of_the_signature() -> None:
    if not VECTORS.exists():
        pytest.skip("the vectors lie beside the repository, not in it")
    cases = json.loads(VECTORS.read_text(encoding="utf-8"))["oa_webhook"]
    for case in cases:
        oa_id = json.loads(case["raw_body"])["recipient"]["id"]
        given = (case["raw_body"].encode(), case["header"].partition(": ")[2], case["timestamp"])
        strict = Signature(case["app_id"], oa_id, case["oa_secret_key"])
        tolerant = Signature(case["app_id"], oa_id, case["oa_secret_key"], "either")
        assert strict.fits(*given) is (case["valid"] is True)
        assert tolerant.fits(*given) is (case["valid"] is not False)


@pytest.mark.parametrize("first_term", ["app_id", "oa_id", "either"])
def test_the_first_term_of_the_signature_can_be_chosen(first_term: Any) -> None:
    signature = Signature("1", "2", "key", first_term)
    for name, first in (("app_id", "1"), ("oa_id", "2")):
        mac = mac_of(first, b"{}", "9", "key")
        assert signature.fits(b"{}", f"mac={mac}", "9") is (first_term in (name, "either"))
        assert signature.fits(b"{}", mac.upper(), "9") is (first_term in (name, "either"))
        assert not signature.fits(b"{} ", f"mac={mac}", "9")


def test_without_a_key_nothing_fits() -> None:
    empty = Signature("1", "2", "")
    assert not empty.fits(b"{}", mac_of("1", b"{}", "9", ""), "9")


async def test_words_are_stored_before_the_200(server: ZaloOAServer, site: str, house: House) -> None:
    assert await server.post(site, said("  lam khai sinh ", 1)) == 200
    assert house.texts == ["lam khai sinh"]


async def test_each_recorded_event_is_answered_200_and_only_words_get_in(
    server: ZaloOAServer, site: str, house: House, kept: Kept
) -> None:
    expected = set()
    for path in sorted(PAYLOADS.glob("*.json")):
        kept.staff.ends.clear()  # each by itself: after staff's own words the bot would pause
        case = json.loads(path.read_text(encoding="utf-8"))
        assert await server.post(site, case["event"]) == 200, path.stem
        if "message" in case["expect"] and case["expect"].get("is_for_us", True):
            expected.add(case["expect"]["message"]["message_id"])
    assert set(house.messages) == expected
    assert house.reachable == [(GROUP, False), (PERSON, False)]


async def test_duplicates_and_late_repeats_are_known(server: ZaloOAServer, site: str, house: House) -> None:
    event = said("một lần thôi", 1)
    assert [await server.post(site, event) for _ in range(3)] == [200] * 3
    server.now += timedelta(minutes=110)
    assert await server.post(site, event) == 200
    assert house.texts == ["một lần thôi"]


async def test_what_could_not_be_stored_is_repeated_until_it_is(
    server: ZaloOAServer, site: str, house: House
) -> None:
    house.failures = 3
    assert await server.post(site, said("đừng mất tôi", 1)) == 503
    for seconds in (30, 300, 900):
        assert house.texts == []
        await server.advance(seconds, site)
    assert house.texts == ["đừng mất tôi"]
    assert server.waiting == []


@pytest.mark.parametrize("body", [b"", b"  ", b"{}", b"[]", b'{"app_id": "1"}', b"null"])
async def test_the_consoles_unsigned_probe_is_answered_and_ignored(
    server: ZaloOAServer, site: str, house: House, body: bytes
) -> None:
    assert await server.post(site, body, mac="") == 200
    assert house.receipts == 0


@pytest.mark.parametrize("mac", ["", "mac=", "mac=" + "0" * 64, "mac=ệ", "0" * 10_000])
async def test_a_wrong_signature_is_refused(server: ZaloOAServer, site: str, house: House, mac: str) -> None:
    async with aiohttp.ClientSession() as session:
        body = json.dumps(said("giả", 1)).encode()
        headers = {"X-ZEvent-Signature": mac} if mac.isascii() and len(mac) < 8000 else {}
        async with session.post(f"{site}/zalo/webhook", data=body, headers=headers) as response:
            assert response.status == 403
    assert house.receipts == 0


@pytest.mark.parametrize(
    "change", [{"app_id": "1"}, {"app_id": None}, {"timestamp": "1"}, {"event_name": "user_send_text "}]
)
async def test_a_changed_body_is_refused(server: ZaloOAServer, site: str, house: House, change: Any) -> None:
    event = said("thật", 1)
    mac = server.mac(json.dumps(event, ensure_ascii=False).encode())
    assert await server.post(site, {**event, **change}, mac=mac) == 403
    assert house.receipts == 0


async def test_an_event_of_another_app_is_refused_although_it_is_signed(server: ZaloOAServer, site: str) -> None:
    assert await server.post(site, {**said("lạc", 1), "app_id": "1"}) == 403


async def test_an_event_for_another_oa_is_none_of_our_business(
    server: ZaloOAServer, site: str, house: House
) -> None:
    assert await server.post(site, {**said("lạc", 1), "recipient": {"id": "99"}}) == 200
    assert house.receipts == 0


async def test_what_was_recorded_long_ago_can_not_be_played_back(
    server: ZaloOAServer, site: str, house: House
) -> None:
    event = said("phát lại", 1)
    server.now += timedelta(hours=4)
    assert await server.post(site, event) == 200
    assert house.receipts == 0


@pytest.mark.parametrize("body", [b"\xff\xfe", b"{" * 100_000, b'{"event_name": "x"', b"x" * 2_000_000])
async def test_junk_is_refused_politely(server: ZaloOAServer, site: str, body: bytes) -> None:
    assert await server.post(site, body) in (403, 413)


async def test_signed_junk_is_passed_over(server: ZaloOAServer, site: str, house: House) -> None:
    junk = [
        {**said("x", 1), "message": None},
        {**said("x", 2), "sender": {"id": 1.5}},
        {**said("x", 3), "sender": {"id": True}},
        {**said("x", 4), "message": {"text": "x"}},
        {**said("x", 5), "sender": []},
    ]
    for event in junk:
        assert await server.post(site, event) == 200
    assert house.receipts == 0


async def test_the_last_word_of_a_person_opens_their_window(server: ZaloOAServer, site: str, kept: Kept) -> None:
    for name in ("user_send_text", "user_click_chatnow", "user_send_group_text", "follow"):
        kept.people.at.clear()
        await server.post(site, recorded(name))
        assert PERSON in kept.people.at, name
    kept.people.at.clear()
    for name in ("user_seen_message", "user_received_message", "oa_send_text_echo", "unfollow"):
        await server.post(site, recorded(name))
    assert kept.people.at == {}


async def test_an_answer_to_our_words_in_a_group_is_for_us(
    server: ZaloOAServer, site: str, house: House, kept: Kept
) -> None:
    event = recorded("user_send_group_text")
    event["message"]["quote_msg_id"] = "ours"
    await server.post(site, event)
    assert house.texts == []
    kept.sent.ids["ours"] = GROUP
    await server.post(site, event)
    assert house.texts == [event["message"]["text"]]


async def test_a_person_who_withdraws_consent_is_forgotten(server: ZaloOAServer, site: str, kept: Kept) -> None:
    await server.post(site, recorded("user_withdraw"))
    assert kept.people.forgotten == [PERSON]


async def test_a_withdrawn_permission_is_an_alarm(server: ZaloOAServer, site: str, kept: Kept) -> None:
    await server.post(site, recorded("permission_revoked"))
    assert "motcua zalo login" in kept.tokens.trouble


async def test_receipts_and_ratings_of_templates_are_noted(server: ZaloOAServer, site: str, kept: Kept) -> None:
    kept.templates.lines["mc-payload-0007"] = {"state": "asked"}
    await server.post(site, recorded("zns_user_received_message"))
    await server.post(site, recorded("user_feedback"))
    line = kept.templates.lines["mc-payload-0007"]
    assert (line["state"], line["rate"], line["delivered_at"]) == ("sent", 5, START)


async def test_many_at_once_are_all_taken(server: ZaloOAServer, site: str, house: House) -> None:
    statuses = await asyncio.gather(*(server.post(site, said(f"câu {n}", n)) for n in range(100)))
    assert statuses == [200] * 100
    assert len(house.messages) == 100


async def test_the_address_can_be_looked_at(site: str) -> None:
    async with aiohttp.ClientSession() as session, session.get(f"{site}/zalo/webhook") as response:
        assert (response.status, response.headers["X-Motcua"]) == (200, "zalo_oa")


def test_our_formula_is_the_documents_formula() -> None:
    body = b'{"timestamp": "5"}'
    assert (
        mac_of(APP_ID, body, "5", OA_KEY)
        == hashlib.sha256(APP_ID.encode() + body + b"5" + OA_KEY.encode()).hexdigest()
    )
    assert OA_ID != APP_ID
