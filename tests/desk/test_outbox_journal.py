"""What a person decides about a write that has begun stands in the journal, for an older database to know."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.store.samples import NOW, operation, ticket
from triage.desk import outbox_desk
from triage.desk.outbox_desk import OutboxDesk
from triage.model.errors import HelpdeskFailed, Invalid
from triage.model.operation import Change, Note, Operation, WriteState
from triage.store import backups, bringing_back, mirror, outbox
from triage.store.database import Database
from triage.store.note_journal import NoteJournal


@dataclass
class Shop:
    """A desk with its outbox, and the journal beside it."""

    path: Path
    database: Database
    journal: NoteJournal
    desk: OutboxDesk

    async def held(self, one: Operation) -> None:
        await self.database.write(lambda session: outbox.save_operation(session, one))

    async def brought_back(self) -> tuple[Operation, ...]:
        told = self.journal.told()
        return await self.database.write(lambda session: bringing_back.bring_back(session, told))


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Shop]:
    path = tmp_path / "triage.db"
    database = await Database.open(f"sqlite:///{path}")
    journal = NoteJournal(tmp_path / "unsent.jsonl", lambda: NOW)

    async def helpdesk() -> None:
        return None

    profile = SimpleNamespace(settle_s=None, backup_dir=tmp_path / "backups")
    parts: Any = SimpleNamespace(
        database=database, journal=journal, now=lambda: NOW, profile=profile,
        connection=SimpleNamespace(helpdesk=helpdesk),
    )  # fmt: skip
    await database.write(lambda session: mirror.save_tickets(session, [ticket("1")], NOW))
    yield Shop(path, database, journal, OutboxDesk(parts))
    await database.close()


def written(state: WriteState, attempts: int, visibility: Any = "internal") -> Operation:
    """A write whose only request is in ``state``, too."""
    made = replace(operation("op"), change=Change(note=Note("Found it.", visibility)), state=state)
    step = replace(made.steps[0], state=state, attempts=attempts, visibility=visibility)
    return replace(made, confirmed_at=NOW, public_confirmed_with="HL-1", steps=(step,))


async def test_what_was_set_aside_stays_aside_after_an_older_database_came_back(shop: Shop) -> None:
    fresh = operation("op")
    await shop.held(
        replace(fresh, state="unknown", steps=(replace(fresh.steps[0], state="unknown", attempts=1),))
    )
    await shop.desk.park("op")
    assert shop.journal.told()["op"].operation.state == "parked"
    await shop.held(fresh)  # as it was before it began
    [back] = await shop.brought_back()
    assert (back.state, back.steps[0].state) == ("parked", "unknown")
    await shop.desk.retry("op")
    assert shop.journal.told()["op"].operation.state == "unknown"
    await shop.desk.drop("op")
    assert shop.journal.unsent() == {}


@pytest.mark.parametrize("attempts", [0, 1])
async def test_a_reply_given_up_stays_given_up_when_a_backup_comes_back(
    shop: Shop, tmp_path: Path, attempts: int
) -> None:
    confirmed = written("pending", 0, "public")
    shop.journal.write([confirmed])
    await shop.held(confirmed)
    backup = await backups.take(shop.database, tmp_path / "backups", NOW)
    if attempts:
        sent = written("unknown", attempts, "public")
        shop.journal.begun(sent)
        await shop.held(sent)
    await shop.desk.drop("op")
    await shop.database.close()
    [back] = backups.restore(shop.path, backup.path, NOW, shop.journal).writes
    assert back.state == "dropped"


async def test_nothing_is_given_up_that_the_journal_was_not_told(shop: Shop) -> None:
    await shop.held(written("unknown", 1))
    shop.journal.path.mkdir()
    with pytest.raises(Invalid, match="cannot write"):
        await shop.desk.drop("op")
    [kept] = await shop.desk.list()
    assert kept.state == "unknown"


async def test_a_write_taken_back_with_the_same_text_is_not_sent_before_it_is_confirmed_again(
    shop: Shop,
) -> None:
    shop.journal.begun(written("sending", 1))
    await shop.held(written("pending", 1))
    await shop.desk.edit_note("op", "Found it.")
    assert await shop.brought_back() == ()
    assert shop.journal.told()["op"].operation.state == "proposed"
    await shop.held(written("pending", 0))
    assert not [one for one in await shop.brought_back() if one.state == "unknown"]


async def test_the_journal_hears_what_arrived_also_where_the_sending_failed(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def push(*_: object, **__: object) -> None:
        shop.journal.begun(written("sending", 1))
        await shop.held(written("verified", 1))
        raise HelpdeskFailed("nobody answers")

    monkeypatch.setattr(outbox_desk, "push", push)
    with pytest.raises(HelpdeskFailed):
        await shop.desk.send()
    assert shop.journal.told()["op"].operation.state == "verified"
