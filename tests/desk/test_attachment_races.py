"""Two people's hands on one file of a ticket."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any, BinaryIO

import pytest

from triage.desk.attachment_desk import AttachedFile, AttachmentDesk

FILE = AttachedFile(
    1, "a.log", 5, "text/plain", datetime(2026, 3, 2, tzinfo=UTC), "customer", "public", "ref"
)


class OneFile(AttachmentDesk):
    """A ticket with one file, not fetched yet."""

    async def list(self, ticket_id: str) -> tuple[AttachedFile, ...]:
        return (FILE,)


async def test_a_file_that_another_process_fetched_meanwhile_is_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def attachment(_ref: str, into: BinaryIO, _largest: int) -> None:
        into.write(b"whole")

    async def helpdesk() -> Any:
        return SimpleNamespace(attachment=attachment)

    remove = Path.unlink

    def quicker(path: Path, missing_ok: bool = False) -> None:
        remove(path, missing_ok)
        if path.name == "a.log":
            path.write_bytes(b"whole")

    monkeypatch.setattr(Path, "unlink", quicker)
    parts: Any = SimpleNamespace(
        connection=SimpleNamespace(helpdesk=helpdesk), profile=SimpleNamespace(attachment_dir=tmp_path)
    )
    path = await OneFile(parts).fetch("1", 1)
    assert path.read_bytes() == b"whole"
    assert [one.name for one in path.parent.iterdir()] == ["a.log"]
