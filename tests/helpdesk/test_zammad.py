from __future__ import annotations

import io
import json
from datetime import timedelta
from typing import Any

import httpx
import pytest

from tests.helpdesk.fake_zammad import START, FakeZammad
from tests.helpdesk.writing import everything, operation, send
from triage.model.errors import HelpdeskFailed, NotFound
from triage.model.operation import Conflict, Landed, Note, NotSent, Rejected, Step, Unknown

INTERNAL = Note("[esc:X v1] words", "internal")


@pytest.fixture
def server() -> FakeZammad:
    made = FakeZammad()
    made.add_ticket(1)
    return made


async def planned(server: FakeZammad, **change: Any) -> tuple[Step, ...]:
    desk = server.desk()
    return tuple(desk.plan(operation("1", **change), await desk.ticket("1")))


# --- reading -------------------------------------------------------------------------------------


async def test_a_ticket_is_read_with_its_own_attributes_and_its_tags(server: FakeZammad) -> None:
    ticket = await server.desk(fields={"product": "product"}).ticket("1")
    assert (ticket.key, ticket.priority, ticket.tags, ticket.customer) == ("#91", "normal", ("vip",), "Orla")
    assert ticket.fields == {"product": "gateway", "esc_verdict": None, "priority": "2 normal"}
    assert (ticket.assignee, ticket.open, ticket.product) == ("", True, "gateway")
    server.tickets[1].state = "done"
    assert not (await server.desk().ticket("1")).open


async def test_articles_and_changes_say_who_sees_them(server: FakeZammad) -> None:
    at = START + timedelta(hours=1)
    server.add_article(1, "<p>It is <b>broken</b></p>", sender="Customer", content_type="text/html", at=at,
                       attachments=[{"id": 31, "filename": "log.txt", "size": "20"}])  # fmt: skip
    server.add_article(1, "secret", internal=True, at=at + timedelta(hours=2))
    server.add_article(1, "reminder", sender="System", at=at + timedelta(hours=3))
    server.tickets[1].history = [
        {"id": 1, "object": "Ticket", "type": "updated", "attribute": "group", "value_from": "Support",
         "value_to": "Escalations", "created_by_id": 6, "created_at": "2026-03-01T10:00:00.000Z"},
        {"id": 2, "object": "Ticket", "type": "added", "attribute": "tag", "value_to": "vip",
         "created_by_id": 6, "created_at": "2026-03-01T10:00:01.000Z"},
        {"id": 3, "object": "Ticket::Article", "type": "created", "created_by_id": 6,
         "created_at": "2026-03-01T10:00:02.000Z"},
    ]  # fmt: skip
    desk = server.desk(roles={"Noor": "engineering"})
    events = await everything(desk.timeline(await desk.ticket("1")))
    assert [(e.kind, e.visibility, e.actor_role, e.text) for e in events] == [
        ("message", "public", "engineering", "It is broken"),
        ("escalation", "internal", "engineering", "queue: Support → Escalations"),
        ("change", "internal", "engineering", "tags: – → vip"),
        ("message", "internal", "engineering", "secret"),
        ("message", "public", "helpdesk", "reminder"),
    ]
    (file,) = events[0].attachments
    assert await desk.attachment(file.ref, io.BytesIO(), 100) == 20
    with pytest.raises(HelpdeskFailed):
        await desk.attachment("1/2/../../users", io.BytesIO(), 100)
    server.before = lambda r: httpx.Response(403, json={}) if "history" in r.url.path else None
    assert len(await everything(desk.timeline(await desk.ticket("1")))) == 3


async def test_a_queue_is_read_whole_though_tickets_leave_it(server: FakeZammad) -> None:
    for number in range(2, 251):
        server.add_ticket(number)
    pages = 0

    def close_some(request: httpx.Request) -> None:
        nonlocal pages
        pages += request.url.path.endswith("/search")
        if pages == 2:
            for number in range(1, 60):
                server.tickets[number].state = "done"

    server.before = close_some
    assert [int(t.id) for t in await everything(server.desk().queue(""))] == list(range(1, 251))


async def test_groups_are_offered_escalated_first(server: FakeZammad) -> None:
    choices = await server.desk().queue_choices()
    assert [choice.escalated for choice in choices] == [True, False]
    assert choices[0].selector == 'group.name:"Escalations" AND NOT state.name:(done OR merged)'
    server.before = lambda r: httpx.Response(403, json={}) if r.url.path.endswith("groups") else None
    with pytest.raises(NotFound):
        await everything(server.desk().queue(""))


async def changed(server: FakeZammad, cursor: str | None) -> tuple[set[int], str]:
    pages = [page async for page in server.desk().changes("", cursor)]
    return {int(ticket.id) for page in pages for ticket in page.items}, str(pages[-1].cursor)


async def test_changes_overlap_for_the_late_index_and_ghosts_of_it_are_left_out(server: FakeZammad) -> None:
    seen, cursor = await changed(server, None)
    assert seen == set()
    server.add_ticket(2, updated=server.now - timedelta(minutes=4))
    server.add_ticket(3, updated=server.now + timedelta(minutes=4), state="done")
    server.ghosts = [77]
    seen, cursor = await changed(server, cursor)
    assert seen == {2, 3}
    assert cursor == f"updated:{(server.now + timedelta(minutes=4)).isoformat()}"


async def test_a_ticket_that_changes_while_changes_are_read_is_not_skipped(server: FakeZammad) -> None:
    _, cursor = await changed(server, None)
    for number in range(2, 302):
        server.add_ticket(number, updated=server.now + timedelta(seconds=number // 2))
    pages = 0

    def touch(request: httpx.Request) -> None:
        nonlocal pages
        pages += request.url.path.endswith("/search")
        if pages == 2:
            for number in range(2, 90):
                server.tickets[number].updated = server.now + timedelta(hours=1, seconds=number)

    server.before = touch
    seen, _ = await changed(server, cursor)
    assert seen >= set(range(2, 302))


async def test_a_search_that_repeats_is_stopped(server: FakeZammad) -> None:
    rows = [server.record(server.tickets[1])] * 100
    server.before = lambda r: httpx.Response(200, json=rows) if r.url.path.endswith("/search") else None
    for listing in (server.desk().queue("x"), server.desk().changes("", "updated:2026-03-01T09:00:00+00:00")):
        with pytest.raises(HelpdeskFailed, match="same page"):
            await everything(listing)


async def test_the_account_says_what_it_lacks(server: FakeZammad) -> None:
    account = await server.desk(auth="bearer").whoami()
    assert (account.id, account.name, account.may_write_internal, account.trouble) == (
        "5",
        "bot@acme.test",
        True,
        (),
    )
    server.agent = False
    account = await server.desk().whoami()
    assert not account.may_write_internal
    assert "role Agent" in account.trouble[0]


# --- writing -------------------------------------------------------------------------------------


async def test_one_request_carries_fields_state_owner_and_the_note_and_the_tags_follow(
    server: FakeZammad,
) -> None:
    steps = await planned(
        server, note=INTERNAL, fields={"esc_verdict": "bug", "priority": "3 high", "nope": 1},
        status="done", assignee="me", tags_add=("esc-bug",), tags_remove=("vip",),
    )  # fmt: skip
    assert [(step.kind, step.key[-2:]) for step in steps] == [("bundle", "-1"), ("tags", "-2")]
    assert steps[0].payload["left_out"] == ["nope"]
    step, outcome = await send(server.desk(), steps[0], "1")
    assert isinstance(outcome, Landed)
    assert await server.desk().verify(step, "1") == []
    assert json.loads(server.sent()[-1].content) == {
        "esc_verdict": "bug",
        "priority": "3 high",
        "state": "done",
        "owner": "bot@acme.test",
        "article": {
            "body": "[esc:X v1] words\n\nref:esc-0197bbbb-1",
            "type": "note",
            "content_type": "text/plain",
            "internal": True,
        },
    }
    # Its own new version is no reason to keep the tags back.
    tags, outcome = await send(server.desk(), steps[1], "1")
    assert isinstance(outcome, Landed)
    assert await server.desk().verify(tags, "1") == []


async def test_where_the_ticket_moved_on_not_even_a_tag_is_written(server: FakeZammad) -> None:
    steps = await planned(server, status="done", tags_add=("esc-bug",), tags_remove=("vip",))
    server.add_article(1, "meanwhile")
    assert isinstance((await send(server.desk(), steps[0], "1"))[1], Conflict)
    assert server.sent() == []
    assert server.tickets[1].tags == ["vip"]


async def test_a_note_that_became_public_all_the_same_raises_the_alarm(server: FakeZammad) -> None:
    (step,) = await planned(server, note=INTERNAL)
    server.honours_internal = False
    step, _ = await send(server.desk(), step, "1")
    (said,) = await server.desk().verify(step, "1")
    assert said.startswith("PUBLIC:")


async def test_a_public_reply_is_public(server: FakeZammad) -> None:
    (step,) = await planned(server, note=Note("mended", "public"))
    step, _ = await send(server.desk(), step, "1")
    assert server.tickets[1].articles[0]["internal"] is False
    assert await server.desk().verify(step, "1") == []


async def test_a_ticket_that_moved_on_is_a_conflict_but_a_lone_note_goes(server: FakeZammad) -> None:
    fields, note = (await planned(server, status="done"))[0], (await planned(server, note=INTERNAL))[0]
    server.add_article(1, "meanwhile")
    assert isinstance((await send(server.desk(), fields, "1"))[1], Conflict)
    assert server.sent() == []
    assert isinstance((await send(server.desk(), note, "1"))[1], Landed)


async def test_what_zammad_refuses_or_leaves_out_is_said(server: FakeZammad) -> None:
    (step,) = await planned(server, status="bogus")
    _, outcome = await send(server.desk(), step, "1")
    assert isinstance(outcome, Rejected)
    assert outcome.errors == ("No lookup value found for 'state'",)
    (step,) = await planned(server, fields={"esc_verdict": "bug"}, assignee="noor@acme.test")
    server.before = lambda r: httpx.Response(200, json={}) if r.method == "PUT" else None
    step, _ = await send(server.desk(), step, "1")
    assert await server.desk().verify(step, "1") == [
        "esc_verdict is empty, not bug", "it belongs to nobody, not noor@acme.test",
    ]  # fmt: skip


async def test_tags_end_at_the_first_that_fails_and_may_be_sent_again(server: FakeZammad) -> None:
    (step,) = await planned(server, tags_add=("a", "b"), tags_remove=("vip",))
    server.before = lambda r: httpx.Response(502) if b'"b"' in r.content else None
    step, outcome = await send(server.desk(), step, "1")
    assert isinstance(outcome, Unknown)
    assert (await server.desk().probe(step, "1")).verdict == "absent"
    server.before = lambda r: None
    await send(server.desk(), step, "1")
    assert server.tickets[1].tags == ["a", "b"]
    assert (await server.desk().probe(step, "1")).verdict == "found"


async def test_a_lost_answer_is_found_again_and_the_note_is_there_once(server: FakeZammad) -> None:
    (step,) = await planned(server, note=INTERNAL)
    server.after = lambda r: httpx.Response(504) if r.method == "PUT" else None
    step, outcome = await send(server.desk(), step, "1")
    assert isinstance(outcome, Unknown)
    (article,) = server.tickets[1].articles
    found = await server.desk().probe(step, "1")
    assert (found.verdict, found.receipt) == ("found", f"article {article['id']}")
    assert not [r for r in server.asked if "search" in r.url.path]


async def test_a_request_that_was_dropped_is_absent(server: FakeZammad) -> None:
    (step,) = await planned(server, note=INTERNAL)
    server.before = lambda r: httpx.Response(502) if r.method == "PUT" else None
    step, _ = await send(server.desk(), step, "1")
    server.add_article(1, str(step.payload["note"]), 6)
    server.add_article(1, f"{step.payload['note']}2", 5)
    assert (await server.desk().probe(step, "1")).verdict == "absent"
    server.before = lambda r: httpx.Response(503)
    assert (await server.desk().probe(step, "1")).verdict == "cannot_tell"
    assert isinstance((await send(server.desk(), step, "1"))[1], NotSent)
    server.before = lambda r: None
    with pytest.raises(NotFound):
        await server.desk().ticket("99")
