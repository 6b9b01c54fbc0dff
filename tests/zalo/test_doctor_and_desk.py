"""The doctor's calls and the commands of an operator, against the strict servers."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.config import Config, load_config
from bot.errors import ConfigError, ReplyRejected
from bot.messages import Form
from bot.store.database import Database
from bot.texts import Texts
from bot.zalo import building, desk, doctor
from bot.zalo.keeping import keeping
from tests.channels import zalo_bot_server
from tests.channels.zalo_bot_server import ZaloBotServer
from tests.channels.zalo_oa_server import APP_ID, APP_SECRET, OA_ID, OA_KEY, ZaloOAServer
from tests.conftest import ROOT

COLLEAGUE = "8220045612378904999"


@pytest.fixture
async def oa() -> AsyncIterator[ZaloOAServer]:
    server = ZaloOAServer()
    server.now = datetime.now(UTC)
    server.expires_at = server.now + timedelta(hours=25)
    await server.open()
    yield server
    await server.close()


@pytest.fixture
async def bot() -> AsyncIterator[ZaloBotServer]:
    server = ZaloBotServer()
    await server.open()
    yield server
    await server.close()


@pytest.fixture
def config(oa: ZaloOAServer, bot: ZaloBotServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Config:
    path = tmp_path / "config.yaml"
    path.write_text(
        f"knowledge: {ROOT}/knowledge\n"
        f"zalo_oa:\n  doctor_user_id: '{COLLEAGUE}'\n"
        "  templates:\n    dossier_status:\n      id: '310511'\n      by: phone\n"
        "      parameters: {code: {}, status: {longest: 30, cut: true}}\n"
    )
    monkeypatch.setenv("MOTCUA_CONFIG", str(path))
    return load_config(**environment(oa, bot), motcua_data=tmp_path / "data")


def environment(oa: ZaloOAServer, bot: ZaloBotServer) -> dict[str, str]:
    return {
        "zalo_app_id": APP_ID,
        "zalo_app_secret": APP_SECRET,
        "zalo_oa_id": OA_ID,
        "zalo_oa_secret_key": OA_KEY,
        "zalo_refresh_token": oa.refresh,
        "zalo_bot_token": zalo_bot_server.TOKEN,
        "zalo_base_url": oa.url,
        "zalo_business_base_url": oa.url,
        "zalo_oauth_base_url": oa.url,
        "zalo_bot_base_url": bot.url,
    }


@pytest.fixture
async def at(config: Config) -> AsyncIterator[desk.Desk]:
    config.data.mkdir(exist_ok=True)
    database = await Database.open(config.database_url)
    channel = building.oa_channel(config, database, Texts.load(config.knowledge / "texts.yaml"))
    assert channel is not None
    yield desk.Desk(config, database, channel)
    await channel.stop()
    await database.close()


@pytest.fixture
def _data(config: Config) -> None:
    config.data.mkdir()


@pytest.mark.usefixtures("_data")
async def test_a_well_set_up_zalo_is_well(config: Config, oa: ZaloOAServer, bot: ZaloBotServer) -> None:
    oa.heard[COLLEAGUE] = oa.now
    lines = await doctor.examine(config)
    assert not [line for line in lines if line.startswith("BAD")]
    assert [line.split(":")[0] for line in lines if line.startswith("ok")] == [
        "ok   Zalo OA token",
        "ok   Zalo OA permissions",
        "ok   Zalo OA takes messages with buttons; tap it",
        "ok   Zalo Bot",
        "ok   Zalo Bot receives by polling",
        "ok   Zalo Bot sent 0 of 3000 messages this month",
    ]
    (sent,) = oa.sent
    assert sent["recipient"] == {"user_id": COLLEAGUE}


def _buttons_off(oa: ZaloOAServer, bot: ZaloBotServer) -> None:
    oa.heard[COLLEAGUE] = oa.now
    oa.takes_buttons = False


def _no_permission(oa: ZaloOAServer, bot: ZaloBotServer) -> None:
    oa.permissions = set()


def _lost(oa: ZaloOAServer, bot: ZaloBotServer) -> None:
    oa.refresh = "lost"


def _unverified(oa: ZaloOAServer, bot: ZaloBotServer) -> None:
    oa.verified = False


def _no_package(oa: ZaloOAServer, bot: ZaloBotServer) -> None:
    oa.answer_next("/v2.0/oa/getoa", -224)


def _bot_refused(oa: ZaloOAServer, bot: ZaloBotServer) -> None:
    bot.is_token_revoked = True


def _bot_webhook(oa: ZaloOAServer, bot: ZaloBotServer) -> None:
    bot.webhook = {"url": "https://old.example"}


@pytest.mark.usefixtures("_data")
@pytest.mark.parametrize(
    ("break_it", "advice"),
    [
        (_buttons_off, "zalo_oa.buttons to none"),
        (_no_permission, "motcua zalo login"),
        (_lost, "motcua zalo login"),
        (_unverified, "verified"),
        (_no_package, "package"),
        (_bot_refused, "Zalo Bot Manager"),
        (_bot_webhook, "https://old.example"),
    ],
)
async def test_what_is_wrong_is_said_with_what_to_do(
    config: Config, oa: ZaloOAServer, bot: ZaloBotServer, break_it: Any, advice: str
) -> None:
    break_it(oa, bot)
    bad = [line for line in await doctor.examine(config) if line.startswith("BAD")]
    assert any(advice in line for line in bad), bad
    assert "access-" not in str(bad)
    assert zalo_bot_server.TOKEN not in str(bad)


@pytest.mark.usefixtures("_data")
async def test_the_public_address_must_lead_to_this_bot(
    config: Config, oa: ZaloOAServer, bot: ZaloBotServer
) -> None:
    async def other(_request: web.Request) -> web.Response:
        return web.Response(text="a page of somebody else")

    app = web.Application()
    app.router.add_post("/zalo/webhook", other)
    site = TestServer(app)
    await site.start_server(access_log=None)
    public = config.environment.model_copy(update={"public_url": f"http://127.0.0.1:{site.port}"})
    lines = await doctor.examine(config.model_copy(update={"environment": public}))
    await site.close()
    assert any(line.startswith("BAD") and "proxy" in line for line in lines)


def test_half_a_set_up_names_what_is_missing(config: Config) -> None:
    half = config.environment.model_copy(update={"zalo_oa_id": "", "zalo_oa_secret_key": None})
    with pytest.raises(ConfigError, match="ZALO_OA_ID, ZALO_OA_SECRET_KEY"):
        building.oa_is_on(config.model_copy(update={"environment": half}))


def test_replicas_need_a_common_key(config: Config) -> None:
    shared = config.environment.model_copy(update={"database_url": None})
    assert building.seal_of(config.model_copy(update={"environment": shared}))
    postgres = load_config(database_url="postgresql://u:p@h/d")
    with pytest.raises(ConfigError, match="ZALO_TOKEN_KEY"):
        building.seal_of(postgres)


async def test_a_pasted_pair_is_kept_and_proved(at: desk.Desk, oa: ZaloOAServer) -> None:
    assert "Phường Thử" in await desk.take_pair(at, oa.access, oa.refresh)


async def test_a_code_finishes_a_consent(at: desk.Desk, oa: ZaloOAServer) -> None:
    consent = building.consent_of(at.config, at.database, at.oa)
    query = oa.consent(await consent.begin("https://motcua.example/zalo/callback"))
    assert OA_ID in await desk.log_in(at, f"https://motcua.example/zalo/callback?{query}", 0)


async def test_a_consent_needs_a_public_address(at: desk.Desk) -> None:
    with pytest.raises(ConfigError, match="PUBLIC_URL"):
        await desk.log_in(at, "", 0)


async def test_groups_are_listed_with_their_chat_ids(at: desk.Desk) -> None:
    assert await desk.list_groups(at) == ["group:6007733119955224408  Tổ 7"]


async def test_a_notice_by_phone_goes_once_a_day(at: desk.Desk, oa: ZaloOAServer) -> None:
    form = Form("dossier_status", (("code", "H24-1"), ("status", "đã có kết quả")))
    for _ in range(2):
        await desk.send_template(at, form, "0912345678", "", "")
    assert list(oa.tracked.values()) == [1]
    with pytest.raises(ReplyRejected):
        await desk.send_template(at, form, "12", "", "")


async def test_settings_of_templates_reach_the_channel(at: desk.Desk) -> None:
    known = building.options_of(at.config).templates["dossier_status"]
    assert (known.id, known.by, known.parameters["status"].cut) == ("310511", "phone", True)


async def test_what_is_old_is_deleted(at: desk.Desk) -> None:
    from bot.zalo import keeping as kept_by

    kept = keeping(at.database, building.tokens_of(at.config, at.database), OA_ID)
    now = datetime.now(UTC)
    await kept.sent.note("old", "chat", now - timedelta(hours=80))
    await kept.sent.note("new", "chat", now)
    await kept.people.heard("silent", now - timedelta(days=366))
    await kept_by.tidy(at.database, timedelta(hours=72))
    assert [await kept.sent.is_ours(name) for name in ("old", "new")] == [False, True]
    assert await kept.people.last_heard("silent") is None
