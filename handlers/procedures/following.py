"""Whether a text hangs on the procedure in mind, or begins a new topic."""

from __future__ import annotations

from bot.knowledge.models import Aspect, Procedure
from bot.search.reading import NAMED, Decision, Reading
from handlers.base import Turn
from handlers.procedures.cases import lines_of

CLEARLY_NEW = 0.46  # a follow-up word before a text this near to another procedure starts a new topic
_NAMES_ANOTHER, _LIKELY = 0.68, 0.45  # words of a case so near to another procedure, and so likely, name that one
_PLAINLY = 0.70  # the same for the whole text
_ASKS_ANOTHER = 0.42  # the same for a whole question that does not end in "thì sao"
_FAINT, _FAINT_WHO = 0.30, 0.36  # a short question less near than this to anything is no topic of its own
_SHORT = 9
_ASKING = (Decision.ANSWER, Decision.CHOOSE, Decision.NONE, Decision.SMALLTALK)
REMEMBERED = "procedure"


def remembered(turn: Turn) -> Procedure | None:
    """The procedure the conversation is about."""
    return turn.library.find(turn.conversation.data.get(REMEMBERED, ""))


def remember(turn: Turn, procedure: Procedure) -> None:
    """From now on the conversation is about this one."""
    if procedure.has_aspects:
        turn.conversation.data[REMEMBERED] = procedure.id


def asks_aspect(turn: Turn) -> bool:
    """An aspect asked without a procedure, or with only a faint one, means the one in mind."""
    return remembered(turn) is not None and only_asks(turn.reading)


def only_asks(reading: Reading) -> bool:
    """Whether a text asks for an aspect and names nothing, or something only faintly."""
    if reading.aspect is None:
        return False
    if reading.is_bare:
        return reading.decision in _ASKING
    if reading.decision not in _ASKING or reading.decision is Decision.SMALLTALK:
        return False
    near = reading.hits[0].near if reading.hits else 0.0
    if reading.about or reading.why == NAMED:
        return False
    faint = _FAINT_WHO if reading.aspect is Aspect.WHO else _FAINT
    is_faint = near < faint and len(reading.understood_as.split()) <= _SHORT
    return is_faint or (reading.is_follow_up and near < CLEARLY_NEW)


def names_another(turn: Turn) -> bool:
    """Whether the words of a case are plainly those of some procedure: "còn hộ chiếu thì sao"."""
    subject = turn.reading.subject
    return subject is not None and subject.near >= _NAMES_ANOTHER and subject.score >= _LIKELY


def asks_case(turn: Turn) -> bool:
    """A special case of the procedure in mind: its words name no other procedure."""
    reading, procedure = turn.reading, remembered(turn)
    if procedure is None or not reading.about or reading.needs:
        return False
    if reading.decision not in _ASKING:
        return False
    subject = reading.subject
    if subject is None or subject.procedure.id == procedure.id:
        return True
    sure = reading.hits[0] if reading.decision is Decision.ANSWER else None
    if names_another(turn) or (sure and sure.procedure.id != procedure.id and sure.near >= _PLAINLY):
        return False
    if lines_of(turn, procedure):
        return True
    if reading.what_if:
        return reading.decision is not Decision.SMALLTALK
    return sure is not None and sure.near < _ASKS_ANOTHER
