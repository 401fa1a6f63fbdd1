"""Files on tickets: listed, fetched once, kept private, never trusted in their names."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from tests.end_to_end.shell import Shell
from tests.end_to_end.terminal import Terminal
from triage.demo.child import DemoProcess

pytestmark = pytest.mark.end_to_end


def test_a_file_is_listed_fetched_and_kept_for_its_owner_only(shell: Shell, demo: DemoProcess) -> None:
    shell.must("sync")
    (file,) = shell.must("attachments", "list", "HL-40817", "--json").document
    assert (file["number"], file["name"], file["path"]) == (1, "directory-sync.log", "")
    path = Path(shell.must("attachments", "get", "HL-40817", "1").out.strip())
    assert path.name == "directory-sync.log"
    assert path.stat().st_size == file["size"]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert [child.name for child in path.parent.iterdir()] == ["directory-sync.log"]
    demo.stop()
    again = shell.must("attachments", "get", "HL-40817", "1").out.strip()
    assert again == str(path)
    assert shell.must("attachments", "list", "HL-40817", "--json").document[0]["path"] == str(path)


def test_a_missing_number_and_a_taken_name_are_one_line(shell: Shell, tmp_path: Path) -> None:
    shell.must("sync")
    assert "no file 9" in shell.must("attachments", "get", "HL-40817", "9", code=1).err
    taken = tmp_path / "taken"
    taken.write_text("mine")
    assert (
        "there is a file already"
        in shell.must("attachments", "get", "HL-40817", "1", "--out", str(taken), code=2).err
    )
    assert taken.read_text() == "mine"


def test_enter_on_an_attached_text_shows_it(shell: Shell) -> None:
    shell.must("sync")
    env = {"TRIAGE_HOME": str(shell.home), "NO_COLOR": "1", **shell.env}
    with Terminal(["--profile", "demo"], env) as screen:
        screen.wait_for("HL-40817", "? help")
        screen.press("enter")
        screen.wait_for("attached: directory-sync.log", "pulled 0 s ago")
        screen.press("/")
        screen.type("attached:")
        screen.press("enter")
        screen.wait_for("n next match")
        screen.press("enter")
        assert "groups" in screen.wait_for("directory-sync.log", gone="Timeline")
