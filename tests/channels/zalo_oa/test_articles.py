"""Articles to all followers and uploads: hours, caps, sizes, and nothing twice by accident."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from bot.channels.zalo_oa import ZaloOA
from bot.channels.zalo_oa.articles import Articles, Broadcasting
from bot.channels.zalo_oa.policy import Policy
from bot.channels.zalo_oa.uploads import Uploads
from bot.errors import ChannelLater, ChannelUnavailable, QuotaUsedUp, ReplyRejected
from bot.store.database import Database
from bot.zalo.keeping import BroadcastsOf
from tests.channels.zalo_oa.shared import PERSON
from tests.channels.zalo_oa_server import OA_ID, START, ZaloOAServer

BROADCAST = "/v2.0/oa/message"


def articles(server: ZaloOAServer, channel: ZaloOA, database: Database, **settings: Any) -> Articles:
    book = BroadcastsOf(database, OA_ID)
    return Articles(channel.api, book, Policy(), Broadcasting(**settings), lambda: server.now)


async def test_an_article_goes_to_whom_it_is_for(server: ZaloOAServer, channel: ZaloOA, database: Database) -> None:
    assert await articles(server, channel, database).broadcast("art-1", {"cities": [31, 30], "platform": [1]})
    await articles(server, channel, database, values_as_lists=True).broadcast("art-2", {"cities": [31]})
    await articles(server, channel, database).broadcast("art-3", {})
    targets = [body["recipient"]["target"] for body in server.called(BROADCAST)]
    assert targets == [{"cities": "31,30", "platform": "1"}, {"cities": ["31"]}, {}]


@pytest.mark.parametrize("hour", [15, 20, 22])
async def test_at_night_none_goes(server: ZaloOAServer, channel: ZaloOA, database: Database, hour: int) -> None:
    server.now = START.replace(hour=hour)
    with pytest.raises(ChannelLater) as caught:
        await articles(server, channel, database).broadcast("art-1", {})
    assert caught.value.until == datetime.fromisoformat("2026-11-24T23:05+00:00")
    assert server.calls == []


async def test_not_more_than_so_many_a_month(server: ZaloOAServer, channel: ZaloOA, database: Database) -> None:
    ours = articles(server, channel, database, per_month=2)
    for number in range(2):
        await ours.broadcast(f"art-{number}", {})
    with pytest.raises(QuotaUsedUp):
        await ours.broadcast("art-9", {})
    server.now += timedelta(days=30, seconds=1)
    server.expires_at = server.now + timedelta(hours=20)
    await channel.tokens.renew("access-0")
    await ours.broadcast("art-9", {})
    assert len(server.called(BROADCAST)) == 3


@pytest.mark.parametrize(
    ("followers", "most"), [(100, 5), (250, 2), (251, 1), (9_000, 1), (50_000, 1)], ids=lambda number: str(number)
)
async def test_not_more_receivers_a_day_than_zalo_allows(
    server: ZaloOAServer, channel: ZaloOA, database: Database, followers: int, most: int
) -> None:
    server.followers = followers
    ours = articles(server, channel, database, per_month=30)
    for number in range(most):
        await ours.broadcast(f"art-{number}", {})
    with pytest.raises(QuotaUsedUp) as caught:
        await ours.broadcast("art-9", {})
    assert caught.value.until == datetime.fromisoformat("2026-11-24T23:00+00:00")
    assert len(server.called(BROADCAST)) == most
    await articles(server, channel, database, per_month=30, receivers_a_day=0).broadcast("art-9", {})
    server.now += timedelta(hours=17)  # 06:10 of the next day
    await ours.broadcast("art-10", {})


def test_large_accounts_have_a_share_of_their_followers() -> None:
    assert [Broadcasting().allowance(followers) for followers in (0, 10_000, 50_000)] == [500, 500, 2_500]


@pytest.mark.parametrize(("at", "goes"), [("05:59", False), ("06:00", True), ("21:59", True), ("22:00", False)])
def test_the_hours_of_articles_are_those_of_hai_phong(at: str, goes: bool) -> None:
    assert Policy().may_broadcast(datetime.fromisoformat(f"2026-11-25T{at}+07:00")) is goes


async def test_the_same_article_goes_twice_only_when_told_so(
    server: ZaloOAServer, channel: ZaloOA, database: Database
) -> None:
    ours = articles(server, channel, database)
    server.answer_next(BROADCAST, (502, "<html>"))
    with pytest.raises(ChannelUnavailable):
        await ours.broadcast("art-1", {})
    with pytest.raises(ReplyRejected, match="--again"):
        await ours.broadcast("art-1", {})
    await ours.broadcast("art-1", {}, again=True)
    server.answer_next(BROADCAST, -201)
    with pytest.raises(ReplyRejected):
        await ours.broadcast("art-2", {})
    await ours.broadcast("art-2", {})


@pytest.mark.parametrize("target", [{"towns": [1]}, {"cities": [64]}, {"gender": []}, {"ages": [-1]}])
async def test_targets_that_do_not_exist_are_named(
    server: ZaloOAServer, channel: ZaloOA, database: Database, target: Any
) -> None:
    with pytest.raises(ReplyRejected):
        await articles(server, channel, database).broadcast("art-1", target)
    assert server.calls == []


# Uploads


@pytest.fixture
def uploads(server: ZaloOAServer, channel: ZaloOA) -> Uploads:
    server.heard[PERSON] = START
    return Uploads(channel.api, lambda: server.now)


async def test_a_picture_is_uploaded_once_and_again_after_six_days(server: ZaloOAServer, uploads: Uploads) -> None:
    for _ in range(2):
        await uploads.send_picture(PERSON, "so-do.png", b"\x89PNG", "**Sơ đồ**")
    assert len(server.called("/v2.0/oa/upload/image")) == 1
    assert [body["message"]["text"] for body in server.sent] == ["Sơ đồ"] * 2
    element = server.sent[0]["message"]["attachment"]["payload"]["elements"][0]
    assert set(element) == {"media_type", "attachment_id"}
    server.now += timedelta(days=6)
    server.heard[PERSON] = server.now
    server.expires_at = server.now + timedelta(hours=20)
    await uploads.send_picture(PERSON, "so-do.png", b"\x89PNG")
    assert len(server.called("/v2.0/oa/upload/image")) == 2


async def test_an_asset_zalo_has_lost_is_uploaded_again_once(server: ZaloOAServer, uploads: Uploads) -> None:
    server.answer_next("/v3.0/oa/message/cs", -100)
    await uploads.send_file(PERSON, "to-khai.pdf", b"%PDF")
    assert len(server.called("/v2.0/oa/upload/file")) == 2
    assert set(server.sent[0]["message"]) == {"attachment"}


@pytest.mark.parametrize(("name", "size"), [("a.gif", 1), ("a", 1), ("a.png", 1024 * 1024 + 1), ("../a.exe", 1)])
async def test_what_zalo_would_not_take_is_refused_before(
    server: ZaloOAServer, uploads: Uploads, name: str, size: int
) -> None:
    with pytest.raises(ReplyRejected):
        await uploads.send_picture(PERSON, name, b"x" * size)
    assert server.calls == []
