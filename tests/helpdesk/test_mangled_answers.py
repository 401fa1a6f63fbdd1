"""Answers whose JSON is not what it should be: never a traceback, never another ticket's id.

``TRIAGE_JSON_FUZZ`` is how many answers are mangled for each adapter, at least.
"""

from __future__ import annotations

import copy
import itertools
import json
import os
import random
from typing import Any

import httpx
import pytest

from tests.helpdesk.stands import OURS, Stand, first_ticket, known_ids
from tests.reliability.counting import sized, tell
from triage.model.errors import TriageError
from triage.model.operation import Change, Note, Operation
from triage.model.ticket import Ticket

CASES = int(os.environ.get("TRIAGE_JSON_FUZZ", sized(24, 20_000)))
PARTS = sized(1, 4)
"""Of the answers of one adapter, so that they can be shared out."""
STRANGE: tuple[Any, ...] = (
    None, True, False, 0, -1, 2.7, 10**30, 1e308, "", "x" * 20_000, "\u202e\x1b[31m", "\ud800", [], {}, [[]],
    {"id": {}}, "2026-13-45T99:99:99Z", "1970-01-01T00:00:00Z", [None, 1, "a"],
)  # fmt: skip


def mangled(document: Any, chance: random.Random) -> Any:
    """A copy with one thing in it replaced, taken out or doubled."""
    document = copy.deepcopy(document)
    places: list[tuple[Any, Any]] = []

    def walk(value: Any) -> None:
        steps = (
            value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
        )
        for key, inner in steps:
            places.append((value, key))
            walk(inner)

    walk(document)
    if not places or chance.random() < 0.05:
        return chance.choice(STRANGE)
    holder, key = chance.choice(places)
    way = chance.randrange(4)
    if way == 0:
        del holder[key]
    elif way == 1 and isinstance(holder, list):
        holder.append(copy.deepcopy(holder[key]))
    else:
        holder[key] = chance.choice(STRANGE)
    return document


async def everything(desk: Any, number: str) -> list[Ticket]:
    """All that reads, and one write; the tickets that came of it."""
    seen: list[Ticket] = []

    async def tried(work: Any) -> Any:
        try:
            return await work
        except TriageError as problem:
            assert str(problem).strip()
            return None

    async def tickets(pages: Any) -> None:
        async for page in pages:
            seen.extend(page.items)

    async def told(ticket: Ticket) -> None:
        async for page in desk.timeline(ticket):
            assert {event.ticket_id for event in page.items} <= {ticket.id}

    await tried(desk.whoami())
    await tried(desk.queue_choices())
    await tried(tickets(desk.queue("")))
    one = await tried(desk.ticket(number))
    if one is None:
        return seen
    assert one.id == number
    await tried(told(one))
    change = Change(note=Note("x", "internal"))
    wanted = Operation("0197eeee", number, change, "pending", one.updated_at, "robin")
    for step in desk.plan(wanted, one):
        await desk.apply(step, number)
        await desk.probe(step, number)
        await tried(desk.verify(step, number))
    return [*seen, one]


class Mangling(httpx.AsyncBaseTransport):
    """The wire to a stand on which answers are mangled: one of them, or each with some chance."""

    def __init__(self, stand: Stand, chance: random.Random) -> None:
        self.stand = stand
        self.chance = chance
        self.at = chance.randrange(12) if chance.random() < 0.5 else -1
        self.passed = 0
        self.mangled = 0

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """As it would have been, or worse."""
        try:
            reply = await self.stand.answered(request)
        except (KeyError, ValueError):
            # Asked for something made of mangled answers, which is not there.
            reply = httpx.Response(404, json={})
        self.passed += 1
        bad = self.passed - 1 == self.at if self.at >= 0 else self.chance.random() < 0.3
        if not bad or reply.content[:1] not in (b"{", b"["):
            return httpx.Response(reply.status_code, content=reply.content, headers=_kept(reply))
        self.mangled += 1
        body = json.dumps(mangled(json.loads(reply.content), self.chance)).encode()
        return httpx.Response(reply.status_code, content=body, headers={"Content-Type": "application/json"})


def _kept(reply: httpx.Response) -> dict[str, str]:
    return {name: value for name, value in reply.headers.items() if name != "content-length"}


@pytest.mark.parametrize("part", range(PARTS))
@pytest.mark.parametrize("name", OURS)
async def test_mangled_answers_end_in_one_clear_line_and_change_no_id(
    name: str, part: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("triage.helpdesk.waits.BACKOFF_BASE_S", 0.0)
    count = 0
    for seed in itertools.count(part, PARTS):
        wire = Mangling(OURS[name](), random.Random(f"{name}/{seed}"))
        for client in (wire.stand.desk._connection._reads, wire.stand.desk._connection._writes):  # type: ignore[attr-defined]
            client._transport = wire
            client._mounts = {}
        try:
            tickets = await everything(wire.stand.desk, first_ticket(name))
        except Exception as fault:
            raise AssertionError(f"seed {seed} of {name}: {type(fault).__name__}: {fault}") from fault
        strangers = {ticket.id for ticket in tickets} - known_ids(wire.stand)
        assert not strangers, f"seed {seed} of {name}"
        count += wire.mangled
        if count >= CASES // PARTS:
            break
    tell("JSON fuzz", count, **{name: count})
