from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from tests.helpdesk.fake_request_tracker import FakeRequestTracker
from tests.helpdesk.writing import operation, send
from triage.helpdesk.wanted import carries, marker
from triage.model.operation import Conflict, Landed, Note, NotSent, Rejected, Step, Unknown
from triage.model.ticket import Version

INTERNAL = Note("[esc:X v1] words\n", "internal")


@pytest.fixture
def server() -> FakeRequestTracker:
    fake = FakeRequestTracker()
    fake.add_ticket(1)
    return fake


async def steps(server: FakeRequestTracker, **change: Any) -> tuple[Step, ...]:
    desk = server.desk()
    return tuple(desk.plan(operation("1", **change), await desk.ticket("1")))


async def test_fields_go_first_then_the_owner_then_the_note_with_its_marker(
    server: FakeRequestTracker,
) -> None:
    planned = await steps(
        server,
        note=INTERNAL,
        tags_add=("esc-bug",),
        fields={"esc_verdict": "bug", "nope": 1},
        status="stalled",
        assignee="me",
    )
    assert [(step.key, step.kind, step.probe) for step in planned] == [
        ("0197bbbb-1", "fields", "state"),
        ("0197bbbb-2", "assignee", "state"),
        ("0197bbbb-3", "note", "marker"),
    ]
    assert planned[0].payload == {
        "fields": {"esc_verdict": "bug"},
        "tags": ["vip", "esc-bug"],
        "tags_add": ["esc-bug"],
        "tags_remove": [],
        "status": "stalled",
        "left_out": ["nope"],
    }
    assert planned[0].base == Version("101", exact=True)
    assert planned[2].payload["note"] == "[esc:X v1] words\n\nref:esc-0197bbbb-3"
    assert all(step.visibility == "internal" for step in planned)


async def test_a_status_that_goes_with_a_reply_comes_after_it(server: FakeRequestTracker) -> None:
    planned = await steps(
        server, note=Note("mended", "public"), status="resolved", fields={"esc_verdict": "bug"}
    )
    assert [(step.kind, step.key[-2:]) for step in planned] == [
        ("fields", "-1"),
        ("note", "-3"),
        ("status", "-4"),
    ]
    assert "status" not in planned[0].payload
    assert planned[1].visibility == "public"


async def test_a_plan_made_again_gives_the_note_the_same_marker(server: FakeRequestTracker) -> None:
    wanted: dict[str, Any] = {"note": INTERNAL, "tags_add": ("esc-bug",), "status": "stalled"}
    first = await steps(server, **wanted)
    server.tickets[1].custom["Tags"], server.tickets[1].status = ["vip", "esc-bug"], "stalled"
    again = await steps(server, **wanted)
    assert [step.kind for step in first] == ["fields", "note"]
    assert [step.kind for step in again] == ["note"]
    assert first[-1].key == again[-1].key


async def test_nothing_to_change_is_nothing_to_send(server: FakeRequestTracker) -> None:
    assert await steps(server, tags_add=("vip",), status="open", fields={"nope": 1}) == ()


async def test_an_internal_note_is_a_comment_without_a_condition(server: FakeRequestTracker) -> None:
    (step,) = await steps(server, note=INTERNAL)
    _, outcome = await send(server.desk(), step, "1")
    assert isinstance(outcome, Landed)
    (post,) = server.sent("POST")
    assert post.url.path == "/REST/2.0/ticket/1/comment"
    assert "If-Match" not in post.headers
    assert json.loads(post.content) == {"Content": step.payload["note"], "ContentType": "text/plain"}
    assert outcome.receipt == f"transaction {server.rows[-1].id}"


async def test_a_public_reply_is_a_correspondence(server: FakeRequestTracker) -> None:
    (step,) = await steps(server, note=Note("mended", "public"))
    step, _ = await send(server.desk(), step, "1")
    assert server.sent("POST")[0].url.path == "/REST/2.0/ticket/1/correspond"
    assert await server.desk().verify(step, "1") == []


async def test_a_change_of_fields_is_bound_to_the_version(server: FakeRequestTracker) -> None:
    (step,) = await steps(server, fields={"esc_verdict": "bug"}, tags_add=("esc-bug",), status="stalled")
    step, outcome = await send(server.desk(), step, "1")
    assert isinstance(outcome, Landed)
    (put,) = server.sent("PUT")
    assert put.headers["If-Match"] == '"101"'
    assert json.loads(put.content) == {
        "CustomFields": {"esc_verdict": "bug", "Tags": ["vip", "esc-bug"]},
        "Status": "stalled",
    }
    assert await server.desk().verify(step, "1") == []


async def test_clearing_a_field_sends_an_empty_text(server: FakeRequestTracker) -> None:
    (step,) = await steps(server, fields={"esc_verdict": None})
    await send(server.desk(), step, "1")
    assert json.loads(server.sent("PUT")[0].content) == {"CustomFields": {"esc_verdict": ""}}


async def test_a_ticket_that_moved_on_is_a_conflict(server: FakeRequestTracker) -> None:
    (step,) = await steps(server, status="stalled")
    server.add_row(1, "Comment", text="meanwhile")
    _, outcome = await send(server.desk(), step, "1")
    assert isinstance(outcome, Conflict)
    assert server.sent("PUT") == []


async def test_a_ticket_that_moves_on_between_look_and_write_is_a_conflict(
    server: FakeRequestTracker,
) -> None:
    (step,) = await steps(server, status="stalled")

    def meanwhile(request: httpx.Request) -> None:
        if request.method == "PUT":
            server.add_row(1, "Comment", text="meanwhile")

    server.before = meanwhile
    _, outcome = await send(server.desk(), step, "1")
    assert isinstance(outcome, Conflict)
    assert server.tickets[1].status == "open"


async def test_a_note_does_not_go_to_the_ticket_that_swallowed_its_own(server: FakeRequestTracker) -> None:
    (step,) = await steps(server, note=INTERNAL)
    server.add_ticket(2)
    server.tickets[1].into = 2
    _, outcome = await send(server.desk(), step, "1")
    assert isinstance(outcome, Rejected)
    assert "merged" in outcome.errors[0]
    assert server.sent("POST") == []


async def test_what_cannot_be_looked_up_keeps_the_write_at_home(server: FakeRequestTracker) -> None:
    (step,) = await steps(server, note=INTERNAL)
    assert isinstance(await server.desk().apply(step, "77"), Rejected)
    server.before = lambda request: httpx.Response(500) if request.method == "GET" else None
    assert isinstance(await server.desk().apply(step, "1"), NotSent)
    assert server.sent("POST") == []


async def test_a_server_that_falls_over_leaves_the_outcome_unknown(server: FakeRequestTracker) -> None:
    (step,) = await steps(server, note=INTERNAL)
    server.before = lambda r: httpx.Response(500, content=b"") if r.method == "POST" else None
    assert isinstance((await send(server.desk(), step, "1"))[1], Unknown)


# --- looking for our own note --------------------------------------------------------------------


async def noted(server: FakeRequestTracker) -> Step:
    (step,) = await steps(server, note=INTERNAL)
    return replace(step, sent_at=datetime(2026, 3, 1, 20, 0, tzinfo=UTC))


def test_a_marker_is_matched_whole() -> None:
    assert carries("words\n\nref:esc-0197-1", "0197-1")
    assert carries("ref:esc-0197-1\n-- \nsignature", "0197-1")
    assert not carries("ref:esc-0197-12", "0197-1")
    assert not carries("ref:esc-0197-1-2", "0197-1")
    assert marker("k") == "ref:esc-k"


async def test_our_note_is_found_and_of_two_the_first_counts(server: FakeRequestTracker) -> None:
    step = await noted(server)
    at = step.sent_at
    assert at is not None
    first = server.add_row(1, "Comment", creator="bot", text=str(step.payload["note"]), at=at)
    server.add_row(1, "Comment", creator="bot", text=str(step.payload["note"]), at=at)
    found = await server.desk().probe(step, "1")
    assert (found.verdict, found.receipt) == ("found", f"transaction {first.id}")


async def test_a_note_of_somebody_else_with_our_marker_is_not_ours(server: FakeRequestTracker) -> None:
    step = await noted(server)
    server.add_row(1, "Comment", creator="noor", text=str(step.payload["note"]))
    assert (await server.desk().probe(step, "1")).verdict == "absent"


async def test_our_note_is_found_behind_many_later_rows_hidden_or_not(server: FakeRequestTracker) -> None:
    step = await noted(server)
    at = step.sent_at
    assert at is not None
    server.add_row(1, "Comment", creator="bot", text=str(step.payload["note"]), at=at)
    for place in range(150):
        server.add_row(1, "EmailRecord", hidden=place > 40, at=at + timedelta(minutes=5))
    assert (await server.desk().probe(step, "1")).verdict == "found"


async def test_the_search_ends_before_the_attempt_with_a_margin(server: FakeRequestTracker) -> None:
    step = await noted(server)
    at = step.sent_at
    assert at is not None
    for place in range(500):
        server.add_row(1, "Status", field="Status", new="open", at=at - timedelta(minutes=500 - place))
    server.asked.clear()
    assert (await server.desk().probe(step, "1")).verdict == "absent"
    assert len([r for r in server.asked if r.url.path.endswith("history")]) == 1


async def test_what_cannot_be_read_cannot_be_told(server: FakeRequestTracker) -> None:
    step = await noted(server)
    server.before = lambda r: httpx.Response(503) if r.url.path.endswith("history") else None
    found = await server.desk().probe(step, "1")
    assert (found.verdict, found.complete_scan) == ("cannot_tell", False)


async def test_the_state_of_fields_tells_whether_they_were_written(server: FakeRequestTracker) -> None:
    (step,) = await steps(server, fields={"esc_verdict": "bug"}, tags_add=("esc-bug",), status="stalled")
    assert (await server.desk().probe(step, "1")).verdict == "absent"
    ticket = server.tickets[1]
    ticket.custom["esc_verdict"], ticket.status = ["bug"], "stalled"
    assert (await server.desk().probe(step, "1")).verdict == "absent"
    ticket.custom["Tags"] = ["vip", "esc-bug"]
    assert (await server.desk().probe(step, "1")).verdict == "found"


# --- reading back --------------------------------------------------------------------------------


async def test_every_refused_part_is_named(server: FakeRequestTracker) -> None:
    (step,) = await steps(
        server, fields={"esc_verdict": "weather"}, tags_add=("esc-bug",), tags_remove=("vip",), status="bogus"
    )
    server.before = lambda r: httpx.Response(200, json=["Permission Denied"]) if r.method == "PUT" else None
    step, outcome = await send(server.desk(), step, "1")
    assert isinstance(outcome, Landed)
    assert await server.desk().verify(step, "1") == [
        "esc_verdict is empty, not weather",
        "the tag esc-bug is not there",
        "the tag vip is still there",
        "the status is open, not bogus",
    ]


async def test_a_note_that_went_to_the_customer_raises_the_alarm(server: FakeRequestTracker) -> None:
    step = await noted(server)
    row = server.add_row(1, "Correspond", creator="bot", text=str(step.payload["note"]), at=step.sent_at)
    for receipt in (f"transaction {row.id}", ""):
        (said,) = await server.desk().verify(replace(step, receipt=receipt), "1")
        assert said.startswith("PUBLIC:")


async def test_a_note_that_is_missing_hidden_or_another_is_named(server: FakeRequestTracker) -> None:
    step = await noted(server)
    assert await server.desk().verify(step, "1") == ["the note is not on the ticket"]
    row = server.add_row(1, "Comment", creator="bot", text="something else")
    (said,) = await server.desk().verify(replace(step, receipt=f"transaction {row.id}"), "1")
    assert "not the one" in said
    row.hidden = True
    (said,) = await server.desk().verify(replace(step, receipt=f"transaction {row.id}"), "1")
    assert "ShowTicketComments" in said
