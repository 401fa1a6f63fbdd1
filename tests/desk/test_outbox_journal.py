"""What a person decides about a write that has begun stands in the journal, for an older database to know."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from tests.store.samples import NOW, operation, ticket
from triage.desk.outbox_desk import OutboxDesk
from triage.store import bringing_back, mirror, outbox
from triage.store.database import Database
from triage.store.note_journal import NoteJournal


async def test_what_was_set_aside_stays_aside_after_an_older_database_came_back(tmp_path: Path) -> None:
    database = await Database.open(f"sqlite:///{tmp_path / 'triage.db'}")
    journal = NoteJournal(tmp_path / "unsent.jsonl", lambda: NOW)
    parts: Any = SimpleNamespace(database=database, journal=journal, now=lambda: NOW)
    desk = OutboxDesk(parts)
    await database.write(lambda session: mirror.save_tickets(session, [ticket("1")], NOW))
    fresh = operation("op")
    begun = replace(fresh, state="unknown", steps=(replace(fresh.steps[0], state="unknown", attempts=1),))
    await database.write(lambda session: outbox.add_operation(session, begun))
    await desk.park("op")
    assert journal.told()["op"].operation.state == "parked"
    await database.write(lambda session: outbox.save_operation(session, fresh))  # as it was before it began
    told = journal.told()
    [back] = await database.write(lambda session: bringing_back.bring_back(session, told))
    assert (back.state, back.steps[0].state) == ("parked", "unknown")
    await desk.retry("op")
    assert journal.told()["op"].operation.state == "unknown"
    await desk.drop("op")
    assert set(journal.unsent()) == {"op"}, "its end is told with the next sending"
    await database.close()
