"""The number given at the end of a guide: followed at once, and a second sign only for whoever gave it first.

What an attacker may try there: a number seen elsewhere, of an older day, many of them, or another's before them.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.dossiers.following import Following
from bot.dossiers.state import State
from bot.messages import Place, Reply
from bot.store import dossiers
from tests.conftest import until
from tests.faults.child import a_config
from tests.guides.test_life import Bot, opened
from tests.test_dialogs import SHELF, ZONE, FakeChannel, known_to

TODAY = datetime.now(ZONE).date()
START = "guides:start:gia-han-tam-tru"
SECRET = "Đăng ký biến động đất đai"  # a detail: only for who proved that it is theirs


def number(running: int, days_ago: int = 0) -> str:
    return f"H24.77.20-{TODAY - timedelta(days=days_ago):%y%m%d}-{running:04}"


def known(text: str, status: int = 4, **more: Any) -> State:
    return known_to(a_config(), text, status, received=TODAY, as_of=datetime.now(UTC), **more)


@pytest.fixture
async def bot(database_url: str) -> AsyncIterator[Bot]:
    bot = await opened(database_url)
    # Something else is known from the table, so that an unknown number is unknown, not uncovered.
    await imported(bot, known(number(9999)))
    yield bot
    await bot.app.stop()


async def imported(bot: Bot, *states: State) -> None:
    await bot.app.database.write(lambda c: dossiers.put(c, states, datetime.now(UTC)))


async def at_number(bot: Bot, who: str = "me") -> Reply:
    """Walks to the question for the number."""
    here = {"chat_id": who, "user_id": who}
    await bot.say(tapped=START, **here)
    await bot.talk("1", "đủ rồi", "có", "có", "có", "có", **here)
    while "Đã gửi xong" not in (reply := await bot.say("xong", **here)).text:
        assert "Bước" in reply.text
    return reply


async def given(bot: Bot, text: str, who: str = "me") -> Reply:
    await at_number(bot, who)
    return await bot.say(text, chat_id=who, user_id=who)


async def told(bot: Bot) -> int:
    """The round of the clock, at noon."""
    app, words = bot.app, lambda: SHELF.library.dossiers
    following = Following(app.database, app.dossiers, app.notices, app._follow_notices(), words, ZONE)
    return await following.tell(datetime.now(ZONE).replace(hour=12))


async def looked(bot: Bot, text: str, who: str = "me") -> str:
    return (await bot.say(text, chat_id=who, user_id=who)).text


async def test_a_new_number_is_followed_at_once_and_its_news_told_with_details(bot: Bot) -> None:
    mine = number(1)
    reply = await given(bot, f"ma la {mine.lower()} nhe")
    assert "Đã ghi mã" in reply.text
    assert reply.buttons[0].label == "Tiếp tục phần dẫn"
    assert "có dễ không" in (await bot.say(tapped=reply.buttons[0].value, chat_id="me", user_id="me")).text
    await imported(bot, known(mine))
    assert await told(bot) == 1
    channel = bot.app.channels["fake"]
    assert isinstance(channel, FakeChannel)
    await until(lambda: SECRET in channel.sent[-1].reply.text)
    assert SECRET in await looked(bot, mine), "it is theirs: details"
    assert await told(bot) == 0, "once is enough"


async def test_somebody_elses_number_that_is_known_already_gives_the_status_only(bot: Bot) -> None:
    seen = number(2)
    await imported(bot, known(seen))
    reply = await given(bot, seen)
    assert "theo dõi" in reply.text
    assert SECRET not in reply.text
    assert SECRET not in await looked(bot, seen)


async def test_a_number_of_a_day_before_the_guide_gives_the_status_only(bot: Bot) -> None:
    old = number(3, days_ago=5)
    await given(bot, old)
    await imported(bot, known(old))
    assert SECRET not in await looked(bot, old)


async def test_only_the_first_chat_that_gives_a_number_sees_its_details(bot: Bot) -> None:
    mine = number(4)
    await given(bot, mine)
    await given(bot, mine, "thief")
    await imported(bot, known(mine))
    assert SECRET in await looked(bot, mine)
    assert SECRET not in await looked(bot, mine, "thief")
    assert SECRET not in await looked(bot, mine, "stranger")


async def test_who_guesses_many_numbers_ahead_gets_few(bot: Bot) -> None:
    reply = await at_number(bot)
    guesses = [number(running) for running in range(100, 120)]
    for guess in guesses:
        reply = await bot.say(guess, chat_id="me", user_id="me")
    assert reply.text
    await imported(bot, *(known(guess) for guess in guesses))
    ties = await bot.app.dossiers.ties(Place("fake", "me", "me"))
    assert 0 < sum(tie.verified for tie in ties) <= 3


async def test_a_number_typed_outside_a_guide_is_not_followed_and_proves_nothing(bot: Bot) -> None:
    mine = number(5)
    await looked(bot, mine)
    await imported(bot, known(mine))
    assert SECRET not in await looked(bot, mine)
