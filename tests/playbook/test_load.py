"""Reading a playbook: every mistake in one pass, each at its line and column, with what was meant."""

# ruff: noqa: E501 - tables and embedded YAML read better on one line

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.playbook.world import END, HEAD, SHIPPED, findings
from triage.model.run import Diagnostic
from triage.playbook.language.yaml_nodes import Path as Place
from triage.playbook.language.yaml_nodes import read_tree
from triage.playbook.lint.load import load_bytes, load_text

FILES = sorted(SHIPPED.glob("*.yaml"))
FREE_NAMES = {"vars", "env", "capture", "with", "returns"}
"""Names an author gives; those of a used playbook are held against it by the lint of a folder."""


def at(found: tuple[Diagnostic, ...], line: int, column: int) -> Diagnostic:
    """The error at a place; fails showing what there is instead."""
    here = [one for one in found if (one.line, one.column) == (line, column) and one.level == "error"]
    assert here, [(one.line, one.column, one.code, one.message) for one in found]
    return here[0]


def keys_of(text: str) -> Iterator[tuple[Place, int, int]]:
    for path, place in read_tree(text).places.items():
        is_free = len(path) > 1 and path[-2] in FREE_NAMES
        if path and isinstance(path[-1], str) and not is_free:
            yield path, place.key_line, place.key_column


def misspelt(key: str) -> str:
    swapped = key[0] + key[2] + key[1] + key[3:] if len(key) > 3 else key
    return swapped if swapped != key else key + "x"


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_typo_at_every_key_is_found_where_it_is_with_the_right_word(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    lines = text.split("\n")
    count = 0
    for place, line, column in keys_of(text):
        key = str(place[-1])
        row = lines[line - 1]
        assert row[column - 1 :].startswith(key)
        broken = row[: column - 1] + misspelt(key) + row[column - 1 + len(key) :]
        found = load_text("\n".join([*lines[: line - 1], broken, *lines[line:]]), path.name)[1]
        assert f"did you mean {key!r}?" in at(found, line, column).help, (place, misspelt(key))
        count += 1
    assert count > 50


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_random_edits_never_crash_and_every_error_has_a_place(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    seed = 20261121
    dice = random.Random(seed)
    for _ in range(120):
        start = dice.randrange(len(text))
        end = start + dice.choice((0, 1, 1, 5, 40))
        edited = (
            text[:start]
            + dice.choice(("", "x", ":", "{", "- ", "\n", "'", "&a ", "\t", "{{ vars.x }}"))
            + text[end:]
        )
        document, found = load_text(edited, path.name)
        rows = edited.count("\n") + 1
        assert all(1 <= one.line <= rows + 1 and one.column >= 1 for one in found), seed
        assert document is not None or any(one.level == "error" for one in found), seed


def test_mistakes_of_every_sort_are_found_in_one_pass() -> None:
    text = """schema: triage.playbook/v1
id: bad
title: Bad
version: 1
ownr: me
condition: x
steps:
  - {id: a, kind: ask, title: A, type: choice, options: [{value: x}, {value: y}], save_as: pick}
  - id: b
    kind: chek
    title: B
  - id: c
    kind: check
    title: C
    time_out: 5s
    run: echo {{ vars.pick }}
    effect: readonly
  - id: d
    kind: decide
    title: D
    title: D again
    branches: [{if: vars.pick = 'x', next: nowhere}]
    otherwise: done
  - id: e
    kind: note
    title: E
    template: {{ vars.pick }}
  - {id: done, kind: end, title: Done, outcome: resolvd}
"""
    found = load_text(text, "bad.yaml")[1]
    assert "did you mean 'owner'?" in at(found, 5, 1).help
    assert at(found, 10, 11).message == "unknown step kind 'chek'"
    assert at(found, 15, 5).message == "unknown field 'time_out' in a 'check' step"
    assert "did you mean 'timeout'?" in at(found, 15, 5).help
    assert "did you mean 'read_only'?" in at(found, 17, 13).help
    assert at(found, 21, 5).code == "PB007"
    assert at(found, 22, 31).help == "use == to compare"
    assert at(found, 22, 44).code == "PB202"
    assert at(found, 27, 15).help == 'quote it: "{{ vars.pick }}"'
    assert "did you mean 'resolved'?" in at(found, 28, 49).help


def test_the_source_line_comes_with_the_finding_and_is_harmless() -> None:
    found = load_text(
        HEAD.replace("title: A probe", "titel: 'A \u202eprobe'") + "steps:\n" + END, "probe.yaml"
    )[1]
    assert at(found, 3, 1).source_line == "titel: 'A ⟪RLO⟫probe'"


@pytest.mark.parametrize(
    ("step", "message", "advice"),
    [
        ("{id: a, kind: ask, title: A, type: number, min: one}", "'min'", ""),
        ("{id: a, kind: wait, title: A, for: 5}", "'for' must be text", "add a unit: 5s"),
        ("{id: a, kind: wait, title: A, for: 5 min}", "bad duration '5 min'", "30s"),
        ("{id: a, kind: wait, title: A}", "for: or until:", ""),
        ("{id: a, kind: instruct, title: A, required: yes}", "'required' must be true or false", "true or false"),
        ("{id: A1, kind: instruct, title: A}", "bad name 'A1'", "lower-case"),
        ("{id: a, kind: ask, title: A, type: choice, options: [{value: 1}, {value: x}]}", "must be text", 'quote it: "1"'),
        ("{id: a, kind: ask, title: A, type: choice, options: [{value: x}]}", "two options", ""),
        ("{id: a, kind: ask, title: A, type: text, options: [{value: x}, {value: y}]}", "only choice", ""),
        ("{id: a, kind: ask, title: A, type: text, pattern: '('}", "bad regular expression", ""),
        ("{id: a, kind: checklist, title: A, items: [one]}", "at least 2", ""),
        ("{id: a, kind: checklist, title: A, items: one}", "must be a list", "write a list"),
        ("{id: a, kind: check, title: A, run: ls, effect: read_only, env: {path: x}}", "bad name 'path'", "capital"),
        ("{id: a, kind: http, title: A}", "missing field 'url'", ""),
        ("{id: a, kind: http, title: A, url: 'https://a.b', method: POST}", "'method' cannot be 'POST'", "GET"),
        ("{id: a, kind: http, title: A, url: 'https://a.b', poll: {every: 9s, up_to: 3s}}", "every: is at least", ""),
        ("{id: a, kind: check, title: A, run: [x], effect: changes, poll: {every: 1s, up_to: 3s}}", "only a read_only", ""),
        ("{id: a, title: A}", "missing field 'kind'", "one of: instruct"),
        ("{id: a, kind: instruct}", "missing field 'title' in an 'instruct' step", ""),
        ("just words", "a step is a mapping", ""),
        ("{id: a, kind: 7, title: A}", "unknown step kind 7", ""),
        ("{id: a, kind: note, title: A, template: x, visibility: public}", "cannot be 'public'", "internal"),
        ("{id: a, kind: root_cause, title: A, statement: x, categories: []}", "at least 1", ""),
    ],
)  # fmt: skip
def test_a_bad_step_says_what_is_wrong_and_what_to_write(step: str, message: str, advice: str) -> None:
    errors = [one for one in findings(f"  - {step}\n" + END) if one.level == "error"]
    assert any(message in one.message and advice in one.help and one.line == 9 for one in errors), errors


def test_a_bad_step_does_not_hide_wrong_targets_in_good_ones() -> None:
    found = findings(
        "  - {id: a, kind: chek, title: A}\n  - {id: b, kind: instruct, title: B, next: dne}\n" + END
    )
    assert {"PB104", "PB202"} <= {one.code for one in found}
    assert "PB203" not in {one.code for one in found}


def test_fields_of_importers_are_let_be() -> None:
    document, found = load_text(
        "x-cacao: {id: 7}\n"
        + HEAD
        + "steps:\n  - {x-note: 1, id: done, kind: end, title: Done, outcome: resolved}\n",
        "probe.yaml",
    )
    assert document is not None, found


def test_bytes_that_are_not_text_are_refused_at_their_place() -> None:
    document, text, found = load_bytes(b"schema: x\nid: \xff\n", "x.yaml")
    assert (document, text, found[0].line, found[0].column) == (None, "", 2, 5)


@pytest.mark.parametrize(
    "text", ["- a", "just text", "7", "steps: 1", "steps: []", HEAD, HEAD + "steps: {a: 1}\n"]
)
def test_what_is_no_playbook_is_said_so(text: str) -> None:
    document, found = load_text(text, "probe.yaml")
    assert document is None
    assert any(one.level == "error" for one in found)


def test_a_matcher_has_one_shape() -> None:
    def errors(matcher: str) -> list[str]:
        return [one.message for one in findings(END, f"applies_to: {matcher}\n") if one.level == "error"]

    assert not errors(
        "{any: [{field: tags, contains: a}, {older_than: 3d}, {not: {field: subject, equals: x}}]}"
    )
    for bad in (
        "{}",
        "{field: tags}",
        "{field: tags, equals: a, contains: b}",
        "{any: [], field: tags, equals: a}",
    ):
        assert errors(bad), bad
    assert errors("{field: tgas, equals: a}")
    assert errors("{field: tags, matches: '('}")
