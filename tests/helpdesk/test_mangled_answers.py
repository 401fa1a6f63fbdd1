"""Answers whose JSON is not what it should be: never a traceback, never another ticket's id.

``TRIAGE_JSON_FUZZ`` is how many answers are mangled for each adapter.
"""

from __future__ import annotations

import copy
import json
import os
import random
from typing import Any

import httpx
import pytest

from tests.helpdesk.test_conformance import OURS
from triage.model.errors import TriageError
from triage.model.operation import Change, Note, Operation
from triage.model.ticket import Ticket

CASES = int(os.environ.get("TRIAGE_JSON_FUZZ", "12"))
JSON = {"Content-Type": "application/json"}
STRANGE: tuple[Any, ...] = (
    None, True, False, 0, -1, 10**30, 1e308, "", "x" * 20_000, "\u202e\x1b[31m", "\ud800", [], {}, [[]],
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
        async for _ in desk.timeline(ticket):
            pass

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


@pytest.mark.parametrize("name", OURS)
async def test_mangled_answers_end_in_one_clear_line_and_change_no_id(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("triage.helpdesk.transport.BACKOFF_BASE_S", 0.0)
    number = "Q1" if name == "pagerduty" else "1"
    for seed in range(CASES):
        chance = random.Random(f"{name}/{seed}")
        stand = OURS[name]()
        at, count = chance.randrange(12), 0
        answer = stand.server._answer if hasattr(stand.server, "_answer") else stand.server._handle

        def bad(
            request: httpx.Request, answer: Any = answer, chance: random.Random = chance, at: int = at
        ) -> Any:
            nonlocal count
            reply: httpx.Response = answer(request)
            count += 1
            if count - 1 != at or reply.content[:1] not in (b"{", b"["):
                return reply
            body = json.dumps(mangled(json.loads(reply.content), chance)).encode()
            return httpx.Response(
                reply.status_code, content=body, headers={"Content-Type": "application/json"}
            )

        wire = httpx.MockTransport(bad)
        for client in (stand.desk._connection._reads, stand.desk._connection._writes):  # type: ignore[attr-defined]
            client._transport = wire
            client._mounts = {}
        try:
            tickets = await everything(stand.desk, number)
        except Exception as fault:
            raise AssertionError(f"seed {seed} of {name}: {type(fault).__name__}: {fault}") from fault
        known = {f"Q{n}" for n in range(1, 13)} | {str(n) for n in range(1, 13)}
        assert {ticket.id for ticket in tickets} - known <= {"0"} | {"-1"}, f"seed {seed} of {name}"
