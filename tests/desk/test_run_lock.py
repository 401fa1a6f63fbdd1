"""One window at a time works on a run."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from triage.desk.run_lock import RunLocks


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
