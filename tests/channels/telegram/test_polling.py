"""Polling: order, confirmation, outages, refusals."""

from __future__ import annotations

import pytest
from structlog.testing import capture_logs

from bot.channels.telegram import ALLOWED_UPDATES, polling
from bot.channels.telegram.patience import growing
from bot.errors import (
    ChannelRefused,
)
from tests.channels.telegram.shared import (
    COMMANDS,
    GATEWAY_PAGE,
    House,
    Make,
    Pauses,
    a_delivery,
    recorded,
    text_update,
)
from tests.channels.telegram_server import TOKEN, Canned, TelegramServer, refusal


async def test_polling_starts_by_removing_a_webhook_and_setting_the_menu(
    server: TelegramServer, make: Make
) -> None:
    await make(commands=COMMANDS)
    await server.until(lambda: server.called("getUpdates") and server.called("setMyCommands"))
    assert [call.method for call in server.calls][:2] == ["getMe", "deleteWebhook"]
    assert server.called("getUpdates")[0] == {"timeout": 50, "allowed_updates": list(ALLOWED_UPDATES)}
    [menu] = server.called("setMyCommands")
    assert menu["commands"][1] == {"command": "help", "description": "Hướng dẫn"}


async def test_polled_messages_arrive_in_order_and_are_confirmed(
    server: TelegramServer, make: Make, house: House
) -> None:
    await make()
    await server.push(*(text_update(n, f"câu {n}") for n in range(1, 251)))
    await server.until(lambda: not server.pending)
    assert house.texts == [f"câu {n}" for n in range(1, 251)]


async def test_update_is_confirmed_only_after_it_is_stored(
    server: TelegramServer, make: Make, house: House, pauses: Pauses
) -> None:
    house.failures = 3
    await make()
    with capture_logs() as logs:
        await server.push(text_update(1, "một"), text_update(2, "hai"))
        await server.until(lambda: not server.pending)
    assert house.texts == ["một", "hai"]
    assert len(pauses.taken) == 3
    assert len([line for line in logs if line["log_level"] == "error"]) == 1


async def test_unreadable_update_does_not_hold_up_the_others(
    server: TelegramServer, make: Make, house: House
) -> None:
    await make()
    broken = {"update_id": 1, "message": {"from": "bí mật"}}
    with capture_logs() as logs:
        await server.push(broken, text_update(2, "hai"))
        await server.until(lambda: not server.pending)
    assert house.texts == ["hai"]
    assert "bí mật" not in str(logs)


async def test_tap_is_answered_even_when_the_answer_fails(server: TelegramServer, make: Make, house: House) -> None:
    server.answer_next("answerCallbackQuery", refusal(400, "Bad Request: query is too old"))
    await make()
    forged = recorded("tap_forged_long")
    await server.push(recorded("tap"), forged | {"update_id": 900}, recorded("tap_game") | {"update_id": 901})
    await server.until(lambda: len(server.called("answerCallbackQuery")) == 3)
    assert [message.tapped for message in house.messages.values()] == ["procedures:aspect:fee"]
    assert house.receipts == 2


async def test_blocking_and_moving_are_reported(server: TelegramServer, make: Make, house: House) -> None:
    await make()
    await server.push(*(recorded(name) for name in ("blocked", "unblocked", "migrate_to", "migrate_from")))
    await server.until(lambda: len(house.moves) == 2)
    assert house.reachable == [("9007199254740", False), ("9007199254740", True)]
    assert house.moves == [("-55", "-100200")] * 2


async def test_start_does_not_wait_and_an_outage_costs_one_line(
    server: TelegramServer, make: Make, house: House, pauses: Pauses
) -> None:
    await server.close()
    with capture_logs() as logs:
        await make()
        await server.until(lambda: len(pauses.taken) > 8)
        await server.open()
        await server.push(text_update(1, "vẫn nhận"))
        await server.until(lambda: house.texts)
    assert house.texts == ["vẫn nhận"]
    assert len([line for line in logs if line["log_level"] == "warning"]) == 1
    assert all(1 <= pause <= 60 for pause in pauses.taken)
    assert TOKEN not in str(logs)


async def test_polling_survives_a_broken_connection(server: TelegramServer, make: Make, house: House) -> None:
    server.answer_next(
        "getUpdates",
        Canned(502, GATEWAY_PAGE),
        Canned(404, GATEWAY_PAGE),
        Canned(200, GATEWAY_PAGE),
        Canned(200, {"ok": True}),
        refusal(500, "Internal Server Error"),
        refusal(429, "Too Many Requests: retry after 7", retry_after=7),
    )
    channel = await make()
    await server.push(text_update(1, "một"))
    await server.until(lambda: house.texts)
    assert not channel.refused


async def test_second_poller_is_told_clearly_and_tried_slowly(
    server: TelegramServer, make: Make, house: House, pauses: Pauses
) -> None:
    server.answer_next("getUpdates", *[refusal(409, "Conflict: terminated by other getUpdates request")] * 3)
    with capture_logs() as logs:
        await make()
        await server.push(text_update(1, "một"))
        await server.until(lambda: house.texts)
    assert min(pauses.taken) >= 20
    assert len([line for line in logs if "another process" in line["event"]]) == 1


async def test_refused_token_stops_only_this_channel_with_one_line(server: TelegramServer, make: Make) -> None:
    server.is_token_revoked = True
    with capture_logs() as logs:
        channel = await make()
        await server.until(lambda: channel.refused)
        with pytest.raises(ChannelRefused):
            await channel.send(a_delivery())
    errors = [line["event"] for line in logs if line["log_level"] == "error"]
    assert errors == ["TELEGRAM_TOKEN is refused by Telegram: Unauthorized"]
    assert server.called("getUpdates") == []


async def test_token_revoked_while_polling(server: TelegramServer, make: Make) -> None:
    server.answer_next("getUpdates", refusal(401, "Unauthorized"))
    channel = await make()
    await server.until(lambda: channel.refused)


async def test_offset_is_forgotten_after_long_silence(
    server: TelegramServer, make: Make, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(polling, "FORGET_OFFSET_SECONDS", 0.0)
    monkeypatch.setattr(polling, "HURRY_SECONDS", 0.001)
    await make(poll_timeout=0)
    await server.push(text_update(1_000_000, "trước"))
    await server.until(lambda: not server.pending and "offset" not in server.called("getUpdates")[-1])
    await server.push(text_update(7, "sau một tuần"))
    await server.until(lambda: len(house.texts) == 2)


async def test_redelivered_update_has_the_same_id(server: TelegramServer, make: Make, house: House) -> None:
    for _ in range(2):
        channel = await make()
        await server.push(text_update(1, "một"))
        await server.until(lambda: not server.pending)
        await channel.stop()
    assert house.receipts == 2
    assert list(house.messages) == ["9007199254740:1"]


def test_pauses_grow_to_a_minute() -> None:
    assert 1 <= growing(0) <= 1.25
    assert 45 <= growing(50) <= 60
