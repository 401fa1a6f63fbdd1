"""One window at a time works on a run."""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.playbook.world import END, Bench, document
from triage.desk.playbook_desk import PlaybookDesk
from triage.desk.run_lock import RunLocks
from triage.desk.run_world import Seen
from triage.playbook.run import engine


def test_a_second_window_is_told_who_has_the_run_until_it_is_left(tmp_path: Path) -> None:
    first, second = RunLocks(tmp_path), RunLocks(tmp_path)
    assert first.take("r") == ""
    assert first.take("r") == ""
    assert second.take("r").startswith(f"process {os.getpid()} on ")
    assert second.take("other") == ""
    first.leave("r")
    assert second.take("r") == ""
    assert first.take("r") != ""
    second.leave_all()
    assert first.take("r") == ""


def test_a_window_that_was_killed_holds_nothing(tmp_path: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from triage.desk.run_lock import RunLocks;"
        "k = RunLocks(Path(sys.argv[1])); k.take('r'); print('held', flush=True); sys.stdin.read()"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", script, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    assert process.stdout.readline() == b"held\n"
    assert RunLocks(tmp_path).take("r") == f"process {process.pid} on {os.uname().nodename}"
    process.kill()
    process.communicate()
    assert RunLocks(tmp_path).take("r") == ""


def test_the_lock_says_nothing_to_others_on_the_machine(tmp_path: Path) -> None:
    RunLocks(tmp_path / "locks").take("r")
    assert (tmp_path / "locks").stat().st_mode & 0o077 == 0
    assert (tmp_path / "locks" / "r.lock").stat().st_mode & 0o077 == 0


def test_a_file_removed_between_opening_and_locking_is_not_taken_for_the_lock(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second, third = RunLocks(tmp_path), RunLocks(tmp_path), RunLocks(tmp_path)
    first.take("r")
    lock = fcntl.flock

    def late(handle: int, how: int) -> None:
        if first._held:
            first.leave("r")
        lock(handle, how)

    monkeypatch.setattr(fcntl, "flock", late)
    assert second.take("r") == ""
    assert third.take("r") != ""


async def test_a_window_that_only_reads_shows_a_command_that_runs_elsewhere_as_running(
    tmp_path: Path,
) -> None:
    step = "  - {id: look, kind: check, title: Look, run: [look], effect: read_only, manual: m}\n"
    bench = Bench(document(step + END))
    shown = bench.view.current
    assert shown is not None and shown.command is not None
    bench.do(engine.command_started, "look", shown.command.digest)

    class World:
        async def now(self, _run_id: str) -> Seen:
            return Seen(bench.state, bench.context, "last")

    parts: Any = SimpleNamespace(paths=SimpleNamespace(state_dir=tmp_path))
    desk = PlaybookDesk(parts)
    desk._world = World()  # type: ignore[assignment]
    other = RunLocks(tmp_path / "run-locks")
    assert other.take("r1") == ""
    view = await desk.view("r1")
    assert view.current is not None
    assert (bool(view.held_by), view.panel, view.current.running) == (True, None, True)
    other.leave("r1")
    view = await desk.view("r1")
    assert view.panel is not None
    assert (view.held_by, view.panel.kind) == ("", "interrupted")
