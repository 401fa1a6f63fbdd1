"""500 playbooks of 12 steps: loaded, validated and linted cold, and listed warm from the cache.

CPU time of this process against composing the same files with plain ``yaml.compose`` and libyaml in the same
run: machines differ, the ratio should not. Run: ``python benchmarks/playbooks.py [count]``.
"""

# ruff: noqa: E501 - embedded YAML reads better on one line

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import yaml

from triage.playbook.language.steps import Playbook
from triage.playbook.lint.load import load_bytes
from triage.playbook.shelf.library import Library, PlaybookFolder, standard_folders

STEPS = 12
ROUNDS = 3


def text_of(number: int) -> str:
    """A playbook of 12 steps with a question, a check, a decision and drafts, unlike every other one."""
    lines = [
        "schema: triage.playbook/v1", f"id: probe-{number:03d}", f"title: Nobody can sign in, variant {number}",
        "version: 1", "owner: identity on-call", 'reviewed: "2026-11-01"', "references: [the hand-book]",
        f"condition: People of site {number} get an error when they sign in.",
        f"applies_to: {{any: [{{field: tags, contains_any: [sso, site-{number}]}}, {{field: text, matches: '(?i)saml|site {number}'}}]}}",
        "vars: {host: {prompt: Host name, pattern: '[a-z0-9.-]+'}}",
        "steps:",
        "  - {id: scope, kind: ask, title: Who is affected, type: choice, save_as: scope, options: [{value: one}, {value: all}]}",
        "  - {id: look, kind: check, title: Look at the certificate, run: [openssl, version], effect: read_only, manual: Look at it., on_fail: mend}",
        "  - {id: keep, kind: evidence, title: Keep one failing attempt, prompt: Lines of the log}",
        "  - {id: side, kind: decide, title: Decide on which side it is, otherwise: mend, branches: [{if: vars.scope == 'all', next: tell}]}",
    ]  # fmt: skip
    lines += [
        f"  - {{id: mend{part}, kind: instruct, title: Mend part {part}, text: 'Compare {{{{ vars.host | default(\"it\") }}}}.'}}"
        for part in ("", *range(STEPS - 7))
    ]
    lines += [
        '  - {id: tell, kind: draft_reply, title: Tell the customer, template: "Hello, {{ vars.scope }} can sign in again."}',
        "  - {id: done, kind: end, title: Done, outcome: resolved}",
    ]
    return "\n".join(lines) + "\n"


def spent(act: Callable[[], object]) -> float:
    """Seconds of CPU, the median of some rounds."""
    times = []
    for _ in range(ROUNDS):
        started = time.process_time()
        act()
        times.append(time.process_time() - started)
    return median(times)


def main(count: int) -> int:
    """Print the figures; 1 when a file of ours has an error."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "playbooks"
        folder.mkdir()
        for number in range(count):
            (folder / f"probe-{number:03d}.yaml").write_text(text_of(number), encoding="utf-8")
        paths = sorted(folder.iterdir())
        raw = [(path.read_bytes(), str(path)) for path in paths]
        started = time.process_time()
        documents = [load_bytes(data, path)[0] for data, path in raw]
        # The first reading only: later ones find conditions and patterns compiled.
        loaded = time.process_time() - started
        if not all(isinstance(one, Playbook) and len(one.steps) == STEPS for one in documents):
            print("a playbook of this benchmark has an error or another number of steps")
            return 1
        composed = spent(lambda: [yaml.compose(data, yaml.CSafeLoader) for data, _ in raw])
        folders = [PlaybookFolder(folder, "own")]
        Library(folders, Path(place) / "cache").all()
        warm = spent(lambda: Library(folders, Path(place) / "cache").all())
        shipped = spent(lambda: Library(standard_folders(), None).all())
    print(f"{count} playbooks of {STEPS} steps, CPU seconds")
    print(f"  yaml.compose     {composed:6.3f}")
    print(f"  loaded, linted   {loaded:6.3f}  {loaded / composed:5.2f} x compose")
    print(f"  listed warm      {warm:6.3f}  {warm / composed:5.2f} x compose")
    print(f"  the shipped ones {shipped:6.3f}  without a cache")
    return 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 500))
