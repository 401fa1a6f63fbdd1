"""No note is public unless a person typed the ticket's key: every adapter, in fair weather and in foul.

The fakes take a note without a visibility for a public one, as their originals do, and tell in the timeline
what a customer would see.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.helpdesk.conftest import _no_waiting  # noqa: F401  (the fixture is for here too)
from tests.helpdesk.test_conformance import OURS, TAGS, Stand
from tests.reliability.counting import sized, tell
from tests.sync.memory_ledger import Kept, MemoryLedger
from triage.config.profiles import Profile
from triage.config.secret import Secret
from triage.demo.app import create_app
from triage.demo.helpdesk_state import HelpdeskState, Settings
from triage.demo.opening import open_records
from triage.helpdesk.port import Page
from triage.helpdesk.zendesk.adapter import open_helpdesk as open_zendesk
from triage.model.entry import Person
from triage.model.errors import HelpdeskFailed, Refused, TriageError
from triage.model.operation import Change, Note, Operation
from triage.model.timeline import TimelineEvent
from triage.sync import outbox
from triage.sync.push import Passes

WORLDS = sized(1, 40)
OPERATIONS = 8
READING = frozenset({"GET", "HEAD"})
TOKEN = "a-token-of-the-tests"
Watch = Callable[[httpx.Request], httpx.Response | None]


def now() -> datetime:
    return datetime.now(UTC)


class EmbeddedZendesk(httpx.AsyncBaseTransport):
    """The embedded helpdesk in this process; like the real one it takes a bare comment for a public one."""

    def __init__(self, home: Path) -> None:
        self.records = open_records(home, now=now(), zone="UTC", tickets=30, seed=7)
        settings = Settings(TOKEN, rate_limit=1_000_000, comment_limit=1_000_000)
        app = create_app(HelpdeskState(self.records, settings, time.time))
        self.app = httpx.ASGITransport(app)
        self.before: Watch = lambda request: None
        self.after: Watch = lambda request: None

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """As the weather has it."""
        if (trouble := self.before(request)) is not None:
            return trouble
        answer = await self.app.handle_async_request(request)
        return self.after(request) or answer


def zendesk(home: Path) -> Stand:
    server = EmbeddedZendesk(home)
    profile = Profile(
        name="demo", helpdesk="zendesk", url="http://127.0.0.1:8080", folder=home, database="", auth="bearer"
    )
    return Stand(server, open_zendesk(profile, Secret(TOKEN), transport=server))


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


@pytest.mark.parametrize("name", ["zammad", "jira cloud"])
async def test_a_helpdesk_that_ignores_the_flag_is_noticed(name: str) -> None:
    """Proof that the fakes show what the customer would see."""
    stand = OURS[name]()
    stand.server.honours_internal = False
    kept = Kept()
    [ticket, *_] = [one async for page in stand.desk.queue(await _selector(stand)) for one in page.items]
    change = Change(note=Note("Found it", "internal"))
    proposed = outbox.propose(ticket, change, Person("robin"), "0197bbbb-00", now(), "test")
    kept.operations["0197bbbb-00"] = outbox.confirm(proposed, now())
    await _send(kept, stand)
    with pytest.raises(AssertionError):
        await _judge(kept, stand)


@pytest.mark.parametrize("name", [*OURS, "zendesk"])
async def test_only_what_was_confirmed_as_public_is_public(name: str, tmp_path: Path) -> None:
    requests = 0
    for world in range(WORLDS):
        rng = random.Random(f"{name}/{world}")
        stand = OURS[name]() if name in OURS else zendesk(tmp_path / str(world))
        weather = Weather(stand, rng)
        kept = Kept()
        for number in range(OPERATIONS):
            operation = await _written(stand, rng, f"0197bbbb-{world:02}-{number:02}", TAGS.get(name, "bug"))
            kept.operations[operation.id] = operation
        for attempt in range(12):
            weather.fair = attempt > 6
            await _send(kept, stand)
        requests += weather.writes
        await _judge(kept, stand)
    assert requests >= 3 * WORLDS
    tell("visibility", requests)


async def _written(stand: Stand, rng: random.Random, id_: str, tag: str) -> Operation:
    """A confirmed write to one of two tickets, now and then a public reply."""
    tickets = [ticket async for page in stand.desk.queue(await _selector(stand)) for ticket in page.items]
    ticket = sorted(tickets, key=lambda one: one.id)[rng.randrange(2)]
    public = rng.random() < 0.2
    note = Note(f"{'Dear customer' if public else 'Found it'} {id_}", "public" if public else "internal")
    change = Change(note=note)
    if not public:
        change = Change(
            note=note if rng.random() < 0.8 else None,
            tags_add=(tag,),
            assignee="me" if rng.random() < 0.2 else None,
        )
    proposed = outbox.propose(ticket, change, Person("robin"), id_, now(), "test")
    if public:
        with pytest.raises(Refused):
            outbox.confirm(proposed, now())
    if not public and change.note is not None and rng.random() < 0.3:
        proposed = outbox.edit_note(proposed, f"Said better {id_}")
    return outbox.confirm(proposed, now(), public_key=ticket.key if public else "")


async def _selector(stand: Stand) -> str:
    return (await stand.desk.queue_choices())[0].selector


async def _send(kept: Kept, stand: Stand) -> None:
    """A pass, and a person who tries again whatever stopped."""
    ledger = MemoryLedger(kept, "sender", now)
    try:
        await Passes(ledger, stand.desk, now=now, settle_s=0).run()
    except HelpdeskFailed:
        return
    for operation in list(kept.operations.values()):
        if operation.state in ("parked", "rejected", "conflict"):
            kept.edit(operation.id, lambda one: outbox.retry(one, now()))
        for step in operation.steps:
            assert step.visibility == "internal" or operation.public_confirmed_with


async def _judge(kept: Kept, stand: Stand) -> None:
    for ticket_id in {operation.ticket_id for operation in kept.operations.values()}:
        events = await _events(stand, ticket_id)
        for operation in kept.operations.values():
            if operation.change.note is None or operation.ticket_id != ticket_id:
                continue
            seen = [one for one in events if operation.change.note.body in one.text]
            assert len(seen) <= 1
            assert all(one.visibility == "internal" for one in seen) or operation.public_confirmed_with


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
