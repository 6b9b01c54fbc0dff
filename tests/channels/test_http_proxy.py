"""Calls go through the proxy that the environment names, and only where it says so."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bot.channels import http


@pytest.fixture(autouse=True)
def fresh() -> Iterator[None]:
    http._proxy.cache_clear()
    yield
    http._proxy.cache_clear()


def test_proxy_of_the_environment_is_used_except_where_it_is_excluded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("https_proxy", "http://proxy.example:3128")
    monkeypatch.setenv("no_proxy", "inside.example")
    assert http.proxy_of("https://openapi.zalo.me/v3.0/oa") == "http://proxy.example:3128"
    assert http.proxy_of("https://inside.example/x") is None


def test_without_one_the_call_goes_straight(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    assert http.proxy_of("https://openapi.zalo.me/") is None
