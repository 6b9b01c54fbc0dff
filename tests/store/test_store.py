"""The store on SQLite and on PostgreSQL: what is promised holds on both."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from bot.errors import StoreError
from bot.messages import Button, Conversation, Reply
from bot.store import conversations, inbox, outbox
from bot.store.database import Database
from bot.store.migrate import HEAD
from bot.store.tables import metadata
from tests.conftest import a_message

NOW = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
LATER = NOW + timedelta(minutes=1)
HOURS = timedelta(hours=4)


async def test_a_message_is_stored_once_however_often_it_is_delivered(database: Database) -> None:
    message = a_message("lam giay khai sinh")
    results = await asyncio.gather(*(database.write(lambda c: inbox.add(c, message)) for _ in range(8)))
    assert sorted(results) == [False] * 7 + [True]
    async with database.reading() as connection:
        assert [row.message for row in await inbox.waiting(connection, "fake", "chat", HOURS)] == [message]


async def test_a_turn_can_be_finished_only_once(database: Database) -> None:
    await database.write(lambda c: inbox.add(c, a_message()))
    async with database.reading() as connection:
        (row,) = await inbox.waiting(connection, "fake", "chat", HOURS)
    results = await asyncio.gather(*(database.write(lambda c: inbox.finish(c, row.row_id, NOW)) for _ in range(4)))
    assert sorted(results) == [False, False, False, True]


async def test_messages_wait_in_the_order_in_which_they_came(database: Database) -> None:
    messages = [a_message(str(number)) for number in range(20)]
    for message in messages:
        await database.write(lambda c, message=message: inbox.add(c, message))  # type: ignore[misc]
    async with database.reading() as connection:
        assert [row.message.text for row in await inbox.waiting(connection, "fake", "chat", HOURS)] == [
            m.text for m in messages
        ]


async def test_swapped_messages_find_their_order_by_the_platforms_time(database: Database) -> None:
    late, early = a_message("hai", received_at=LATER), a_message("một", received_at=NOW)
    for message in (late, early):
        await database.write(lambda c, message=message: inbox.add(c, message))  # type: ignore[misc]
    async with database.reading() as connection:
        waiting = await inbox.waiting(connection, "fake", "chat", HOURS)
    assert [row.message.text for row in waiting] == ["một", "hai"]


async def test_replies_keep_their_buttons_and_are_claimed_by_one_sender(database: Database) -> None:
    reply = Reply(
        "**Chào** bạn",
        (Button("Nộp ở đâu", "procedures:where:khai-sinh"), Button("Trang", url="https://x.vn")),
    )
    await database.write(lambda c: outbox.add(c, a_message().place, [reply], ("gone", NOW), NOW))
    taken = await asyncio.gather(
        *(database.write(lambda c, n=n: outbox.claim(c, ["fake"], f"s{n}", LATER, NOW)) for n in range(4))  # type: ignore[misc]
    )
    deliveries = [delivery for part in taken for delivery in part]
    assert [delivery.reply for delivery in deliveries] == [reply]


async def test_a_living_claim_is_left_alone(database: Database) -> None:
    await database.write(lambda c: outbox.add(c, a_message().place, [Reply("a")], ("alive", LATER), NOW))
    assert await database.write(lambda c: outbox.claim(c, ["fake"], "other", LATER, NOW)) == []


async def test_a_settled_reply_is_never_sent_again(database: Database) -> None:
    (delivery,) = await database.write(lambda c: outbox.add(c, a_message().place, [Reply("a")], ("me", NOW), NOW))
    await database.write(lambda c: outbox.settle(c, delivery.id, "sent", NOW))
    assert await database.write(lambda c: outbox.claim(c, ["fake"], "other", LATER, LATER)) == []


async def _conversation(database: Database, **changes: object) -> Conversation:
    """The conversation that a new message would find."""
    message = a_message(**changes)
    await database.write(lambda c: inbox.add(c, message))
    async with database.reading() as connection:
        return (await inbox.waiting(connection, "fake", message.chat_id, HOURS))[-1].conversation


async def test_a_conversation_comes_back_and_expires_but_keeps_the_ward(database: Database) -> None:
    saved = Conversation("fake", "chat", "person", "forget:confirm", {"procedure": "khai-sinh"}, "11407")
    await database.write(lambda c: conversations.save(c, saved, NOW))
    found = await _conversation(database, received_at=NOW)
    assert (found.waiting_for, found.data, found.ward) == ("forget:confirm", {"procedure": "khai-sinh"}, "11407")
    expired = await _conversation(database, received_at=NOW + timedelta(hours=5))
    assert (expired.waiting_for, expired.data, expired.ward) == ("", {}, "11407")


async def test_forgetting_leaves_nothing_of_the_person_and_spares_others(database: Database) -> None:
    mine, other = a_message("mã hồ sơ của tôi"), a_message("khác", user_id="other")
    for message in (mine, other):
        await database.write(lambda c, m=message: inbox.add(c, m))  # type: ignore[misc]
        await database.write(lambda c, m=message: outbox.add(c, m.place, [Reply(m.text)], ("me", NOW), NOW))  # type: ignore[misc]
        person = Conversation("fake", "chat", message.user_id, ward="11407")
        await database.write(lambda c, p=person: conversations.save(c, p, NOW))  # type: ignore[misc]
    async with database.reading() as connection:
        rows = await inbox.waiting(connection, "fake", "chat", HOURS)
    await database.write(lambda c: inbox.finish(c, rows[0].row_id, NOW))
    await database.write(lambda c: conversations.forget_person(c, "fake", "chat", "person"))
    async with database.reading() as connection:
        for table in metadata.sorted_tables:
            left = [dict(row._mapping) for row in await connection.execute(sa.select(table))]
            assert not any("person" in map(str, row.values()) or "mã hồ sơ" in str(row) for row in left), table.name
        assert len((await connection.execute(sa.select(metadata.tables["conversations"]))).all()) == 1
    assert await database.write(lambda c: inbox.add(c, mine)) is False, "a late second delivery is still known"


async def test_a_group_that_moves_keeps_its_conversations_even_when_told_twice(database: Database) -> None:
    saved = Conversation("fake", "old", "person", ward="11407")
    await database.write(lambda c: conversations.save(c, saved, NOW))
    for _ in range(2):
        await database.write(lambda c: conversations.move_chat(c, "fake", "old", "new"))
    assert (await _conversation(database, chat_id="new", received_at=NOW)).ward == "11407"


async def test_tidying_deletes_what_is_done_and_old_only(database: Database) -> None:
    await database.write(lambda c: inbox.add(c, a_message("waits", received_at=NOW)))
    (done,) = await database.write(lambda c: outbox.add(c, a_message().place, [Reply("old")], ("me", NOW), NOW))
    await database.write(lambda c: outbox.add(c, a_message().place, [Reply("pending")], ("me", NOW), NOW))
    await database.write(lambda c: outbox.settle(c, done.id, "sent", NOW))
    await database.write(lambda c: conversations.tidy(c, LATER))
    async with database.reading() as connection:
        assert len(await inbox.waiting(connection, "fake", "chat", HOURS)) == 1
        rows = await connection.execute(sa.select(metadata.tables["outbox"].c.state))
        assert [row.state for row in rows] == ["pending"]


async def test_one_failing_write_does_not_take_the_others_with_it(database: Database) -> None:
    async def broken(connection: object) -> None:
        raise ValueError("broken")

    writes = [database.write(lambda c, n=n: inbox.add(c, a_message(str(n)))) for n in range(5)]  # type: ignore[misc]
    results = await asyncio.gather(*writes, database.write(broken), return_exceptions=True)
    assert results[:5] == [True] * 5
    assert isinstance(results[5], ValueError)


async def test_many_starts_at_once_migrate_once(database_url: str) -> None:
    opened = await asyncio.gather(*(Database.open(database_url) for _ in range(4)))
    for database in opened:
        await database.close()


async def test_the_migrations_build_what_the_tables_say(database: Database) -> None:
    def columns(connection: sa.Connection) -> dict[str, set[str]]:
        inspector = sa.inspect(connection)
        return {
            name: {column["name"] for column in inspector.get_columns(name)} for name in inspector.get_table_names()
        }

    async with database.reading() as connection:
        built = await connection.run_sync(columns)
        version = await connection.scalar(sa.text("SELECT version_num FROM alembic_version"))
    assert {t.name: {c.name for c in t.columns} for t in metadata.sorted_tables}.items() <= built.items()
    assert version == HEAD


async def test_a_database_of_a_newer_program_is_refused_with_one_line(database_url: str) -> None:
    database = await Database.open(database_url)
    await database.write(lambda c: c.execute(sa.text("UPDATE alembic_version SET version_num = '9999'")))
    await database.close()
    with pytest.raises(StoreError, match="newer than this program"):
        await Database.open(database_url)


async def test_an_unreachable_database_is_one_clear_line(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"^database can't be opened: [^\n]+$"):
        await Database.open(f"sqlite+aiosqlite:///{tmp_path}/missing/x.db")
    with pytest.raises(StoreError, match=r"^database can't be opened: [^\n]+$"):
        await Database.open("postgresql+asyncpg://nobody@127.0.0.1:1/none")
