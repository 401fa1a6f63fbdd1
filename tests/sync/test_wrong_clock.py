"""This machine's clock may be a day off, or jump while it works: the helpdesk ends up the same."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.helpdesk.conftest import _no_waiting  # noqa: F401  (the fixture is for here too)
from tests.helpdesk.stands import OURS, first_ticket
from tests.helpdesk.writing import operation
from tests.reliability.counting import sized, tell
from tests.sync import virtual_time
from tests.sync.fake_helpdesk import FakeHelpdesk, Faults, Server
from tests.sync.stored import StillDatabase, confirmed, load, with_database
from triage.model.operation import Change, Landed, Note
from triage.store import mirror
from triage.store import outbox as rows
from triage.sync import outbox
from triage.sync.pull import pull
from triage.sync.push import push

Clock = Callable[[], datetime]
DAY = 86_400
OFF = (-DAY, -3_600, -300, 300, 3_600, DAY)
JUMPS = sized(3, 100)
"""Runs with a clock that jumps between any two looks at it."""


def off_by(seconds: float) -> Clock:
    return lambda: virtual_time.now() + timedelta(seconds=seconds)


def jumping(seed: int) -> Clock:
    """Another time at two looks out of three for a day and a half, then the right one.

    While it jumps a write may never be begun within its lease, and then waits: safe, but not delivered.
    """
    chance = random.Random(seed)

    def now() -> datetime:
        right = virtual_time.now()
        wild = right < virtual_time.START + timedelta(hours=36)
        return right + timedelta(seconds=chance.choice([0, 0, 0, *OFF]) if wild else 0)

    return now


async def week(database: StillDatabase, clock: Clock) -> object:
    """A pull, writes in foul weather, another pull: what stands on both sides then."""
    server = Server(["1", "2"])

    def weather() -> Faults:
        foul = virtual_time.now() < virtual_time.START + timedelta(seconds=20)
        return Faults(lost_reply=1.0) if foul else Faults()

    helpdesk = FakeHelpdesk(server, random.Random(7), faults=weather)
    await pull(database.plain, helpdesk, "all", now=clock)
    for number in ("1", "2"):
        change = Change(note=Note(f"note {number}", "internal"), tags_add=("bug",), status="hold")
        await confirmed(database, server.ticket(number), change, f"op-{number}", at=clock())
    for _ in range(60):
        result = await push(database.plain, helpdesk, owner="me", now=clock, wait=True)
        again = await try_again(database)
        unfinished = await database.read(rows.list_operations)
        if not (result.busy or again or unfinished):
            break
        await asyncio.sleep(3_600)
    await pull(database.plain, helpdesk, "all", now=clock, accept_shorter=True)
    timelines = [
        [
            event.text
            for event in await database.read(lambda session, one=one: mirror.load_timeline(session, one))
        ]
        for one in ("1", "2")
    ]
    states = [(await load(database, f"op-{number}")).state for number in ("1", "2")]
    there = [
        ([(note.body, note.public) for note in ticket.notes], ticket.status, sorted(ticket.tags))
        for ticket in server.tickets.values()
    ]
    return states, there, timelines


async def try_again(database: StillDatabase) -> int:
    """A person takes up what waits for one: a clock may jump so often that a write is never begun in time."""
    parked = [one for one in await database.read(rows.list_operations) if one.state == "parked"]
    for one in parked:
        again = outbox.retry(one, virtual_time.now())
        await database.write(lambda session, again=again: rows.save_operation(session, again))
    return len(parked)


@pytest.fixture(scope="module")
def right(tmp_path_factory: pytest.TempPathFactory) -> object:
    return with_database(tmp_path_factory.mktemp("right"), lambda database: week(database, virtual_time.now))


@pytest.mark.parametrize("seconds", OFF)
def test_a_clock_that_is_off_ends_like_the_right_one(seconds: int, tmp_path: Path, right: object) -> None:
    assert with_database(tmp_path, lambda database: week(database, off_by(seconds))) == right
    tell("clocks", 1, **{"off from the start": 1})


def test_a_clock_that_jumps_ends_like_the_right_one(tmp_path: Path, right: object) -> None:
    for seed in range(JUMPS):
        folder = tmp_path / str(seed)
        folder.mkdir()
        ended = with_database(folder, lambda database, seed=seed: week(database, jumping(seed)))
        assert ended == right, f"seed {seed}"
    tell("clocks", JUMPS, jumping=JUMPS)


@pytest.mark.parametrize("seconds", OFF)
@pytest.mark.parametrize("name", OURS)
async def test_our_own_note_is_found_by_a_clock_that_is_off(name: str, seconds: int) -> None:
    """The helpdesk's own time is known from its answers."""
    desk, number = OURS[name]().desk, first_ticket(name)
    step = desk.plan(operation(number, note=Note("Found it.", "internal")), await desk.ticket(number))[-1]
    step = replace(step, sent_at=datetime.now(UTC) + timedelta(seconds=seconds))
    assert isinstance(await desk.apply(step, number), Landed)
    desk._connection.skew = timedelta(seconds=-seconds)  # type: ignore[attr-defined]
    assert (await desk.probe(step, number)).verdict == "found"
    tell("clocks", 1, adapters=1)
