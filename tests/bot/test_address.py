"""Calling people by the word they use of themselves."""

from __future__ import annotations

from bot import address
from bot.knowledge.vocabulary import Address
from bot.messages import Conversation, Reply

ADDRESS = Address(general="bạn", not_before=("bè",), says={"bác": ("cho bác hỏi",)})


def spoken(text: str, **data: str) -> str:
    return address.speak(Reply(text), Conversation("c", "1", "2", data=data), ADDRESS).text


def test_the_word_stands_in_for_the_general_one() -> None:
    assert spoken("Bạn nộp ở phường của bạn.", you="bác") == "Bác nộp ở phường của bác."


def test_friends_stay_friends() -> None:
    assert spoken("Hỏi bạn bè của bạn.", you="bác") == "Hỏi bạn bè của bác."


def test_who_said_nothing_is_called_in_general() -> None:
    assert spoken("Bạn nộp ở đâu?") == "Bạn nộp ở đâu?"
