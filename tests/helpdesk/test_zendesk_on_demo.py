"""The Zendesk adapter over real HTTP, against the embedded helpdesk."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.helpdesk.writing import everything, operation, send
from triage.config.profiles import Profile
from triage.config.secret import Secret
from triage.demo.child import DemoProcess, start_demo
from triage.helpdesk.zendesk.adapter import Zendesk, open_helpdesk
from triage.model.errors import HelpdeskFailed, NotFound
from triage.model.operation import Conflict, Landed, Note, Rejected
from triage.model.ticket import Ticket

NOTE = Note(
    "[esc:ESC-2026-0031 v1] FINAL · bug B2.3\nCause: a renamed group was taken for a new one.", "internal"
)

FAULTS = """
- match: {method: PUT, path: '^/api/v2/tickets/', nth: 1}
  fault: drop_reply
- match: {method: PUT, path: '^/api/v2/tickets/', nth: 2}
  fault: drop_request
- match: {method: PUT, path: '^/api/v2/tickets/', nth: 3}
  fault: truncate
- match: {method: PUT, path: '^/api/v2/tickets/', nth: 4}
  fault: status
  status: 502
- match: {method: PUT, path: '^/api/v2/tickets/', nth: 5}
  fault: throttle
"""

Open = Callable[..., Zendesk]


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DemoProcess]:
    with start_demo(tmp_path_factory.mktemp("demo"), seed=7) as process:
        yield process


@pytest_asyncio.fixture
async def desk_at(tmp_path: Path) -> AsyncIterator[Open]:
    opened: list[Zendesk] = []

    def opening(demo: DemoProcess, *, auth: str = "bearer", token: str = "") -> Zendesk:
        profile = Profile(
            name="demo",
            helpdesk="zendesk",
            url=demo.url,
            folder=tmp_path,
            database="",
            auth=auth,  # type: ignore[arg-type]
            account=demo.email if auth == "api_token" else "",
        )
        opened.append(open_helpdesk(profile, Secret(token or demo.token)))
        return opened[-1]

    yield opening
    for desk in opened:
        await desk.aclose()


async def a_ticket(desk: Zendesk, number: int) -> Ticket:
    tickets: list[Ticket] = await everything(desk.queue(""))
    return await desk.ticket(tickets[number].id)


async def test_both_ways_to_sign_in_work_and_api_tokens_come_with_their_end(
    demo: DemoProcess, desk_at: Open
) -> None:
    assert (await desk_at(demo).whoami()).trouble == ()
    assert "30 April 2027" in (await desk_at(demo, auth="api_token").whoami()).trouble[0]
    with pytest.raises(HelpdeskFailed, match="token was not accepted"):
        await desk_at(demo, token="wrong-token-wrong-token").whoami()


async def test_every_selector_reaches_the_same_escalations(demo: DemoProcess, desk_at: Open) -> None:
    desk = desk_at(demo)
    by_default = {ticket.id for ticket in await everything(desk.queue(""))}
    assert by_default
    for selector in (
        "view:Escalated to engineering",
        "tag:escalated",
        "search:type:ticket tags:escalated status<solved",
    ):
        assert {ticket.id for ticket in await everything(desk.queue(selector))} == by_default, selector
    with pytest.raises(NotFound):
        await everything(desk.queue("view:No such view"))
    with pytest.raises(NotFound):
        await everything(desk.queue("view:99999"))
    with pytest.raises(NotFound, match="no ticket 99999999"):
        await desk.ticket("99999999")


async def test_tickets_have_names_instead_of_numbers(demo: DemoProcess, desk_at: Open) -> None:
    tickets: list[Ticket] = await everything(desk_at(demo).queue(""))
    assert all(ticket.key.startswith("HL-") for ticket in tickets)
    assert all(ticket.customer and ticket.requester and ticket.product for ticket in tickets)
    assert {"esc_verdict", "esc_code", "esc_problem", "esc_phase"} <= tickets[0].fields.keys()


async def test_timelines_have_every_side_and_the_moment_of_escalation(
    demo: DemoProcess, desk_at: Open
) -> None:
    desk = desk_at(demo)
    for ticket in (await everything(desk.queue("")))[:12]:
        events = await everything(desk.timeline(ticket))
        assert [event.at for event in events] == sorted(event.at for event in events)
        assert len({event.id for event in events}) == len(events)
        assert events[0].kind == "message"
        kinds = [event.kind for event in events]
        assert "escalation" in kinds, ticket.key
        assert {"customer", "support_frontline"} <= {event.actor_role for event in events}, ticket.key
        assert not [
            event for event in events if event.field and event.new.isdigit() and event.field == "assignee"
        ]


async def test_one_bundle_lands_internally_with_tags_fields_status_and_owner(
    demo: DemoProcess, desk_at: Open
) -> None:
    desk = desk_at(demo)
    ticket = await a_ticket(desk, 0)
    wanted = operation(
        ticket.id,
        note=NOTE,
        tags_add=("esc-bug",),
        fields={"esc_verdict": "bug"},
        status="hold",
        assignee="me",
    )
    (planned,) = desk.plan(wanted, ticket)
    step, outcome = await send(desk, planned, ticket.id)
    assert isinstance(outcome, Landed)
    assert await desk.verify(step, ticket.id) == []
    after = await desk.ticket(ticket.id)
    assert set(after.tags) == {*ticket.tags, "esc-bug"}
    assert (after.fields["esc_verdict"], after.status) == ("bug", "hold")
    assert after.assignee == (await desk.whoami()).name
    notes = [
        e for e in await everything(desk.timeline(after)) if e.marker == step.key and e.kind == "message"
    ]
    assert [(note.visibility, note.text) for note in notes] == [("internal", NOTE.body)]
    _, again = await send(desk, planned, ticket.id)
    assert isinstance(again, Conflict)


async def test_a_reply_to_the_customer_is_public(demo: DemoProcess, desk_at: Open) -> None:
    desk = desk_at(demo)
    ticket = await a_ticket(desk, 1)
    (planned,) = desk.plan(operation(ticket.id, note=Note("It is mended.", "public")), ticket)
    step, _ = await send(desk, planned, ticket.id)
    assert await desk.verify(step, ticket.id) == []
    said = [event for event in await everything(desk.timeline(ticket)) if event.kind == "message"][-1]
    assert said.visibility == "public"


async def test_values_the_helpdesk_refuses_are_rejected(demo: DemoProcess, desk_at: Open) -> None:
    desk = desk_at(demo)
    ticket = await a_ticket(desk, 2)
    (planned,) = desk.plan(operation(ticket.id, status="bogus"), ticket)
    _, outcome = await send(desk, planned, ticket.id)
    assert isinstance(outcome, Rejected)
    assert outcome.errors
    (nobody,) = desk.plan(operation(ticket.id, assignee="Nemo Nullius"), ticket)
    assert isinstance((await send(desk, nobody, ticket.id))[1], Rejected)


async def test_changes_bring_what_was_changed_since(demo: DemoProcess, desk_at: Open) -> None:
    desk = desk_at(demo)
    (start,) = [page async for page in desk.changes("", None)]
    assert (start.items, start.done) == ((), True)
    ticket = await a_ticket(desk, 3)
    (planned,) = desk.plan(operation(ticket.id, note=NOTE), ticket)
    await send(desk, planned, ticket.id)
    pages = [page async for page in desk.changes("", start.cursor)]
    assert ticket.id in {item.id for page in pages for item in page.items}
    assert pages[-1].done
    assert await everything(desk.changes("", pages[-1].cursor)) == []


async def test_whatever_happens_to_a_write_its_end_is_told_truly(desk_at: Open, tmp_path: Path) -> None:
    schedule = tmp_path / "faults.yaml"
    schedule.write_text(FAULTS)
    with start_demo(tmp_path / "home", seed=7, faults=schedule) as demo:
        desk = desk_at(demo)
        endings = []
        for _ in range(6):
            ticket = await a_ticket(desk, len(endings))
            (planned,) = desk.plan(operation(ticket.id, note=NOTE), ticket)
            step, outcome = await send(desk, planned, ticket.id)
            probe = await desk.probe(step, ticket.id)
            notes = [e for e in await everything(desk.timeline(ticket)) if e.marker == step.key]
            endings.append((type(outcome).__name__, probe.verdict, len(notes)))
    assert endings == [
        ("Unknown", "found", 1),
        ("Unknown", "absent", 0),
        ("Unknown", "found", 1),
        ("Unknown", "absent", 0),
        ("Throttled", "absent", 0),
        ("Landed", "found", 1),
    ]


@pytest.mark.parametrize("path", ["/api/v2", "/foo"])
async def test_an_address_that_is_not_the_api_says_what_to_check(
    path: str, demo: DemoProcess, tmp_path: Path
) -> None:
    wrong = Profile("demo", "zendesk", demo.url + path, tmp_path, "", auth="bearer")
    desk = open_helpdesk(wrong, Secret(demo.token))
    with pytest.raises(HelpdeskFailed, match="Is the address right"):
        await desk.whoami()
    await desk.aclose()
