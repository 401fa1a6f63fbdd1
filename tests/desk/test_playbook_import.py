"""Reading a file of another format: nothing of it is left out without a word."""

from __future__ import annotations

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
