"""Notices in passing which questions got no answer or a wrong one, and has them kept, masked."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from bot.knowledge.library import Library
from bot.questions.masking import Masking
from bot.questions.tokens import CLOSE, OPEN
from bot.search.reading import Decision
from bot.store import unanswered
from bot.store.unanswered import Unanswered
from bot.vietnamese import words

if TYPE_CHECKING:
    from handlers.base import Turn

_ASKED, _OFFERED, _KEPT = "asked", "offered", "kept"  # in the conversation's data
_KEY = 200  # characters
_CHOICES = 4  # procedures shown to choose from
_ANSWERING = ("procedures", "talk")  # handlers of free questions; in a guide "không phải" answers the guide
_ASKS_NOTHING = frozenset({"greeting", "thanks", "goodbye", "abuse", "upset", "wordless"})  # kinds of talk
_NONE_TAPPED = "procedures:none:"
NONE, NONE_OF_THESE, WRONG = "none", "none_of_these", "wrong"


class Noticing:
    """Listens to every turn after it was answered. What is kept leads to no person: neither user
    nor chat, no time but the day; the question is masked before it goes anywhere, the conversation included."""

    def __init__(self) -> None:
        self._library: Library | None = None
        self._mask: Masking | None = None

    def notice(self, turn: Turn, handler: str) -> None:
        """Adds to ``turn.effects`` what is to be kept, and remembers the question in case it was misread."""
        if turn.conversation.forget:
            return
        if turn.message.tapped.startswith(_NONE_TAPPED):
            self._misread(turn)
        elif turn.message.tapped:
            return
        elif handler == "fallback" and not turn.reading.rejects:
            self._forget(turn)
            self._keep(turn, self.masked(turn), NONE, ())
        elif handler not in (*_ANSWERING, "fallback") or (
            turn.reading.rejects and turn.conversation.waiting_for.startswith("guides:")
        ):
            return
        elif turn.reading.rejects:
            self._misread(turn)
            if turn.reading.decision in (Decision.ANSWER, Decision.CHOOSE):  # "không phải, ý em là …"
                self._remember(turn)
        elif turn.reading.topic not in _ASKS_NOTHING:
            self._remember(turn)

    def masked(self, turn: Turn) -> str:
        """The text of the turn without personal data."""
        return self._masking(turn.library)(turn.message.text)

    def _masking(self, library: Library) -> Masking:
        if self._mask is None or self._library is not library:  # staff may have changed the words
            self._library, self._mask = library, Masking(library.vocabulary, library.places)
        return self._mask

    def _remember(self, turn: Turn) -> None:
        """The question and what it was taken for. One that hangs on the question before leads nowhere alone."""
        reading, data = turn.reading, turn.conversation.data
        if _ASKED in data and (reading.is_bare or reading.is_follow_up):
            return
        shown = {Decision.ANSWER: 1, Decision.CHOOSE: _CHOICES}.get(reading.decision, 0)
        data[_ASKED] = _cut(self.masked(turn))
        data[_OFFERED] = " ".join(hit.procedure.id for hit in reading.hits[:shown])

    def _misread(self, turn: Turn) -> None:
        """Keeps the question that led here, once."""
        data = turn.conversation.data
        asked, offered = data.get(_ASKED, ""), tuple(data.get(_OFFERED, "").split())
        self._forget(turn)
        if asked:
            self._keep(turn, asked, NONE_OF_THESE if len(offered) > 1 else WRONG, offered)

    @staticmethod
    def _forget(turn: Turn) -> None:
        for key in (_ASKED, _OFFERED):
            turn.conversation.data.pop(key, None)

    def _keep(self, turn: Turn, text: str, why: str, offered: tuple[str, ...]) -> None:
        """One row, unless the same person has just said the same, or nothing but personal data."""
        key = key_of(self._masking(turn.library).bare(text))
        if not any(char.isalpha() for char in key) or turn.conversation.data.get(_KEPT) == key:
            return
        turn.conversation.data[_KEPT] = key
        question = Unanswered(key, text, turn.message.channel, why, turn.today, offered)
        turn.effects.append(partial(unanswered.add, question=question))


def _cut(masked: str) -> str:
    """Short enough for a conversation, no sign of masking cut in two."""
    cut = masked[:_KEY]
    return cut[: cut.rindex(OPEN)] if cut.count(OPEN) > cut.count(CLOSE) else cut


def key_of(bare: str) -> str:
    """What two writings of one question have in common: the folded words."""
    return " ".join(words(bare))[:_KEY]
