"""Files made to break the loader: each ends in a finding with a place or in a clean load, soon and small.

``TRIAGE_HOSTILE_FILES`` sets how many mutated files are read (600 when it is not set) and
``TRIAGE_HOSTILE_SEED`` the seed. Time is CPU time of this process; memory is what Python allocated, at its
peak, which leaves out what libyaml holds for one event.
"""

# ruff: noqa: E501 - tables and embedded YAML read better on one line

from __future__ import annotations

import os
import random
import sys
import time
import tracemalloc
from collections.abc import Iterator

import pytest

from tests.playbook.world import END, HEAD, SHIPPED
from triage.model.run import Diagnostic
from triage.playbook.language.yaml_nodes import YamlError, read_tree
from triage.playbook.lint.load import load_bytes

COUNT = int(os.environ.get("TRIAGE_HOSTILE_FILES", "600"))
SEED = int(os.environ.get("TRIAGE_HOSTILE_SEED", "20261122"))
SECONDS, BYTES = 0.2, 100 * 2**20
SOURCES = [(path.name, path.read_bytes()) for path in sorted(SHIPPED.glob("*.yaml"))]
PIECES = [
    "", "x", ":", ": ", "{", "}", "[", "]", "- ", "\n", "\n\n", "'", '"', "&a ", "*a", "<<: *a", "!!python/name:os.system ", "!x ", "\t", "{{ vars.x }}",
    "{{ ", "|", ">", "|+\n", "? ", "%YAML 1.1\n", "---\n", "...\n", "#", "\0", "\x07", "\x85", "\u2028", "\u202e", "\ufeff", "\U0001f469\u200d\U0001f680", "no", "on", "12:30",
    "190:20:30", "010", "0x1f", "1e999", ".inf", ".nan", "2026-02-30", "~", "null", "true", "=", "y", "9" * 400, "a" * 3000, "(" * 400, "[" * 600, "{a: " * 300, "(a+)+$",
    "steps:\n", "  - {id: a, kind: end, title: A, outcome: resolved}\n", "kind: decide\n", "when: ", "vars.a == 1 and " * 40, "not " * 300, "\\x1b", "\r\n", "\r",
]  # fmt: skip


def bombs() -> Iterator[tuple[str, bytes]]:
    """Files that are small to write and were meant to be large to read."""
    ladder = "\n".join(
        ["a0: &a0 [x]", *(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 12))]
    )
    merges = "\n".join(
        ["a0: &a0 {k: v}", *(f"a{n}: &a{n}\n  <<: [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 12))]
    )
    whole = HEAD + "steps:\n"
    texts = {
        "alias bomb": ladder, "merge bomb": merges, "alias to itself": "a: &a [*a]", "alias in a step": whole + "  - &s {id: a}\n  - *s\n",
        "5,000 brackets": "[" * 5000, "5,000 braces": "{a: " * 5000, "5,000 levels": "\n".join(" " * n + "a:" for n in range(700)),
        "5,000 sequences": "- " * 5000, "brackets in a step": whole + "  - {id: a, kind: " + "[" * 5000, "unclosed quote": "a: '" + "x" * 200_000,
        "NUL": "a: \0", "byte order mark": "\ufeff" + HEAD, "two marks": "\ufeff\ufeff", "python tag": "a: !!python/object/apply:os.system [id]",
        "binary tag": "a: !!binary aGk=", "set tag": "a: !!set {x}", "own tag on a step": whole + "  - !step {id: a}\n", "tag of a key": "!x a: 1",
        "duplicate keys": HEAD + "title: Again\nsteps:\n" + END, "duplicate keys in a step": whole + "  - {id: a, id: b, kind: end, title: A, outcome: resolved}\n",
        "10,000 duplicates": "a: 1\n" * 10_000, "Norway": whole + "  - {id: no, kind: ask, title: Which?, type: choice, options: [{value: no}, {value: on}]}\n" + END,
        "sexagesimal": whole + "  - {id: a, kind: wait, title: Wait, for: 12:30:45}\n" + END, "octal version": HEAD.replace("version: 1", "version: 010") + "steps:\n" + END,
        "infinite version": HEAD.replace("version: 1", "version: .inf") + "steps:\n" + END, "huge number": HEAD.replace("version: 1", "version: " + "9" * 5000) + "steps:\n" + END,
        "large float": HEAD + "estimated_minutes: 1e400\nsteps:\n" + END, "200 MB by repetition": "a: " + "x" * 262_000, "20,001 values": "a: [" + "1," * 20_001 + "]",
        "key of 100,000": "k" * 100_000 + ": 1", "50,000 lines": "\n" * 50_000, "50,000 comments": "#\n" * 50_000, "50,000 documents": "---\n" * 50_000,
        "long plain": HEAD + "objective: " + "a " * 100_000 + "\nsteps:\n" + END, "folded": HEAD + "objective: >\n" + "  a\n\n" * 20_000 + "steps:\n" + END,
        "mapping as key": "? {a: [b]}\n: c", "complex keys": "? " * 3000, "surrogate escape": 'a: "\\ud800"', "control escape": 'a: "\\0\\a\\e"', "directives": "%TAG ! x:\n" * 500,
        "201 steps": whole + "".join(f"  - {{id: s{n}, kind: instruct, title: A}}\n" for n in range(201)) + END,
        "a ladder of 190 decisions": whole + "".join(f"  - {{id: d{n}, kind: decide, title: A, branches: [{{if: vars.a == {n}, next: d{n + 1}}}], otherwise: d{min(n + 2, 190)}}}\n" for n in range(190)) + "  - {id: d190, kind: end, title: Z, outcome: resolved}\n",
        "a loop of 199": whole + "".join(f"  - {{id: s{n}, kind: instruct, title: A, next: s{(n + 1) % 199}}}\n" for n in range(199)),
        "120 matchers deep": HEAD + "applies_to: " + "{not: " * 18 + "{field: tags, equals: a}" + "}" * 18 + "\nsteps:\n" + END,
        "deep expression": whole + "  - {id: a, kind: instruct, title: A, when: '" + "(" * 240 + "true" + ")" * 240 + "'}\n" + END,
        "long expression": whole + "  - {id: a, kind: instruct, title: A, when: '" + "not " * 120 + "true'}\n" + END,
        "chained comparison": whole + "  - {id: a, kind: instruct, title: A, when: '" + "1 < " * 110 + "2'}\n" + END,
        "slow pattern": HEAD + "applies_to: {field: text, matches: '(a+)+(a+)+(a+)+$'}\nsteps:\n" + END, "patterns": HEAD + "applies_to: {field: text, matches: '" + "(" * 490 + "'}\nsteps:\n" + END,
        "repeats": HEAD + "applies_to: {field: text, matches: 'a{1,9999}{1,9999}'}\nsteps:\n" + END, "5,000 templates": HEAD + "objective: '" + "{{ vars.a }}" * 300 + "'\nsteps:\n" + END,
        "unclosed templates": whole + "  - {id: a, kind: note, title: A, template: '" + "{{" * 1900 + "'}\n" + END, "unquoted templates": "a: [" + "{{ x }}, " * 2000 + "]",
        "carriage returns": HEAD.replace("\n", "\r"), "next line marks": HEAD.replace("\n", "\x85"), "tabs": HEAD.replace(": ", ":\t"), "everything quoted wrong": HEAD.replace(": ", ': "'),
    }  # fmt: skip
    for name, text in texts.items():
        yield name, text.encode("utf-8", "surrogatepass")
    yield "not UTF-8", b"\xff\xfe" * 1000
    yield "UTF-16", HEAD.encode("utf-16")
    yield "Latin-1", HEAD.replace("nobody", "Ren\u00e9").encode("latin-1")
    yield "random bytes", random.Random(1).randbytes(50_000)


def mutated(dice: random.Random) -> tuple[str, bytes]:
    """The name and the bytes of a shipped file after a few edits: pieces put in, cut out, doubled, moved, bytes flipped."""
    name, source = dice.choice(SOURCES)
    raw = bytearray(source)
    for _ in range(dice.choice((1, 1, 2, 4, 12))):
        start = dice.randrange(len(raw) + 1)
        end = min(len(raw), start + dice.choice((0, 1, 1, 5, 40, 400)))
        match dice.randrange(5):
            case 0:
                raw[start:end] = bytes([dice.randrange(256)])
            case 1:
                raw[start:end] = raw[start:end] * dice.choice((2, 3, 40))
            case 2:
                there = dice.randrange(len(raw) + 1)
                raw[there:there] = raw[start:end]
            case _:
                raw[start:end] = dice.choice(PIECES).encode("utf-8", "surrogatepass")
    return name, bytes(raw)


def judged(raw: bytes, name: str = "hostile.yaml") -> tuple[Diagnostic, ...]:
    """What was found in ``raw``; fails when the loader did not decide, or decided without a place."""
    document, text, found = load_bytes(raw, name)
    rows = text.count("\n") + 2 if text else raw.count(b"\n") + 2
    assert document is not None or any(one.level == "error" for one in found)
    assert all(1 <= one.line <= rows and one.column >= 1 and one.message for one in found)
    if document is not None:
        # Nothing that YAML could read in two ways is ever accepted.
        assert read_tree(text).errors == ()
        assert not any(one.code in ("PB004", "PB007", "PB008") for one in found)
    return found


def measured(raw: bytes) -> tuple[float, int]:
    """CPU seconds and bytes it takes to judge ``raw``."""
    before = time.process_time()
    judged(raw)
    return time.process_time() - before, allocated(raw)


def allocated(raw: bytes) -> int:
    """Bytes held at the worst moment of judging ``raw``."""
    tracemalloc.start()
    try:
        judged(raw)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(("name", "raw"), bombs(), ids=[name for name, _ in bombs()])
def test_a_bomb_is_decided_with_a_place_in_small_memory(name: str, raw: bytes) -> None:
    size = allocated(raw)
    assert size < BYTES, f"{name}: {size / 2**20:.1f} MiB"


def test_mutated_files_are_findings_with_places_or_clean_loads() -> None:
    dice = random.Random(SEED)
    slowest, clean = 0.0, 0
    for number in range(COUNT):
        name, raw = mutated(dice)
        before = time.process_time()
        try:
            found = judged(raw, name)
        except BaseException as fault:
            raise AssertionError(f"seed {SEED}, file {number}: {raw[:300]!r}") from fault
        slowest = max(slowest, time.process_time() - before)
        clean += not any(one.level == "error" for one in found)
    assert 0 < clean < COUNT, f"seed {SEED}: the edits say nothing, {clean} of {COUNT} load"
    if COUNT > 5000:
        sys.stdout.write(f"{COUNT} files, {clean} load, the slowest in {slowest * 1000:.0f} ms\n")


@pytest.mark.skipif(COUNT <= 5000, reason="figures are taken when TRIAGE_HOSTILE_FILES is above 5000")
def test_figures_of_time_and_memory_hold() -> None:
    dice = random.Random(SEED)
    rows = [(*measured(raw), name) for name, raw in bombs()]
    rows += [(*measured(mutated(dice)[1]), f"file {number}") for number in range(COUNT // 10)]
    slowest, largest = max(rows), max(rows, key=lambda row: row[1])
    sys.stdout.write(
        f"slowest {slowest[2]}: {slowest[0] * 1000:.0f} ms; largest {largest[2]}: {largest[1] / 2**20:.1f} MiB"
    )
    assert slowest[0] < SECONDS and largest[1] < BYTES


@pytest.mark.parametrize(
    ("field", "typed", "meant"),
    [("owner", "no", "no"), ("owner", "on", "on"), ("owner", "12:30", "12:30"), ("condition", "2026-10-01", "2026-10-01"), ("owner", "010", "010"), ("owner", "0o7", "0o7")],
)  # fmt: skip
def test_words_that_older_yaml_would_convert_stay_what_was_typed(field: str, typed: str, meant: str) -> None:
    lines = [f"{field}: {typed}" if line.startswith(field) else line for line in HEAD.splitlines()]
    document, _, found = load_bytes(("\n".join(lines) + "\nsteps:\n" + END).encode(), "probe.yaml")
    assert document is not None, found
    assert getattr(document, field) == meant


def test_nothing_is_read_twice_from_one_place() -> None:
    for text in ("a: &x 1\nb: *x", "a: {<<: {b: 1}}", "a: !!str 1"):
        with pytest.raises(YamlError) as caught:
            read_tree(text)
        assert caught.value.code in ("PB004", "PB008")
