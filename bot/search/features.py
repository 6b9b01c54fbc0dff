"""What is counted of a text: words, pairs of neighbours, words by sound, and runs of letters.

Sound makes one of what the region confuses (l/n, s/x, ch/tr, d/gi/r, i/y); runs of four letters
survive typing errors. The first letter of a feature names its kind.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

from bot.search.phrases import Word

KINDS = {"w": "words", "p": "pairs", "t": "triples", "e": "ends", "a": "accents", "s": "sounds", "c": "letters"}
# How much a kind counts beside the others.
WEIGHTS = {"w": 1.0, "p": 0.9, "t": 0.9, "e": 1.4, "a": 0.4, "s": 0.7, "c": 0.5}
_END = 5  # words at the end of a text, where Vietnamese puts the question
_SOUNDS = ((re.compile(r"^tr"), "ch"), (re.compile(r"^(gi|r)(?=[aeiouy])"), "d"), (re.compile(r"^s"), "x"))
_heard: dict[str, str] = {}


def sound(word: str) -> str:
    """One spelling for what sounds alike in the region; ``word`` is folded."""
    found = _heard.get(word)
    if found is None:
        found = word
        for pattern, replacement in _SOUNDS:
            found = pattern.sub(replacement, found)
        found = (found.replace("l", "n", 1) if found[:1] == "l" else found).replace("y", "i")
        if len(_heard) < 20_000:  # whatever people type, memory stays bounded
            _heard[word] = found
    return found


def features(words: Sequence[Word]) -> Counter[str]:
    """What tells which procedure a text is about, and how often each occurs."""
    folded = [word.folded for word in words]
    run = f"_{'_'.join(folded)}_"
    return Counter(
        [
            *("w" + word for word in folded),
            *("s" + sound(word) for word in folded),
            *("a" + word.typed for word in words if word.typed != word.folded),
            *(f"p{first} {second}" for first, second in pairwise(folded)),
            *("c" + run[at : at + 4] for at in range(len(run) - 3)),
        ]
    )


def asking(words: Sequence[Word]) -> Counter[str]:
    """What tells how a text asks, whatever it asks about."""
    folded = [word.folded for word in words]
    return Counter(
        [
            *("w" + word for word in folded),
            *("a" + word.typed for word in words if word.typed != word.folded),
            *(f"p{first} {second}" for first, second in pairwise(folded)),
            *("t" + " ".join(folded[at : at + 3]) for at in range(len(folded) - 2)),
            *("e" + word for word in folded[-_END:]),
        ]
    )
