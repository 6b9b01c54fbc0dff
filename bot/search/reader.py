"""Reads a text: what is recognised at once, else what was learnt, the aspect, and what to do with it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from bot.config import Search
from bot.dossiers.numbers import is_near
from bot.knowledge.library import Library
from bot.knowledge.models import Procedure
from bot.search.aspect import Aspects
from bot.search.cases import Cases
from bot.search.catalogue import CatalogueIndex
from bot.search.choosing import Choosing
from bot.search.compiled import compiled
from bot.search.deciding import MIXED, decide, hits_of, talk_of
from bot.search.names import Names
from bot.search.needs import Needs
from bot.search.phrases import Phrases, Talks, Word, split
from bot.search.places import PlaceFinder
from bot.search.preparing import Preparation
from bot.search.ranking import Ranking
from bot.search.reading import NAMED, Decision, Hit, Reading
from bot.search.shorts import Shorts
from bot.search.widening import widened
from bot.vietnamese import fold

_SAID_JUST_SO = 0.55  # likeness from which a text of question words is an example question itself
_MEANT, _MEANT_NEAR = 0.70, 0.20  # a procedure so likely is meant, though a word of other subjects occurs
_SHORT = 8  # words of a text that only asks for the other case
_LONGEST = 2000  # characters looked at; whoever pastes a book still gets an answer


class Reader:
    """Understands texts with the help of one library; build a new one when the library changes."""

    def __init__(
        self,
        library: Library,
        limits: Search,
        catalogue: CatalogueIndex | None = None,
        cache: Path | None = None,
    ) -> None:
        """``catalogue``: an index of the ids in ``library.imported``; ``cache``: folder for what was learnt."""
        vocabulary, procedures = library.vocabulary, library.answerable.values()
        learnt = compiled(library, cache)
        self._library, self._limits, self._catalogue = library, limits, catalogue
        self._answerable = library.answerable
        self._prepare = Preparation(vocabulary, learnt.known)
        self._ranking = Ranking(learnt)
        self._choosing = Choosing(library.groups, self._answerable)
        self._cases = Cases(vocabulary)
        self._other_case = Phrases((phrase, True) for phrase in vocabulary.other_case)
        self._aspects = Aspects(vocabulary.aspects, learnt)
        self._shorts = Shorts(vocabulary)
        around = [*vocabulary.fillers, *vocabulary.pronouns]
        self._emergencies = Talks(vocabulary.emergency, around)
        self._talks = Talks(vocabulary.talk, around)
        wrong = vocabulary.wrong
        self._wrong = Talks({"wrong": wrong.model_copy(update={"whole": wrong.whole + wrong.contains})}, around)
        self._dossiers = Talks({"dossier": vocabulary.dossier}, vocabulary.fillers)
        self._addresses = Phrases((p, word) for word, listed in vocabulary.address.says.items() for p in listed)
        self._follow_ups = Phrases((phrase, True) for phrase in vocabulary.follow_up)
        questions = [phrase for phrases in vocabulary.aspects.values() for phrase in phrases]
        asking = [*vocabulary.follow_up, *vocabulary.fillers, *questions]
        self._asking = Phrases((phrase, True) for phrase in asking)
        self._place_words = {word.folded for phrase in vocabulary.place_words for word in split(phrase)}
        self._question_words = self._place_words | {word.folded for phrase in asking for word in split(phrase)}
        self._places = PlaceFinder(library.places, frozenset(fold(word) for word in vocabulary.place_words))
        said = [phrase for phrases in vocabulary.address.says.values() for phrase in phrases]
        polite = Phrases((phrase, True) for phrase in (*vocabulary.fillers, *questions, *said))
        self._names = Names(procedures, polite, vocabulary.name_verbs)
        self._needs = Needs(vocabulary, learnt, self._prepare, library.procedures, self._names.find)

    def read(self, text: str) -> Reading:
        """The whole understanding of one text. Never raises, whatever the text."""
        words = split(text[:_LONGEST])
        if topic := self._wrong.whole(words):
            return Reading(text, Decision.SMALLTALK, topic=topic, rejects=True, why="we were wrong")
        reading = self._shorts.read(text, words) or self._long(text, words)
        if topic := self._wrong.contained(words):
            reading = replace(reading, rejects=True)
            if not reading.codes:
                reading = replace(reading, decision=Decision.SMALLTALK, topic=topic)
        called = self._addresses.find(words)
        return replace(reading, address=called[0][2]) if called else reading

    def _with_case(self, reading: Reading, repaired: list[Word]) -> Reading:
        """The reading with the special case that the text names, and what its words alone are about."""
        asking = self._positions_asking(repaired)
        other = len(repaired) <= _SHORT and bool(self._other_case.find(repaired))
        about = self._cases.about(repaired, asking)
        if not about:
            return replace(reading, other_case=True) if other else reading
        named = self._names.find(about)
        found = hits_of(self._ranking.rank(self._prepare.explain(about)), self._answerable)
        subject = Hit(named, 1.0, 1.0) if named else next(iter(found), None)
        case = tuple(word.folded for word in about)
        what_if = self._cases.ends(repaired)
        return replace(reading, about=case, subject=subject, what_if=what_if, other_case=other)

    def _positions_asking(self, words: list[Word]) -> set[int]:
        """Where phrases stand that only ask ("mất bao lâu"); a single word may be part of a name."""
        return {at for start, end, _ in self._asking.find(words) for at in range(start, end) if end - start > 1}

    def _long(self, text: str, words: list[Word]) -> Reading:
        repaired = self._prepare.repair(words)
        danger = self._emergencies.contained(words, repaired)
        if not danger:
            return self._named(text, words, repaired) or self._talk(text, words, repaired)
        found = self._search(text, words, repaired)
        if self._is_meant(found):  # "sau tai nạn, muốn xin giấy…": the numbers first, then the answer
            return replace(found, danger=danger)
        return Reading(text, Decision.SMALLTALK, interrupts="emergency", topic=danger, why="emergency")

    def _named(self, text: str, words: list[Word], repaired: list[Word]) -> Reading | None:
        """Dossiers, codes and names: what is recognised before anything is weighed."""
        if is_near(text) or self._dossiers.contained(repaired):
            return Reading(text, Decision.DOSSIER, interrupts="dossier", why="a dossier is asked for")
        if kind := self._talks.sure(words, repaired):
            return Reading(text, Decision.SMALLTALK, topic=kind, why=f"surely talk: {kind}")
        named = self._names.find(words) or self._names.find(repaired)
        if asked := self._group(text, repaired):
            return asked
        procedure = named or self._imported(words) or self._of_code(text.strip())
        if procedure is None:
            return None
        return self._decided(text, repaired, [Hit(procedure, 1.0, 1.0)], Decision.ANSWER, NAMED)

    def _group(self, text: str, repaired: list[Word]) -> Reading | None:
        """The question of a group of choices.yaml that the text names without saying which of it."""
        core = self._cases.core(repaired, self._positions_asking(repaired))
        if not self._choosing.is_named(core):
            return None
        hits = hits_of(self._ranking.rank(self._prepare.explain(repaired)), self._answerable)
        settled = self._choosing.ask_named(core, hits)
        reading = self._decided(text, repaired, settled.hits, settled.decision, settled.why)
        return replace(reading, group=settled.group, options=settled.options, is_bare=False)

    def _imported(self, words: list[Word]) -> Procedure | None:
        """The record of the national catalogue whose official name the text is."""
        id_ = self._catalogue.exactly(words) if self._catalogue else ""
        found = self._library.imported[id_] if id_ else None
        return found if found and found.code not in self._library.by_code else None

    def _of_code(self, code: str) -> Procedure | None:
        id_ = self._catalogue.by_code.get(code) if self._catalogue else None
        return self._library.by_code.get(code) or (self._library.imported[id_] if id_ else None)

    def _talk(self, text: str, words: list[Word], repaired: list[Word]) -> Reading:
        """Small talk and places, unless a procedure is clearly meant."""
        if kind := self._talks.whole(words) or self._talks.whole(repaired):
            return Reading(text, Decision.SMALLTALK, topic=kind, why=f"small talk: {kind}")
        place = self._places.find(text)
        if place.asked and place.kind != "none":
            return Reading(text, Decision.OFFICE, place=place, why="a place and little else")
        found = self._search(text, words, repaired)
        kind = self._talks.contained(words, repaired)
        if kind and not self._is_meant(found):
            return Reading(text, Decision.SMALLTALK, topic=kind, why=f"talk: {kind}")
        return found

    @staticmethod
    def _is_meant(found: Reading) -> bool:
        """Whether a procedure is so likely that a word of another subject beside it says nothing."""
        best = found.hits[0] if found.codes else None
        return best is not None and best.score >= _MEANT and best.near >= _MEANT_NEAR

    def _search(self, text: str, words: list[Word], repaired: list[Word]) -> Reading:
        scores = self._ranking.rank(self._prepare.explain(repaired))
        kind, talk = talk_of(scores)
        outside = self._aspects.outside(self._aspects.read(repaired))
        hits: Sequence[Hit] = hits_of(scores, self._answerable)
        decision, why = decide(hits, talk, outside, self._limits)
        if decision is Decision.SMALLTALK and self._is_bare(repaired, hits):
            decision, why = Decision.NONE, "asks, but names no subject"
        if self._catalogue is not None:
            asked = self._without_asking(words)
            decision, hits, why = widened(self._catalogue, self._library, asked, decision, hits, why)
        if decision is Decision.NONE and talk >= self._limits.outside_share and self._has_reply(kind, repaired):
            decision, why = Decision.SMALLTALK, f"no question for us: {kind}"
        if decision in (Decision.ANSWER, Decision.CHOOSE) and (both := self._needs.find(repaired, hits)):
            rest = [hit for hit in hits if hit.procedure.id not in {found.procedure.id for found in both}]
            reading = self._decided(text, repaired, [*both, *rest], Decision.ANSWER, "two needs")
            return replace(reading, needs=tuple(hit.procedure.id for hit in both[-2:]))
        settled = self._choosing.settle(decision, hits, repaired, why)
        reading = self._decided(text, repaired, settled.hits, settled.decision, settled.why)
        reading = replace(reading, group=settled.group, options=settled.options)
        return replace(reading, topic=kind) if decision is Decision.SMALLTALK else reading

    def _has_reply(self, kind: str, repaired: list[Word]) -> bool:
        """Whether this kind of talk has more to say than that it is not ours; not where a text ("thì sao")
        goes on with what was said before."""
        return kind != MIXED and not self._cases.ends(repaired)

    def _without_asking(self, words: list[Word]) -> list[Word]:
        asking = self._positions_asking(words)
        return [word for at, word in enumerate(words) if at not in asking] or words

    def _is_bare(self, repaired: list[Word], hits: Sequence[Hit]) -> bool:
        """Whether the text only asks and names no subject: nothing but words of questions and places, unless
        people say just that and mean a procedure ("lấy vợ cần giấy gì" is a marriage)."""
        best = hits[0] if hits and hits[0].procedure.has_aspects else None
        if best is not None and best.score >= self._limits.answer_share and best.near >= _SAID_JUST_SO:
            return False
        return all(word.folded in self._question_words or self._cases.is_small(word) for word in repaired)

    def _decided(
        self, text: str, repaired: list[Word], hits: Sequence[Hit], decision: Decision, why: str
    ) -> Reading:
        follow_up = bool(self._follow_ups.find(repaired[:3])) and len(repaired) <= 12
        reading = Reading(
            text,
            decision,
            hits=tuple(hits),
            aspect=self._aspects.find(repaired, None if why == NAMED else self._aspects.read(repaired)),
            is_follow_up=follow_up,
            is_bare=why != NAMED and self._is_bare(repaired, hits),
            understood_as=" ".join(word.folded for word in repaired),
            why=why,
        )
        return self._with_case(reading, repaired)

    def explain(self, text: str, owner: str) -> tuple[dict[str, float], list[str]]:
        """What in the text speaks for a procedure: sums by kind of feature, and the strongest features."""
        words = self._prepare.explain(self._prepare.repair(split(text[:_LONGEST])))
        return self._ranking.explain(words, owner)
