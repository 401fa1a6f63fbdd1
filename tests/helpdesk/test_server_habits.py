"""Habits of helpdesks that adapters bear: what is declared is done, what comes back reworded is ours."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

import httpx
import pytest

from tests.helpdesk.fake_pagerduty import FakePagerDuty
from tests.helpdesk.fake_request_tracker import START, FakeRequestTracker
from tests.helpdesk.stands import FIELD, FIELDLESS, OURS, TAGS, TICKETS, Stand, first_ticket, known_ids
from tests.helpdesk.writing import everything, operation, send
from tests.sync import virtual_time
from triage.helpdesk.transport import Transport
from triage.model.errors import Refused
from triage.model.operation import Conflict, Landed, Note, Step, Unknown
from triage.model.ticket import Ticket

INTERNAL = Note("  First line.\n\nThird line.  \n", "internal")
STATUS = {
    "redmine": "In Progress", "jira cloud": "Done", "jira data center": "Done", "zammad": "done",
    "github": "closed", "pagerduty": "resolved", "request_tracker": "stalled", "zendesk": "hold",
}  # fmt: skip
"""One that the tickets of a stand can be moved to."""
LONG_TEXT = {
    "redmine": "customer", "jira cloud": "esc_problem", "jira data center": "esc_problem",
    "zammad": "product", "pagerduty": "customer", "request_tracker": "customer", "zendesk": "esc_problem",
}  # fmt: skip
"""A field of each stand that takes any text."""


class Between(httpx.AsyncBaseTransport):
    """The wire to a stand on which the JSON of every answer passes through ``edit``."""

    def __init__(self, stand: Stand, edit: Callable[[Any], Any]) -> None:
        self.stand = stand
        self.edit = edit
        self.edited = 0
        connection = stand.desk._connection  # type: ignore[attr-defined]
        for client in (connection._reads, connection._writes):
            client._transport, client._mounts = self, {}

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """As it would have been, but for the edit."""
        reply = await self.stand.answered(request)
        if reply.content[:1] not in (b"{", b"["):
            return httpx.Response(reply.status_code, content=reply.content, headers=_kept(reply))
        before = json.loads(reply.content)
        after = self.edit(before)
        self.edited += after != before
        return httpx.Response(reply.status_code, content=json.dumps(after).encode(), headers=_kept(reply))


def _kept(reply: httpx.Response) -> dict[str, str]:
    return {name: value for name, value in reply.headers.items() if name != "content-length"}


def everywhere(document: Any, edit: Callable[[str, Any], Any], key: str = "") -> Any:
    """A copy with ``edit`` made on every value that is no container, under the name it has."""
    if isinstance(document, dict):
        return {name: everywhere(value, edit, name) for name, value in document.items()}
    if isinstance(document, list):
        return [everywhere(value, edit, key) for value in document]
    return edit(key, document)


async def whole_plan(name: str, stand: Stand, **change: Any) -> tuple[Ticket, Sequence[Step]]:
    """What becomes of one operation with everything in it that this helpdesk has."""
    ticket = await stand.desk.ticket(first_ticket(name))
    everything_else: dict[str, Any] = {"status": STATUS[name], "assignee": "me"}
    if name not in FIELDLESS:
        everything_else["fields"] = dict([FIELD])
    if stand.desk.capabilities.tags != "none":
        everything_else["tags_add"] = (TAGS.get(name, "esc-bug"),)
    return ticket, stand.desk.plan(operation(ticket.id, note=INTERNAL, **everything_else | change), ticket)


# --- what is declared is done ----------------------------------------------------------------------


@pytest.mark.parametrize("name", OURS)
async def test_one_request_or_several_as_declared_and_the_note_after_all_that_can_conflict(name: str) -> None:
    stand = OURS[name]()
    _, steps = await whole_plan(name, stand)
    assert (len(steps) == 1) is stand.desk.capabilities.atomic_bundle
    [note] = [place for place, step in enumerate(steps) if "note" in step.payload]
    # Only tags may follow: as sets they fit whatever the ticket says by then.
    assert [step.kind for step in steps[note + 1 :]] in ([], ["tags"])
    assert steps[note].probe == "marker"


@pytest.mark.parametrize("name", OURS)
async def test_a_landed_note_carries_marker_and_receipt_as_declared(name: str) -> None:
    stand = OURS[name]()
    can = stand.desk.capabilities
    ticket = await stand.desk.ticket(first_ticket(name))
    (step,) = stand.desk.plan(operation(ticket.id, note=INTERNAL), ticket)
    before = len(stand.server.asked)
    step, outcome = await send(stand.desk, step, ticket.id)
    assert isinstance(outcome, Landed)
    assert bool(step.receipt) is (can.note_receipt != "none")
    told = [request.content.decode() for request in stand.server.asked[before:] if request.method != "GET"]
    in_the_note = str(step.payload["note"]).count(step.key)
    beside_it = sum(body.count(step.key) for body in told) - in_the_note
    assert (beside_it > 0) is (can.marker != "body")
    assert in_the_note == (0 if can.marker == "metadata" else 1)
    assert (await stand.desk.probe(step, ticket.id)).receipt or can.note_receipt == "none"


@pytest.mark.parametrize("name", OURS)
async def test_a_condition_is_the_helpdesks_own_where_that_is_declared(name: str) -> None:
    stand = OURS[name]()
    ticket, steps = await whole_plan(name, stand)
    assert stand.desk.capabilities.conditional_write != "none"
    bound = next(step for step in steps if step.base is not None)
    assert bound.base == ticket.version
    before = len(stand.server.asked)
    _, outcome = await send(stand.desk, bound, ticket.id)
    assert isinstance(outcome, Landed)
    wrote = next(request for request in stand.server.asked[before:] if request.method != "GET")
    native = "If-Match" in wrote.headers or b'"safe_update"' in wrote.content
    assert native is (stand.desk.capabilities.conditional_write == "native")


@pytest.mark.parametrize("name", OURS)
async def test_where_there_are_no_internal_notes_none_is_planned(name: str) -> None:
    stand = OURS[name]()
    if name == "github":
        stand.desk = stand.server.desk()
    ticket = await stand.desk.ticket(first_ticket(name))
    wish = operation(ticket.id, note=INTERNAL)
    if stand.desk.capabilities.internal_note:
        assert all(step.visibility == "internal" for step in stand.desk.plan(wish, ticket))
    else:
        with pytest.raises(Refused):
            stand.desk.plan(wish, ticket)


# --- text that comes back a little different --------------------------------------------------------

CHANGED_ON_THE_WAY: dict[str, Callable[[str], str]] = {
    "breaks as on Windows": lambda text: text.replace("\r\n", "\n").replace("\n", "\r\n"),
    "blanks taken off both ends": str.strip,
}


@pytest.mark.parametrize("way", CHANGED_ON_THE_WAY)
@pytest.mark.parametrize("name", OURS)
async def test_line_breaks_and_outer_blanks_make_no_difference(name: str, way: str) -> None:
    stand = OURS[name]()
    edit = CHANGED_ON_THE_WAY[way]
    Between(stand, lambda body: everywhere(body, lambda _, one: edit(one) if isinstance(one, str) else one))
    ticket = await stand.desk.ticket(first_ticket(name))
    fields = {LONG_TEXT[name]: " One line.\nTwo lines. "} if name in LONG_TEXT else {}
    for step in stand.desk.plan(operation(ticket.id, note=INTERNAL, fields=fields), ticket):
        sent, outcome = await send(stand.desk, step, ticket.id)
        assert isinstance(outcome, Landed)
        assert list(await stand.desk.verify(sent, ticket.id)) == []
        assert (await stand.desk.probe(sent, ticket.id)).verdict == "found"


# --- ids -------------------------------------------------------------------------


async def ids_told(stand: Stand, number: str) -> tuple[list[str], list[str]]:
    tickets = await everything(stand.desk.queue(""))
    one = await stand.desk.ticket(number)
    return [each.id for each in [*tickets, one]], [
        each.id for each in await everything(stand.desk.timeline(one))
    ]


@pytest.mark.parametrize("name", OURS)
async def test_ids_as_text_are_those_as_numbers(name: str) -> None:
    def as_text(key: str, value: Any) -> Any:
        number = isinstance(value, int) and not isinstance(value, bool)
        return str(value) if number and (key == "id" or key == "number") else value

    plain, other = OURS[name](), OURS[name]()
    Between(other, lambda body: everywhere(body, as_text))
    number = first_ticket(name)
    assert await ids_told(other, number) == await ids_told(plain, number)
    assert set((await ids_told(other, number))[0]) <= known_ids(other)


async def test_people_named_by_login_or_by_object_are_the_same() -> None:
    def by_login(document: Any) -> Any:
        if isinstance(document, dict):
            if document.get("type") == "user":
                return document["id"]
            # Only the members of a group are always objects: they need not be people.
            return {name: value if name == "Members" else by_login(value) for name, value in document.items()}
        return [by_login(value) for value in document] if isinstance(document, list) else document

    def stand() -> Stand:
        made = OURS["request_tracker"]()
        made.server.tickets[1].owner = "noor"
        made.server.add_row(1, "Comment", text="Mine.", creator="noor")
        return made

    async def told(made: Stand) -> tuple[Ticket, list[Any]]:
        ticket = await made.desk.ticket("1")
        return ticket, await everything(made.desk.timeline(ticket))

    plain, other = stand(), stand()
    wire = Between(other, by_login)
    assert await told(other) == await told(plain)
    assert (await told(other))[0].assignee == "Noor"
    assert wire.edited


# --- Request Tracker's zone -------------------------------------------------------------------------


async def test_request_tracker_is_asked_nothing_that_depends_on_the_accounts_zone() -> None:
    stand = OURS["request_tracker"]()
    cursor = [page.cursor async for page in stand.desk.changes("", None)][-1]
    stand.server.add_row(1, "Comment", text="More.")
    tickets = [*await everything(stand.desk.queue("")), *await everything(stand.desk.changes("", cursor))]
    assert "1" in [ticket.id for ticket in tickets]
    await everything(stand.desk.timeline(tickets[0]))
    asked = [request.url.params.get("query", "") for request in stand.server.asked]
    assert any("id >" in query for query in asked)
    assert not [query for query in asked if re.search(r"\d{4}-\d\d-\d\d|LastUpdated|Created\W", query)]


# --- slow lists ---------------------------------------------------------------------------------------


def test_a_list_that_takes_twenty_seconds_is_waited_for() -> None:
    """A page of a hundred tickets on a busy helpdesk takes many times as long as one on an idle one."""
    asked = []

    async def slow(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        await asyncio.sleep(20)
        return httpx.Response(200, json={"items": []})

    async def main() -> Any:
        desk = Transport("https://desk.test/", lambda: "x", transport=httpx.MockTransport(slow))
        try:
            return await desk.read("tickets")
        finally:
            await desk.aclose()

    assert virtual_time.run(main()) == {"items": []}
    assert len(asked) == 1


# --- a conflict is seen, whoever looks ------------------------------------------------------------------


@pytest.mark.parametrize("name", sorted(OURS.keys() - FIELDLESS))
async def test_a_change_that_another_agent_made_first_is_not_written_over(name: str) -> None:
    stand = OURS[name]()
    ticket, steps = await whole_plan(name, stand)
    await stand.pause(2)
    _, early = await whole_plan(name, stand, status=None, assignee=None)
    for step in early:
        await send(stand.desk, step, ticket.id)
    bound = next(step for step in steps if step.base is not None)
    assert isinstance((await send(stand.desk, bound, ticket.id))[1], Conflict)


# --- yes is not done --------------------------------------------------------------------------------


@pytest.mark.parametrize("name", OURS)
async def test_a_yes_to_a_write_that_was_not_made_is_seen_by_looking(name: str) -> None:
    stand = OURS[name]()
    ticket, steps = await whole_plan(name, stand)
    stand.server.before = lambda request: None if request.method == "GET" else httpx.Response(200, json={})
    for step in steps:
        sent, outcome = await send(stand.desk, step, ticket.id)
        if isinstance(outcome, Landed):
            found = "; ".join(await stand.desk.verify(sent, ticket.id))
            assert found
            assert ("the note is not on" in found) is ("note" in sent.payload)
        else:
            assert isinstance(outcome, Unknown)
            assert (await stand.desk.probe(sent, ticket.id)).verdict == "absent"


# --- many changes in one second -----------------------------------------------------------------------

ADDING = ("add_issue", "add_ticket", "add_incident")
CROWD = 230
"""Tickets: more than two pages of the largest size."""


def change_all(stand: Stand) -> None:
    """Every ticket changes in the same second, a little later than anything before."""
    server, at = stand.server, getattr(stand.server, "now", START) + timedelta(days=1)
    for number in range(1, CROWD + 1):
        if isinstance(server, FakeRequestTracker):
            server.add_row(number, "Comment", text="More.", at=at)
        elif isinstance(server, FakePagerDuty):
            server.add_log(number, "annotate", at=at)
        else:
            server.__dict__.get("issues", server.__dict__.get("tickets"))[number].updated = at
    if hasattr(server, "now"):
        server.now = at + timedelta(minutes=1)


@pytest.mark.parametrize("name", sorted(OURS.keys() - {"zendesk"}))
async def test_more_changes_in_one_second_than_a_page_holds_are_all_told(name: str) -> None:
    """The stream of the one left out goes by cursors of the server's own."""
    stand = OURS[name]()
    adding = next(getattr(stand.server, each) for each in ADDING if hasattr(stand.server, each))
    for number in range(TICKETS + 1, CROWD + 1):
        adding(number)
    cursor = [page.cursor async for page in stand.desk.changes("", None)][-1]
    change_all(stand)
    told = {one.id.removeprefix("Q") for one in await everything(stand.desk.changes("", cursor))}
    assert told == {str(number) for number in range(1, CROWD + 1)}
