"""No note is public unless a person typed the ticket's key: every adapter, in fair weather and in foul.

The fakes take a note without a visibility for a public one, as their originals do, and tell in the timeline
what a customer would see.
"""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.helpdesk.conftest import _no_waiting  # noqa: F401  (the fixture is for here too)
from tests.helpdesk.stands import FIELD, FIELDLESS, OURS, TAGS, Stand
from tests.reliability.counting import sized, tell
from tests.sync.memory_ledger import Kept, MemoryLedger
from triage.helpdesk.port import Page
from triage.helpdesk.transport import Transport
from triage.model.entry import Person
from triage.model.errors import HelpdeskFailed, Refused, TriageError
from triage.model.note_file import PLAIN_TEXT, NoteFile
from triage.model.operation import Change, Note, Operation
from triage.model.ticket import Ticket
from triage.model.timeline import TimelineEvent
from triage.store.note_journal import NoteJournal
from triage.sync import outbox
from triage.sync.merge import Pick, merge
from triage.sync.push import Passes

WORLDS = sized(1, 40)
OPERATIONS = 8
READING = frozenset({"GET", "HEAD"})
WAYS = ("as written", "edited", "after a stranger", "in conflict", "brought back")
"""How a write comes to be sent: the last one is written in a journal, lost, and proposed anew from there."""


def now() -> datetime:
    return datetime.now(UTC)


class Weather:
    """Refuses, or swallows answers of, every third request that writes."""

    def __init__(self, stand: Stand, rng: random.Random) -> None:
        self.rng = rng
        self.writes = 0
        self.fair = False
        stand.server.before = self.before
        if hasattr(stand.server, "after"):
            stand.server.after = self.after

    def before(self, request: httpx.Request) -> httpx.Response | None:
        if request.method in READING:
            return None
        self.writes += 1
        return self._trouble(0.2)

    def after(self, request: httpx.Request) -> httpx.Response | None:
        return None if request.method in READING else self._trouble(0.2)

    def _trouble(self, chance: float) -> httpx.Response | None:
        return httpx.Response(502, text="bad gateway") if self._foul(chance) else None

    def _foul(self, chance: float) -> bool:
        return not self.fair and self.rng.random() < chance


FLAGS = frozenset({"public", "internal", "private_notes"})


def without_flag(body: Any) -> Any:
    """``body`` of a write as an adapter would send it that forgot to say who may read it."""
    if isinstance(body, dict):
        return {name: without_flag(value) for name, value in body.items() if name not in FLAGS}
    if isinstance(body, list):
        return [
            without_flag(one)
            for one in body
            if one != {"key": "sd.public.comment", "value": {"internal": True}}
        ]
    return body


@pytest.mark.parametrize("name", sorted(OURS.keys() - {"github", "pagerduty"}))
async def test_an_adapter_that_forgets_the_flag_is_found_out(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Proof that the servers show what the customer would see. GitHub and PagerDuty have no such flag."""
    write = Transport.write

    async def forgetful(self: Transport, method: str, path: str, body: Any, *more: Any) -> Any:
        if name == "request_tracker":  # there the address is the flag
            path = path.replace("/comment", "/correspond")
        return await write(self, method, path, without_flag(body), *more)

    monkeypatch.setattr(Transport, "write", forgetful)
    stand = OURS[name]()
    kept = Kept()
    [ticket, *_] = [one async for page in stand.desk.queue(await _selector(stand)) for one in page.items]
    files = (NoteFile("found.log", PLAIN_TEXT, "it ends here\n"),)
    takes_files = stand.desk.capabilities.internal_files
    change = Change(note=Note("Found it", "internal", files=files if takes_files else ()))
    proposed = outbox.propose(ticket, change, Person("robin"), "0197bbbb-00", now(), "test")
    kept.operations["0197bbbb-00"] = outbox.confirm(proposed, now())
    await Passes(MemoryLedger(kept, "sender", now), stand.desk, now=now, settle_s=0).run()
    assert "PUBLIC" in kept.operations["0197bbbb-00"].problem
    with pytest.raises(AssertionError):
        await _judge(kept, stand)


@pytest.mark.parametrize("name", OURS)
async def test_only_what_was_confirmed_as_public_is_public(name: str, tmp_path: Path) -> None:
    requests, files, ways = 0, 0, Counter[str]()
    for world in range(WORLDS):
        rng = random.Random(f"{name}/{world}")
        stand = OURS[name]()
        weather = Weather(stand, rng)
        weather.fair = True
        kept = Kept()
        shuffled = rng.sample(WAYS, len(WAYS))
        for number in range(OPERATIONS):
            way = shuffled[number % len(WAYS)]
            journal = NoteJournal(tmp_path / f"{world}-{number}.jsonl")
            made = await _written(stand, rng, f"0197bbbb-{world:02}-{number:02}", name, way, journal)
            kept.operations[made.id] = made
            ways[way] += 1
            files += len(made.change.note.files) if made.change.note else 0
        for attempt in range(12):
            weather.fair = attempt > 6
            ways["picked in conflict"] += await _send(kept, stand, rng)
        requests += weather.writes
        await _judge(kept, stand)
    assert requests >= 3 * WORLDS
    assert set(WAYS) <= set(ways)
    assert ways["picked in conflict"] or name in FIELDLESS
    assert bool(files) is stand.desk.capabilities.internal_files
    tell("visibility", requests, files=files, **ways)


async def _written(
    stand: Stand, rng: random.Random, id_: str, name: str, way: str, journal: NoteJournal
) -> Operation:
    """A confirmed write to one of two tickets, now and then a public reply."""
    tickets = [ticket async for page in stand.desk.queue(await _selector(stand)) for ticket in page.items]
    number = sorted(ticket.id for ticket in tickets)[rng.randrange(2)]
    ticket = await stand.desk.ticket(number)
    public = rng.random() < 0.25 and way != "in conflict"
    note = Note(f"{'Dear customer' if public else 'Found it'} {id_}", "public" if public else "internal")
    if not public and stand.desk.capabilities.internal_files and rng.random() < 0.6:
        note = replace(note, files=(NoteFile(f"{id_}.log", PLAIN_TEXT, f"password=opensesame-{id_}\n"),))
    change = Change(note=note)
    if not public:
        fields = {} if name in FIELDLESS or way != "in conflict" else {FIELD[0]: id_}
        change = Change(note=note, tags_add=(TAGS.get(name, "bug"),), fields=fields,
                        assignee="me" if rng.random() < 0.2 else None)  # fmt: skip
    proposed = outbox.propose(ticket, change, Person("robin"), id_, now(), "test")
    if way == "edited":
        if public:
            proposed = outbox.confirm(proposed, now(), public_key=ticket.key)
        proposed = outbox.edit_note(proposed, f"Said better {id_}")
    if way in ("after a stranger", "in conflict"):
        await _meddle(stand, ticket, name, f"{id_}-stranger")
    if way == "brought back":
        journal.write([outbox.confirm(proposed, now(), public_key=ticket.key if public else "")])
        proposed = replace(journal.unsent()[id_], base=proposed.base, base_version=proposed.base_version)
    assert not proposed.public_confirmed_with
    if public:
        with pytest.raises(Refused):
            outbox.confirm(proposed, now())
    return outbox.confirm(proposed, now(), public_key=ticket.key if public else "")


async def _meddle(stand: Stand, ticket: Ticket, name: str, value: str) -> None:
    """Somebody else changes the ticket after the person looked."""
    change = Change(
        tags_add=(TAGS.get(name, "stranger"),), fields={} if name in FIELDLESS else {FIELD[0]: value}
    )
    stranger = Operation(f"0197ffff-{value}", ticket.id, change, "pending", now(), "noor")
    for step in stand.desk.plan(stranger, ticket):
        await stand.desk.apply(replace(step, base=None), ticket.id)


async def _selector(stand: Stand) -> str:
    return (await stand.desk.queue_choices())[0].selector


async def _send(kept: Kept, stand: Stand, rng: random.Random) -> int:
    """A pass, and a person who picks in conflicts and tries again whatever else stopped; how many picks."""
    ledger = MemoryLedger(kept, "sender", now)
    try:
        await Passes(ledger, stand.desk, now=now, settle_s=0).run()
    except HelpdeskFailed:
        return 0
    picks = 0
    for operation in list(kept.operations.values()):
        if operation.state == "conflict":
            picks += await _pick(kept, stand, operation, rng)
        elif operation.state in ("parked", "rejected"):
            kept.edit(operation.id, lambda one: outbox.retry(one, now()))
        for step in operation.steps:
            assert step.visibility == "internal" or operation.public_confirmed_with
    return picks


async def _pick(kept: Kept, stand: Stand, operation: Operation, rng: random.Random) -> bool:
    try:
        current = await stand.desk.ticket(operation.ticket_id)
        me = (await stand.desk.whoami()).name
    except TriageError:
        return False
    sides: tuple[Pick, ...] = ("mine", "theirs")
    picks = {one.field: rng.choice(sides) for one in merge(operation, current, me=me).conflicts}
    kept.edit(operation.id, lambda one: outbox.resolve(one, picks, current, me=me))
    return True


async def _judge(kept: Kept, stand: Stand) -> None:
    for ticket_id in {operation.ticket_id for operation in kept.operations.values()}:
        events = await _events(stand, ticket_id)
        for operation in kept.operations.values():
            if operation.change.note is None or operation.ticket_id != ticket_id:
                continue
            seen = [one for one in events if operation.change.note.body in one.text]
            assert len(seen) <= 1
            asked = operation.change.note.visibility == "public" and operation.public_confirmed_with
            assert all(one.visibility == "internal" for one in seen) or asked
            for file in operation.change.note.files:
                hanging = [event for event in events if file.name in [one.name for one in event.attachments]]
                assert hanging == seen, "a file is with its note, wherever that is, and nowhere else"
                assert all(event.visibility == "internal" for event in hanging)
                assert "opensesame" not in file.text


async def _events(stand: Stand, ticket_id: str) -> list[TimelineEvent]:
    try:
        ticket = await stand.desk.ticket(ticket_id)
        pages: Any = stand.desk.timeline(ticket)
        found: list[TimelineEvent] = []
        page: Page[TimelineEvent]
        async for page in pages:
            found += [event for event in page.items if event.kind == "message"]
    except TriageError:
        pytest.fail("the fake does not answer in fair weather")
    return found
