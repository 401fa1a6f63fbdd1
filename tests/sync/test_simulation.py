"""Thousands of little worlds in a storm: nothing lost, nothing twice, nothing in the wrong place.

A failure names its seeds. ``TRIAGE_SIMULATION_SEEDS`` and ``TRIAGE_SIMULATION_FIRST`` run more or others.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from sqlmodel import Session

from tests.reliability.records import ROOT
from tests.reliability.schedules import Tally, live
from tests.sync.simulator import Process, World, simulate
from tests.sync.stored import StillDatabase, with_database
from triage.model.operation import Operation
from triage.store import membership, mirror, outbox, pull_state
from triage.sync.books import Books, StoreBooks
from triage.sync.ledger import Ledger, Move, StoreLedger
from triage.sync.reading import Reading

SEEDS = int(os.environ.get("TRIAGE_SIMULATION_SEEDS", "5000"))
FIRST = int(os.environ.get("TRIAGE_SIMULATION_FIRST", "0"))
PARTS = 25
"""So that processes side by side share the work evenly."""


@pytest.mark.parametrize("part", range(PARTS))
def test_both_sides_agree_and_every_note_arrives_once_with_its_visibility(part: int) -> None:
    tally = Tally()
    for first in range(FIRST + part, FIRST + SEEDS, PARTS):
        tally.add(live(range(first, first + 1)))
    assert not tally.broken
    # The worlds were worth surviving.
    assert tally.kills > tally.worlds
    assert tally.sends > 3 * tally.worlds
    assert tally.stops > tally.worlds


@pytest.mark.parametrize("seed", [47, 48, 136, 165, 209, 1460, 1951, 20_850, 24_010, 32_287])
def test_worlds_that_once_broke_are_lived_first(seed: int) -> None:
    assert not live(range(seed, seed + 1)).broken


def test_the_same_seed_tells_the_same_story_in_another_process() -> None:
    """Whatever order sets have there."""
    command = "from tests.sync.simulator import simulate; print([simulate(seed).trace for seed in range(6)])"
    told = {
        subprocess.run(
            [sys.executable, "-c", command], env={**os.environ, "PYTHONHASHSEED": hashing}, cwd=ROOT,
            capture_output=True, text=True, check=True,
        ).stdout
        for hashing in ("1", "2")
    }  # fmt: skip
    assert len(told) == 1


def test_other_seeds_tell_other_stories() -> None:
    assert len({simulate(seed).trace for seed in range(8)}) == 8


class StoredWorld(World):
    """The same world, its outbox and lease in a real database."""

    def __init__(self, seed: int, database: StillDatabase) -> None:
        super().__init__(seed)
        self.database = database

    async def add(self, operation: Operation) -> None:
        await self.database.write(lambda session: outbox.add_operation(session, operation))

    async def edit(self, operation_id: str, move: Move) -> Operation:
        def write(session: Session) -> Operation:
            after = move(outbox.load_operation(session, operation_id))
            outbox.save_operation(session, after)
            return after

        return await self.database.write(write)

    def books(self, process: Process) -> Books | None:
        return StoreBooks(self.database.seen_by(process.point), "all", self.now)

    async def look(self) -> None:
        kept = await self.database.read(lambda session: outbox.list_operations(session, finished=True))
        self.kept.operations = {operation.id: operation for operation in kept}
        await self.database.read(self._mirror)

    def _mirror(self, session: Session) -> None:
        held = mirror.load_many(session, list(self.server.tickets))
        lines = mirror.load_timelines(session, list(held))
        self.kept.mirror = {one: Reading(held[one].ticket, lines.get(one, ())) for one in held}
        self.kept.gone = {one for one in held if held[one].gone}
        self.kept.members = set(membership.members(session, "all"))
        self.kept.cursor = pull_state.load_cursor(session, "changes all")

    def ledger(self, process: Process) -> Ledger:
        return StoreLedger(self.database.seen_by(process.point), process.name, self.now)


@pytest.mark.parametrize("seed", range(5))
def test_the_real_database_weathers_the_storm(seed: int, tmp_path: Path) -> None:
    report = with_database(tmp_path, lambda database: StoredWorld(seed, database).live())
    assert not report.violations, f"seed {seed}"
    assert report.sends
