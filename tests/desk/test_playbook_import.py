"""Reading a file of another format: nothing of it is left out without a word."""

from __future__ import annotations

import io
import os
import sys
from pathlib import Path

import pytest

from triage.desk import playbook_exchange
from triage.desk.playbook_exchange import import_file
from triage.model.errors import Invalid


def test_a_file_that_would_be_cut_short_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    runbook = tmp_path / "runbook.md"
    runbook.write_text("# Look\n\n1. Read the log\n2. Restart it\n")
    assert not import_file(runbook, "", None).refused
    monkeypatch.setattr(playbook_exchange, "READ_LIMIT", 20)
    with pytest.raises(Invalid, match="larger than"):
        import_file(runbook, "", None)


def test_a_pipe_a_folder_and_a_device_are_refused_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.md")
    (tmp_path / "folder.md").mkdir()
    for place in (tmp_path / "pipe.md", tmp_path / "folder.md", Path("/dev/zero")):
        with pytest.raises(Invalid, match="no regular file"):
            import_file(place, "markdown", None)


def test_standard_input_is_read_when_it_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    raw = io.TextIOWrapper(io.BytesIO(b"# Look\n\n1. Read the log\n2. Restart it\n"))
    monkeypatch.setattr(sys, "stdin", raw)
    assert "Read the log" in import_file(Path("-"), "markdown", None).text
    with pytest.raises(Invalid, match="cannot tell the format"):
        import_file(Path("-"), "", None)
