"""Numbers instead of buttons: what "2" or a button's own words mean after the last reply."""

from __future__ import annotations

from dataclasses import replace

from bot.messages import Conversation, Message, Reply
from bot.search.numbers import choice_number
from bot.search.phrases import split
from bot.vietnamese import fold

_KEY = "buttons"


def remember(conversation: Conversation, reply: Reply) -> None:
    """Keeps the buttons shown last; a reply without buttons leaves the earlier ones valid."""
    if reply.buttons:
        lines = [f"{button.value or 'url:' + button.url}\t{button.label}" for button in reply.buttons]
        conversation.data[_KEY] = "\n".join(lines)


def as_tap(message: Message, conversation: Conversation) -> Message:
    """The message as a tap, when its text chooses one of the buttons shown last."""
    if message.tapped or not message.text or len(message.text) > 80:
        return message
    shown = [line.partition("\t") for line in conversation.data.get(_KEY, "").splitlines()]
    number = choice_number(split(message.text))
    if 0 < number <= len(shown):
        return replace(message, tapped=shown[number - 1][0])
    said = fold(message.text)
    tapped = next((value for value, _, label in shown if fold(label) == said), "")
    return replace(message, tapped=tapped) if tapped else message


def opened_page(message: Message) -> str:
    """The address behind a number that stands for a link, which no platform can open for us."""
    return message.tapped.removeprefix("url:") if message.tapped.startswith("url:") else ""
