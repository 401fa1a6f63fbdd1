"""What a backup does not bring back is named, case by case."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.store.samples import NOW, operation, ticket
from triage.desk.backup_desk import MOST_NAMED, BackupDesk, only_before
from triage.docket.docket import Docket
from triage.model.entry import NewEntry, Person
from triage.model.operation import Change, Note
from triage.store import backups, mirror, outbox
from triage.store.backups import Restored
from triage.store.database import Database
from triage.store.note_journal import NoteJournal

MARK = NewEntry("case", "1", "case.marked", {"on": True})


async def restored(folder: Path, cases: list[str]) -> Restored:
    """After a backup each of ``cases`` got an entry; then the backup took the place of all that."""
    path = folder / "triage.db"
    database = await Database.open(f"sqlite:///{path}")
    moments = iter(range(1_000))
    docket = Docket(
        database, Person("mara"), clock=lambda: NOW + timedelta(minutes=next(moments)), randomness=bytes
    )
    await database.write(lambda session: mirror.save_tickets(session, [ticket("1")], NOW))
    await docket.append("1", [MARK])
    backup = await backups.take(database, folder / "backups", NOW)
    for case in cases:
        await docket.append(case, [replace(MARK, subject_id=case)])
    await database.close()
    return backups.restore(path, backup.path, NOW)


async def test_entries_written_since_are_named_by_case(tmp_path: Path) -> None:
    found = await restored(tmp_path, ["1", "2", "1"])
    assert only_before(found) == (
        "only there: HL-1, 2 entries, 2026-03-10 03:01 to 2026-03-10 03:03 UTC: case.marked",
        "only there: 2, 1 entry, 2026-03-10 03:02 to 2026-03-10 03:02 UTC: case.marked",
    )


async def test_of_many_cases_the_rest_is_counted(tmp_path: Path) -> None:
    said = only_before(await restored(tmp_path, [f"c{number}" for number in range(MOST_NAMED + 3)]))
    assert len(said) == MOST_NAMED + 1
    assert said[-1] == "only there: entries of 3 more cases"


async def test_nothing_new_says_nothing_and_what_cannot_be_read_is_said(tmp_path: Path) -> None:
    assert only_before(await restored(tmp_path, [])) == ()
    path = tmp_path / "triage.db"
    path.write_bytes(b"")
    [backup] = backups.taken(tmp_path / "backups")
    assert "could not be read" in only_before(backups.restore(path, backup.path, NOW))[0]


@pytest.mark.parametrize("shared", [False, True])
async def test_a_colleagues_text_in_a_database_of_several_is_not_overwritten(
    tmp_path: Path, shared: bool
) -> None:
    database = await Database.open(f"sqlite:///{tmp_path / 'triage.db'}")
    journal = NoteJournal(tmp_path / "unsent.jsonl")
    there = replace(
        operation("op"), state="proposed", steps=(), change=Change(note=Note("In the database.", "internal"))
    )
    await database.write(lambda session: outbox.add_operation(session, there))
    journal.write([replace(there, change=Change(note=Note("In the journal.", "internal")))])
    profile = SimpleNamespace(sqlite_path=None if shared else tmp_path / "triage.db")
    parts: Any = SimpleNamespace(profile=profile, database=database, journal=journal)
    back = await BackupDesk(parts).bring_back()
    assert [one.id for one in back] == ([] if shared else ["op"])
    kept = await database.read(lambda session: outbox.load_operation(session, "op"))
    assert kept.change.note == Note("In the database." if shared else "In the journal.", "internal")
    await database.close()


async def test_the_journal_is_read_once_nobody_else_writes_to_the_database(tmp_path: Path) -> None:
    path, journal = tmp_path / "triage.db", NoteJournal(tmp_path / "unsent.jsonl")
    one, other = [await Database.open(f"sqlite:///{path}") for _ in range(2)]
    note = replace(
        operation("op"), state="proposed", steps=(), change=Change(note=Note("Short.", "internal"))
    )
    journal.write([note])
    await other.write(lambda session: outbox.add_operation(session, note))
    real = one.write

    async def after_an_edit(work: Any) -> Any:
        longer = replace(note, change=Change(note=Note("Longer.", "internal")))
        journal.write([longer])
        await other.write(lambda session: outbox.save_operation(session, longer))
        return await real(work)

    one.write = after_an_edit  # type: ignore[method-assign]
    parts: Any = SimpleNamespace(profile=SimpleNamespace(sqlite_path=path), database=one, journal=journal)
    assert await BackupDesk(parts).bring_back() == ()
    for database in (one, other):
        await database.close()
