"""The lease over the real outbox: one sender, and one that lost it writes nothing more."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from tests.sync import virtual_time
from tests.sync.fake_helpdesk import Server
from tests.sync.stored import StillDatabase, confirmed, load, with_database
from triage.model.operation import Change, Note, Operation
from triage.sync import outbox
from triage.sync.ledger import LEASE_S, LeaseLost, StoreLedger
from triage.sync.sender import FRESH_S, WRITE_DEADLINE_S


class Clock:
    def __init__(self) -> None:
        self.ahead_s = 0.0

    def __call__(self) -> object:
        return virtual_time.START + timedelta(seconds=self.ahead_s)


def ledger(database: StillDatabase, owner: str, clock: Clock) -> StoreLedger:
    return StoreLedger(database.plain, owner, clock)  # type: ignore[arg-type]


def test_a_lease_outlives_the_longest_write() -> None:
    assert LEASE_S > WRITE_DEADLINE_S + FRESH_S + 30


def test_the_second_sender_is_told_until_when(tmp_path: Path) -> None:
    async def story(database: StillDatabase) -> None:
        clock = Clock()
        first, second = ledger(database, "a", clock), ledger(database, "b", clock)
        assert await first.take() is None
        assert await second.take() == virtual_time.START + timedelta(seconds=LEASE_S)
        await first.give_back()
        assert await second.take() is None

    with_database(tmp_path, story)


def test_who_lost_the_lease_changes_nothing_more(tmp_path: Path) -> None:
    async def story(database: StillDatabase) -> None:
        clock = Clock()
        server = Server(["1"])
        change = Change(note=Note("found", "internal"))
        kept = await confirmed(database, server.ticket("1"), change, "op-a")
        first, second = ledger(database, "a", clock), ledger(database, "b", clock)
        await first.take()
        clock.ahead_s = LEASE_S + 1
        assert await second.take() is None
        with pytest.raises(LeaseLost):
            await first.change("op-a", outbox.park)
        with pytest.raises(LeaseLost):
            clock.ahead_s += 1
            await first.keep()
        assert await load(database, "op-a") == kept
        await first.give_back()
        parked: Operation = await second.change("op-a", outbox.park)
        assert parked.state == "parked"

    with_database(tmp_path, story)


def test_every_change_prolongs_the_lease_and_keeping_it_is_cheap(tmp_path: Path) -> None:
    async def story(database: StillDatabase) -> None:
        clock = Clock()
        await confirmed(database, Server(["1"]).ticket("1"), Change(status="hold"), "op-a")
        mine = ledger(database, "a", clock)
        await mine.take()
        for _ in range(5):
            clock.ahead_s += LEASE_S - 1
            await mine.change("op-a", lambda operation: operation)
        writes = database.writes
        await mine.keep()
        assert database.writes == writes
        clock.ahead_s += LEASE_S * 0.6
        await mine.keep()
        assert database.writes == writes + 1

    with_database(tmp_path, story)
