"""Recorded updates of Telegram, and what each means for the house."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.base import TEXT_CHARACTERS, clean
from bot.channels.telegram.parse import Me, Moved, Reachable, read, update_of

PAYLOADS = Path(__file__).parents[1] / "payloads" / "telegram"
ME = Me(42, "motcua_bot")
NOW = datetime(2026, 11, 24, tzinfo=UTC)


def facts(found: object) -> dict[str, Any] | None:
    match found:
        case None:
            return None
        case Reachable():
            return {"type": "reachable", **asdict(found)}
        case Moved():
            return {"type": "moved", **asdict(found)}
    message = asdict(found)  # type: ignore[call-overload]
    assert message.pop("channel") == "telegram"
    assert message.pop("received_at") == NOW
    unset = [name for name in ("photo", "network") if not message[name]]
    return {"type": "message", **{name: value for name, value in message.items() if name not in unset}}


@pytest.mark.parametrize("path", sorted(PAYLOADS.glob("*.json")), ids=lambda path: path.stem)
def test_recorded_update_means_what_it_should(path: Path) -> None:
    case = json.loads(path.read_text())
    assert facts(read(update_of(case["update"]), ME, NOW)) == case["expect"]


@pytest.mark.parametrize("path", sorted(PAYLOADS.glob("*.json")), ids=lambda path: path.stem)
def test_no_name_and_no_phone_number_gets_in(path: Path) -> None:
    found = repr(read(update_of(json.loads(path.read_text())["update"]), ME, NOW))
    assert "Lan" not in found
    assert "84900000000" not in found


@given(st.text(st.characters()))
def test_clean_text_can_always_be_stored(text: str) -> None:
    cleaned = clean(text)
    cleaned.encode()
    assert "\x00" not in cleaned
    assert cleaned == cleaned.strip()


def test_endless_text_is_cut() -> None:
    assert len(clean("ă" * 100_000)) == TEXT_CHARACTERS
