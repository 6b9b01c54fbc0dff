"""Reads a text: spelling, phrases, ranking, aspect, and the decision what to do with it."""

from __future__ import annotations

from dataclasses import replace

from bot.config import Search
from bot.knowledge.library import Library
from bot.knowledge.models import Procedure
from bot.search.aspect import Aspects
from bot.search.catalogue import CLEAR, FAINT, NEAR, SURE, CatalogueIndex
from bot.search.names import Names
from bot.search.numbers import choice_number, find_reference
from bot.search.phrases import Phrases, Talks, Word, split
from bot.search.places import PlaceFinder
from bot.search.ranking import OUTSIDE, Ranking, Score, texts_of
from bot.search.reading import Decision, Hit, Reading
from bot.search.spelling import Spelling
from bot.vietnamese import fold

NAMED = "exactly a name"
_NAMES_NOTHING = 0.25  # score below which a text of question words names no procedure
_SOLID = 0.30  # an authored answer from here on gives way only to an official name
_COMMON = 0.8  # "khai sinh nộp online" is about the birth first, about filing online second
_AGAINST_TALK = 0.30  # a procedure from here on is meant, though a word of other subjects occurs
_MAY_BE_ASKED = ("outside", "feedback")
_LONGEST = 2000  # characters looked at; whoever pastes a book still gets an answer


class Reader:
    """Understands texts with the help of one library; build a new one when the library changes."""

    def __init__(self, library: Library, limits: Search, catalogue: CatalogueIndex | None = None) -> None:
        """``catalogue``: an index of the ids in ``library.imported``, where one was imported."""
        vocabulary = library.vocabulary
        self._library = library
        self._limits = limits
        self._catalogue = catalogue
        self._commands = Phrases((p, name) for name, phrases in vocabulary.commands.items() for p in phrases)
        self._emergencies = Talks(vocabulary.emergency, vocabulary.fillers)
        self._talks = Talks(vocabulary.talk, vocabulary.fillers)
        self._dossiers = Talks({"dossier": vocabulary.dossier}, vocabulary.fillers)
        self._answers = Talks(vocabulary.answers, vocabulary.fillers)
        self._addresses = Phrases((p, word) for word, listed in vocabulary.address.says.items() for p in listed)
        self._follow_ups = Phrases((phrase, True) for phrase in vocabulary.follow_up)
        self._synonyms = Phrases((says, split(s.means)) for s in vocabulary.synonyms for says in s.says)
        self._fillers = Phrases((phrase, split(phrase)[0]) for phrase in vocabulary.fillers)
        self._aspects = Aspects(vocabulary.aspects)
        asking = [*vocabulary.follow_up, *vocabulary.fillers]
        asking += [phrase for phrases in vocabulary.aspects.values() for phrase in phrases]
        self._asking = Phrases((phrase, True) for phrase in asking)
        place_words = {word.folded for phrase in vocabulary.place_words for word in split(phrase)}
        self._place_words = place_words
        self._question_words = place_words | {word.folded for phrase in asking for word in split(phrase)}
        self._places = PlaceFinder(library.places, frozenset(fold(word) for word in vocabulary.place_words))
        self._build(library)

    def _build(self, library: Library) -> None:
        self._answerable = library.answerable
        procedures, vocabulary = self._answerable.values(), library.vocabulary
        plain = {text: split(text) for procedure in procedures for text in _all_texts(procedure)}
        outside = [split(text) for text in vocabulary.outside]
        listed = [split(text) for s in vocabulary.synonyms for text in (*s.says, s.means)]
        listed += [split(text) for phrases in vocabulary.aspects.values() for text in phrases]
        known = {word.folded for words in (*plain.values(), *outside, *listed) for word in words}
        self._spelling = Spelling(known, vocabulary.abbreviations)
        ready = {text: self._ready(self._spelling.repair(words)) for text, words in plain.items()}
        around = [*vocabulary.fillers, *(p for phrases in vocabulary.aspects.values() for p in phrases)]
        around += [p for listed in vocabulary.address.says.values() for p in listed]
        self._names = Names(procedures, Phrases((p, True) for p in around), vocabulary.name_verbs)
        self._by_code = library.by_code
        texts = {procedure.id: texts_of(procedure, ready) for procedure in procedures}
        texts[OUTSIDE] = [(1.0, self._ready(self._spelling.repair(words))) for words in outside]
        self._ranking = Ranking(texts)

    def _ready(self, repaired: list[Word]) -> list[Word]:
        """As the ranking sees a text: politeness dropped, everyday words explained."""
        dropped = {
            at
            for start, end, first in self._fillers.find(repaired)
            if end - start > 1 or repaired[start].typed == first.typed  # a bare "the" may be "thế" or "thẻ"
            for at in range(start, end)
        }
        kept = [word for at, word in enumerate(repaired) if at not in dropped] or repaired
        means = {id(meaning): meaning for _, _, meaning in self._synonyms.find(kept)}
        return kept + [word for meaning in means.values() for word in meaning]

    def read(self, text: str) -> Reading:
        """The whole understanding of one text. Never raises, whatever the text."""
        words = split(text[:_LONGEST])
        if not words:
            return Reading(text, Decision.SMALLTALK, topic="wordless", why="no words")
        reading = self._short(text, words) or self._long(text, words)
        called = self._addresses.find(words)
        return replace(reading, address=called[0][2]) if called else reading

    def _long(self, text: str, words: list[Word]) -> Reading:
        repaired = self._spelling.repair(words)
        if self._catalogue and (official := self._catalogue.exactly(words)):
            procedure = self._library.imported[official]
            if procedure.code not in self._by_code:
                return self._decided(text, repaired, [Hit(procedure, 1.0)], Decision.ANSWER, NAMED)
        return self._talk(text, words, repaired) or self._search(text, repaired)

    def _short(self, text: str, words: list[Word]) -> Reading | None:
        """Commands, numbers, yes and no."""
        command = self._commands.whole(words)
        if command is None and text.startswith("/"):
            command = self._commands.whole(split(text.split()[0].partition("@")[0]))
        if command is not None:
            rest = " ".join(text.split()[1:]) if text.startswith("/") else ""
            return Reading(text, Decision.COMMAND, interrupts=command, topic=rest, why="command")
        if number := choice_number(words):
            return Reading(text, Decision.NONE, number=number, why="a number alone")
        if answer := self._answers.whole(words):
            return Reading(text, Decision.SMALLTALK, topic="thanks", answer=answer, why="yes or no")
        return None

    def _talk(self, text: str, words: list[Word], repaired: list[Word]) -> Reading | None:
        """Emergencies, dossiers, places, small talk: what is recognised before any search."""
        if danger := self._emergencies.contained(words) or self._emergencies.contained(repaired):
            return Reading(text, Decision.SMALLTALK, interrupts="emergency", topic=danger, why="emergency")
        if find_reference(text) or self._dossiers.contained(repaired):
            return Reading(text, Decision.DOSSIER, interrupts="dossier", why="a dossier is asked for")
        if (named := self._names.find(words) or self._names.find(repaired)) is not None:
            return self._decided(text, repaired, [Hit(named, 1.0)], Decision.ANSWER, NAMED)
        if kind := self._talks.whole(words) or self._talks.whole(repaired):
            return Reading(text, Decision.SMALLTALK, topic=kind, why=f"small talk: {kind}")
        place = self._places.find(text)
        if place.asked and place.kind != "none":
            return Reading(text, Decision.OFFICE, place=place, why="a place and little else")
        if kind := self._talks.contained(words) or self._talks.contained(repaired):
            found = self._search(text, repaired)  # "bán đất" is no business of ours, sang tên after it is
            if kind in _MAY_BE_ASKED and found.hits and found.hits[0].score >= _AGAINST_TALK:
                return found
            return Reading(text, Decision.SMALLTALK, topic=kind, why=f"talk: {kind}")
        return None

    def _imported_code(self, code: str) -> Procedure | None:
        id_ = self._catalogue.by_code.get(code) if self._catalogue else None
        return self._library.imported[id_] if id_ else None

    def _is_bare(self, repaired: list[Word], hits: list[Hit]) -> bool:
        """Whether the text only asks: question phrases and places, or at least words of such, and
        no procedure near ("lấy vợ" is made of question words too, but names a marriage)."""
        if not hits or hits[0].score < _NAMES_NOTHING:
            return all(word.folded in self._question_words for word in repaired)
        asking = {at for start, end, _ in self._asking.find(repaired) for at in range(start, end)}
        return all(at in asking or word.folded in self._place_words for at, word in enumerate(repaired))

    def _search(self, text: str, repaired: list[Word]) -> Reading:
        code = self._by_code.get(text.strip()) or self._imported_code(text.strip())
        if code is not None:
            return self._decided(text, repaired, [Hit(code, 1.0)], Decision.ANSWER, "a code")
        scores = self._ranking.rank(self._ready(repaired))
        outside = next((score.total for score in scores if score.id == OUTSIDE), 0.0)
        hits = sorted(
            (_hit(self._answerable[s.id], s) for s in scores if s.id != OUTSIDE), key=lambda hit: -hit.score
        )
        decision, why = self._decide(hits, outside)
        if self._catalogue is not None:
            decision, hits, why = self._widened(text, decision, hits, why)
        return self._decided(text, repaired, hits, decision, why)

    def _widened(self, text: str, decision: Decision, hits: list[Hit], why: str) -> tuple[Decision, list[Hit], str]:
        """What the national catalogue adds: an official name beats likeness; else choices where we are unsure."""
        assert self._catalogue is not None
        words = split(text[:_LONGEST])
        asking = {at for start, end, _ in self._asking.find(words) for at in range(start, end) if end - start > 1}
        named = self._catalogue.find([w for at, w in enumerate(words) if at not in asking] or words, self._by_code)
        answered = SURE if hits and hits[0].score >= _SOLID else CLEAR
        near = {Decision.ANSWER: answered, Decision.CHOOSE: NEAR}.get(decision, FAINT)
        found = [Hit(self._library.imported[n.id], round(n.score, 3)) for n in named if n.score >= near]
        if not found:
            return decision, hits, why
        if found[0].score >= SURE:
            return Decision.ANSWER, found, "an official name"
        own = hits[:2] if decision is not Decision.NONE else []
        return Decision.CHOOSE, [*own, *found[: 4 - len(own)]], "near an official name"

    def _decide(self, hits: list[Hit], outside: float) -> tuple[Decision, str]:
        if not hits or hits[0].score < self._limits.choose_score:
            return Decision.NONE, "nothing is near enough"
        best, second = hits[0].score, hits[1].score if len(hits) > 1 else 0.0
        if outside > best:
            return Decision.NONE, "nearer to questions outside our field"
        if best >= self._limits.answer_score and best - second >= self._limits.answer_margin * best:
            return Decision.ANSWER, "near enough and clearly first"
        return Decision.CHOOSE, "several are near" if best >= self._limits.answer_score else "unsure"

    def _decided(self, text: str, repaired: list[Word], hits: list[Hit], decision: Decision, why: str) -> Reading:
        follow_up = bool(self._follow_ups.find(repaired[:3])) and len(repaired) <= 12
        return Reading(
            text,
            decision,
            hits=tuple(hits),
            aspect=self._aspects.find(repaired),
            is_follow_up=follow_up,
            is_bare=why != NAMED and self._is_bare(repaired, hits),
            understood_as=" ".join(word.folded for word in repaired),
            why=why,
        )


def _all_texts(procedure: Procedure) -> list[str]:
    documents = [document.name for document in procedure.documents]
    own = [procedure.name, procedure.official_name, procedure.summary]
    return [*own, *procedure.aliases, *procedure.questions, *documents]


def _hit(procedure: Procedure, score: Score) -> Hit:
    return Hit(
        procedure,
        round(score.total * (1 if procedure.has_aspects else _COMMON), 4),
        {"whole": round(score.whole, 3), "examples": round(score.example, 3)},
    )
