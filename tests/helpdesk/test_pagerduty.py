from __future__ import annotations

import io
import json
from datetime import timedelta
from typing import Any

import httpx
import pytest

from tests.helpdesk.fake_pagerduty import ME, START, FakePagerDuty
from tests.helpdesk.writing import everything, operation, send
from triage.model.errors import HelpdeskFailed, Invalid, NotFound, Refused
from triage.model.operation import Conflict, Landed, Note, NotSent, Rejected, Step, Throttled, Unknown

INTERNAL = Note("[esc:X v1] words", "internal")


@pytest.fixture
def server() -> FakePagerDuty:
    made = FakePagerDuty()
    made.add_incident(1)
    return made


async def planned(server: FakePagerDuty, **change: Any) -> tuple[Step, ...]:
    desk = server.desk()
    return tuple(desk.plan(operation("Q1", **change), await desk.ticket("Q1")))


async def test_an_incident_is_read_with_its_custom_fields(server: FakePagerDuty) -> None:
    ticket = await server.desk().ticket("Q1")
    assert (ticket.key, ticket.customer, ticket.priority, ticket.assignee) == (
        "#1",
        "Orla",
        "high",
        "Noor Ahn",
    )
    assert ticket.fields == {"customer": "Orla", "esc_verdict": None, "priority": "P2"}
    server.before = lambda r: httpx.Response(404, json={}) if "custom_fields" in r.url.path else None
    assert (await server.desk().ticket("Q1")).fields == {"priority": "P2"}
    server.before = lambda r: httpx.Response(500, json={}) if "custom_fields" in r.url.path else None
    with pytest.raises(HelpdeskFailed):
        await server.desk().ticket("Q1")


async def test_notes_and_log_are_one_story_for_us_alone(server: FakePagerDuty) -> None:
    for minute, kind in enumerate(
        ("trigger", "acknowledge", "escalate", "snooze", "urgency_change", "notify")
    ):
        server.add_log(1, kind, START + timedelta(minutes=minute))
    server.add_note(1, "looking", at=START + timedelta(minutes=2, seconds=30))
    desk = server.desk(roles={"Noor Ahn": "engineering"})
    events = await everything(desk.timeline(await desk.ticket("Q1")))
    assert [(e.kind, e.field, e.new) for e in events] == [
        ("message", "", ""), ("change", "status", "acknowledged"), ("escalation", "assignee", "somebody"),
        ("message", "", ""), ("change", "status", "snoozed"), ("change", "urgency", "urgency_change it"),
    ]  # fmt: skip
    assert {(event.visibility, event.actor_role) for event in events} == {("internal", "engineering")}
    with pytest.raises(Refused):
        await desk.attachment("1", io.BytesIO(), 1)


async def test_a_queue_is_read_whole_beyond_the_last_month_though_incidents_leave_it(
    server: FakePagerDuty,
) -> None:
    for number in range(2, 251):
        server.add_incident(number)
    pages = 0

    def resolve_some(request: httpx.Request) -> None:
        nonlocal pages
        pages += request.url.path == "/incidents"
        if pages == 2:
            for number in range(1, 60):
                server.incidents[f"Q{number}"].status = "resolved"

    server.before = resolve_some
    seen = [int(ticket.key[1:]) for ticket in await everything(server.desk().queue(""))]
    assert seen == list(range(1, 251))


async def test_the_ceiling_of_the_list_is_said(
    server: FakePagerDuty, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("triage.helpdesk.pagerduty.account.CEILING", 150)
    for number in range(2, 251):
        server.add_incident(number)
    pages = [page async for page in server.desk().queue("statuses[]=triggered")]
    assert pages[0].complete
    assert not pages[-1].complete
    assert sum(len(page.items) for page in pages) == 100


async def test_queues_that_are_none_are_said_to_be(server: FakePagerDuty) -> None:
    choices = await server.desk().queue_choices()
    assert [choice.title for choice in choices] == ["Escalated gateway", "open incidents"]
    with pytest.raises(Invalid):
        await everything(server.desk().queue("limit=5"))
    with pytest.raises(Invalid, match="account"):
        server.desk(account="bot")
    with pytest.raises(NotFound):
        await server.desk(account="nobody@acme.test").whoami()
    with pytest.raises(NotFound):
        await server.desk().ticket("Q1/../Q2")


async def changed(server: FakePagerDuty, cursor: str | None) -> tuple[set[str], str]:
    pages = [page async for page in server.desk().changes("", cursor)]
    assert all(page.cursor is None for page in pages[:-1])
    return {ticket.id for page in pages for ticket in page.items}, str(pages[-1].cursor)


async def test_changes_come_from_the_log_with_an_overlap(server: FakePagerDuty) -> None:
    seen, cursor = await changed(server, None)
    assert seen == set()
    server.add_incident(2)
    server.add_incident(3)
    server.add_log(2, "acknowledge", server.now - timedelta(minutes=1))
    server.add_log(3, "acknowledge", server.now - timedelta(hours=1))
    server.add_log(99, "merge", server.now)
    server.add_note(1, "x", at=server.now + timedelta(minutes=1))
    seen, cursor = await changed(server, cursor)
    assert seen == {"Q1", "Q2"}
    assert cursor == f"logged:{(server.now + timedelta(minutes=1)).isoformat()}"


async def test_a_log_beyond_the_ceiling_is_read_in_stretches(
    server: FakePagerDuty, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("triage.helpdesk.pagerduty.account.CEILING", 300)
    _, cursor = await changed(server, None)
    for number in range(2, 902):
        server.incidents.setdefault(f"Q{number % 30 + 1}", server.add_incident(number % 30 + 1))
        server.add_log(number % 30 + 1, "acknowledge", server.now + timedelta(seconds=number))
    server.add_incident(500)
    server.add_log(500, "trigger", server.now + timedelta(seconds=1))
    seen, _ = await changed(server, cursor)
    assert "Q500" in seen


async def test_the_account_says_what_it_lacks(server: FakePagerDuty) -> None:
    account = await server.desk().whoami()
    assert (account.id, account.name, account.trouble) == ("PBOT", "Triage Bot", ())
    server.role = "read_only_user"
    account = await server.desk().whoami()
    assert not account.may_write_internal
    assert "Responder" in account.trouble[0]
    assert account.unseen == ()


async def test_what_only_a_write_would_show_is_a_note_and_no_fault(server: FakePagerDuty) -> None:
    assert (await server.desk().whoami()).unseen == ()
    server.role = "observer"
    account = await server.desk().whoami()
    assert (account.may_write_internal, account.trouble) == (True, ())
    assert ["Responder in the teams" in note for note in account.unseen] == [True]
    server.role, server.key_of_account = "user", True
    account = await server.desk().whoami()
    assert (account.may_write_internal, account.trouble) == (True, ())
    assert ["must not be a read-only one" in note for note in account.unseen] == [True]
    assert server.sent() == []


async def test_fields_then_the_incident_then_the_note_each_in_our_name(server: FakePagerDuty) -> None:
    steps = await planned(
        server, note=INTERNAL, fields={"esc_verdict": "bug", "priority": "P1", "nope": 1},
        tags_add=("x",), status="acknowledged", assignee="me",
    )  # fmt: skip
    assert [(step.kind, step.key[-2:]) for step in steps] == [
        ("fields", "-1"),
        ("status", "-2"),
        ("note", "-3"),
    ]
    assert steps[0].payload["left_out"] == ["nope", "tags"]
    for step in steps:
        sent, outcome = await send(server.desk(), step, "Q1")
        assert isinstance(outcome, Landed)
        assert await server.desk().verify(sent, "Q1") == []
    assert [json.loads(request.content) for request in server.sent()] == [
        {"custom_fields": [{"name": "esc_verdict", "value": "bug"}]},
        {"incident": {"type": "incident_reference", "status": "acknowledged",
                      "priority": {"id": "P9", "type": "priority_reference"},
                      "assignments": [{"assignee": {"id": "PBOT", "type": "user_reference"}}]}},
        {"note": {"content": "[esc:X v1] words\n\nref:esc-0197bbbb-3"}},
    ]  # fmt: skip
    assert {request.headers["From"] for request in server.sent()} == {ME}
    assert not [request for request in server.asked if "status_updates" in request.url.path]


async def test_what_cannot_be_is_refused(server: FakePagerDuty) -> None:
    with pytest.raises(Refused, match="no customer"):
        await planned(server, note=Note("mended", "public"))
    with pytest.raises(Refused, match="cannot become"):
        await planned(server, status="waiting")
    for change in ({"assignee": "Stranger"}, {"assignee": ""}, {"fields": {"priority": "P7"}}):
        (step,) = await planned(server, **change)
        assert isinstance((await send(server.desk(), step, "Q1"))[1], Rejected)
    assert server.sent() == []


async def test_an_incident_that_moved_on_is_a_conflict(server: FakePagerDuty) -> None:
    (step,) = await planned(server, status="resolved")
    server.incidents["Q1"].updated += timedelta(seconds=5)
    assert isinstance((await send(server.desk(), step, "Q1"))[1], Conflict)
    assert server.sent() == []


async def test_refusals_and_limits_are_understood(server: FakePagerDuty) -> None:
    (step,) = await planned(server, note=INTERNAL)
    body = {"error": {"message": "Invalid Input", "code": 2001, "errors": ["Content is too long"]}}
    server.before = lambda r: httpx.Response(400, json=body) if r.method == "POST" else None
    _, outcome = await send(server.desk(), step, "Q1")
    assert isinstance(outcome, Rejected)
    assert "Content is too long" in outcome.errors
    limit = {"ratelimit-reset": "21"}
    server.before = lambda r: httpx.Response(429, headers=limit, json={}) if r.method == "POST" else None
    _, outcome = await send(server.desk(), step, "Q1")
    assert isinstance(outcome, Throttled)
    assert outcome.retry_after_s == 21


async def test_a_lost_answer_is_found_again_and_the_note_is_there_once(server: FakePagerDuty) -> None:
    (step,) = await planned(server, note=INTERNAL)
    server.after = lambda r: httpx.Response(502) if r.method == "POST" else None
    step, outcome = await send(server.desk(), step, "Q1")
    assert isinstance(outcome, Unknown)
    (note,) = server.incidents["Q1"].notes
    found = await server.desk().probe(step, "Q1")
    assert (found.verdict, found.receipt) == ("found", f"note {note['id']}")


async def test_a_request_that_was_dropped_is_absent_unless_the_list_may_be_cut(server: FakePagerDuty) -> None:
    (step,) = await planned(server, note=INTERNAL)
    server.before = lambda r: httpx.Response(502) if r.method == "POST" else None
    step, _ = await send(server.desk(), step, "Q1")
    server.add_note(1, str(step.payload["note"]), "PNOOR")
    server.add_note(1, f"{step.payload['note']}2", "PBOT")
    assert (await server.desk().probe(step, "Q1")).verdict == "absent"
    assert await server.desk().verify(step, "Q1") == ["the note is not on the incident"]
    server.incidents["Q1"].notes *= 1_000
    assert (await server.desk().probe(step, "Q1")).verdict == "cannot_tell"
    server.before = lambda r: httpx.Response(503)
    assert (await server.desk().probe(step, "Q1")).verdict == "cannot_tell"
    assert isinstance((await send(server.desk(), step, "Q1"))[1], NotSent)
