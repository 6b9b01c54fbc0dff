"""Numbers instead of buttons: what "2" or a button's own words mean after the last reply. And more
choices than a platform shows at once: the rest waits behind the last button."""

from __future__ import annotations

import hashlib
from dataclasses import replace

from bot.messages import Button, Conversation, Message, Reply
from bot.search.numbers import choice_number
from bot.search.phrases import split
from bot.vietnamese import fold

_KEY = "buttons"
_REST = "more_buttons"
_MORE = "more:"


def remember(conversation: Conversation, reply: Reply) -> None:
    """Keeps the buttons shown last; a reply without buttons leaves the earlier ones valid."""
    if reply.buttons:
        conversation.data[_KEY] = _lines(reply.buttons)


def _lines(buttons: tuple[Button, ...]) -> str:
    return "\n".join(f"{button.value or 'url:' + button.url}\t{button.label}" for button in buttons)


def paged(reply: Reply, limit: int, more: str, conversation: Conversation) -> Reply:
    """The reply with at most ``limit`` buttons; the last one, with the words ``more``, leads to the others."""
    if len(reply.buttons) <= limit:
        if reply.buttons:
            conversation.data.pop(_REST, None)
        return reply
    rest = _lines(reply.buttons[limit - 1 :])
    mark = hashlib.sha256(rest.encode()).hexdigest()[:8]  # an old "more" must not show a newer list
    conversation.data[_REST] = f"{mark}\n{rest}"
    return replace(reply, buttons=(*reply.buttons[: limit - 1], Button(more, _MORE + mark)))


def asks_for_more(message: Message) -> bool:
    """Whether the rest of a list is wanted."""
    return message.tapped.startswith(_MORE)


def rest(message: Message, conversation: Conversation) -> tuple[Button, ...]:
    """The choices that had no room; none when they belong to an older list than the last."""
    mark, _, lines = conversation.data.get(_REST, "").partition("\n")
    if not mark or message.tapped != _MORE + mark:
        return ()
    pairs = [line.partition("\t") for line in lines.splitlines()]
    return tuple(
        Button(label, url=value.removeprefix("url:")) if value.startswith("url:") else Button(label, value)
        for value, _, label in pairs
    )


def as_tap(message: Message, conversation: Conversation) -> Message:
    """The message as a tap, when its text chooses one of the buttons shown last: by its number, or by
    its words, which also name those that had no room."""
    if message.tapped or not message.text or len(message.text) > 80:
        return message
    shown = [line.partition("\t") for line in conversation.data.get(_KEY, "").splitlines()]
    number = choice_number(split(message.text))
    if 0 < number <= len(shown):
        return replace(message, tapped=shown[number - 1][0])
    said = fold(message.text)
    hidden = [line.partition("\t") for line in conversation.data.get(_REST, "").splitlines()]
    tapped = next((value for value, _, label in (*shown, *hidden) if label and fold(label) == said), "")
    return replace(message, tapped=tapped) if tapped else message


def opened_page(message: Message) -> str:
    """The address behind a number that stands for a link, which no platform can open for us."""
    return message.tapped.removeprefix("url:") if message.tapped.startswith("url:") else ""
