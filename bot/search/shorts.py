"""What is understood without any search: commands, a number alone, yes and no."""

from __future__ import annotations

import re

from bot.knowledge.vocabulary import Vocabulary
from bot.search.numbers import choice_number
from bot.search.phrases import Phrases, Talks, Word, split
from bot.search.reading import Decision, Reading

_INSTEAD_OF_WORDS = re.compile(r"\[[^\]]{1,60}\]")  # "[Sticker]": what some apps write for what is no text


class Shorts:
    """Recognises them by the words of vocabulary.yaml."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._commands = Phrases((p, name) for name, phrases in vocabulary.commands.items() for p in phrases)
        self._answers = Talks(vocabulary.answers, vocabulary.fillers)

    def read(self, text: str, words: list[Word]) -> Reading | None:
        """The reading, or None when the text needs more."""
        if not words or _INSTEAD_OF_WORDS.fullmatch(text.strip()):
            return Reading(text, Decision.SMALLTALK, topic="wordless", why="no words")
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
        if sum(len(word.folded) for word in words) == 1:
            return Reading(text, Decision.SMALLTALK, topic="wordless", why="a single letter")
        return None
