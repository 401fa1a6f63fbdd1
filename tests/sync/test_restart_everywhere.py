"""Kill the sender at every commit and at every request, start it again: always the same end."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from tests.reliability.counting import sized, tell
from tests.sync import virtual_time
from tests.sync.fake_helpdesk import FakeHelpdesk, Faults, Server
from tests.sync.memory_ledger import Kept, MemoryLedger
from tests.sync.simulator import Killed, Process, run_until_dead
from tests.sync.stored import StillDatabase, confirmed, load, with_database
from triage.model.entry import Person
from triage.model.note_file import PLAIN_TEXT, NoteFile
from triage.model.operation import Change, Note
from triage.store import mirror
from triage.sync import outbox
from triage.sync.pull import pull
from triage.sync.push import Passes, push

LOG = NoteFile("log.txt", PLAIN_TEXT, "it ends here\n")
FIRST = Change(
    note=Note("first", "internal", files=(LOG,)),
    tags_add=("bug",), fields={"esc_code": "x"}, status="hold",
)  # fmt: skip
SECOND = Change(note=Note("second", "public"))


@dataclass(frozen=True)
class Scenario:
    """One kind of helpdesk and the trouble that meets the first request; later ones go well."""

    name: str
    faults: Faults
    atomic: bool
    locks: bool = True


SCENARIOS = [
    Scenario(f"{trouble} {'one request' if atomic else 'two requests'} {'locked' if locks else 'unlocked'}",
             faults, atomic, locks)
    for trouble, faults in [
        ("calm", Faults()),
        ("lost request", Faults(lost_request=1.0)),
        ("lost reply", Faults(lost_reply=1.0)),
        ("late", Faults(late=1.0)),
        ("slow", Faults(slow=1.0)),
        ("throttled", Faults(throttled=1.0)),
        ("not sent", Faults(not_sent=1.0)),
        ("broken", Faults(broken=1.0)),
        ("lagging", Faults(lost_reply=1.0, lag=1.0)),
    ]
    for atomic in (True, False)
    for locks in (True, False)
]  # fmt: skip


class Fuse:
    """Burns at the ``at``-th point; None: never."""

    def __init__(self, at: int | None) -> None:
        self.at = at
        self.passed = 0

    def burns(self) -> bool:
        self.passed += 1
        return self.passed - 1 == self.at


MODES = {
    "in order": ("1", "1"),
    "side by side": ("1", "2", "3"),
    "replies out of order": ("1", "2", "1", "2"),
}
"""The ticket of each write."""


async def story(scenario: Scenario, kill_at: int | None, mode: str = "in order") -> tuple[int, object]:
    """A few writes, a kill, a restart; how many points there were, and how it ended."""
    server, kept = Server(sorted(set(MODES[mode]))), Kept()

    def weather() -> Faults:
        """Trouble for the first half minute."""
        return (
            scenario.faults if virtual_time.now() < virtual_time.START + timedelta(seconds=30) else Faults()
        )

    for number, ticket_id in enumerate(MODES[mode]):
        change = SECOND if ticket_id in MODES[mode][:number] else FIRST
        proposed = outbox.propose(
            server.ticket(ticket_id), change, Person("Robin"), f"op-{number}", virtual_time.START, "restart"
        )
        key = f"HL-{ticket_id}" if outbox.is_public(change) else ""
        kept.operations[proposed.id] = outbox.confirm(proposed, virtual_time.now(), public_key=key)
    fuse = Fuse(kill_at)
    process = Process("first", fuse.burns)
    # Another throw of the dice lets the replies come in another order at every kill.
    dice = random.Random(kill_at or 0) if mode == "replies out of order" else random.Random(7)
    ended = await run_until_dead(_send(kept, server, scenario, weather, process, dice), process)
    # Other dice may come to the end in fewer steps than there were.
    assert kill_at is None or isinstance(ended, Killed) or mode == "replies out of order"
    await _send(kept, server, scenario, weather, Process("second", lambda: False))
    writes = len(server.writes)
    await _send(kept, server, scenario, weather, Process("third", lambda: False))
    assert len(server.writes) == writes
    return fuse.passed, _end(kept, server)


async def _send(
    kept: Kept,
    server: Server,
    scenario: Scenario,
    weather: Callable[[], Faults],
    process: Process,
    dice: random.Random | None = None,
) -> None:
    helpdesk = FakeHelpdesk(
        server,
        dice or random.Random(7),
        atomic=scenario.atomic,
        locks=scenario.locks,
        faults=weather,
        at_point=process.point,
    )
    ledger = MemoryLedger(kept, process.name, virtual_time.now, process.point)
    await Passes(ledger, helpdesk, now=virtual_time.now).run(wait=True)


def _end(kept: Kept, server: Server) -> object:
    return [one.state for one in kept.operations.values()], [
        (
            [(note.body, note.public, note.files) for note in ticket.notes],
            (ticket.status, ticket.tags, ticket.fields),
            [event.marker for event in kept.mirror[ticket.id].timeline or ()],
        )
        for ticket in server.tickets.values()
    ]


EVERY = sized(9, 1)
"""Of the points with several tickets one in so many, each time others."""


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_killed_anywhere_it_comes_to_the_same_end(scenario: Scenario, mode: str) -> None:
    points, end = virtual_time.run(story(scenario, None, mode))
    assert points > 20
    step = 1 if mode == "in order" else EVERY
    kills = range(len(scenario.name) % step, points, step)
    killed = 0
    for kill_at in kills:
        passed, ended = virtual_time.run(story(scenario, kill_at, mode))
        assert ended == end, f"killed at point {kill_at}"
        killed += passed > kill_at
    tell("step kill", killed, scenarios=1)


@pytest.mark.parametrize("faults", [Faults(), Faults(lost_reply=1.0)], ids=["calm", "lost reply"])
def test_killed_anywhere_on_the_real_database(tmp_path: Path, faults: Faults) -> None:
    async def whole(database: StillDatabase) -> None:
        points = await _on_store(database, "whole", None, faults)
        assert points > 15
        for kill_at in range(points):
            await _on_store(database, f"t{kill_at}", kill_at, faults)

    with_database(tmp_path, whole)


async def _on_store(database: StillDatabase, ticket_id: str, kill_at: int | None, faults: Faults) -> int:
    server = Server([ticket_id])
    ticket = server.ticket(ticket_id)
    change = Change(note=Note("first", "internal", files=(LOG,)), status="hold")
    await confirmed(database, ticket, change, f"op-{ticket_id}")
    fuse = Fuse(kill_at)
    process = Process("first", fuse.burns)

    async def send(point: Callable[[str], None], owner: str) -> None:
        seen = database.seen_by(point)
        helpdesk = FakeHelpdesk(
            server,
            random.Random(7),
            # Every other upload goes well, or the note would never come to its own trouble.
            faults=lambda: Faults() if server.writes or server.uploaded % 2 else faults,
            at_point=point,
        )
        await push(seen, helpdesk, owner=owner, now=virtual_time.now, wait=True)
        await pull(seen, helpdesk, "all", now=virtual_time.now, accept_shorter=True)

    await run_until_dead(send(process.point, f"first {ticket_id}"), process)
    await send(lambda where: None, f"second {ticket_id}")
    [note] = server.tickets[ticket_id].notes
    assert (note.public, note.files) == (False, ((LOG.name, LOG.text),)), f"killed at {kill_at}"
    assert server.tickets[ticket_id].status == "hold"
    assert (await load(database, f"op-{ticket_id}")).state == "verified"
    timeline = await database.read(lambda session: mirror.load_timeline(session, ticket_id))
    assert len(timeline) == 1
    return fuse.passed
