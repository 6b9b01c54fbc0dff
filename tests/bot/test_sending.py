"""The sender: order, retries, pauses, giving up; with a platform that misbehaves as told."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa

from bot.channels.base import Limits
from bot.errors import (
    ChannelError,
    ChannelLater,
    ChannelMoved,
    ChannelRefused,
    ChannelThrottled,
    ChannelUnavailable,
    CitizenUnreachable,
    ReplyRejected,
    WindowClosed,
)
from bot.messages import Delivery, Reply
from bot.pace import Pace
from bot.sending import Sender
from bot.store import outbox
from bot.store.database import Database
from bot.store.tables import metadata
from tests.conftest import SilentChannel, a_message, until


class Moody(SilentChannel):
    """Fails with the listed errors first, then takes everything."""

    def __init__(self, *moods: ChannelError) -> None:
        self.moods = list(moods)
        self.sent: list[Delivery] = []

    async def send(self, delivery: Delivery) -> None:
        await asyncio.sleep(0)
        if self.moods:
            raise self.moods.pop(0)
        self.sent.append(delivery)


async def _no_wait(seconds: float) -> None:
    await asyncio.sleep(0 if seconds < 5 else 3600)  # the sweeps sleep for long, retries don't


async def _send(database: Database, channel: Moody, *texts: str) -> list[tuple[str, str | None]]:
    """Sends texts to one chat; the states they end in."""
    sender = Sender(database, [channel], sleep=_no_wait)
    await sender.start()
    now = datetime.now(UTC)
    replies = [Reply(text) for text in texts]
    sender.push(await database.write(lambda c: outbox.add(c, a_message().place, replies, sender.claim(now), now)))
    await until(lambda: not sender.waiting)
    await sender.stop()
    table = metadata.tables["outbox"]
    async with database.reading() as connection:
        rows = await connection.execute(sa.select(table.c.state, table.c.reason).order_by(table.c.id))
        return [(row.state, row.reason) for row in rows]


async def test_parts_of_one_chat_leave_in_order_even_when_the_first_fails_once(database: Database) -> None:
    channel = Moody(ChannelUnavailable("down"), ChannelThrottled(0.01))
    states = await _send(database, channel, "one", "two", "three")
    assert [delivery.reply.text for delivery in channel.sent] == ["one", "two", "three"]
    assert {state for state, _ in states} == {"sent"}


async def test_a_rejected_reply_is_given_up_with_its_reason_and_the_next_still_leaves(database: Database) -> None:
    channel = Moody(ReplyRejected("can't parse entities"))
    states = await _send(database, channel, "bad", "good")
    assert states[0][0] == "failed"
    assert "can't parse entities" in str(states[0][1])
    assert [delivery.reply.text for delivery in channel.sent] == ["good"]


async def test_a_person_who_blocked_the_bot_is_marked_and_never_tried_again(database: Database) -> None:
    channel = Moody(CitizenUnreachable("blocked"))
    states = await _send(database, channel, "hello")
    assert states[0][0] == "failed"
    async with database.reading() as connection:
        chats = (await connection.execute(sa.select(metadata.tables["chats"]))).all()
    assert [(chat.chat_id, chat.reachable) for chat in chats] == [("chat", False)]


async def test_a_chat_that_moved_gets_the_reply_under_its_new_id(database: Database) -> None:
    channel = Moody(ChannelMoved("new"))
    await _send(database, channel, "hello")
    assert [delivery.chat_id for delivery in channel.sent] == ["new"]


async def test_a_platform_that_stays_away_is_given_up_in_the_end(database: Database) -> None:
    channel = Moody(*[ChannelUnavailable("down")] * 100)
    sender_states = await asyncio.wait_for(_send_patiently(database, channel), 30)
    assert sender_states[0][0] == "failed"


async def _send_patiently(database: Database, channel: Moody) -> list[tuple[str, str | None]]:
    async def at_once(seconds: float) -> None:
        await asyncio.sleep(0 if seconds != 10.0 else 3600)

    sender = Sender(database, [channel], sleep=at_once)
    now = datetime.now(UTC)
    sender.push(
        await database.write(lambda c: outbox.add(c, a_message().place, [Reply("x")], sender.claim(now), now))
    )
    await until(lambda: not sender.waiting, 25)
    await sender.stop()
    table = metadata.tables["outbox"]
    async with database.reading() as connection:
        return [(r.state, r.reason) for r in await connection.execute(sa.select(table.c.state, table.c.reason))]


async def test_what_another_process_left_is_sent_after_its_claim_expired(database: Database) -> None:
    past = datetime(2026, 1, 1, tzinfo=UTC)
    await database.write(lambda c: outbox.add(c, a_message().place, [Reply("left")], ("gone", past), past))
    channel = Moody()
    sender = Sender(database, [channel], sleep=_no_wait)
    await sender.start()
    await until(lambda: channel.sent)
    await sender.stop()
    assert channel.sent[0].reply.text == "left"


async def test_the_pace_of_a_platform_is_kept() -> None:
    slept: list[float] = []
    clock = asyncio.get_running_loop()

    async def sleep(seconds: float) -> None:
        slept.append(seconds)
        await asyncio.sleep(min(seconds, 0.03))

    pace = Pace(Limits(text=10, per_second=50), sleep)
    began = clock.time()
    await asyncio.gather(*(pace.turn(str(chat)) for chat in range(10)))
    assert clock.time() - began >= 9 / 50 - 0.01
    pace.pause(0.05)
    began = clock.time()
    await pace.turn("a")
    assert clock.time() - began >= 0.045


async def test_what_may_go_only_later_is_put_back_and_taken_up_then(database: Database) -> None:
    channel = Moody(ChannelLater(datetime.now(UTC) + timedelta(hours=3), "night"))
    states = await _send(database, channel, "hello")
    assert states == [("pending", "ChannelLater: night")]
    now = datetime.now(UTC)
    claim = lambda at: database.write(lambda c: outbox.claim(c, ["fake"], "other", at, at))  # noqa: E731
    assert await claim(now) == []
    (delivery,) = await claim(now + timedelta(hours=4))
    assert (delivery.reply.text, delivery.attempts) == ("hello", 1)


async def test_a_closed_window_is_no_fault_and_marks_nobody(database: Database) -> None:
    channel = Moody(WindowClosed("silent for 7 days"))
    states = await _send(database, channel, "one", "two")
    assert states == [("failed", "WindowClosed: silent for 7 days"), ("sent", None)]
    async with database.reading() as connection:
        assert (await connection.execute(sa.select(metadata.tables["chats"]))).all() == []


async def test_refused_credentials_keep_what_waits(database: Database) -> None:
    states = await _send(database, Moody(ChannelRefused("consent again")), "hello")
    assert states == [("pending", "ChannelRefused: consent again")]


async def test_any_number_of_pauses_loses_nothing(database: Database) -> None:
    channel = Moody(*[ChannelThrottled(0.0)] * 60)
    assert await _send(database, channel, "hello") == [("sent", None)]


async def test_answers_overtake_notices_and_these_announcements_at_a_slow_platform(database: Database) -> None:
    class Slow(Moody):
        limits = Limits(text=100, per_second=100)

    channel = Slow()
    sender = Sender(database, [channel])
    now = datetime.now(UTC)

    async def made(chat: str, priority: int) -> list[Delivery]:
        place, reply = a_message(chat_id=chat).place, Reply(str(priority))
        return await database.write(lambda c: outbox.add(c, place, [reply], sender.claim(now), now, priority))

    unasked = [await made(f"{priority}-{n}", priority) for n in range(20) for priority in (2, 1)]
    answers = [await made("new", 0), await made("2-19", 0)]  # the second chat has an announcement waiting
    for deliveries in [*unasked, *answers]:
        sender.push(deliveries)
        await asyncio.sleep(0)
    await until(lambda: not sender.waiting)
    await sender.stop()
    order = [delivery.reply.text for delivery in channel.sent]
    assert len(order) == 42
    assert order.index("0") < 12, "an answer waits for what is under way, not for the queue"
    assert [delivery.chat_id for delivery in channel.sent].index("2-19") < 12
    rest = [text for text in order[12:] if text != "0"]
    assert rest == sorted(rest), "notices before announcements"
