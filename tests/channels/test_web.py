"""The web chat over a real socket, against a small fake of the house behind the door."""

from __future__ import annotations

import contextlib
import hashlib
import unicodedata
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import ClientWebSocketResponse, web
from aiohttp.test_utils import TestClient, TestServer

from bot.channels.photos import PHOTO_BYTES, Photos
from bot.channels.web import FRAME_BYTES, PACE_FRAMES, PAGE, TEXT_CHARACTERS, HistoryItem, Web
from bot.errors import ReplyRejected, StoreError
from bot.messages import Button, Delivery, Kind, Message, Reply


class House:
    """The door and the history: remembers messages once each, and what was replied."""

    def __init__(self) -> None:
        self.messages: dict[str, Message] = {}
        self.items: list[tuple[str, HistoryItem]] = []
        self.asked: list[tuple[str, int]] = []
        self.broken = False

    async def receive(self, message: Message) -> bool:
        if self.broken:
            raise StoreError("the disk is full")
        known = message.message_id in self.messages
        self.messages.setdefault(message.message_id, message)
        return not known

    async def set_reachable(self, channel: str, chat_id: str, reachable: bool) -> None: ...

    async def move_chat(self, channel: str, old_id: str, new_id: str) -> None: ...

    async def history(self, chat_id: str, after: int) -> list[HistoryItem]:
        self.asked.append((chat_id, after))
        return [item for chat, item in self.items if chat == chat_id and item.id > after]

    @property
    def received(self) -> list[Message]:
        return list(self.messages.values())


@pytest.fixture
def house() -> House:
    return House()


@pytest.fixture
async def channel(house: House) -> AsyncIterator[Web]:
    channel = Web(house.history, frame_ancestors="https://haiphong.gov.vn")
    await channel.start(house)
    yield channel
    await channel.stop()


@pytest.fixture
async def client(channel: Web) -> AsyncIterator[TestClient[web.Request, web.Application]]:
    app = web.Application()
    app.add_routes(channel.routes())
    async with TestClient(TestServer(app)) as client:
        yield client


async def ask(socket: ClientWebSocketResponse, **frame: Any) -> dict[str, Any]:
    await socket.send_json(frame)
    answer: dict[str, Any] = await socket.receive_json(timeout=5)
    return answer


async def meet(socket: ClientWebSocketResponse, session: str | None = None, after: int = 0) -> dict[str, Any]:
    return await ask(socket, type="hello", session=session, after=after)


def chat_of(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()[:32]


def delivery(chat_id: str, number: int, text: str = "Chào bạn") -> Delivery:
    buttons = (Button("Nộp ở đâu", "procedures:where:1"), Button("Mở Cổng", url="https://dichvucong.gov.vn"))
    return Delivery(number, "web", chat_id, "", Reply(text, buttons))


async def test_new_page_gets_its_own_token_and_no_history(client, house):
    async with client.ws_connect("/chat/socket") as one, client.ws_connect("/chat/socket") as two:
        first, second = await meet(one), await meet(two)
    assert first["type"] == "welcome"
    assert first["history"] == []
    assert len(first["session"]) >= 22
    assert first["session"] != second["session"]
    assert house.asked == []


@pytest.mark.parametrize("session", ["short", 7, ["x"], "a" * 500, "có dấu, không phải token của ta"])
async def test_session_that_is_no_token_is_replaced(client, session):
    async with client.ws_connect("/chat/socket") as socket:
        welcome = await ask(socket, type="hello", session=session, after="x")
    assert welcome["session"] != session


async def test_message_sent_twice_is_acknowledged_twice_and_received_once(client, house):
    async with client.ws_connect("/chat/socket") as socket:
        token = (await meet(socket))["session"]
        text = " " + unicodedata.normalize("NFD", "Làm giấy khai sinh\r\ncần gì?") + "\x00\ud800 "
        for _ in range(2):
            assert await ask(socket, type="say", id="abc-1", text=text) == {"type": "ack", "id": "abc-1"}
    [message] = house.received
    assert message.text == "Làm giấy khai sinh\ncần gì?"
    assert message.chat_id == message.user_id == chat_of(token)
    assert token not in repr(message)
    assert message.message_id == f"{message.chat_id[:8]}:abc-1"
    assert (message.channel, message.kind, message.tapped) == ("web", Kind.TEXT, "")
    assert message.received_at.tzinfo is not None


async def test_tap_carries_its_value_and_the_label_as_text(client, house):
    async with client.ws_connect("/chat/socket") as socket:
        await meet(socket)
        await ask(socket, type="tap", id="t1", value="procedures:fee:1", label="Lệ phí")
    [message] = house.received
    assert (message.kind, message.tapped, message.text) == (Kind.TAP, "procedures:fee:1", "Lệ phí")


async def test_a_picture_is_in_memory_until_its_turn_has_read_it_and_never_after(client, channel, house):
    async with client.ws_connect("/chat/socket") as socket:
        await meet(socket)
        for _ in range(2):  # a page sends again what was not acknowledged
            await socket.send_bytes(b"a" * 32 + b"picture")
            assert await socket.receive_json(timeout=5) == {"type": "ack", "id": "a" * 32}
            [message] = house.received
            assert (message.kind, message.text) == (Kind.PHOTO, "")
            assert "picture" not in repr(message)
            if not channel._photos._kept:
                break
            assert await channel.photo(message.photo) == b"picture"
    with pytest.raises(ReplyRejected):
        await channel.photo(message.photo)
    assert not channel._photos._kept


async def test_pictures_come_in_binary_frames_of_a_bound_socket_only(client, channel, house):
    async with client.ws_connect("/chat/socket") as socket:
        await socket.send_bytes(b"a" * 32 + b"picture")
        assert (await socket.receive_json(timeout=5))["type"] == "error"
        await meet(socket)
        assert (await ask(socket, type="photo", id="1", photo="another:a"))["type"] == "error"
        await socket.send_bytes(b"\xff" * 40)
        assert (await socket.receive_json(timeout=5))["type"] == "error"
        with contextlib.suppress(ConnectionError):  # cut off while we are still sending
            await socket.send_bytes(b"b" * (PHOTO_BYTES + 33))
            await socket.receive(timeout=5)
    assert house.received == []
    assert not channel._photos._kept


def test_pictures_are_forgotten_after_minutes_and_when_there_are_too_many():
    now = [0.0]
    photos = Photos(lambda: now[0])
    photos.keep("old", b"x")
    now[0] = 121.0
    photos.keep("new", b"y")
    with pytest.raises(ReplyRejected):
        photos.take("old")
    for at in range(20):
        photos.keep(f"big{at}", bytes(PHOTO_BYTES))
    with pytest.raises(ReplyRejected):
        photos.take("new")
    assert photos.take("big19")


async def test_reply_is_pushed_to_every_open_page_of_the_chat_only(client, channel):
    async with (
        client.ws_connect("/chat/socket") as one,
        client.ws_connect("/chat/socket") as two,
        client.ws_connect("/chat/socket") as stranger,
    ):
        token = (await meet(one))["session"]
        await meet(two, token)
        await meet(stranger)
        await channel.send(delivery(chat_of(token), 5))
        for socket in (one, two):
            assert await socket.receive_json(timeout=5) == {
                "type": "reply",
                "id": 5,
                "text": "Chào bạn",
                "buttons": [
                    {"label": "Nộp ở đâu", "value": "procedures:where:1", "url": ""},
                    {"label": "Mở Cổng", "value": "", "url": "https://dichvucong.gov.vn"},
                ],
            }
        assert (await ask(stranger, type="say", id="x", text="alo"))["type"] == "ack"  # nothing came before


async def test_reply_while_disconnected_comes_by_history(client, channel, house):
    async with client.ws_connect("/chat/socket") as socket:
        token = (await meet(socket))["session"]
    await channel.send(delivery(chat_of(token), 8))  # nobody is there: no error
    house.items = [
        (chat_of(token), HistoryItem(3, False, "cũ")),
        (chat_of(token), HistoryItem(8, False, "mới", (Button("Xong", "guide:done:1"),))),
        (chat_of("another"), HistoryItem(9, False, "của người khác")),
    ]
    async with client.ws_connect("/chat/socket") as socket:
        welcome = await meet(socket, token, after=3)
    assert welcome["session"] == token
    assert [item["text"] for item in welcome["history"]] == ["mới"]
    assert welcome["history"][0]["buttons"] == [{"label": "Xong", "value": "guide:done:1", "url": ""}]


async def test_reply_sent_while_history_is_read_comes_after_the_welcome(house):
    async def slow_history(chat_id: str, after: int) -> list[HistoryItem]:
        await channel.send(delivery(chat_id, 2))
        return [HistoryItem(1, False, "một")]

    channel = Web(slow_history)
    await channel.start(house)
    app = web.Application()
    app.add_routes(channel.routes())
    async with TestClient(TestServer(app)) as client, client.ws_connect("/chat/socket") as socket:
        assert (await meet(socket, "t" * 32))["type"] == "welcome"
        assert (await socket.receive_json(timeout=5))["id"] == 2


@pytest.mark.parametrize(
    "junk",
    [
        "{", "[]", "null", "7", "[" * 50_000, '{"type":"say","id":"1"}', '{"type":"say","id":"1","text":" "}',
        '{"type":"say","id":"a b","text":"x"}', '{"type":"say","text":"x"}',
        '{"type":"tap","id":"1","label":"x"}',
        '{"type":["say"],"id":"1","text":"x"}', '{"type":"dance","id":"1","text":"x"}', '{"id":{}}',
    ],
    ids=lambda junk: junk[:24],
)  # fmt: skip
async def test_junk_is_answered_with_an_error_and_the_line_stays_open(client, house, junk):
    async with client.ws_connect("/chat/socket") as socket:
        await meet(socket)
        await socket.send_str(junk)
        assert (await socket.receive_json(timeout=5))["type"] == "error"
        await socket.send_bytes(b"\xff")
        assert (await socket.receive_json(timeout=5))["type"] == "error"
        assert (await ask(socket, type="say", id="2", text="còn đây"))["type"] == "ack"
    assert [message.text for message in house.received] == ["còn đây"]


async def test_nothing_is_received_before_hello(client, house):
    async with client.ws_connect("/chat/socket") as socket:
        assert (await ask(socket, type="say", id="1", text="x"))["type"] == "error"
    assert house.received == []


async def test_long_text_is_cut_and_an_oversize_frame_closes_the_socket(client, house):
    async with client.ws_connect("/chat/socket") as socket:
        await meet(socket)
        await ask(socket, type="say", id="1", text="ệ" * (TEXT_CHARACTERS + 9))
        await socket.send_str("x" * (FRAME_BYTES + 1))
        assert (await socket.receive(timeout=5)).data == 1009
    assert [len(message.text) for message in house.received] == [TEXT_CHARACTERS]


async def test_too_fast_is_told_to_wait_and_nothing_is_received(client, house):
    async with client.ws_connect("/chat/socket") as socket:
        await meet(socket)  # counts too
        answers = [await ask(socket, type="say", id=str(n), text="x") for n in range(PACE_FRAMES)]
    assert [answer["type"] for answer in answers] == ["ack"] * (PACE_FRAMES - 1) + ["slow"]
    assert answers[-1]["id"] == str(PACE_FRAMES - 1)
    assert 0 < answers[-1]["seconds"] <= 10
    assert len(house.received) == PACE_FRAMES - 1


async def test_message_that_could_not_be_stored_is_not_acknowledged(client, house):
    async with client.ws_connect("/chat/socket") as socket:
        await meet(socket)
        house.broken = True
        answer = await ask(socket, type="say", id="1", text="x")
        assert answer == {"type": "error", "id": "1", "again": True}
        house.broken = False
        assert (await ask(socket, type="say", id="1", text="x"))["type"] == "ack"


async def test_stop_closes_the_pages_and_refuses_new_ones(client, channel, house):
    async with client.ws_connect("/chat/socket") as socket:
        await meet(socket)
        await channel.stop()
        assert (await socket.receive(timeout=5)).data == 1001
        assert (await client.get("/chat/socket")).status == 503
    await channel.start(house)
    async with client.ws_connect("/chat/socket") as socket:
        assert (await meet(socket))["type"] == "welcome"


async def test_page_may_be_framed_only_as_a_widget(client):
    alone, widget = await client.get("/"), await client.get("/?widget=1")
    assert "frame-ancestors 'none'" in alone.headers["Content-Security-Policy"]
    assert "frame-ancestors https://haiphong.gov.vn" in widget.headers["Content-Security-Policy"]
    assert "script-src 'self';" in alone.headers["Content-Security-Policy"]
    assert "unsafe" not in alone.headers["Content-Security-Policy"]
    text = await alone.text()
    assert 'lang="vi"' in text
    assert "<script>" not in text
    assert " style=" not in text


@pytest.mark.parametrize("host", ["evil;script-src *", "a b", "x,y"])
async def test_strange_host_cannot_write_into_the_policy(client, host):
    page = await client.get("/", headers={"Host": host})
    assert host not in page.headers.get("Content-Security-Policy", "")


@pytest.mark.parametrize("path", ["/", "/chat/chat.js", "/chat/chat.css", "/chat/widget.js"])
async def test_files_are_safe_to_serve_and_cheap_to_ask_again(client, path):
    first = await client.get(path)
    assert first.status == 200
    assert first.headers["X-Content-Type-Options"] == "nosniff"
    again = await client.get(path, headers={"If-None-Match": first.headers["ETag"]})
    assert again.status == 304


def test_page_is_light_and_its_scripts_hold_no_sink_for_markup():
    files = [path for path in PAGE.iterdir() if path.is_file()]
    assert sum(path.stat().st_size for path in files) < 200_000
    sinks = ("innerHTML", "insertAdjacentHTML", "eval(", "document.write")
    for path in files:
        source = path.read_text(encoding="utf-8").replace("never innerHTML", "")
        assert not any(sink in source for sink in sinks)


def test_chat_script_holds_no_vietnamese_words():
    source = (PAGE / "chat.js").read_text(encoding="utf-8")
    assert not [letter for letter in source if letter.isalpha() and not letter.isascii()]
