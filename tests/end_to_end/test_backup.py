"""A lost database: the backup is put back and the note written since comes back with it."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path

import pytest

from tests.end_to_end.shell import Shell
from triage.demo.child import DemoProcess
from triage.desk.opening import open_desk

pytestmark = pytest.mark.end_to_end


def note_on(shell: Shell, ticket: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """A confirmed note that is not sent; its id."""
    for name, value in {"TRIAGE_HOME": str(shell.home), **shell.env}.items():
        monkeypatch.setenv(name, value)

    async def propose() -> str:
        desk = await open_desk()
        try:
            operation = await desk.cases.propose_note(ticket, "Found the leak.", "internal")
            return (await desk.outbox.confirm(operation.id)).id
        finally:
            await desk.aclose()

    return asyncio.run(propose())


def test_after_a_lost_database_the_backup_and_the_note_written_since_are_back(
    shell: Shell, demo: DemoProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    shell.must("sync")
    folder = shell.home / "data" / "demo"
    [daily] = shell.must("backup", "list", "--json").document
    assert Path(daily["path"]).parent == folder / "backups"
    taken = shell.must("backup", "--json").document
    assert Path(taken["path"]).stat().st_mode & 0o777 == 0o600
    ticket = shell.must("queue", "--json").document[0]["id"]
    written = note_on(shell, ticket, monkeypatch)
    (folder / "triage.db").write_bytes(b"")
    assert "triage backup restore" in shell.must("queue", code=2).err
    assert "--yes" in shell.must("backup", "restore", code=3).err
    assert written in shell.must("backup", "restore", "--yes").out
    [back] = shell.must("outbox", "list", "--json").document
    assert (back["id"], back["state"]) == (written, "proposed")
    assert shell.must("backup", "notes").out == "no unsent note was missing\n"
    shell.must("outbox", "confirm", written)
    assert shell.must("outbox", "list", "--json").document == []
    (folder / "triage.db").write_bytes(b"")
    again = shell.must("backup", "restore", "--yes").out
    assert "no unsent note was missing" in again
    assert f"{written} on ticket {ticket}: internal note, had arrived since; it is not sent again" in again
    assert "could not be read" in again
    shutil.copy(folder / "triage.db", folder / "triage.db.restored")
    assert "a restore was broken off before it changed anything" in shell.must("queue").err
    assert shell.must("queue").err == ""


def test_what_was_sent_after_the_backup_is_not_sent_a_second_time(
    shell: Shell, demo: DemoProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    shell.must("sync")
    ticket = shell.must("queue", "--json").document[0]["id"]
    written = note_on(shell, ticket, monkeypatch)
    shell.must("backup")
    shell.must("sync")
    said = shell.must("backup", "restore", "--yes").out
    assert f"{written} on ticket {ticket}: internal note, had arrived since; it is not sent again" in said
    shell.must("sync")
    assert shell.must("outbox", "list", "--json").document == []
    timeline = shell.must("show", ticket, "--json").document["timeline"]
    assert [event["text"] for event in timeline].count("Found the leak.") == 1


def test_what_was_given_up_after_the_backup_stays_given_up(
    shell: Shell, demo: DemoProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    shell.must("sync")
    ticket = shell.must("queue", "--json").document[0]["id"]
    written = note_on(shell, ticket, monkeypatch)
    shell.must("backup")
    shell.must("outbox", "drop", written)
    said = shell.must("backup", "restore", "--yes").out
    assert f"{written} on ticket {ticket}: internal note, was given up since" in said
    assert shell.must("outbox", "list", "--json").document == []
