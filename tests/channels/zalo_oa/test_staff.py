"""Staff who answer by hand in OA Manager have the word; the bot comes back by itself."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from bot.store import conversations
from bot.store.database import Database
from bot.zalo.keeping import OA, StaffOf
from tests.channels.telegram.shared import House
from tests.channels.zalo_oa.shared import PERSON, Kept, recorded
from tests.channels.zalo_oa_server import OA_ID, START, ZaloOAServer, said

PAUSE = timedelta(minutes=30)


async def test_a_person_whom_staff_answer_is_left_to_them(
    server: ZaloOAServer, site: str, house: House, kept: Kept
) -> None:
    await server.post(site, recorded("oa_send_text_echo"))
    assert await server.post(site, said("cảm ơn chị", 1)) == 200
    assert house.texts == []
    assert PERSON in kept.people.at  # it still opens the window of seven days


async def test_after_the_pause_the_bot_answers_again(server: ZaloOAServer, site: str, house: House) -> None:
    await server.post(site, recorded("oa_send_text_echo"))
    server.now += PAUSE
    await server.post(site, said("làm khai sinh", 2, at=START + PAUSE))
    assert house.texts == ["làm khai sinh"]


async def test_a_late_repeat_of_what_staff_have_seen_stays_theirs(
    server: ZaloOAServer, site: str, house: House
) -> None:
    await server.post(site, recorded("oa_send_text_echo"))
    server.now += timedelta(minutes=60)
    await server.post(site, said("cảm ơn chị", 1))
    assert house.texts == []


async def test_other_people_are_answered_meanwhile(server: ZaloOAServer, site: str, house: House) -> None:
    await server.post(site, recorded("oa_send_text_echo"))
    await server.post(site, said("làm khai sinh", 3, user="8220045612378904562"))
    assert house.texts == ["làm khai sinh"]


@pytest.mark.parametrize("ours", ["known id", "no admin"])
async def test_echoes_of_our_own_messages_do_not_pause(
    server: ZaloOAServer, site: str, house: House, kept: Kept, ours: str
) -> None:
    echo = recorded("oa_send_text_echo")
    if ours == "known id":
        kept.sent.ids[echo["message"]["msg_id"]] = PERSON
    else:  # it may come before the id of our call is noted
        del echo["sender"]["admin_id"]
    await server.post(site, echo)
    await server.post(site, said("làm khai sinh", 4))
    assert house.texts == ["làm khai sinh"]


@pytest.mark.parametrize("end", [{"id": ["1"]}, {"id": True}, {}, [], None, {"id": "9" * 500}])
async def test_a_broken_echo_neither_pauses_nor_raises(
    server: ZaloOAServer, site: str, kept: Kept, end: Any
) -> None:
    assert await server.post(site, recorded("oa_send_text_echo") | {"recipient": end}) == 200
    assert kept.staff.ends == {}


async def test_all_replicas_know_the_latest_pause_and_forget_a_person(database: Database) -> None:
    clock = [START]
    one, other = (StaffOf(database, OA_ID, lambda: clock[0]) for _ in range(2))
    assert await other.until(PERSON) is None
    await one.wrote(PERSON, START + PAUSE)
    await one.wrote(PERSON, START)  # an older event that came late
    assert await one.until(PERSON) == START + PAUSE
    clock[0] += timedelta(seconds=2)
    assert await other.until(PERSON) == START + PAUSE
    await database.write(lambda c: conversations.forget_person(c, OA, PERSON, PERSON))
    clock[0] += timedelta(seconds=2)
    assert await other.until(PERSON) is None
