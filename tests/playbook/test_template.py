"""Texts with gaps."""

# ruff: noqa: E501 - tables and embedded YAML read better on one line

from __future__ import annotations

import pytest

from triage.playbook.language.template import TemplateError, compile_template
from triage.playbook.language.three_values import Scope

SCOPE = Scope({"vars": {"a": "x", "t": True, "l": ["p", "q"], "n": 3.0, "evil": "{{ vars.a }}"}})


@pytest.mark.parametrize(
    ("text", "shown", "missing"),
    [
        ("plain", "plain", ()), ("{{ vars.a }}{{vars.a}}", "xx", ()), ("{{ vars.t }}", "yes", ()),
        ("{{ vars.l }}", "p, q", ()), ("{{ vars.n }}", "3", ()), ("{{ vars.q }}", "[missing: vars.q]", ("vars.q",)),
        ('{{ vars.q | default("a }b") }}', "a }b", ()), ("{{ vars.a | default('z') }}", "x", ()),
        ("{{ vars.evil }}", "{{ vars.a }}", ()), ("{ not } one", "{ not } one", ()), ("{{ vars.q|default('') }}", "", ()),
    ],
)  # fmt: skip
def test_gaps_are_filled_once(text: str, shown: str, missing: tuple[str, ...]) -> None:
    rendered = compile_template(text).render(SCOPE)
    assert (rendered.text, rendered.missing) == (shown, missing)


@pytest.mark.parametrize(
    "text", ["{{ }}", "{{ 1 + 1 }}", "{{ vars.a|upper }}", "{{ vars.a() }}", "{{ vars['a'] }}"]
)
def test_anything_but_a_lookup_is_an_error_at_its_gap(text: str) -> None:
    with pytest.raises(TemplateError) as caught:
        compile_template("ab " + text)
    assert caught.value.offset == 3
