"""Conditions of guides: three values, named facts, nothing evaluated as code."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.guides.expressions import ExpressionError, parse

KINDS = {
    "late": frozenset({"yes", "no"}),
    "kin": frozenset({"yes", "no"}),
    "record": frozenset({"have", "witness", "none"}),
}


@pytest.mark.parametrize(
    ("text", "facts", "value"),
    [
        ("late", {"late": "yes"}, True),
        ("late", {"late": "no"}, False),
        ("late", {}, None),
        ("late", {"late": "unsure"}, None),
        ("not late", {"late": "no"}, True),
        ("not late", {}, None),
        ("record = none", {"record": "none"}, True),
        ("record != none", {"record": "have"}, True),
        ("record in (witness, none)", {"record": "witness"}, True),
        ("late and record = none", {"late": "no"}, False),
        ("late or record = none", {"late": "yes"}, True),
        ("late and record = none", {"late": "yes"}, None),
        ("late or kin and not late", {"late": "no", "kin": "yes"}, True),
        ("(late or kin) and not late", {"late": "yes", "kin": "yes"}, False),
        ("always", {}, True),
        ("never", {}, False),
        ("maybe", {}, None),
        ("maybe or late", {"late": "yes"}, True),
    ],
)
def test_value(text: str, facts: dict[str, str], value: bool | None) -> None:
    assert parse(text, KINDS)(facts) is value


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("lat", "unknown_fact"),
        ("record", "fact_needs_value"),
        ("record = lost", "unknown_value"),
        ("late = maybe", "unknown_value"),
        ("late and", "expression_syntax"),
        ("(late", "expression_syntax"),
        ("late late", "expression_syntax"),
        ("record in ()", "expression_syntax"),
        ("__import__('os')", "expression_syntax"),
        ("late.upper()", "expression_syntax"),
        ("1 + 1", "expression_syntax"),
        ("", "expression_syntax"),
    ],
)
def test_what_is_no_condition_is_refused_with_the_reason(text: str, kind: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        parse(text, KINDS)
    assert caught.value.kind == kind


@given(st.text(max_size=60))
def test_any_text_is_a_condition_or_refused(text: str) -> None:
    try:
        value = parse(text, KINDS)({})
    except ExpressionError:
        return
    assert value in (True, False, None)


@given(
    st.recursive(
        st.sampled_from(["late", "kin", "record = have", "record in (have, none)", "always", "never"]),
        lambda inner: st.one_of(
            st.tuples(inner, inner).map(lambda pair: f"({pair[0]}) and ({pair[1]})"),
            st.tuples(inner, inner).map(lambda pair: f"({pair[0]}) or ({pair[1]})"),
            inner.map(lambda one: f"not ({one})"),
        ),
        max_leaves=6,
    )
)
def test_a_known_value_stays_whatever_else_is_answered(text: str) -> None:
    """What is decided with few answers is never overturned by more: the promise of three values."""
    condition = parse(text, KINDS)
    names = sorted(condition.names)
    for known in itertools.product(*([None, *sorted(KINDS[name])] for name in names)):
        facts = {name: value for name, value in zip(names, known, strict=True) if value}
        value = condition(facts)
        if value is None:
            continue
        open_names = [name for name in names if name not in facts]
        for rest in itertools.product(*(sorted(KINDS[name]) for name in open_names)):
            assert condition({**facts, **dict(zip(open_names, rest, strict=True))}) is value
