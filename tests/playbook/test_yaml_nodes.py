"""The strict reader: what it takes, what it refuses, and that nothing takes it down."""

# ruff: noqa: E501 - tables and embedded YAML read better on one line

from __future__ import annotations

import time

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from triage.playbook.language import yaml_nodes
from triage.playbook.language.yaml_nodes import YamlError, read_tree

BOMB = "\n".join(["a0: &a0 [x]", *(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 10))])
HOSTILE = {
    "alias bomb": (BOMB, "PB004", 1, 5),
    "recursive alias": ("a: &a [*a]", "PB004", 1, 4),
    "alias": ("a: 1\nb: *a", "PB004", 2, 4),
    "merge key": ("b: 1\n<<: {a: 1}", "PB004", 2, 1),
    "5,000 brackets": ("[" * 5000, "PB004", 1, 21),
    "200,000 brackets": ("[" * 200_000, "PB004", 1, 21),
    "deep block": ("\n".join("  " * n + "a:" for n in range(40)), "PB004", 21, 41),
    "too many values": ("a: [" + "1," * 20_001 + "]", "PB004", 1, 39_999),
    "too large": ("a: " + "x" * 262_144, "PB001", 1, 1),
    "NUL": ("ab: 1\nc: \0", "PB002", 2, 4),
    "byte order mark": ("\ufeffa: 1", "PB002", 1, 1),
    "lone surrogate": ("a: 1\nb: \ud800", "PB002", 2, 4),
    "empty": ("", "PB003", 1, 1),
    "blank": (" \n\n", "PB003", 1, 1),
    "python tag": ("a: !!python/object/apply:os.system [x]", "PB008", 1, 4),
    "own tag": ("a: !x 1", "PB008", 1, 4),
    "two documents": ("a: 1\n---\nb: 2", "PB002", 2, 1),
    "mapping as key": ("? [a]\n: b", "PB006", 1, 3),
    "unclosed": ("a: [1", "PB002", 2, 1),
    "tab": ("\ta: 1", "PB002", 1, 1),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_is_refused_at_its_place(name: str) -> None:
    text, code, line, column = HOSTILE[name]
    before = time.process_time()
    with pytest.raises(YamlError) as caught:
        read_tree(text)
    found = caught.value
    assert (found.code, found.line, found.column) == (code, line, column)
    assert found.code == code
    assert time.process_time() - before < 0.5


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("no", "no"), ("NO", "NO"), ("off", "off"), ("y", "y"), ("True", "True"), ("12:30", "12:30"),
        ("22:22:22", "22:22:22"), ("010", "010"), ("0x1f", "0x1f"), ("1_000", "1_000"), ("2026-10-01", "2026-10-01"),
        ("1e3", "1e3"), (".5", ".5"), ("NaN", "NaN"), ("+1", "+1"), ("true", True), ("false", False),
        ("null", None), ("~", None), ("7", 7), ("-7", -7), ("1.5", 1.5), ("9" * 30, "9" * 30), ("=", "="),
    ],
)  # fmt: skip
def test_only_plain_core_scalars_are_more_than_text(typed: str, kept: object) -> None:
    value = read_tree(f"a: {typed}").data["a"]
    assert value == kept
    assert type(value) is type(kept)


def test_quoted_scalars_are_text() -> None:
    assert read_tree("a: '7'\nb: \"true\"").data == {"a": "7", "b": "true"}


def test_a_duplicate_key_keeps_the_first_and_is_reported() -> None:
    tree = read_tree("run: echo safe\nrun: rm -rf /\nb: {x: 1, x: {y: 2}}")
    assert tree.data == {"run": "echo safe", "b": {"x": 1}}
    assert [(e.code, e.line, e.column, e.advice) for e in tree.errors] == [
        ("PB007", 2, 1, "first defined at line 1"),
        ("PB007", 3, 11, "first defined at line 3"),
    ]


def test_every_unquoted_template_is_reported_and_read_on() -> None:
    tree = read_tree("a: {{ vars.x }}\nb: [1, {{vars.y}}]\nc: 3")
    assert tree.data == {"a": "{{ vars.x }}", "b": (1, "{{vars.y}}"), "c": 3}
    assert [(e.code, e.line, e.column, e.advice) for e in tree.errors] == [
        ("PB005", 1, 4, 'quote it: "{{ vars.x }}"'),
        ("PB005", 2, 8, 'quote it: "{{vars.y}}"'),
    ]


@pytest.mark.parametrize(
    "text", ['a: "\\e]0;owned"', 'a: "x\\u202ey"', "a: 'x\u202ey'", "a: x\u200ey", 'a: "\\x07"']
)
def test_characters_nobody_sees_are_errors(text: str) -> None:
    assert [error.code for error in read_tree(text).errors] == ["PB012"]


def test_places_count_from_one_and_know_keys() -> None:
    place = read_tree("a:\n  - bc: 'def'\n").places[("a", 0, "bc")]
    assert (place.line, place.column, place.key_line, place.key_column, place.style) == (2, 9, 2, 5, "quoted")


@settings(max_examples=150, deadline=None)
@given(st.text(alphabet="ab:-[]{}\"'\n |>&*!#?%@,~<\t\\é\ud800\u202e", max_size=60))
def test_no_text_takes_the_reader_down(text: str) -> None:
    try:
        read_tree(text)
    except YamlError as error:
        assert error.line >= 1
        assert error.column >= 1


@settings(max_examples=100, deadline=None)
@given(st.recursive(st.booleans() | st.integers(-(10**9), 10**9) | st.text("abc é", min_size=1, max_size=8),
                    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text("abc", min_size=1), inner)))  # fmt: skip
def test_what_pyyaml_writes_is_read_back(data: object) -> None:
    def listed(value: object) -> object:
        if isinstance(value, tuple):
            return [listed(one) for one in value]
        return {k: listed(v) for k, v in value.items()} if isinstance(value, dict) else value

    text = yaml.safe_dump(data, allow_unicode=True, default_style='"' if isinstance(data, str) else None)
    assert listed(read_tree(text).data) == data


def test_without_libyaml_the_same_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "a: {b: [1, 'x', no]}\nc: |\n  two\n  lines\nd: {{ vars.x }}\na: 2\n"
    fast = read_tree(text)
    monkeypatch.setattr(yaml_nodes, "_LOADER", yaml.SafeLoader)
    slow = read_tree(text)
    assert slow.data == fast.data
    assert slow.places == fast.places
    assert [e.code for e in slow.errors] == [e.code for e in fast.errors]
