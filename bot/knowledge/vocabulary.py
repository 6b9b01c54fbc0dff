"""The shape of vocabulary.yaml: how people write and say things. Edited by staff, read by search.

Matching is always on folded text (no accents, lower case), so one spelling of a word is enough.
"""

from __future__ import annotations

from pydantic import Field

from bot.knowledge.models import Aspect, Key, Line, Strict


class Synonym(Strict):
    """People's words for something, and the words the procedures use for it."""

    says: tuple[Line, ...] = Field(min_length=1)
    means: Line


class Talk(Strict):
    """Phrases that are no question about a procedure. ``whole``: the message is that and nothing
    else; ``contains``: enough when it occurs and no procedure is clearly meant; ``surely``: enough
    whatever procedure stands beside it ("phim"); ``unless``: but not beside one of these."""

    whole: tuple[Line, ...] = ()
    contains: tuple[Line, ...] = ()
    surely: tuple[Line, ...] = ()
    unless: tuple[Line, ...] = ()


class Address(Strict):
    """How people are called. ``says``: a word people use of themselves, and the phrases that show it."""

    general: Line
    not_before: tuple[Line, ...] = Field(min_length=1)  # "bạn bè" is not the person
    says: dict[Line, tuple[Line, ...]]


class Signs(Strict):
    """What stands in a kept question where something personal stood."""

    number: Line
    plate: Line
    name: Line
    address: Line
    contact: Line  # an e-mail address or the link of a profile
    secret: Line


class Personal(Strict):
    """Words by which personal data is known, so that it is masked before a question is kept."""

    signs: Signs
    name: tuple[Line, ...]  # "tên", "họ và tên": a name may follow
    secret: tuple[Line, ...]  # "mật khẩu"
    means: tuple[Line, ...]  # "là", between such a word and what it announces
    not_names: tuple[Line, ...]  # words that follow "tên" and are no name
    surnames: tuple[Line, ...]
    middles: tuple[Line, ...]  # "văn", "thị": with a surname before them a name, however it is written
    places: tuple[Line, ...]  # begin with a surname and are no persons; those of the city are known already
    door: tuple[Line, ...]  # words before a house number
    street: tuple[Line, ...]  # words before the name of a street or a village
    digits: tuple[Line, ...]  # numbers spelt out: "không chín một hai"


class Vocabulary(Strict):
    """Everything in vocabulary.yaml."""

    abbreviations: dict[str, Line]
    synonyms: tuple[Synonym, ...]
    fillers: tuple[Line, ...]  # polite words that say nothing about the need
    pronouns: tuple[Line, ...]  # how people call themselves and us: "cháu cảm ơn" is "cảm ơn"
    name_verbs: tuple[Line, ...]  # words of a question that may be part of a name: "sổ đỏ làm ở đâu"
    address: Address
    aspects: dict[Aspect, tuple[Line, ...]]
    commands: dict[Key, tuple[Line, ...]]  # handler -> commands and words that call it
    guide: dict[Key, Talk]  # what is said while a guide waits for an answer
    emergency: dict[Key, Talk]
    talk: dict[Key, Talk]  # small talk and out-of-scope subjects
    dossier: Talk
    follow_up: tuple[Line, ...]  # words that hang on the question before
    joins: tuple[Line, ...]  # words between two needs in one message
    not_joins: tuple[Line, ...]  # before a joining word: a list of papers or people follows, not a second need
    shared: tuple[Line, ...]  # said once, meant for both needs
    cases: tuple[Line, ...]  # begin a question about a special case: "nếu", "lỡ"
    case_ends: tuple[Line, ...]  # end such a question: "thì sao"
    small_words: tuple[Line, ...]  # say nothing by themselves about what is asked
    other_case: tuple[Line, ...]  # the case not chosen before
    place_words: tuple[Line, ...]
    answers: dict[Key, Talk]  # "yes" and "no" to a question of ours
    wrong: Talk  # what people say when we misunderstood them
    personal: Personal
