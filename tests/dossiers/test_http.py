"""Sources over HTTP: the ready-made settings against servers that speak them; limits, failures, redirects."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date, timedelta
from typing import Any

import pytest
import yaml
from pydantic import ValidationError

from bot.dossiers.http import Asker, at
from bot.dossiers.service import Dossiers, Outcome
from bot.dossiers.settings import DossierSettings, HttpSource
from bot.errors import DossierUnavailable
from bot.store.database import Database
from tests.conftest import ROOT, a_message
from tests.dossiers.shared import KEYS, NOW, NUMBER, WORDS, ZONE, number
from tests.dossiers.systems import Systems, running

READY_MADE = yaml.safe_load((ROOT / "docs" / "dossier-sources.yaml").read_text(encoding="utf-8"))
SECRETS = {
    "EXCHANGE_USER": "ward",
    "EXCHANGE_PASSWORD": "open sesame",
    "IGATE_CLIENT": "bot",
    "IGATE_SECRET": "hush",
    "DOSSIERS_KEY": "k",
}


class Clock:
    """Time that passes only by sleeping."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


@pytest.fixture
async def server() -> AsyncIterator[tuple[Systems, str]]:
    async with running() as made:
        yield made


def settings(name: str, base: str, **changes: Any) -> HttpSource:
    """The ready-made source of that name, pointed at the local server."""
    text = yaml.safe_dump(next(one for one in READY_MADE["sources"] if one["name"] == name))
    for host in READY_MADE["hosts"]:
        text = text.replace(f"https://{host}", base)
    return HttpSource.model_validate(yaml.safe_load(text) | changes)


def asker(source: HttpSource, clock: Clock | None = None, hosts: tuple[str, ...] = ("127.0.0.1",)) -> Asker:
    clock = clock or Clock()
    return Asker(source, hosts, lambda: WORDS, KEYS, ZONE, SECRETS, clock, clock.sleep)


def test_the_ready_made_settings_are_valid() -> None:
    DossierSettings.model_validate(READY_MADE)


async def test_the_national_exchange(server: tuple[Systems, str]) -> None:
    systems, base = server
    source = asker(settings("national-exchange", base))
    state = await source.ask(NUMBER)
    assert state is not None
    assert (state.status, state.procedure, state.due) == (5, "Đăng ký khai sinh", date(2026, 12, 2))
    assert state.need == "giấy chứng sinh", "the newest request counts"
    assert KEYS.fits(state, NUMBER, "678")
    assert "Nguyễn" not in repr(state)
    assert await source.ask("H24.77.20-260915-9999") is None
    assert systems.calls == ["login", "TraCuuHoSo", "TraCuuHoSo"], "one login serves many questions"
    await source.close()


async def test_an_ended_session_is_renewed_at_once(server: tuple[Systems, str]) -> None:
    systems, base = server
    source = asker(settings("national-exchange", base))
    await source.ask(NUMBER)
    systems.sessions.clear()
    systems.sessions.add("another")
    assert await source.ask(NUMBER) is not None
    assert systems.calls.count("login") == 2
    await source.close()


async def test_an_igate_portal(server: tuple[Systems, str]) -> None:
    _, base = server
    source = asker(settings("igate", base))
    state = await source.ask(NUMBER)
    assert state is not None
    assert (state.status, state.procedure, state.received) == (4, "Đăng ký kết hôn", date(2026, 9, 15))
    assert "Nguyễn" not in repr(state)
    assert await source.ask("H24.77.20-260915-9999") is None
    await source.close()


async def test_a_plain_rest_service(server: tuple[Systems, str]) -> None:
    _, base = server
    source = asker(settings("rest", base))
    state = await source.ask("H24.90.01-260915-0012")
    assert state is not None
    assert (state.status, state.due) == (9, date(2026, 12, 2))
    assert await source.ask("H24.90.01-260915-9999") is None
    await source.close()


async def test_a_record_of_another_number_is_no_answer(server: tuple[Systems, str]) -> None:
    systems, base = server
    systems.body = '{"error_code": "0", "result": [{"MaHoSo": "H24.77.20-260915-0013", "TrangThaiHoSo": "9"}]}'
    source = asker(settings("national-exchange", base))
    assert await source.ask(NUMBER) is None
    await source.close()


@pytest.mark.parametrize("target", ["http://localhost:1/x", "http://169.254.169.254/latest", "file:///etc/passwd"])
async def test_a_redirect_to_another_host_is_refused(server: tuple[Systems, str], target: str) -> None:
    systems, base = server
    systems.redirects_to = target
    source = asker(settings("rest", base), hosts=("127.0.0.1", "localhost"))
    with pytest.raises(DossierUnavailable, match="not allowed"):
        await source.ask("H24.90.01-260915-0012")
    await source.close()


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"hosts": []}, "is not in dossiers.hosts"),
        ({"url": "http://dossiers.example.gov.vn/{number}"}, "https is needed"),
        ({"url": "https://{number}.example.gov.vn/"}, "is not in dossiers.hosts"),
        ({"url": "https://dossiers.example.gov.vn/"}, "stands neither in url"),
        ({"fields": {"due": "x"}}, "fields needs status"),
        ({"hurl": "x"}, "Extra inputs"),
    ],
)
def test_unsafe_settings_stop_the_start(changes: dict[str, Any], said: str) -> None:
    rest = next(one for one in READY_MADE["sources"] if one["name"] == "rest")
    hosts = changes.pop("hosts", READY_MADE["hosts"])
    with pytest.raises(ValidationError, match=said):
        DossierSettings.model_validate({"hosts": hosts, "sources": [rest | changes]})


async def test_at_most_so_many_calls_a_second(server: tuple[Systems, str]) -> None:
    _, base = server
    clock = Clock()
    source = asker(settings("rest", base, calls_per_second=4), clock)
    began = clock.now
    for _ in range(9):
        await source.ask("H24.90.01-260915-0012")
    assert clock.now - began == pytest.approx(2.0)
    await source.close()


async def test_failures_are_retried_then_the_source_rests_and_comes_back(server: tuple[Systems, str]) -> None:
    systems, base = server
    clock = Clock()
    source = asker(settings("national-exchange", base, calls_per_second=1000), clock)
    systems.fails_with = 503
    for _ in range(4):
        with pytest.raises(DossierUnavailable, match="HTTP 503"):
            await source.ask(NUMBER)
    assert systems.calls.count("TraCuuHoSo") == 8, "each question is tried twice"
    with pytest.raises(DossierUnavailable, match="rests"):
        await source.ask(NUMBER)
    assert systems.calls.count("TraCuuHoSo") == 8, "a resting source is left alone"
    systems.fails_with = 0
    clock.now += 16
    assert await source.ask(NUMBER) is not None
    assert not source.is_resting
    await source.close()


@pytest.mark.parametrize(
    "body", ["<html>Request Rejected</html>", "[" * 100_000, '{"error_code": "7"}', "x" * 2_000_000]
)
async def test_nonsense_is_an_outage(server: tuple[Systems, str], body: str) -> None:
    systems, base = server
    systems.body = body
    source = asker(settings("national-exchange", base, tries=1))
    with pytest.raises(DossierUnavailable) as caught:
        await source.ask(NUMBER)
    assert NUMBER not in str(caught.value)
    await source.close()


async def test_an_unknown_status_is_named_and_not_guessed(server: tuple[Systems, str]) -> None:
    systems, base = server
    systems.status = "Đang ở trên mây"
    source = asker(settings("national-exchange", base))
    with pytest.raises(DossierUnavailable, match="unknown status"):
        await source.ask(NUMBER)
    await source.close()


async def test_a_missing_secret_is_named(server: tuple[Systems, str]) -> None:
    _, base = server
    clock = Clock()
    source = Asker(settings("rest", base), ("127.0.0.1",), lambda: WORDS, KEYS, ZONE, {}, clock, clock.sleep)
    with pytest.raises(DossierUnavailable, match="DOSSIERS_KEY is not in the environment"):
        await source.ask(NUMBER)


async def test_an_outage_shows_the_last_known_state_with_its_age(
    server: tuple[Systems, str], database: Database
) -> None:
    systems, base = server
    source = settings("national-exchange", base, calls_per_second=1000, tries=1)
    given = DossierSettings(hosts=("127.0.0.1",), sources=(source,))
    service = Dossiers(database, given, lambda: WORDS, KEYS, ZONE, SECRETS)
    assert (await service.look_up(number(), "", a_message(), NOW)).outcome is Outcome.FOUND
    asked = len(systems.calls)
    cached = await service.look_up(number(), "678", a_message(), NOW + timedelta(minutes=9))
    assert (cached.outcome, len(systems.calls)) == (Outcome.DETAILS, asked)
    systems.fails_with = 500
    later = await service.look_up(number(), "678", a_message(), NOW + timedelta(minutes=11))
    assert (later.outcome, later.is_stale) == (Outcome.DETAILS, True)
    unknown = await service.look_up(number("H24.77.20-260915-9999"), "", a_message(), NOW)
    assert unknown.outcome is Outcome.DOWN
    await service.close()


def test_paths() -> None:
    value = {"a": [{"b": 1}, {"b": 2}]}
    assert [at(value, path) for path in ("a.0.b", "a.-1.b", "a.5.b", "x.y", "a.b", "")] == [
        1,
        2,
        None,
        None,
        None,
        value,
    ]
