"""Conditions of guides: named facts, ``and or not``, ``=``, ``in (...)``; three-valued, never evaluated as code.

    late
    not late and parents = single
    paper in (none, lost) or maybe

A fact is a question's name. A yes/no fact stands alone; a choice is compared with its answers. What
is not answered yet is unknown (None), and unknown stays unknown unless the rest decides. ``always``,
``never`` and ``maybe`` are constants.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from bot.errors import BotError

ALWAYS = "always"
YES, NO, UNSURE = "yes", "no", "unsure"
Facts = Mapping[str, str]  # fact -> "yes", "no", a choice, or "unsure"; absent: not asked
Kinds = Mapping[str, frozenset[str]]  # fact -> its possible answers; yes and no for a yes/no fact
_BOOLEAN = frozenset({YES, NO})
_CONSTANTS: dict[str, bool | None] = {"always": True, "never": False, "maybe": None}
_RESERVED = frozenset({"and", "or", "not", "in", *_CONSTANTS})
_TOKEN = re.compile(r"\s*(?:(?P<word>[a-z][a-z0-9_-]*)|(?P<sign>!=|=|\(|\)|,))")


class ExpressionError(BotError):
    """A condition can't be understood; ``kind`` and ``about`` name the trouble for motcua check."""

    def __init__(self, kind: str, about: str) -> None:
        super().__init__(f"{kind}: {about}")
        self.kind = kind
        self.about = about


@dataclass(frozen=True, slots=True)
class Expression:
    """A parsed condition: call it with what is known; None means that it can't be told yet."""

    text: str
    names: frozenset[str]  # the facts it looks at
    _value: Callable[[Facts], bool | None]

    def __call__(self, facts: Facts) -> bool | None:
        """True, False, or None while an answer that matters is missing."""
        return self._value(facts)


def parse(text: str, kinds: Kinds) -> Expression:
    """Reads a condition over these facts; raises ExpressionError for anything that is not one."""
    parser = _Parser(_tokens(text), kinds)
    value = parser.either()
    if parser.at < len(parser.tokens):
        raise ExpressionError("expression_syntax", parser.tokens[parser.at])
    return Expression(text, frozenset(parser.names), value)


def is_reserved(name: str) -> bool:
    """Whether a fact may not be called so."""
    return name in _RESERVED


def _tokens(text: str) -> list[str]:
    tokens, at = [], 0
    text = text.rstrip()
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            raise ExpressionError("expression_syntax", text[at:].strip()[:20])
        tokens.append(match["word"] or match["sign"])
        at = match.end()
    return tokens


class _Parser:
    """Recursive descent: either > both > negation > atom."""

    def __init__(self, tokens: list[str], kinds: Kinds) -> None:
        self.tokens = tokens
        self.at = 0
        self.names: set[str] = set()
        self._kinds = kinds

    def _next(self) -> str:
        if self.at >= len(self.tokens):
            raise ExpressionError("expression_syntax", self.tokens[-1] if self.tokens else "…")
        self.at += 1
        return self.tokens[self.at - 1]

    def _take(self, token: str) -> bool:
        if self.at < len(self.tokens) and self.tokens[self.at] == token:
            self.at += 1
            return True
        return False

    def _need(self, token: str) -> None:
        if (found := self._next()) != token:
            raise ExpressionError("expression_syntax", found)

    def either(self) -> Callable[[Facts], bool | None]:
        parts = [self._both()]
        while self._take("or"):
            parts.append(self._both())
        return parts[0] if len(parts) == 1 else lambda facts: _any([part(facts) for part in parts])

    def _both(self) -> Callable[[Facts], bool | None]:
        parts = [self._negation()]
        while self._take("and"):
            parts.append(self._negation())
        return parts[0] if len(parts) == 1 else lambda facts: _all([part(facts) for part in parts])

    def _negation(self) -> Callable[[Facts], bool | None]:
        if self._take("not"):
            inner = self._negation()
            return lambda facts: _not(inner(facts))
        return self._atom()

    def _atom(self) -> Callable[[Facts], bool | None]:
        if self._take("("):
            inner = self.either()
            self._need(")")
            return inner
        name = self._next()
        if name in _CONSTANTS:
            constant = _CONSTANTS[name]
            return lambda facts: constant
        if name not in self._kinds:
            raise ExpressionError("unknown_fact", name)
        self.names.add(name)
        if self._take("="):
            return _is(name, self._values(name, [self._next()]))
        if self._take("!="):
            differs = _is(name, self._values(name, [self._next()]))
            return lambda facts: _not(differs(facts))
        if self._take("in"):
            return _is(name, self._values(name, self._list()))
        if self._kinds[name] != _BOOLEAN:
            raise ExpressionError("fact_needs_value", name)
        return _is(name, frozenset({YES}))

    def _list(self) -> list[str]:
        self._need("(")
        values = [self._next()]
        while self._take(","):
            values.append(self._next())
        self._need(")")
        return values

    def _values(self, name: str, values: list[str]) -> frozenset[str]:
        for value in values:
            if value not in self._kinds[name]:
                raise ExpressionError("unknown_value", f"{name} = {value}")
        return frozenset(values)


def _is(name: str, values: frozenset[str]) -> Callable[[Facts], bool | None]:
    def value(facts: Facts) -> bool | None:
        answer = facts.get(name, UNSURE)
        return None if answer == UNSURE else answer in values

    return value


def _any(values: list[bool | None]) -> bool | None:
    return True if True in values else None if None in values else False


def _all(values: list[bool | None]) -> bool | None:
    return False if False in values else None if None in values else True


def _not(value: bool | None) -> bool | None:
    return None if value is None else not value


def both(one: Expression, other: Expression) -> Expression:
    """Holds when both hold."""
    if ALWAYS in (one.text, other.text):
        return other if one.text == ALWAYS else one
    return Expression(
        f"({one.text}) and ({other.text})", one.names | other.names, lambda facts: _all([one(facts), other(facts)])
    )
