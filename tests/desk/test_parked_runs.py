"""A parked run that asks to be taken up again shows in the queue from that moment on, and not before."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import Session

from tests.desk.shop import Shop
from tests.playbook.world import END, HEAD, context
from tests.retrospective.threads import group_rename
from triage.model.entry import NewEntry
from triage.playbook.lint.load import load_text
from triage.playbook.run import engine
from triage.store import membership, mirror, pull_state, queue_rows
from triage.store.database import Database
from triage.store.entries import load_entries
from triage.store.first_page import first_page

TEXT = HEAD + "steps:\n  - {id: look, kind: instruct, title: Look}\n" + END


class Parked:
    """A shop whose one ticket is in the queue, with a run on it."""

    def __init__(self, shop: Shop, path: Path) -> None:
        self.shop = shop
        self.path = path
        self.ticket = replace(group_rename().ticket, status="open")

    async def open(self) -> None:
        def escalate(session: Session) -> None:
            mirror.save_tickets(session, [self.ticket], self.shop.clock)
            membership.set_members(session, "q", [self.ticket.id], self.shop.clock)
            queue_rows.refresh(session, [self.ticket.id])
            pull_state.record_pull(session, "done", self.shop.clock)

        await self.shop.parts.database.write(escalate)
        playbook = load_text(TEXT, "probe.yaml")[0]
        assert playbook is not None
        sha256 = hashlib.sha256(TEXT.encode()).hexdigest()
        await self.add(engine.open_run("r1", playbook, TEXT, sha256, context(now=self.shop.clock)))

    async def add(self, entries: Sequence[NewEntry]) -> None:
        await self.shop.parts.docket.append(self.ticket.id, entries)

    async def do(self, verb: Any, **named: Any) -> None:
        def read(session: Session) -> Any:
            return engine.fold(load_entries(session, subject="run", subject_id="r1"))

        state = await self.shop.parts.database.read(read)
        await self.add(verb(state, context(now=self.shop.clock), **named))

    async def shown(self) -> tuple[int, bool]:
        """The number in the headline and the word on the row, as the desk reads them."""
        now = self.shop.clock

        def read(session: Session) -> tuple[int, bool]:
            [row] = queue_rows.window(session, now, offset=0, limit=9).items
            return queue_rows.counts(session, now).to_resume, row.resume

        told: tuple[int, bool] = await self.shop.parts.database.read(read)
        page = first_page(self.path, now=now, limit=9)
        assert page is not None
        assert (page.counts.to_resume, page.window.items[0].resume) == told
        return told


@pytest.fixture
async def parked(tmp_path: Path) -> AsyncIterator[Parked]:
    path = tmp_path / "triage.db"
    database = await Database.open(f"sqlite:///{path}")
    made = Parked(Shop(database), path)
    await made.open()
    yield made
    await database.close()


async def test_it_is_told_when_its_time_has_come_and_until_it_is_taken_up(parked: Parked) -> None:
    assert await parked.shown() == (0, False)
    await parked.do(engine.park, remind_at=parked.shop.clock + timedelta(minutes=25))
    assert await parked.shown() == (0, False)
    parked.shop.clock += timedelta(minutes=25)
    assert await parked.shown() == (1, True)
    await parked.do(engine.resume)
    assert await parked.shown() == (0, False)


async def test_the_reminder_of_the_last_parking_counts_and_one_without_any_never_asks(parked: Parked) -> None:
    await parked.do(engine.park, remind_at=parked.shop.clock + timedelta(minutes=5))
    await parked.do(engine.resume)
    await parked.do(engine.park, remind_at=parked.shop.clock + timedelta(days=2))
    parked.shop.clock += timedelta(days=1)
    assert await parked.shown() == (0, False)
    await parked.do(engine.resume)
    await parked.do(engine.park)
    parked.shop.clock += timedelta(days=9)
    assert await parked.shown() == (0, False)


@pytest.mark.parametrize("told", ["2020-01-01T00:00:00", "soon", 7, ["2020"]])
async def test_a_reminder_that_cannot_be_read_never_asks_and_leaves_the_queue_standing(
    parked: Parked, told: Any
) -> None:
    await parked.do(engine.park)
    await parked.add([NewEntry("run", "r1", "run.parked", {"remind_at": told})])
    parked.shop.clock += timedelta(days=9)
    assert await parked.shown() == (0, False)
