"""What to do with ranked scores: answer, let the person choose, small talk, or say that we don't know."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bot.config import Search
from bot.knowledge.models import Procedure
from bot.search.material import TALK
from bot.search.ranking import Score
from bot.search.reading import Decision, Hit

MIXED = "outside"  # the kind of talk that is no more than "not ours"
_COMMON = 0.8  # "khai sinh nộp online" is about the birth first, about filing online second


def hits_of(scores: Sequence[Score], answerable: Mapping[str, Procedure]) -> list[Hit]:
    """The procedures among the scores, best first."""
    hits = []
    for score in scores:
        if procedure := answerable.get(score.owner):
            share = score.share * (1 if procedure.has_aspects else _COMMON)
            hits.append(Hit(procedure, round(share, 4), round(score.near, 3)))
    return sorted(hits, key=lambda hit: -hit.score)


def talk_of(scores: Sequence[Score]) -> tuple[str, float]:
    """The likeliest kind of talk, and how likely it is that the text is talk of any kind."""
    kinds = [score for score in scores if score.owner.startswith(TALK)]
    return (kinds[0].owner.removeprefix(TALK), sum(score.share for score in kinds)) if kinds else ("", 0.0)


def decide(hits: Sequence[Hit], talk: float, outside: float, limits: Search) -> tuple[Decision, str]:
    """``talk``: how likely the subject is small talk; ``outside``: how likely the text asks for nothing of
    ours, whatever its subject ("sổ đỏ giá bao nhiêu một mét")."""
    best = hits[0].score if hits else 0.0
    if not hits or best < limits.choose_share or hits[0].near < limits.choose_near:
        return Decision.NONE, "nothing is likely enough"
    if talk >= limits.talk_share or outside >= limits.outside_share or talk > sum(hit.score for hit in hits):
        return Decision.SMALLTALK, f"likelier no question for us (talk {talk:.2f}, outside {outside:.2f})"
    if best >= limits.answer_share and hits[0].near >= limits.answer_near:
        return Decision.ANSWER, "likely enough, and near to what was asked before"
    return Decision.CHOOSE, "several are likely" if best < limits.answer_share else "likely, but said in a new way"
