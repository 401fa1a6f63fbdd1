"""After each command, whatever the umask, nothing that Triage wrote can be read by anybody else."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from tests.end_to_end.shell import Shell
from tests.reliability.counting import FULL, tell
from triage.demo.child import DemoProcess

pytestmark = pytest.mark.end_to_end

SHORT = (
    ("sync",),
    ("backup",),
    ("playbook", "list"),
    ("export", "--out", "{home}/export.json"),
    ("promise", "--help"),
    ("backup", "restore", "--yes"),
)
LONG = (
    ("init", "--no-input"), ("profile", "list"), ("doctor",), ("doctor", "--rebuild"), ("queue",),
    ("queue", "--json"), ("show", "{ticket}"), ("brief", "{ticket}"), ("take", "{ticket}", "--yes"),
    ("sync", "--json"), ("sync", "--accept-shorter"), ("outbox", "list"), ("outbox", "list", "--all"),
    ("backup", "list"), ("backup", "notes"), ("playbook", "lint"),
    ("playbook", "suggest", "{ticket}"), ("rules", "--help"), ("recommendations",), ("wording", "--help"),
    ("verdicts",), ("report", "{ticket}"), ("export",), ("investigate", "{ticket}", "--quick"),
)  # fmt: skip
COMMANDS = (*SHORT[:-1], *LONG, SHORT[-1]) if FULL else SHORT


def open_to_others(*folders: Path) -> list[str]:
    """Everything below ``folders`` that group or others may read, write or enter."""
    found = []
    for folder in folders:
        for path in (folder, *folder.rglob("*")):
            mode = path.lstat().st_mode
            if not stat.S_ISLNK(mode) and mode & 0o077:
                found.append(f"{path} {stat.filemode(mode)}")
    return found


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o077] if FULL else [0o000, 0o077], ids=oct)
def test_nothing_is_open_to_others_after_any_command(
    tmp_path: Path, demo: DemoProcess, umask: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir(mode=0o700)
    monkeypatch.setenv("TMPDIR", str(scratch))
    before = os.umask(umask)
    try:
        shell = Shell(tmp_path / "home", {"TRIAGE_TOKEN": demo.token})
        words = ("init", "--no-input", "--profile", "demo", "--helpdesk", "zendesk", "--url", demo.url)
        shell.must(*words, "--token-env", "TRIAGE_TOKEN")
        ticket = "1"
        for command in COMMANDS:
            shell.run(*(word.format(home=shell.home, ticket=ticket) for word in command))
            assert open_to_others(*shell.home.iterdir(), scratch) == [], command
            if command == ("sync",):
                ticket = shell.must("queue", "--json").document[0]["id"]
        tell("files", len(COMMANDS))
    finally:
        os.umask(before)
