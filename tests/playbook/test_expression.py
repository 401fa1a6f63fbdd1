"""Conditions: three truth values, and nothing but data is ever read."""

# ruff: noqa: E501 - tables and embedded YAML read better on one line

from __future__ import annotations

import warnings
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.playbook.world import NOW
from triage.playbook.interop.cacao_terms import condition_to_cacao
from triage.playbook.language.expression import ExpressionError, compile_expression
from triage.playbook.language.three_values import UNKNOWN, Scope

DATA: dict[str, Any] = {
    "vars": {"scope": "all", "n": 3, "yes": True, "none": None, "list": ["a", "b"], "f": 1.5, "num": "42", "one": 1},
    "steps": {"cert": {"ok": False, "exit": 1, "out": "notAfter=Nov 1"}},
    "ticket": {"tags": ["sso"], "subject": "Login fails", "created_at": (NOW - timedelta(days=2)).isoformat()},
    "run": {}, "config": {},
}  # fmt: skip


def truth(text: str) -> bool | None:
    return compile_expression(text).truth(Scope(DATA, NOW)).value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("vars.scope == 'all'", True), ("vars.scope != 'all'", False), ("vars.n >= 3 and vars.n < 4", True),
        ("1 < vars.n < 3", False), ("vars.scope in ['all', 'some']", True), ("'sso' in ticket.tags", True),
        ("'x' not in ticket.tags", True), ("not steps.cert.ok", True), ("steps.cert.ok == false", True),
        ("vars.missing", None), ("not vars.missing", None), ("vars.none == 1", None),
        ("vars.missing and false", False), ("false and vars.missing", False), ("vars.missing or true", True),
        ("vars.missing or false", None), ("vars.missing and true", None), ("vars.missing == 'x'", None),
        ("vars.missing in ['x']", None), ("exists(vars.missing)", False), ("exists(vars.scope)", True),
        ("vars.n == '3'", False), ("vars.n == true", False), ("vars.one == true", False), ("vars.yes == 1", False), ("true in [1]", False), ("vars.n < 'a'", None), ("vars.yes < 2", None),
        ("len(ticket.tags) == 1", True), ("lower(ticket.subject) == 'login fails'", True),
        ("contains(ticket.subject, 'fails')", True), ("matches(steps.cert.out, 'notAfter=\\\\w+')", True),
        ("number(vars.num) == 42", True), ("number(vars.scope) == 1", None), ("vars.scope", None),
        ("days_since(ticket.created_at) > 1.9", True), ("minutes_since(ticket.created_at) < 10", False),
        ("days_since(vars.scope) > 1", None), ("vars.n == -3", False), ("vars.f > 1", True),
        ("not (vars.n == 3 or vars.missing)", False), ("matches(vars.scope, '(')", None),
    ],
)  # fmt: skip
def test_truth(text: str, value: bool | None) -> None:
    assert truth(text) is value


def test_unknown_names_what_is_missing_and_only_what_matters() -> None:
    scope = Scope(DATA, NOW)
    assert compile_expression("vars.a and vars.b").truth(scope).missing == ("vars.a", "vars.b")
    assert compile_expression("(vars.a or true) and vars.b").truth(scope).missing == ("vars.b",)


@pytest.mark.parametrize(
    ("text", "offset", "advice"),
    [
        ("vars.a = 1", 7, "use == to compare"), ("vars.a && vars.b", 8, "write and / or"),
        ("vars.a is 1", 0, "use == to compare"), ("nope(vars.a)", 0, "there are: len"),
        ("vars.a == ticket._x", 10, ""), ("len(vars.a, vars.b)", 0, ""), ("  vars.a[0]", 2, ""),
        ("vars.é == 1 and vars.b[0]", 16, ""),
    ],
)  # fmt: skip
def test_a_mistake_is_named_at_its_column(text: str, offset: int, advice: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        compile_expression(text)
    assert caught.value.offset == offset
    assert advice in caught.value.advice


@pytest.mark.parametrize(
    "text",
    [
        "ticket.__class__", "().__class__", "lambda: 1", "[x for x in vars.a]", "9**9**9", "'a' * 10**9",
        "f'{vars.a}'", "(" * 300 + "1" + ")" * 300, "__import__('os')", "vars.a.pop('x')", "vars.list.append(1)",
        "exists('x')", "(yield)", "vars.a if vars.b else 1", "{1: 2}", "{1}", "(1, 2)", "vars.a := 1", "b'x'",
        "None", "...", "1j", "not", "", "x" * 501, " or ".join(["vars.a"] * 61), "*vars.a", "vars.a;vars.b",
        "len(*vars.a)", "len(s=vars.a)", "-vars.a", "~1", "print(1)", "vars.a\x00",
    ],
)  # fmt: skip
def test_what_is_not_on_the_list_is_refused(text: str) -> None:
    with pytest.raises(ExpressionError):
        compile_expression(text)


def test_names_are_paths_into_data_and_never_attributes() -> None:
    class Trap(dict):  # type: ignore[type-arg]
        secret = "read"

    scope = Scope({"vars": Trap()}, NOW)
    assert compile_expression("vars.secret == 'read'").truth(scope).value is None


def test_unknown_has_no_truth_of_its_own() -> None:
    with pytest.raises(TypeError):
        bool(UNKNOWN)


def test_a_pattern_that_would_hang_is_unknown_soon() -> None:
    scope = Scope({"vars": {"x": "a" * 60 + "!"}}, NOW)
    assert compile_expression("matches(vars.x, '^(a|aa|a?)+$')").truth(scope).value in (None, False)


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet="varstep.()[]'\" =<>!&|andornti0123456789+-*/,:{}\n\\é", max_size=40))
def test_no_text_takes_the_parser_down_or_makes_it_talk(text: str) -> None:
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        try:
            compile_expression(text).truth(Scope(DATA, NOW))
        except ExpressionError as error:
            assert 0 <= error.offset <= max(len(text), 1)
    assert not said


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (r"matches(ticket.subject, '\w+ fails')", True),
        ("vars.n == 3or vars.missing", True),
        (r"vars.scope == '\d'", False),
    ],
)
def test_what_the_parser_would_warn_of_is_read_in_silence_and_never_refused(text: str, value: bool) -> None:
    for setting in ("always", "error"):
        compile_expression.cache_clear()
        with warnings.catch_warnings(record=True) as said:
            warnings.simplefilter(setting)  # type: ignore[arg-type]
            assert compile_expression(text).truth(Scope(DATA, NOW)).value is value
            condition_to_cacao(text)
        assert not said


ATOMS = st.sampled_from(["true", "false", "vars.gone"])
LOGIC = st.recursive(ATOMS, lambda inner: st.tuples(inner, st.sampled_from([" and ", " or "]), inner).map("".join).map("({})".format) | inner.map("(not {})".format), max_leaves=8)  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(LOGIC)
def test_unknown_is_said_only_where_both_values_are_possible(text: str) -> None:
    """Kleene: a decided answer never changes when the missing value becomes known."""
    told = truth(text)
    both = {truth(text.replace("vars.gone", word)) for word in ("true", "false")}
    if told is not None:
        assert both == {told}
