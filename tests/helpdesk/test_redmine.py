from __future__ import annotations

import io
import json
from datetime import timedelta
from typing import Any

import httpx
import pytest

from tests.helpdesk.fake_redmine import START, FakeRedmine
from tests.helpdesk.writing import everything, operation, send
from triage.model.errors import HelpdeskFailed, Invalid, NotFound, Refused
from triage.model.operation import Conflict, Landed, Note, NotSent, Rejected, Step, Unknown
from triage.model.ticket import Version

INTERNAL = Note("[esc:X v1] words", "internal")


@pytest.fixture
def server() -> FakeRedmine:
    made = FakeRedmine()
    made.add_issue(1)
    return made


async def planned(server: FakeRedmine, number: str = "1", **change: Any) -> Step:
    desk = server.desk()
    (step,) = desk.plan(operation(number, **change), await desk.ticket(number))
    return step


# --- reading -------------------------------------------------------------------------------------


async def test_an_issue_is_read_with_its_custom_fields(server: FakeRedmine) -> None:
    server.issues[1].owner = 6
    ticket = await server.desk().ticket("1")
    assert (ticket.key, ticket.customer, ticket.priority, ticket.tags) == ("#1", "Orla", "high", ("vip",))
    assert (ticket.assignee, ticket.requester, ticket.open) == ("Noor Ahn", "Ilse Berg", True)
    assert ticket.fields == {"priority": "sev2", "customer": "Orla", "esc_verdict": None}
    assert ticket.url == "https://redmine.test/issues/1"


async def test_a_list_knows_the_version_to_the_second_and_the_issue_exactly(server: FakeRedmine) -> None:
    journal = server.add_journal(1, notes="x")
    (listed,) = await everything(server.desk().queue("project_id=1&status_id=open"))
    single = await server.desk().ticket("1")
    assert not listed.version.exact
    assert single.version == Version(f"{listed.version.token}/{journal.id}", exact=True)


async def test_private_notes_are_internal_and_changes_have_names(server: FakeRedmine) -> None:
    server.add_journal(1, notes="secret", private=True)
    server.add_journal(1, user=7, notes="any news?")
    details = [
        {"property": "attr", "name": "status_id", "old_value": "1", "new_value": "2"},
        {"property": "attr", "name": "assigned_to_id", "old_value": None, "new_value": "6"},
        {"property": "attr", "name": "project_id", "old_value": "2", "new_value": "1"},
        {"property": "cf", "name": "4", "old_value": "vip", "new_value": "escalated"},
        {"property": "cf", "name": "77", "old_value": "", "new_value": "x"},
        {"property": "relation", "name": "blocks", "old_value": None, "new_value": "5"},
    ]
    server.add_journal(1, details=details)
    desk = server.desk()
    events = await everything(desk.timeline(await desk.ticket("1")))
    said = [(e.visibility, e.actor_role, e.text) for e in events if e.kind == "message"]
    assert said == [
        ("public", "customer", "It is broken.\nAgain."),
        ("internal", "engineering", "secret"),
        ("public", "customer", "any news?"),
    ]
    assert [(e.kind, e.field, e.old, e.new) for e in events if e.kind != "message"] == [
        ("change", "status", "New", "In Progress"),
        ("change", "assignee", "", "Noor Ahn"),
        ("escalation", "queue", "Support", "L3 Escalations"),
        ("escalation", "tags", "vip", "escalated"),
        ("change", "field 77", "", "x"),
    ]
    assert len({event.id for event in events}) == len(events)


async def test_an_issue_born_where_escalations_are_was_escalated_then(server: FakeRedmine) -> None:
    desk = server.desk()
    kinds = [event.kind for event in await everything(desk.timeline(await desk.ticket("1")))]
    assert kinds == ["message", "escalation"]


async def test_files_hang_on_the_journal_that_brought_them(server: FakeRedmine) -> None:
    file = {"id": 31, "filename": "log 1.txt", "filesize": 20, "content_type": "text/plain"}
    server.issues[1].files = [file, file | {"id": 30}]
    detail = {"property": "attachment", "name": "31", "old_value": None, "new_value": "log 1.txt"}
    server.add_journal(1, details=[detail])
    desk = server.desk()
    events = await everything(desk.timeline(await desk.ticket("1")))
    assert [[one.ref for one in e.attachments] for e in events if e.kind == "message"] == [
        ["30/log 1.txt"], ["31/log 1.txt"],
    ]  # fmt: skip
    sink = io.BytesIO()
    assert await desk.attachment("31/log 1.txt", sink, 100) == 20
    with pytest.raises(Refused):
        await desk.attachment("31/log 1.txt", io.BytesIO(), 10)
    with pytest.raises(HelpdeskFailed):
        await desk.attachment("../users.json", io.BytesIO(), 10)


async def test_who_may_not_read_private_notes_is_a_customer(server: FakeRedmine) -> None:
    server.add_journal(1, user=6, notes="x")
    server.add_journal(1, user=7, notes="y")
    desk = server.desk()
    roles = [e.actor_role for e in await everything(desk.timeline(await desk.ticket("1"))) if e.text in "xy"]
    assert roles == ["engineering", "customer"]
    server.before = lambda r: httpx.Response(403) if "memberships.json" in str(r.url) else None
    desk = server.desk(roles={"Noor Ahn": "product"})
    roles = [e.actor_role for e in await everything(desk.timeline(await desk.ticket("1"))) if e.text in "xy"]
    assert roles == ["product", "customer"]


# --- lists ---------------------------------------------------------------------------------------


async def test_a_queue_longer_than_the_silent_ceiling_is_read_whole(server: FakeRedmine) -> None:
    for number in range(2, 251):
        server.add_issue(number, status=5 if number % 5 == 0 else 1)
    opened = await everything(server.desk().queue("project_id=1"))
    assert [int(ticket.id) for ticket in opened] == [n for n in range(1, 251) if n == 1 or n % 5]
    assert len(await everything(server.desk().queue("status_id=*"))) == 250


@pytest.mark.parametrize("leaving", [5, 60, 99])
async def test_no_issue_is_missed_when_others_leave_the_queue_meanwhile(
    server: FakeRedmine, leaving: int
) -> None:
    for number in range(2, 251):
        server.add_issue(number)
    pages = 0

    def close_some(request: httpx.Request) -> None:
        nonlocal pages
        if request.url.path == "/issues.json":
            pages += 1
            if pages == 2:
                for number in range(1, leaving):
                    server.issues[number].status = 5

    server.before = close_some
    seen = [int(ticket.id) for ticket in await everything(server.desk().queue("project_id=1"))]
    assert set(seen) == set(range(1, 251))
    assert len(seen) == len(set(seen))


async def test_a_saved_query_and_a_project_are_offered_escalated_first(server: FakeRedmine) -> None:
    choices = await server.desk().queue_choices()
    assert [(choice.selector, choice.escalated) for choice in choices] == [
        ("query_id=9&project_id=1", True),
        ("project_id=1&status_id=open", True),
        ("query_id=8", False),
        ("project_id=2&status_id=open", False),
    ]
    assert [ticket.id for ticket in await everything(server.desk().queue(""))] == ["1"]


@pytest.mark.parametrize(
    ("selector", "error"),
    [("project_id=nope", NotFound), ("query_id=1", NotFound), ("words", Invalid), ("limit=5", Invalid)],
)
async def test_a_queue_that_is_none_is_said_to_be(
    server: FakeRedmine, selector: str, error: type[Exception]
) -> None:
    with pytest.raises(error):
        await everything(server.desk().queue(selector))


async def test_an_order_that_is_not_kept_is_noticed(server: FakeRedmine) -> None:
    server.add_issue(2)
    rows = [server.record(server.issues[number]) for number in (2, 1)]
    answer = {"issues": rows, "total_count": 2, "offset": 0, "limit": 100}
    server.before = lambda r: httpx.Response(200, json=answer) if r.url.path == "/issues.json" else None
    with pytest.raises(HelpdeskFailed, match="order"):
        await everything(server.desk().queue("query_id=9"))


# --- changes -------------------------------------------------------------------------------------


async def changed(server: FakeRedmine, cursor: str | None) -> tuple[list[str], str]:
    pages = [page async for page in server.desk().changes("", cursor)]
    assert pages[-1].done
    return [ticket.id for page in pages for ticket in page.items], str(pages[-1].cursor)


async def test_changes_begin_now_and_overlap(server: FakeRedmine) -> None:
    seen, cursor = await changed(server, None)
    assert (seen, cursor) == ([], f"updated:{START.isoformat()}")
    server.add_issue(2, updated=START - timedelta(seconds=30))
    server.add_issue(3, updated=START - timedelta(hours=1))
    server.add_issue(4, updated=START + timedelta(hours=1), status=5)
    seen, cursor = await changed(server, cursor)
    assert seen == ["2", "1", "4"]
    assert cursor == f"updated:{(START + timedelta(hours=1)).isoformat()}"


async def test_a_thousand_changes_of_one_second_are_all_seen(server: FakeRedmine) -> None:
    _, cursor = await changed(server, None)
    for number in range(2, 502):
        server.add_issue(number, updated=START + timedelta(hours=1))
    server.add_issue(900, updated=START + timedelta(hours=2))
    seen, _ = await changed(server, cursor)
    assert set(map(int, seen)) >= {*range(2, 502), 900}


async def test_an_issue_that_changes_while_changes_are_read_is_not_skipped(server: FakeRedmine) -> None:
    _, cursor = await changed(server, None)
    for number in range(2, 302):
        server.add_issue(number, updated=START + timedelta(minutes=number))
    pages = 0

    def touch(request: httpx.Request) -> None:
        nonlocal pages
        pages += request.url.path == "/issues.json"
        if pages == 2:
            for number in range(2, 90):
                server.issues[number].updated = START + timedelta(days=1, seconds=number)

    server.before = touch
    seen, _ = await changed(server, cursor)
    assert set(map(int, seen)) >= set(range(2, 302))


async def test_changes_that_repeat_forever_are_stopped(server: FakeRedmine) -> None:
    rows = [server.record(server.issues[1])] * 100
    answer = {"issues": rows, "total_count": 10_000, "offset": 0, "limit": 100}
    server.before = lambda r: httpx.Response(200, json=answer) if r.url.path == "/issues.json" else None
    cursor = f"updated:{(START + timedelta(minutes=1)).isoformat()}"
    with pytest.raises(HelpdeskFailed, match="same page"):
        pages = 0
        async for _ in server.desk().changes("", cursor):
            pages += 1
            if pages > 10_050:
                break


async def test_a_cursor_that_is_not_ours_is_refused(server: FakeRedmine) -> None:
    with pytest.raises(HelpdeskFailed, match="cursor"):
        await changed(server, "transaction:7")


# --- rights --------------------------------------------------------------------------------------


async def test_the_account_says_what_it_lacks(server: FakeRedmine) -> None:
    account = await server.desk().whoami()
    assert (account.id, account.name, account.trouble) == ("5", "Triage Bot", ())
    server.my_role = 6
    account = await server.desk().whoami()
    assert not account.may_write_internal
    assert "have set_notes_private granted" in account.trouble[0]


@pytest.mark.parametrize("role", [4, 6])
async def test_a_note_that_would_become_public_never_leaves(server: FakeRedmine, role: int) -> None:
    step = await planned(server, note=INTERNAL)
    server.my_role = role
    _, outcome = await send(server.desk(), step, "1")
    assert isinstance(outcome, Rejected)
    assert "set_notes_private" in outcome.errors[0]
    assert server.sent() == []


async def test_a_right_that_was_taken_away_since_the_last_note_is_noticed(server: FakeRedmine) -> None:
    desk = server.desk()
    step = await planned(server, note=INTERNAL)
    assert isinstance((await send(desk, step, "1"))[1], Landed)
    server.permissions[3].remove("set_notes_private")
    assert isinstance((await send(desk, step, "1"))[1], Rejected)
    assert len(server.sent()) == 1


async def test_membership_in_another_project_does_not_count(server: FakeRedmine) -> None:
    server.issues[1].project = 2
    _, outcome = await send(server.desk(), await planned(server, note=INTERNAL), "1")
    assert isinstance(outcome, Rejected)
    server.admin = True
    assert isinstance((await send(server.desk(), await planned(server, note=INTERNAL), "1"))[1], Landed)


async def test_rights_that_cannot_be_read_keep_the_note_at_home(server: FakeRedmine) -> None:
    step = await planned(server, note=INTERNAL)
    server.before = lambda r: httpx.Response(403) if "/roles/" in str(r.url) else None
    assert isinstance((await send(server.desk(), step, "1"))[1], NotSent)
    assert server.sent() == []


async def test_a_note_that_became_public_all_the_same_raises_the_alarm(server: FakeRedmine) -> None:
    step = await planned(server, note=INTERNAL)

    def taken_away(request: httpx.Request) -> None:
        if request.method == "PUT":
            server.permissions[3].remove("set_notes_private")

    server.before = taken_away
    step, outcome = await send(server.desk(), step, "1")
    assert isinstance(outcome, Landed)
    (said,) = await server.desk().verify(step, "1")
    assert said.startswith("PUBLIC:")


# --- writing -------------------------------------------------------------------------------------


async def test_one_request_carries_note_fields_tags_status_and_owner(server: FakeRedmine) -> None:
    step = await planned(
        server,
        note=INTERNAL,
        fields={"esc_verdict": "bug", "priority": "sev1"},
        tags_add=("esc-bug",),
        status="In Progress",
        assignee="me",
    )
    step, outcome = await send(server.desk(), step, "1")
    assert isinstance(outcome, Landed)
    (put,) = server.sent()
    assert json.loads(put.content) == {
        "issue": {
            "notes": "[esc:X v1] words\n\nref:esc-0197bbbb-1",
            "private_notes": True,
            "status_id": 2,
            "assigned_to_id": 5,
            "custom_fields": [
                {"id": 5, "value": "bug"},
                {"id": 1, "value": "sev1"},
                {"id": 4, "value": ["vip", "esc-bug"]},
            ],
        }
    }
    assert put.headers["Content-Type"] == "application/json"
    assert await server.desk().verify(step, "1") == []
    assert [(j.private, bool(j.notes)) for j in server.issues[1].journals] == [(False, False), (True, True)]


async def test_a_public_reply_is_public_and_needs_no_right(server: FakeRedmine) -> None:
    step = await planned(server, note=Note("mended", "public"))
    server.my_role = 4
    step, _ = await send(server.desk(), step, "1")
    assert json.loads(server.sent()[0].content)["issue"]["private_notes"] is False
    assert await server.desk().verify(step, "1") == []


async def test_the_priority_of_redmine_itself_is_used_without_a_field(server: FakeRedmine) -> None:
    desk = server.desk(fields={"priority": "Urgency"})
    ticket = await desk.ticket("1")
    assert (ticket.priority, ticket.fields["priority"]) == ("normal", "Normal")
    (step,) = desk.plan(operation("1", fields={"priority": "Immediate"}), ticket)
    step, _ = await send(desk, step, "1")
    assert (await desk.ticket("1")).priority == "urgent"
    assert await desk.verify(step, "1") == []


async def test_a_plan_made_again_gives_the_same_marker_and_nothing_is_nothing(server: FakeRedmine) -> None:
    first = await planned(server, note=INTERNAL, status="In Progress")
    server.issues[1].status = 2
    assert (await planned(server, note=INTERNAL, status="In Progress")).key == first.key
    desk = server.desk()
    nothing = operation("1", tags_add=("vip",), status="In Progress", fields={"nope": 1})
    assert desk.plan(nothing, await desk.ticket("1")) == ()


async def test_a_field_the_issue_does_not_have_is_named(server: FakeRedmine) -> None:
    step = await planned(server, note=INTERNAL, fields={"nope": 1})
    assert step.payload["left_out"] == ["nope"]


async def test_an_issue_that_moved_on_is_a_conflict_but_a_lone_note_goes(server: FakeRedmine) -> None:
    fields = await planned(server, status="In Progress")
    note = await planned(server, note=INTERNAL)
    server.add_journal(1, notes="meanwhile", at=START)
    assert isinstance((await send(server.desk(), fields, "1"))[1], Conflict)
    assert server.sent() == []
    assert isinstance((await send(server.desk(), note, "1"))[1], Landed)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"status": "Frozen"}, "may not become Frozen"),
        ({"status": "Bogus"}, "no status Bogus"),
        ({"assignee": "Stranger"}, "no member Stranger"),
    ],
)
async def test_what_redmine_would_leave_out_silently_is_refused_before(
    server: FakeRedmine, change: dict[str, Any], words: str
) -> None:
    _, outcome = await send(server.desk(), await planned(server, **change), "1")
    assert isinstance(outcome, Rejected)
    assert words in outcome.errors[0]
    assert server.sent() == []


async def test_what_redmine_left_out_silently_is_found_by_reading_back(server: FakeRedmine) -> None:
    step = await planned(server, status="In Progress", tags_add=("esc-bug",), assignee="Noor Ahn")
    server.before = lambda r: httpx.Response(204) if r.method == "PUT" else None
    step, outcome = await send(server.desk(), step, "1")
    assert isinstance(outcome, Landed)
    assert await server.desk().verify(step, "1") == [
        "the tag esc-bug is not there",
        "the status is New, not In Progress",
        "it belongs to nobody, not Noor Ahn",
    ]


async def test_a_value_outside_the_list_refuses_the_whole_request(server: FakeRedmine) -> None:
    step = await planned(server, note=INTERNAL, tags_add=("unheard-of",))
    _, outcome = await send(server.desk(), step, "1")
    assert isinstance(outcome, Rejected)
    assert "Tags is not included in the list" in outcome.errors[0]
    assert server.issues[1].journals == []


async def test_a_refusal_without_a_reason_is_a_refusal(server: FakeRedmine) -> None:
    step = await planned(server, note=INTERNAL)
    server.before = lambda r: httpx.Response(422, json={"errors": []}) if r.method == "PUT" else None
    _, outcome = await send(server.desk(), step, "1")
    assert isinstance(outcome, Rejected)
    assert outcome.errors


# --- unknown outcomes ----------------------------------------------------------------------------


async def test_a_lost_answer_is_found_again_and_the_note_is_there_once(server: FakeRedmine) -> None:
    step = await planned(server, note=INTERNAL, status="In Progress")
    server.after = lambda r: httpx.Response(502) if r.method == "PUT" else None
    step, outcome = await send(server.desk(), step, "1")
    assert isinstance(outcome, Unknown)
    found = await server.desk().probe(step, "1")
    (note,) = [journal for journal in server.issues[1].journals if journal.notes]
    assert (found.verdict, found.complete_scan, found.receipt) == ("found", True, f"journal {note.id}")
    assert await server.desk().verify(step, "1") == []


async def test_a_request_that_was_dropped_is_absent(server: FakeRedmine) -> None:
    for change in ({"note": INTERNAL}, {"status": "In Progress"}):
        step = await planned(server, **change)
        server.before = lambda r: httpx.Response(502) if r.method == "PUT" else None
        step, outcome = await send(server.desk(), step, "1")
        assert isinstance(outcome, Unknown)
        assert (await server.desk().probe(step, "1")).verdict == "absent"


async def test_a_note_of_somebody_else_or_of_another_step_is_not_ours(server: FakeRedmine) -> None:
    step = await planned(server, note=INTERNAL)
    server.add_journal(1, user=6, notes=str(step.payload["note"]), private=True)
    server.add_journal(1, user=5, notes=f"{step.payload['note']}2", private=True)
    assert (await server.desk().probe(step, "1")).verdict == "absent"


async def test_what_cannot_be_read_cannot_be_told(server: FakeRedmine) -> None:
    step = await planned(server, note=INTERNAL)
    server.before = lambda r: httpx.Response(503)
    assert (await server.desk().probe(step, "1")).verdict == "cannot_tell"


async def test_an_empty_error_page_is_an_error_and_no_crash(server: FakeRedmine) -> None:
    with pytest.raises(NotFound):
        await server.desk().ticket("99")
    with pytest.raises(NotFound):
        await server.desk().ticket("1/../2")
    for status in (400, 401, 403):
        server.before = lambda r, status=status: httpx.Response(status, content=b"")
        with pytest.raises(HelpdeskFailed):
            await server.desk().ticket("1")
