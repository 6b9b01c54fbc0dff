"""The token pair: renewed in time, by one at a time, never shown to Zalo twice; sealed where it lies."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import sqlalchemy as sa
from aiohttp import web
from aiohttp.test_utils import TestServer
from structlog.testing import capture_logs

from bot.channels.http import Http
from bot.channels.zalo_oa import ZaloOA
from bot.channels.zalo_oa.keeping import Pair
from bot.channels.zalo_oa.login import Callback, Consent, code_of
from bot.channels.zalo_oa.tokens import AppKeys, OAuth, Tokens, challenge_of, new_verifier
from bot.errors import ChannelRefused, ChannelUnavailable, ConfigError, StoreError
from bot.store.database import Database
from bot.store.tables import zalo_logins, zalo_tokens
from bot.zalo.keeping import AttemptsOf, FirstPair, TokensOf, keeping
from bot.zalo.sealing import Seal, key_in
from tests.channels.telegram.shared import House, Pauses
from tests.channels.zalo_oa.conftest import options
from tests.channels.zalo_oa.shared import PERSON, Attempts, Kept, Shelf, a_delivery
from tests.channels.zalo_oa_server import APP_ID, APP_SECRET, OA_ID, START, ZaloOAServer
from tests.conftest import ROOT

SEAL = Seal("a key of at least 24 characters")
OAUTH = "/v4/oa/access_token"


@pytest.fixture
async def http() -> AsyncIterator[Http]:
    http = Http()
    yield http
    await http.close()


@pytest.fixture
def oauth(server: ZaloOAServer, http: Http) -> OAuth:
    return OAuth(http, AppKeys(APP_ID, APP_SECRET, server.url))


def tokens_at(server: ZaloOAServer, oauth: OAuth, shelf: Any, pauses: Pauses | None = None) -> Tokens:
    return Tokens(oauth, shelf, lambda: server.now, pauses or Pauses())


async def test_a_token_with_time_left_is_used_as_it_is(server: ZaloOAServer, oauth: OAuth, kept: Kept) -> None:
    assert await tokens_at(server, oauth, kept.tokens).access() == "access-0"
    assert server.renewals == 0


async def test_a_token_is_renewed_before_it_ends(server: ZaloOAServer, oauth: OAuth, kept: Kept) -> None:
    server.now += timedelta(hours=22, minutes=1)
    tokens = tokens_at(server, oauth, kept.tokens)
    assert await tokens.access() == "access-1"
    assert kept.tokens.pair == Pair("access-1", "refresh-1", server.now + timedelta(seconds=90000))
    assert server.calls[0].body == {"app_id": APP_ID, "grant_type": "refresh_token", "refresh_token": "refresh-0"}


async def test_the_new_pair_is_committed_before_it_is_used(server: ZaloOAServer, oauth: OAuth) -> None:
    class Failing(Shelf):
        async def save(self, pair: Pair) -> None:
            raise StoreError("the disk is full")

    server.now += timedelta(hours=30)
    tokens = tokens_at(server, oauth, Failing(Pair("access-0", "refresh-0", START)))
    with pytest.raises(StoreError):
        await tokens.access()


@pytest.mark.parametrize("what", ["invalid", "ended"])
async def test_a_stale_token_is_renewed_once_and_the_call_repeated_once(
    server: ZaloOAServer, channel: ZaloOA, what: str
) -> None:
    server.heard[PERSON] = START
    if what == "invalid":
        server.access, server.renewals = "made by another", 7
    else:
        server.calls_left = 0
    server.refresh = "refresh-0"
    original = server.new_pair

    def new_pair() -> dict[str, str]:
        server.calls_left = None
        return original()

    server.new_pair = new_pair  # type: ignore[method-assign]
    await channel.send(a_delivery())
    codes = [call.error for call in server.calls]
    assert codes == [-216 if what == "invalid" else -220, 0, 0]
    assert len(server.sent) == 1


async def test_a_token_that_stays_stale_is_no_endless_loop(server: ZaloOAServer, channel: ZaloOA) -> None:
    server.answer_next("/v3.0/oa/message/cs", -216, -216, -216, -216)
    with pytest.raises(ChannelRefused):
        await channel.send(a_delivery())
    assert server.renewals == 1
    assert len(server.calls) == 3


async def test_network_trouble_is_tried_again_and_loses_nothing(
    server: ZaloOAServer, oauth: OAuth, kept: Kept, pauses: Pauses
) -> None:
    server.answer_next(OAUTH, (502, "<html>"), (500, ""))
    tokens = tokens_at(server, oauth, kept.tokens, pauses)
    assert await tokens.renew("access-0") == "access-1"
    assert pauses.taken == [2.0, 4.0]
    server.answer_next(OAUTH, *[(503, "")] * 3)
    with pytest.raises(ChannelUnavailable):
        await tokens.renew("access-1")
    assert kept.tokens.trouble == "", "the pair is not lost"
    assert await tokens.renew("access-1") == "access-2"


async def test_while_zalo_is_away_a_token_that_still_lives_is_used(
    server: ZaloOAServer, oauth: OAuth, kept: Kept
) -> None:
    server.now += timedelta(hours=24)
    server.answer_next(OAUTH, *[(503, "")] * 3)
    assert await tokens_at(server, oauth, kept.tokens).access() == "access-0"


async def test_a_lost_pair_raises_an_alarm_that_says_what_to_do_and_is_not_shown_again(
    server: ZaloOAServer, oauth: OAuth, kept: Kept
) -> None:
    server.refresh = "someone else was faster"
    tokens = tokens_at(server, oauth, kept.tokens)
    with capture_logs() as logs, pytest.raises(ChannelRefused, match="motcua zalo login"):
        await tokens.renew("access-0")
    assert any("ALARM" in line["event"] for line in logs)
    assert "refresh-0" not in str(logs)
    calls = len(server.calls)
    with pytest.raises(ChannelRefused, match="motcua zalo login"):
        await tokens.renew("access-0")
    assert len(server.calls) == calls


async def test_without_any_pair_the_operator_is_told(server: ZaloOAServer, oauth: OAuth) -> None:
    with capture_logs() as logs:
        tokens = tokens_at(server, oauth, Shelf(None))
        await tokens.look()
        with pytest.raises(ChannelRefused, match="motcua zalo login"):
            await tokens.access()
    assert "ALARM" in logs[0]["event"]


async def test_an_idle_bot_renews_too(server: ZaloOAServer, kept: Kept, house: House) -> None:
    rounds = asyncio.Queue[None]()

    async def sleep(seconds: float) -> None:
        await rounds.get()

    channel = ZaloOA(options(server), kept.all, now=lambda: server.now, sleep=sleep)
    await channel.start(house)
    for day in range(1, 4):
        server.now += timedelta(hours=23)
        rounds.put_nowait(None)
        async with asyncio.timeout(5):
            while server.renewals < day:
                await asyncio.sleep(0.005)
    await channel.stop()
    assert server.spent == set()


def test_a_pair_shows_no_token() -> None:
    assert "secret" not in repr(Pair("secret-a", "secret-b", START))


# Several processes, a real database


def replica(server: ZaloOAServer, oauth: OAuth, database: Database, refresh: str = "refresh-0") -> Tokens:
    """The tokens as one replica has them: nothing shared but the database and the environment."""
    return tokens_at(server, oauth, TokensOf(database, SEAL, OA_ID, FirstPair("", refresh)))


async def test_replicas_that_start_at_the_same_second_do_not_lock_the_oa_out(
    server: ZaloOAServer, oauth: OAuth, database_url: str
) -> None:
    databases = [await Database.open(database_url) for _ in range(2)]
    replicas = [replica(server, oauth, database) for database in databases]
    assert await asyncio.gather(*(tokens.access() for tokens in replicas)) == ["access-1", "access-1"]
    assert (server.renewals, server.spent) == (1, set())
    for database in databases:
        await database.close()


async def test_a_race_of_many_renews_once_each_time(server: ZaloOAServer, oauth: OAuth, database_url: str) -> None:
    databases = [await Database.open(database_url) for _ in range(4)]
    replicas = [replica(server, oauth, database) for database in databases]
    for round_ in range(1, 6):
        stale = f"access-{round_ - 1}" if round_ > 1 else "none"
        calls = [tokens.renew(stale) for tokens in replicas for _ in range(3)]  # many calls fail together
        assert set(await asyncio.gather(*calls)) == {f"access-{round_}"}
    assert (server.renewals, server.spent) == (5, set())
    for database in databases:
        await database.close()


async def test_another_replicas_renewal_is_found(server: ZaloOAServer, oauth: OAuth, database: Database) -> None:
    ours, theirs = (replica(server, oauth, database) for _ in range(2))
    assert await ours.access() == await theirs.access() == "access-1"
    assert await theirs.renew("access-1") == "access-2"
    assert await ours.renew("access-1") == "access-2"
    assert server.renewals == 2


async def test_a_new_pair_in_the_environment_heals_a_lost_one(
    server: ZaloOAServer, oauth: OAuth, database: Database
) -> None:
    await replica(server, oauth, database).access()
    server.refresh = "lost"
    with pytest.raises(ChannelRefused):
        await replica(server, oauth, database).renew("access-1")
    with pytest.raises(ChannelRefused):
        await replica(server, oauth, database).renew("access-1")
    server.refresh = "fresh from the console"
    healed = replica(server, oauth, database, "fresh from the console")
    assert await healed.access() == "access-2"
    assert await TokensOf(database, SEAL, OA_ID).problem() == ""
    spent = len(server.spent)
    assert await replica(server, oauth, database, "fresh from the console").access() == "access-2"
    assert len(server.spent) == spent, "a pair of the environment is used up once"


async def test_a_wrong_first_pair_is_tried_once(server: ZaloOAServer, oauth: OAuth, database: Database) -> None:
    for _ in range(3):
        with pytest.raises(ChannelRefused):
            await replica(server, oauth, database, "typo").access()
    assert len(server.calls) == 1


async def test_tokens_are_sealed_at_rest(server: ZaloOAServer, oauth: OAuth, database: Database) -> None:
    await replica(server, oauth, database).access()
    async with database.reading() as connection:
        kept = str((await connection.execute(sa.select(zalo_tokens))).one())
    assert "access-1" not in kept
    assert "refresh-1" not in kept
    with pytest.raises(StoreError, match="ZALO_TOKEN_KEY"):
        await TokensOf(database, Seal("another key of 24 letters"), OA_ID).load()
    with pytest.raises(ChannelRefused, match="ZALO_TOKEN_KEY"):
        await tokens_at(server, oauth, TokensOf(database, Seal("another key of 24 letters"), OA_ID)).access()


def test_a_short_key_is_refused() -> None:
    with pytest.raises(ConfigError, match="ZALO_TOKEN_KEY"):
        Seal("short")


def test_a_bot_on_one_machine_makes_its_key_once(tmp_path: Path) -> None:
    key = key_in(tmp_path / "data")
    assert key_in(tmp_path / "data") == key
    assert len(key) >= 24
    assert (tmp_path / "data" / "zalo-token.key").stat().st_mode & 0o077 == 0


# Consent


def test_the_published_vector_of_pkce() -> None:
    path = ROOT.parent / "shared" / "zalo" / "samples" / "signature_vectors.json"
    if path.exists():
        pkce = json.loads(path.read_text(encoding="utf-8"))["pkce"]
        assert challenge_of(pkce["code_verifier"]) == pkce["code_challenge"]
    # RFC 7636, appendix B
    assert (
        challenge_of("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk") == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
    )


def test_a_verifier_has_43_letters_and_digits_and_is_new_each_time() -> None:
    assert all(len(new_verifier()) == 43 and new_verifier().isalnum() for _ in range(50))
    assert new_verifier() != new_verifier()


async def test_an_admin_consents_and_the_running_bot_keeps_the_pair(
    server: ZaloOAServer, oauth: OAuth, database: Database
) -> None:
    shelf = TokensOf(database, SEAL, OA_ID)
    command = Consent(oauth, AttemptsOf(database, SEAL), shelf, OA_ID)
    address = await command.begin("https://motcua.example/zalo/callback")
    async with database.reading() as connection:
        kept = str((await connection.execute(sa.select(zalo_logins))).one())
    query = server.consent(address)

    running = Consent(oauth, AttemptsOf(database, SEAL), shelf, OA_ID)
    app = web.Application()
    app.router.add_get(Callback.PATH, Callback(running, "xong", lambda reason: f"chưa được: {reason}").receive)
    site = TestServer(app)
    await site.start_server(access_log=None)
    async with aiohttp.ClientSession() as session:
        async with session.get(f"http://127.0.0.1:{site.port}/zalo/callback?{query}") as response:
            assert (response.status, await response.text()) == (200, "xong")
        async with session.get(f"http://127.0.0.1:{site.port}/zalo/callback?{query}") as response:
            assert response.status == 400, "a callback counts once"
        async with session.get(f"http://127.0.0.1:{site.port}/zalo/callback") as response:
            assert response.status == 400
    await site.close()
    pair = await shelf.load()
    assert pair is not None
    assert (pair.access, pair.refresh) == ("access-1", "refresh-1")
    assert "code_challenge" in address
    (body,) = [call.body for call in server.calls if call.body.get("code_verifier")]
    assert body["code_verifier"] not in kept + address


async def test_consent_without_a_state_coming_back_and_with_the_challenge_in_the_console(
    server: ZaloOAServer, oauth: OAuth
) -> None:
    shelf = Shelf(None)
    verifier = new_verifier()
    consent = Consent(oauth, Attempts(), shelf, OA_ID, verifier, lambda: server.now)
    address = await consent.begin("https://motcua.example/zalo/callback")
    assert "code_challenge" not in address
    server.codes["console"] = challenge_of(verifier)
    code, oa_id, _ = code_of(f"https://motcua.example/zalo/callback?{server.consent(address)}")
    await consent.finish(code, oa_id)
    assert shelf.pair is not None


async def test_consents_that_do_not_fit_are_refused(server: ZaloOAServer, oauth: OAuth) -> None:
    consent = Consent(oauth, Attempts(), Shelf(None), OA_ID, now=lambda: server.now)
    with pytest.raises(ChannelRefused, match="30 minutes"):
        await consent.finish("code")
    await consent.begin("https://motcua.example/zalo/callback")
    with pytest.raises(ChannelRefused, match="ZALO_OA_ID"):
        await consent.finish("code", "99")
    server.now += timedelta(minutes=31)
    with pytest.raises(ChannelRefused, match="30 minutes"):
        await consent.finish("code")
    await consent.begin("https://motcua.example/zalo/callback")
    with pytest.raises(ChannelRefused, match="OAuth"):
        await consent.finish("a code nobody gave")


@pytest.mark.parametrize(
    ("pasted", "expected"),
    [
        (" abc \n", ("abc", "", "")),
        ("https://x.vn/zalo/callback?code=a%20b&oa_id=1&state=s", ("a b", "1", "s")),
        ("?code=a&oa_id=1", ("a", "1", "")),
        ("code=a&oa_id=1", ("a", "1", "")),
    ],
)
def test_what_a_person_pastes(pasted: str, expected: tuple[str, str, str]) -> None:
    assert code_of(pasted) == expected


async def test_all_that_is_kept_works_on_both_databases(database: Database) -> None:
    kept = keeping(database, TokensOf(database, SEAL, OA_ID), OA_ID)
    now = datetime(2026, 11, 24, 8, tzinfo=UTC)
    people, book = kept.people, kept.templates
    assert await people.last_heard(PERSON) is None
    await people.heard(PERSON, now)
    await people.heard(PERSON, now - timedelta(hours=1))
    assert await people.last_heard(PERSON) == now, "events come out of order"
    await people.window_closed(PERSON, now)
    closed = await people.last_heard(PERSON)
    assert closed is not None
    assert closed < now - timedelta(days=365)
    await people.heard(PERSON, now + timedelta(hours=1))
    assert await people.last_heard(PERSON) == now + timedelta(hours=1)
    await kept.sent.note("m1", PERSON, now)
    await kept.sent.note("m1", PERSON, now)
    assert await kept.sent.is_ours("m1")
    patience = timedelta(minutes=10)
    assert await book.begin("t1", "status", "user", now, patience) == "new"
    assert await book.begin("t1", "status", "user", now + timedelta(minutes=9), patience) == "asked"
    assert await book.begin("t1", "status", "user", now + timedelta(minutes=11), patience) == "new"
    await book.settle("t1", "failed", "", "night", now)
    assert await book.begin("t1", "status", "user", now, patience) == "new"
    await book.delivered("", "t1", now)
    assert await book.begin("t1", "status", "user", now, patience) == "sent"
    await book.rated("", "t1", 4)
    await people.forget(PERSON)
    assert await people.last_heard(PERSON) is None
    assert not await kept.sent.is_ours("m1")
