"""A run whose program is killed after any of its events goes on to the same end, and repeats no command.

``TRIAGE_KILL_EVERYWHERE=N`` kills at every event in turn, N times in all (at least once each); without it at
three of them.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from itertools import cycle, islice
from pathlib import Path
from typing import Any

import pytest

from tests.end_to_end.shell import ROOT, Shell

pytestmark = pytest.mark.end_to_end

PLAYBOOK = """\
schema: triage.playbook/v1
id: count-runs
title: Count runs
version: 1
owner: tests
condition: Somebody pulls the plug.
memory_items: [Stay calm.]
steps:
  - {id: scope, kind: ask, title: How many are affected?, type: choice, save_as: scope,
     options: [{value: one}, {value: all}]}
  - {id: count, kind: check, title: Count, run: "echo ran >> COUNTER; echo counted", effect: read_only,
     manual: Count by hand., on_fail: quiet}
  - {id: quiet, kind: instruct, title: Nobody, when: vars.scope == 'one'}
  - {id: keep, kind: evidence, title: Keep it}
  - {id: tell, kind: note, title: Tell, template: "{{ vars.scope }} are affected"}
  - {id: side, kind: decide, title: Whose is it?, otherwise: theirs,
     branches: [{if: vars.scope == 'all', next: ours}]}
  - {id: ours, kind: end, title: Ours, outcome: resolved, summary: "Ours, {{ vars.scope }}"}
  - {id: theirs, kind: end, title: Theirs, outcome: unresolved}
"""
EVENTS = (
    "run.opened", "memory.acknowledged", "step.finished", "step.started", "evidence.added", "step.finished",
    "step.not_applicable", "evidence.added", "step.finished", "step.finished", "step.finished", "run.ended",
)  # fmt: skip
ANSWERS: dict[str, Any] = {"scope": "all", "keep": "a line", "tell": True, "side": True, "ours": True}
DYING = """
import os, signal, sys
from triage.cli import playbook_run
told, limit = [], int(sys.argv.pop(1))
printed = playbook_run._print_events
def hear(written):
    printed(written)
    told.extend(written)
    if len(told) >= limit:
        sys.stdout.flush()
        os.kill(os.getpid(), signal.SIGKILL)
playbook_run._print_events = hear
from triage.__main__ import main
sys.exit(main())
"""


def lines(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


def told(summary: dict[str, Any]) -> dict[str, Any]:
    """What must be the same whether the program was killed or not."""
    same = {name: summary[name] for name in ("status", "outcome", "summary", "variables", "path", "drafts")}
    return {**same, "results": {name: one.get("ok") for name, one in summary["results"].items()}}


def command(playbook: Path, answers: dict[str, Any], *more: str) -> list[str]:
    path = playbook.with_name("answers.json")
    path.write_text(json.dumps(answers))
    asked = ["--ticket", "HL-40817", "--answers", str(path), "--json", "--allow", "read_only", *more]
    return ["playbook", "run", str(playbook), *asked]


@pytest.fixture
def playbook(shell: Shell, tmp_path: Path) -> Path:
    shell.must("sync", "--json")
    path = tmp_path / "count-runs.yaml"
    path.write_text(PLAYBOOK.replace("COUNTER", str(tmp_path / "counter")))
    shell.must("playbook", "trust", str(path), "--yes")
    return path


def test_a_run_killed_after_any_event_goes_on_to_the_same_end(shell: Shell, playbook: Path) -> None:
    counter = playbook.with_name("counter")
    whole = lines(shell.must(*command(playbook, ANSWERS)).out)
    assert tuple(one["event"] for one in whole if "id" in one and one["event"] != "summary") == EVENTS
    kills = int(os.environ.get("TRIAGE_KILL_EVERYWHERE", "0"))
    every = range(1, len(EVENTS))
    for number in islice(cycle(every), max(kills, len(every))) if kills else (1, 4, 9):
        counter.write_text("")
        killed = subprocess.run(
            [sys.executable, "-c", DYING, str(number), *command(playbook, ANSWERS)],
            capture_output=True, check=False, text=True, cwd=ROOT, timeout=120, stdin=subprocess.DEVNULL,
            env={**os.environ, "TRIAGE_HOME": str(shell.home), **shell.env},
        )  # fmt: skip
        assert killed.returncode == -signal.SIGKILL, killed.stderr
        run_id = lines(killed.stdout)[0]["run"]
        before = counter.read_text()
        again = shell.run(*command(playbook, ANSWERS, "--resume", run_id))
        if EVENTS[number - 1] == "step.started":
            # It may have run or not: it is not run again by itself, a person says what they saw.
            assert again.code == 3
            assert lines(again.out)[-1]["panel"]["kind"] == "interrupted"
            assert counter.read_text() == before
            seen = {**ANSWERS, "count": {"ok": True, "saw": "counted"}}
            again = shell.run(*command(playbook, seen, "--resume", run_id))
        assert again.code == 0, again.err
        assert told(lines(again.out)[-1]) == told(whole[-1]), number
        assert counter.read_text().count("ran") <= 1
