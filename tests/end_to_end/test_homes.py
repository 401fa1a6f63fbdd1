"""A home that is missing, cannot be made, or is no folder: one line that says so, and never a traceback."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.end_to_end.shell import ROOT

INIT = ("init", "--no-input", "--profile", "a", "--helpdesk", "redmine", "--url", "http://127.0.0.1:9")
OURS = ("TRIAGE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "HOME")


def ended(home: str | None, *words: str) -> tuple[int, list[str]]:
    """How the program ends without a folder of its own, and what it says last."""
    env = {name: value for name, value in os.environ.items() if name not in OURS}
    env |= {"TRIAGE_TOKEN": "x"} | ({} if home is None else {"HOME": home})
    command = [sys.executable, "-m", "triage", *words]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT, env=env,
                          stdin=subprocess.DEVNULL, timeout=60)  # fmt: skip
    assert "Traceback" not in done.stdout + done.stderr, done.stderr
    return done.returncode, [*done.stdout.splitlines(), *done.stderr.splitlines()]


@pytest.mark.parametrize("home", ["/proc/nowhere", "/dev/null"])
def test_a_home_that_cannot_be_is_told_in_one_line(home: str) -> None:
    code, lines = ended(home, *INIT)
    assert code == 2
    assert len(lines) == 1
    assert lines[0].startswith(f"triage: {home}/.config/triage")
    assert "cannot" in lines[0]
    code, lines = ended(home, "queue")
    assert code != 0
    assert len(lines) == 1


def test_a_home_that_is_a_file_is_left_as_it_is(tmp_path: Path) -> None:
    place = tmp_path / "home"
    place.write_text("mine")
    code, [line] = ended(str(place), *INIT)
    assert code == 2
    assert str(place) in line
    assert place.read_text() == "mine"
