"""Who may know what of a dossier, and how guessing comes to nothing."""

from __future__ import annotations

import asyncio
import random
from datetime import timedelta

import pytest
import sqlalchemy as sa

from bot.dossiers.service import Dossiers, Outcome
from bot.store.database import Database
from bot.store.tables import dossier_ratings, dossier_tries, follows
from tests.conftest import a_message
from tests.dossiers.shared import NOW, NUMBER, a_service, a_state, number, put


async def look(service: Dossiers, text: str = NUMBER, sign: str = "", who: str = "person", **changes: object):  # type: ignore[no-untyped-def]
    now = changes.pop("now", NOW)
    answer = await service.look_up(number(text), sign, a_message(user_id=who, chat_id=who, **changes), now)  # type: ignore[arg-type]
    if answer.looked is not None:  # as the turn writes it
        await service._database.write(answer.looked)
    return answer


@pytest.fixture
async def service(database: Database) -> Dossiers:
    await put(database, a_state())
    return a_service(database)


async def test_the_number_alone_gives_the_status_and_nothing_else(service: Dossiers) -> None:
    answer = await look(service)
    assert answer.outcome is Outcome.FOUND
    assert answer.state is not None
    assert answer.state.status == 4
    assert not any((answer.state.due, answer.state.unit, answer.state.procedure, answer.state.need))
    assert not any((answer.state.phone_key, answer.state.id_key))


@pytest.mark.parametrize("sign", ["678", "234"])
async def test_three_digits_of_phone_or_id_open_the_details(service: Dossiers, sign: str) -> None:
    answer = await look(service, sign=sign)
    assert answer.outcome is Outcome.DETAILS
    assert answer.state is not None
    assert answer.state.due is not None


async def test_wrong_sign_and_unknown_number_are_the_same_answer(service: Dossiers) -> None:
    assert await look(service, sign="111") == await look(service, "H24.77.20-260915-9999", sign="678")


async def test_a_table_without_a_single_row_covers_nothing(database: Database) -> None:
    assert (await look(a_service(database))).outcome is Outcome.UNCOVERED


async def test_numbers_of_others_are_not_covered(service: Dossiers) -> None:
    assert (await look(service, "G09.20-20260609-0092637")).outcome is Outcome.UNCOVERED


async def test_five_wrong_tries_an_hour_then_a_pause(service: Dossiers) -> None:
    for _ in range(5):
        assert (await look(service, sign="111")).outcome is Outcome.UNKNOWN
    assert (await look(service, sign="678")).outcome is Outcome.PAUSED
    assert (await look(service)).outcome is Outcome.PAUSED
    assert (await look(service, who="another")).outcome is Outcome.FOUND
    assert (await look(service, now=NOW + timedelta(minutes=61))).outcome is Outcome.FOUND


async def test_a_network_is_counted_whoever_asks_from_it(service: Dossiers) -> None:
    for at in range(5):
        await look(service, f"H24.77.20-260915-9{at:03}", who=f"p{at}", network="kiosk")
    assert (await look(service, who="p9", network="kiosk")).outcome is Outcome.PAUSED
    assert (await look(service, who="p9", network="home")).outcome is Outcome.FOUND


async def test_many_at_once_do_not_slip_past_the_count(service: Dossiers) -> None:
    answers = await asyncio.gather(
        *(look(service, f"H24.77.20-260915-9{at:03}", who=f"p{at}", network="one") for at in range(40))
    )
    assert sum(answer.outcome is Outcome.UNKNOWN for answer in answers) == 5
    assert sum(answer.outcome is Outcome.PAUSED for answer in answers) == 35


async def test_a_number_under_attack_keeps_its_details_for_a_day(service: Dossiers) -> None:
    for at in range(5):
        await look(service, sign="111", who=f"thief{at}")
    assert (await look(service, sign="678", who="thief9")).outcome is Outcome.PAUSED
    assert (await look(service, who="owner")).outcome is Outcome.FOUND, "the status stays open"
    later = NOW + timedelta(days=1, minutes=1)
    assert (await look(service, sign="678", who="owner", now=later)).outcome is Outcome.DETAILS


async def test_nobody_goes_through_the_numbers_of_a_day(database: Database) -> None:
    await put(database, *(a_state(f"H24.77.20-260915-{at:04}") for at in range(40)))
    service = a_service(database, numbers_an_hour=20)
    outcomes = [(await look(service, f"H24.77.20-260915-{at:04}")).outcome for at in range(40)]
    assert outcomes == [Outcome.FOUND] * 20 + [Outcome.PAUSED] * 20


async def test_two_thousand_guesses_of_one_attacker_open_nothing(service: Dossiers) -> None:
    chance = random.Random(20261125)
    outcomes = set()
    for at in range(2000):
        answer = await look(service, sign=f"{chance.randrange(1000):03}", who=f"t{at % 50}", network="attacker")
        outcomes.add(answer.outcome)
    assert outcomes <= {Outcome.UNKNOWN, Outcome.PAUSED}


async def test_who_proved_it_once_need_not_again(service: Dossiers, database: Database) -> None:
    message = a_message()
    await database.write(service.verified(message.place, a_state()))
    assert (await service.look_up(number(), "", message, NOW)).outcome is Outcome.DETAILS
    assert (await look(service, who="another")).outcome is Outcome.FOUND


async def test_nobody_stops_or_rates_anothers_following(service: Dossiers, database: Database) -> None:
    mine, other = a_message().place, a_message(user_id="other", chat_id="other").place
    await database.write(service.followed(mine, a_state(), False))
    [tie] = await service.ties(mine)
    assert await service.tie(other, tie.id) is None
    await database.write(service.unfollowed(other, tie.id))
    assert [tie.following for tie in await service.ties(mine)] == [True]


async def test_forgetting_leaves_nothing_of_the_person(service: Dossiers, database: Database) -> None:
    message = a_message()
    await look(service, sign="111")
    await database.write(service.followed(message.place, a_state(), False))
    [tie] = await service.ties(message.place)
    await database.write(service.rated(message.place, tie, a_state(), 5))
    await database.write(service.rated_word(message.place, tie.id, "tốt"))
    await database.write(service.forgotten(message))
    async with database.reading() as connection:
        for table in (follows, dossier_tries, dossier_ratings):
            assert (await connection.execute(sa.select(table))).all() == []


async def test_tries_hold_no_number_and_no_person(service: Dossiers, database: Database) -> None:
    await look(service, sign="111", network="1.2.3.4")
    async with database.reading() as connection:
        stored = repr((await connection.execute(sa.select(dossier_tries))).all())
    assert NUMBER not in stored
    assert "person" not in stored
    assert "1.2.3.4" not in stored
