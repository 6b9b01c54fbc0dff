"""Takes personal data out of a text before it is kept: numbers, names, addresses, plates, e-mails, passwords.

Masks too much rather than too little. The words it goes by stand in vocabulary.yaml under ``personal``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator

from bot.knowledge.places import Places
from bot.knowledge.vocabulary import Vocabulary
from bot.questions.tokens import CLOSE, OPEN, Tokens, Words
from bot.vietnamese import fold, nfc

_LONGEST = 500  # characters of a text that are looked at
_DIGITS = 4  # from so many digits on a number may be somebody's; years are kept
_SPELT = 6  # digits spelt out one after the other
_NAME, _STREET = 4, 3  # words of a name at most
_MAIL = re.compile(r"[^\s@]+ ?@ ?[\w-]+(?:\.[\w-]+)+|[^\s@]*@[^\s@]+")
_LINK = re.compile(r"(?:https?://|www\.)\S+|[\w-]+(?:\.[\w-]+)*\.[a-z]{2,4}/\S+", re.IGNORECASE)
_PLATE = re.compile(r"(?<![^\W_])\d{2} ?[-.]? ?[^\W\d_]{1,2}(?: ?\d)? ?[-.]? ?(?:\d{3}[. ]?\d{2}|\d{4})(?![^\W_])")
# Words with digits in them, one after the other: phones, IDs, reference numbers, days, amounts.
_NUMBER = re.compile(r"\+?[^\W_]*\d[^\W_]*(?:[\s.,\-–—/_()+:]{1,3}[^\W_]*\d[^\W_]*)*")
_EMPTY = re.compile(r"(?: ?[,;:])* ?([,;:])(?= |$)")  # commas that nothing stands between any more
_YEAR = re.compile(r"(?:19|20)\d\d")
_Rule = Callable[[Tokens, int], tuple[int, str] | None]  # (one past the last token, the sign), or None


class Masking:
    """Masks texts by the words of one vocabulary; names of ``places`` are nobody's name."""

    def __init__(self, vocabulary: Vocabulary, places: Places) -> None:
        words = vocabulary.personal
        self._signs = words.signs
        self._known = {f"{OPEN}{sign}{CLOSE}" for sign in words.signs.model_dump().values()}
        self._name, self._secret = Words(words.name), Words(words.secret)
        self._means, self._middles = Words(words.means), Words(words.middles)
        self._pronouns, self._surnames = Words(vocabulary.pronouns), Words(words.surnames)
        self._not_names, self._digits = Words(words.not_names), Words(words.digits)
        self._door, self._street = Words(words.door), Words(words.street)
        self._places = frozenset([*_names(places), *(fold(name) for name in words.places)])
        self._rules: tuple[tuple[_Rule, Callable[[Tokens], bool]], ...] = (
            (self._address, Tokens.has_numbers),
            (self._full_name, self._surnames.any_in),
            (self._announced, lambda tokens: self._name.any_in(tokens) or self._secret.any_in(tokens)),
            (self._spelt, self._digits.any_in),
        )

    def __call__(self, text: str) -> str:
        """The text, shortened, with signs such as ‹số› where something personal stood."""
        text = _shortened(nfc(text))
        while (found := self._masked(text)) != text:  # what is masked may show what is beside it
            text = found
        return text

    def bare(self, text: str) -> str:
        """A masked text without its signs, for learning from it."""
        for sign in self._known:
            text = text.replace(sign, " ")
        return _EMPTY.sub(r"\1", " ".join(text.split())).strip(" ,.;:-/")

    def _masked(self, text: str) -> str:
        text = self._without_numbers(text)
        tokens, pieces, done, at = Tokens(text, self._known), [], 0, 0
        rules = [rule for rule, may_apply in self._rules if may_apply(tokens)]
        while rules and at < len(tokens):
            end, sign = next(filter(None, (rule(tokens, at) for rule in rules)), (0, ""))
            if end > at:
                pieces += [text[done : tokens[at].start], self._sign(sign)]
                done = tokens[end - 1].end
            at = max(at + 1, end)
        return "".join([*pieces, text[done:]])

    def _without_numbers(self, text: str) -> str:
        """Without what is known by its shape alone."""
        if "@" in text:
            text = _MAIL.sub(self._sign(self._signs.contact), text)
        if "/" in text or "www" in text:
            text = _LINK.sub(self._sign(self._signs.contact), text)
        if any(char.isdigit() for char in text):
            text = _PLATE.sub(self._sign(self._signs.plate), text)
            text = _NUMBER.sub(self._number, text)
        return text

    @staticmethod
    def _sign(sign: str) -> str:
        return f"{OPEN}{sign}{CLOSE}"

    def _number(self, match: re.Match[str]) -> str:
        found = match[0]
        is_year = _YEAR.fullmatch(found.strip())
        few = sum(char.isdigit() for char in found) < _DIGITS
        return found if few or is_year else self._sign(self._signs.number)

    # --- rules: what begins at this token ---

    def _announced(self, tokens: Tokens, at: int) -> tuple[int, str] | None:
        """ "Tên em là …", "tôi tên …", "mật khẩu: …": what follows, not the words that announce it."""
        return self._after(tokens, at, self._name, self._signs.name) or self._after(
            tokens, at, self._secret, self._signs.secret
        )

    def _after(self, tokens: Tokens, at: int, announcing: Words, sign: str) -> tuple[int, str] | None:
        start, strong = at, tokens.says_colon(at)
        if self._means.at(tokens, start - 1):
            start, strong = start - 1, True
        while strong and start > 0 and self._pronouns.at(tokens, start - 1):
            start -= 1
        length = announcing.ending(tokens, start)
        if not length:
            return None
        strong = strong or (announcing is self._name and self._pronouns.at(tokens, start - length - 1) > 0)
        end = self._name_end(tokens, at, strong)
        return (end, sign) if end > at else None

    def _name_end(self, tokens: Tokens, at: int, strong: bool) -> int:
        """One past the name that begins here: words with a capital, or any when it was clearly announced."""
        if tokens.is_capital(at):
            return tokens.while_capital(at, _NAME)
        is_family = self._surnames.at(tokens, at) > 0 and strong
        end, surely = at + is_family, at + (3 if is_family else 1)
        while strong and end < min(at + _NAME, len(tokens)) and (end == at or tokens.joined(end)):
            # "minh" without accents is Minh where a name is due, and "mình" further on
            if self._not_names.at(tokens, end, exactly=end < surely) or tokens[end].is_sign:
                break
            end += 1
        return end

    def _full_name(self, tokens: Tokens, at: int) -> tuple[int, str] | None:
        """A surname with more names behind it."""
        if not self._surnames.at(tokens, at):
            return None
        end = tokens.while_capital(at, _NAME) if tokens.is_capital(at) else at
        if self._middles.at(tokens, at + 1) and not self._not_names.at(tokens, at + 2) and tokens.joined(at + 2):
            end = max(end, at + 3 if at + 2 < len(tokens) else at)
        is_place = " ".join(token.word.folded for token in tokens[at:end]) in self._places
        return (end, self._signs.name) if end - at > 1 and not is_place else None

    def _spelt(self, tokens: Tokens, at: int) -> tuple[int, str] | None:
        end = at
        while end < len(tokens) and (self._digits.at(tokens, end) or tokens[end].word.folded.isdigit()):
            end += 1
        return (end, self._signs.number) if end - at >= _SPELT else None

    def _address(self, tokens: Tokens, at: int) -> tuple[int, str] | None:
        """A house number with its street, or a word such as "ngõ" with its number; then what belongs to it."""
        door = at + self._door.at(tokens, at)
        end = self._number_end(tokens, door)
        if end == door or (door == at and not self._names_street(tokens, end)):
            return None
        while (further := self._further(tokens, end)) > end:
            end = further
        return end, self._signs.address

    def _names_street(self, tokens: Tokens, at: int) -> bool:
        """Whether a street stands behind a bare number: "12 đường …", "12/3 Trần Phú"."""
        if at >= len(tokens) or tokens[at].is_sign or not tokens.gap(at).isspace():
            return False
        is_title = tokens.is_capital(at) and not tokens[at].text.isupper()  # not "mẫu 01 CNKD"
        return bool(self._street.at(tokens, at) or self._surnames.at(tokens, at) or is_title)

    def _further(self, tokens: Tokens, at: int) -> int:
        """One past the next piece of an address; ``at`` itself when it ends here."""
        named = at + self._street.at(tokens, at)
        if named > at and (end := self._number_end(tokens, named)) > named:
            return end
        if tokens.is_capital(named):
            return tokens.while_capital(named, _STREET)
        if named == at and not (at < len(tokens) and self._surnames.at(tokens, at) and tokens.joined(at)):
            return at
        end = named
        while end < min(named + 2, len(tokens)) and (end == named or tokens.joined(end)):
            if self._street.at(tokens, end) or self._not_names.at(tokens, end) or tokens[end].is_sign:
                break
            end += 1
        return end

    def _number_end(self, tokens: Tokens, at: int) -> int:
        """One past the house number that begins here ("12", "45/6a", one masked already)."""
        end = at
        while end < len(tokens) and (end == at or tokens.gap(end) == "/"):
            token = tokens[end]
            is_number = token.text[0].isdigit() and not _YEAR.fullmatch(token.text)
            if not (is_number or token.text == self._sign(self._signs.number)):
                break
            end += 1
        return end


def _names(places: Places) -> Iterator[str]:
    """The folded names of wards and communes, today's and former ones, and of former districts."""
    for commune in places.communes.values():
        yield fold(commune.name)
        for old in commune.formed_from:
            yield fold(old.name)
            yield from _ends(fold(old.district).split())


def _ends(words: list[str]) -> Iterable[str]:
    """A name with its kind before it ("quan le chan") in all its endings."""
    return (" ".join(words[at:]) for at in range(len(words)))


def _shortened(text: str) -> str:
    """One line without signs that cannot be printed; PostgreSQL takes no NUL in a text."""
    text = " ".join("".join(char if char.isprintable() else " " for char in text).split())
    return text if len(text) <= _LONGEST else text[:_LONGEST].rsplit(" ", 1)[0]
