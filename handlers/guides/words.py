"""What typed words mean while a guide waits: "xong", "kẹt", yes and no, a trouble in one's own words."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from bot.guides.expressions import NO, UNSURE, YES
from bot.guides.guide import Guide
from bot.guides.run import Stage
from bot.knowledge.vocabulary import Vocabulary
from bot.messages import Kind
from bot.search.phrases import Phrases, Talks, Word, split
from bot.vietnamese import words as folded_words
from handlers.base import Turn
from handlers.guides.session import Mark

Action = tuple[str, str]  # as in a button: step and argument


@lru_cache(maxsize=4)
def _talks(words: _Words) -> Talks:
    return Talks(words.vocabulary.guide, words.vocabulary.fillers)


class _Words:
    """A vocabulary that can be a key: one per reading of the files."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self.vocabulary = vocabulary

    def __hash__(self) -> int:
        return id(self.vocabulary)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Words) and other.vocabulary is self.vocabulary


def understand(turn: Turn, mark: Mark, guide: Guide) -> Action | None:
    """What the text does in the guide; None when it is about something else."""
    if turn.message.kind is not Kind.TEXT or not turn.message.text:
        return None
    words = split(turn.message.text[:400])
    talk = _talks(_Words(turn.library.vocabulary)).whole(words)
    if mark.view == "other":
        return _described(words, mark, guide) or ("person", "")
    if mark.stage == Stage.WORD and not mark.view:
        return ("word", "") if _refuses(turn, talk) else ("said", "")
    if talk in ("later", "edit", "papers"):
        return talk, ""
    return _in_view(turn, mark, talk) or _at_place(turn, mark, guide, talk) or _trouble(words, mark, guide)


def _agrees(turn: Turn, talk: str) -> bool:
    return turn.reading.answer == "agree" or talk in ("yes", "done")


def _refuses(turn: Turn, talk: str) -> bool:
    return turn.reading.answer == "refuse" or talk == "no"


def _yes_no(turn: Turn, talk: str) -> str:
    """yes, no, unsure or nothing of these."""
    if talk == UNSURE:
        return UNSURE
    return YES if _agrees(turn, talk) else NO if _refuses(turn, talk) else ""


def _in_view(turn: Turn, mark: Mark, talk: str) -> Action | None:
    """Yes and no to what is laid over the next open thing."""
    view, _, argument = mark.view.partition(":")
    said = _yes_no(turn, talk)
    if view == "trouble" and talk == "stuck":
        return "still", argument
    meanings: dict[str, dict[str, Action]] = {
        "papers": {YES: ("ready" if mark.stage == Stage.PAPERS else "go", ""), NO: ("tick", "")},
        "tick": {YES: ("has", argument), NO: ("lacks", argument), UNSURE: ("lacks", argument)},
        "fix": {YES: ("fixed", argument), NO: ("later", "")},
        "trouble": {YES: ("ok", ""), NO: ("still", argument)},
        "person": {YES: ("ok", "")},
        "stuck": {NO: ("other", "")},
        "paused": {YES: ("go", ""), NO: ("quiet", "")},
        "drop": {YES: ("dropped", ""), NO: ("go", "")},
    }
    if view == "ask":
        return ("set", f"{argument}.{said}") if said else None
    return meanings.get(view, {}).get(said)


def _at_place(turn: Turn, mark: Mark, guide: Guide, talk: str) -> Action | None:
    """Yes, no, done and the like to the next open thing."""
    if mark.view and not mark.view.startswith("stuck"):
        return None
    said = _yes_no(turn, talk)
    if mark.stage == Stage.CONSENT:
        return {YES: ("agreed", ""), NO: ("later", "")}.get(said)
    if mark.stage == Stage.QUESTION:
        return _answer(turn, mark.id, guide, said)
    if mark.stage == Stage.CHECK:
        check = guide.check(mark.id)
        labels = dict(zip((YES, NO), check.labels or (), strict=False)) if check else {}
        said = _labelled(turn, labels) or said
        return ("check", f"{mark.id}.{said}") if said else None
    if mark.stage == Stage.PAPERS and said:
        return ("ready", "") if said == YES else ("tick", "")
    if mark.stage == Stage.NUMBER and (said == NO or talk == "done"):
        return "numbered", ""
    if mark.stage != Stage.WALK:
        return None
    step = guide.step(mark.id)
    if said == YES and step is not None and not step.fact:
        return "done", mark.id
    return ("stuck", "") if talk == "stuck" or said == NO else None


def _answer(turn: Turn, fact: str, guide: Guide, said: str) -> Action | None:
    question = guide.question(fact)
    if question is None:
        return None
    labels = {value: choice.label for value, choice in question.choices.items()}
    if question.labels:
        labels = dict(zip((YES, NO), question.labels, strict=True))
    chosen = _labelled(turn, labels)
    if not chosen and (not question.choices or said == UNSURE):
        chosen = said
    return ("set", f"{fact}.{chosen}") if chosen else None


def _labelled(turn: Turn, labels: Mapping[str, str]) -> str:
    """The answer whose words are typed, whole or its beginning ("đủ" for "Đủ, hoặc nhờ chụp"); of one only."""
    typed = folded_words(turn.message.text)
    found = [value for value, label in labels.items() if folded_words(label)[: len(typed)] == typed]
    return found[0] if len(found) == 1 and typed else ""


def _trouble(words: list[Word], mark: Mark, guide: Guide) -> Action | None:
    return _described(words, mark, guide) if mark.stage == Stage.WALK else None


def _described(words: list[Word], mark: Mark, guide: Guide) -> Action | None:
    """The trouble that the words describe, of this step or else of another; the longest phrase first."""
    for troubles in (guide.troubles_at(mark.id), guide.own_troubles()):
        phrases = Phrases((says, id_) for id_, known in troubles.items() for says in (known.label, *known.says))
        if found := sorted(phrases.find(words), key=lambda one: one[0] - one[1]):
            return "trouble", found[0][2]
    return None
