"""The one question that tells procedures apart (choices.yaml), and what the person chose before."""

from __future__ import annotations

from collections.abc import Sequence

from bot.knowledge.groups import Group
from bot.knowledge.models import Aspect
from bot.messages import Button, Reply
from bot.search.phrases import Phrases, split
from bot.vietnamese import fold
from handlers.base import Turn

_CHOSEN = "chosen"  # "group=value" of each question answered, parted by blanks
_LAST = "group"  # the group asked or used last
_KEPT = 12  # questions remembered; the oldest goes first
_SHORT = 12  # words of a text that may answer the open question


def ask(turn: Turn, group: Group, aspect: Aspect | None, options: Sequence[str] = ()) -> Reply:
    """The group's question with its options (those possible); the aspect asked is kept."""
    step = (aspect or Aspect.WHAT).value
    if turn.conversation.waiting_for.partition(":")[0] in ("", "procedures"):  # a guide's question stays open
        turn.conversation.waiting_for = f"procedures:{group.id}:{step}"
    turn.conversation.data[_LAST] = group.id
    shown = [option for option in group.options if not options or option.value in options]
    buttons = [Button(option.label, f"procedures:{step}:{option.value}") for option in shown]
    none = Button(turn.texts("procedures.none_of_these"), "procedures:none:")
    return Reply(turn.texts("procedures.clarify", question=group.question), (*buttons, none))


def open_question(turn: Turn) -> tuple[Group | None, Aspect | None]:
    """The group whose question waits for an answer, and the aspect it was asked for."""
    handler, _, rest = turn.conversation.waiting_for.partition(":")
    if handler != "procedures":
        return None, None
    id_, _, step = rest.partition(":")
    return turn.library.groups.get(id_), next((aspect for aspect in Aspect if aspect.value == step), None)


def close(turn: Turn) -> None:
    """Waits no longer for an answer to a question of ours; another handler's question stays open."""
    if turn.conversation.waiting_for.startswith("procedures:"):
        turn.conversation.waiting_for = ""


def answered(turn: Turn) -> str:
    """The value of the option that the text chooses in answer to the open question; else empty."""
    group, _ = open_question(turn)
    words = split(turn.message.text[:200])
    if group is None or len(words) > _SHORT or turn.message.tapped:
        return ""
    phrases = [(text, option.value) for option in group.options for text in (option.label, *option.signs)]
    said = {value for _, _, value in Phrases(phrases).find(words)} or _agreeing(turn, group)
    return said.pop() if len(said) == 1 else ""


def _agreeing(turn: Turn, group: Group) -> set[str]:
    """ "Chưa" chooses the option that begins so."""
    talk = turn.library.vocabulary.answers.get(turn.reading.answer)
    words = {fold(word) for word in talk.whole} if talk else set()
    return {option.value for option in group.options if fold(split(option.label)[0].typed) in words}


def note(turn: Turn, value: str) -> None:
    """Remembers the answer to the question asked last."""
    group = open_question(turn)[0] or last_group(turn)
    if group is None or value not in group.values:
        return
    kept = [pair for pair in turn.conversation.data.get(_CHOSEN, "").split() if not pair.startswith(f"{group.id}=")]
    turn.conversation.data[_CHOSEN] = " ".join([*kept[1 - _KEPT :], f"{group.id}={value}"])
    turn.conversation.data[_LAST] = group.id


def chosen(turn: Turn, group: Group) -> str:
    """What the person answered to this question earlier in the conversation; empty when it was not asked."""
    pairs = dict(pair.partition("=")[::2] for pair in turn.conversation.data.get(_CHOSEN, "").split())
    value = pairs.get(group.id, "")
    return value if value in group.values else ""


def last_group(turn: Turn) -> Group | None:
    """The group asked last: "còn trường hợp kia" means its other options."""
    return turn.library.groups.get(turn.conversation.data.get(_LAST, ""))
