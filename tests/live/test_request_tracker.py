"""The adapter against a Request Tracker that nobody here wrote."""

from __future__ import annotations

import base64
import io
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.live.conftest import OpenDesk
from tests.live.request_tracker_seed import RENAMED_GROUP, SILENT_EXPORT, UPGRADE
from tests.live.request_tracker_server import RequestTrackerServer
from tests.live.unreliable_proxy import unreliable
from triage.helpdesk.port import Page
from triage.helpdesk.request_tracker.adapter import RequestTracker
from triage.model.errors import HelpdeskFailed, Invalid, NotFound, Refused
from triage.model.operation import Change, Conflict, Landed, Note, Operation, Outcome, Rejected, Step, Unknown
from triage.model.ticket import Ticket
from triage.model.timeline import TimelineEvent

pytestmark = pytest.mark.live

NOTE = "[esc:ESC-2026-0031 v1] FINAL · bug B2.3\nCause: a renamed group was taken for a new one. ✓ \x1b[31m"


async def everything(pages: AsyncIterator[Page[Any]]) -> list[Any]:
    return [item async for page in pages for item in page.items]


async def timeline(desk: RequestTracker, ticket_id: str) -> list[TimelineEvent]:
    return await everything(desk.timeline(await desk.ticket(ticket_id)))


def operation(ticket_id: str, number: str, **change: Any) -> Operation:
    return Operation(
        id=f"0197aaaa-{number}",
        ticket_id=ticket_id,
        change=Change(**change),
        state="pending",
        created_at=datetime.now(UTC),
        created_by="robin",
    )


async def send(desk: RequestTracker, step: Step, ticket_id: str) -> tuple[Step, Outcome]:
    step = replace(step, sent_at=datetime.now(UTC))
    outcome = await desk.apply(step, ticket_id)
    receipt = (outcome.receipt or "") if isinstance(outcome, Landed) else ""
    return replace(step, receipt=receipt), outcome


async def test_the_account_and_its_queues_are_found(open_desk: OpenDesk) -> None:
    desk = open_desk()
    account = await desk.whoami()
    assert (account.name, account.trouble) == ("Triage Desk", ())
    choices = await desk.queue_choices()
    assert (choices[0].title, choices[0].escalated) == ("Escalations", True)
    assert {choice.title for choice in choices[1:]} == {"General", "Support"}


async def test_without_a_selector_the_active_tickets_of_the_escalation_queue_are_pulled(
    open_desk: OpenDesk,
) -> None:
    tickets: list[Ticket] = await everything(open_desk().queue(""))
    by_subject = {ticket.subject: ticket for ticket in tickets}
    assert SILENT_EXPORT not in by_subject  # resolved
    assert by_subject[UPGRADE].relationship == "trial"
    ticket = by_subject[RENAMED_GROUP]
    assert ticket.status == "open"
    assert ticket.priority == "urgent"
    assert (ticket.customer, ticket.requester) == ("Fjordline Ferries", "Ilse Brandt")
    assert (ticket.product, ticket.product_version, ticket.component) == (
        "Heron Directory",
        "7.3.2",
        "directory sync",
    )
    assert ticket.assignee == "Tomás Villaverde"
    assert set(ticket.tags) == {"access", "sync"}
    assert ticket.open
    assert ticket.fields["esc_verdict"] == ""
    # The server believes it is called rt.live.test; links must lead to where we called it.
    assert ticket.url.startswith("http://127.0.0.1:")


async def test_the_timeline_tells_who_said_what_to_whom(
    open_desk: OpenDesk, request_tracker: RequestTrackerServer
) -> None:
    events = await timeline(open_desk(), request_tracker.ticket_id(RENAMED_GROUP))
    told = [(event.kind, event.visibility, event.actor_role, event.actor) for event in events]
    assert told == [
        ("message", "public", "customer", "Ilse Brandt"),
        ("change", "internal", "support_frontline", "Noor Haddad"),
        ("message", "public", "support_frontline", "Noor Haddad"),
        ("message", "internal", "support_frontline", "Noor Haddad"),
        ("escalation", "internal", "support_frontline", "Noor Haddad"),
        ("message", "internal", "support_tier2", "Anneke de Wit"),
        ("change", "internal", "helpdesk", "The RT System itself"),
        ("message", "public", "customer", "Ilse Brandt"),
        ("message", "public", "engineering", "Tomás Villaverde"),
    ]
    assert events[0].text.endswith("Nothing else was changed. — Ilse")
    assert (events[1].field, events[1].old, events[1].new) == ("status", "new", "open")
    assert (events[4].field, events[4].old, events[4].new) == ("queue", "Support", "Escalations")
    assert (events[6].field, events[6].old, events[6].new) == ("assignee", "", "Tomás Villaverde")
    assert [event.at for event in events] == sorted(event.at for event in events)
    assert len({event.id for event in events}) == len(events)
    assert all(event.source_ref.startswith("transaction ") for event in events)


async def test_text_from_outside_comes_through_untouched(
    open_desk: OpenDesk, request_tracker: RequestTrackerServer
) -> None:
    events = await timeline(open_desk(), request_tracker.ticket_id(SILENT_EXPORT))
    assert "\x1b[31mred\x1b[0m [bold]markup[/] \u202eflip" in events[0].text
    assert not (await open_desk().ticket(request_tracker.ticket_id(SILENT_EXPORT))).open


async def test_a_note_with_fields_tags_and_status_lands_once_and_nobody_is_mailed(
    open_desk: OpenDesk, request_tracker: RequestTrackerServer
) -> None:
    desk, number = open_desk(), request_tracker.new_ticket("Everything at once")
    ticket, mails = await desk.ticket(number), request_tracker.mails()
    wanted = operation(
        number,
        "all",
        note=Note(NOTE, "internal"),
        tags_add=("esc-bug",),
        fields={"esc_verdict": "bug", "esc_code": "B2.3", "esc_unheard_of": "x"},
        status="stalled",
    )
    steps = desk.plan(wanted, ticket)
    assert [step.kind for step in steps] == ["fields", "note"]
    assert steps[0].payload["left_out"] == ["esc_unheard_of"]
    for planned in steps:
        step, outcome = await send(desk, planned, number)
        assert isinstance(outcome, Landed)
        assert await desk.verify(step, number) == []
        assert (await desk.probe(step, number)).verdict == "found"
    assert request_tracker.comments(number) == [f"{NOTE}\n\nref:esc-0197aaaa-all-3"]
    assert request_tracker.replies(number) == []
    assert request_tracker.mails() == mails
    fields = request_tracker.custom_fields(number)
    assert (fields["esc_verdict"], fields["esc_code"], fields["Tags"]) == (["bug"], ["B2.3"], ["esc-bug"])
    assert request_tracker.status(number) == "stalled"
    note = [event for event in await timeline(desk, number) if event.kind == "message"][-1]
    assert (note.visibility, note.text) == ("internal", f"{NOTE}\n\nref:esc-0197aaaa-all-3")


async def test_tags_that_were_there_stay(open_desk: OpenDesk, request_tracker: RequestTrackerServer) -> None:
    desk, number = open_desk(), request_tracker.new_ticket("Tagged before")
    body = {"CustomFields": {"Tags": ["vip", "slow"]}}
    request_tracker.ask(f"ticket/{number}", method="PUT", body=body)
    (planned,) = desk.plan(
        operation(number, "tags", tags_add=("esc-bug",), tags_remove=("slow",)), await desk.ticket(number)
    )
    step, _ = await send(desk, planned, number)
    assert await desk.verify(step, number) == []
    assert set(request_tracker.custom_fields(number)["Tags"]) == {"vip", "esc-bug"}


async def test_after_a_lost_reply_the_note_is_found_and_not_written_twice(
    open_desk: OpenDesk, request_tracker: RequestTrackerServer
) -> None:
    number = request_tracker.new_ticket("Reply lost")
    async with unreliable(request_tracker.url) as proxy:
        desk = open_desk(url=proxy.url)
        (planned,) = desk.plan(
            operation(number, "lost", note=Note(NOTE, "internal")), await desk.ticket(number)
        )
        proxy.lose("reply", "POST")
        step, outcome = await send(desk, planned, number)
        assert isinstance(outcome, Unknown)
        found = await desk.probe(step, number)
        assert (found.verdict, found.complete_scan) == ("found", True)
        assert await desk.verify(replace(step, receipt=found.receipt or ""), number) == []
        assert await desk.verify(step, number) == []
        assert len([line for line in proxy.passed if line.startswith("POST")]) == 1
    assert len(request_tracker.comments(number)) == 1


async def test_after_a_lost_request_nothing_is_found_and_a_second_attempt_lands_once(
    open_desk: OpenDesk, request_tracker: RequestTrackerServer
) -> None:
    number = request_tracker.new_ticket("Request lost")
    async with unreliable(request_tracker.url) as proxy:
        desk = open_desk(url=proxy.url)
        (planned,) = desk.plan(
            operation(number, "gone", note=Note(NOTE, "internal")), await desk.ticket(number)
        )
        proxy.lose("request", "POST")
        step, outcome = await send(desk, planned, number)
        assert isinstance(outcome, Unknown)
        for _ in range(2):
            found = await desk.probe(step, number)
            assert (found.verdict, found.complete_scan) == ("absent", True)
        step, outcome = await send(desk, planned, number)
        assert isinstance(outcome, Landed)
    assert len(request_tracker.comments(number)) == 1


async def test_after_a_lost_reply_to_a_change_of_fields_their_state_is_found(
    open_desk: OpenDesk, request_tracker: RequestTrackerServer
) -> None:
    number = request_tracker.new_ticket("Fields lost")
    async with unreliable(request_tracker.url) as proxy:
        desk = open_desk(url=proxy.url)
        wanted = operation(number, "field", fields={"esc_code": "B1.1"}, status="open")
        (planned,) = desk.plan(wanted, await desk.ticket(number))
        proxy.lose("reply", "PUT")
        step, outcome = await send(desk, planned, number)
        assert isinstance(outcome, Unknown)
        assert (await desk.probe(step, number)).verdict == "found"


async def test_a_marker_is_not_taken_for_a_longer_one_or_for_somebody_elses(
    open_desk: OpenDesk, request_tracker: RequestTrackerServer
) -> None:
    desk, number = open_desk(), request_tracker.new_ticket("Alike")
    (planned,) = desk.plan(operation(number, "a", note=Note("first", "internal")), await desk.ticket(number))
    step = replace(planned, sent_at=datetime.now(UTC))
    for who, text in (("triage-bot", f"x\n\nref:esc-{step.key}1"), ("tomas", f"x\n\nref:esc-{step.key}")):
        body = {"Content": text, "ContentType": "text/plain"}
        request_tracker.ask(f"ticket/{number}/comment", who=who, method="POST", body=body)
    assert (await desk.probe(step, number)).verdict == "absent"


@pytest.mark.parametrize("listed", [False, True], ids=["its own version", "the version of a list"])
async def test_a_ticket_changed_in_the_meantime_is_a_conflict_and_stays_as_it_is(
    open_desk: OpenDesk, request_tracker: RequestTrackerServer, listed: bool
) -> None:
    desk, number = open_desk(), request_tracker.new_ticket(f"Crossed {listed}")
    ticket = await desk.ticket(number)
    if listed:
        ticket = next(t for t in await everything(desk.queue(f"id = {number}")) if t.id == number)
        past = replace(ticket.version, token="2020-01-01T00:00:00Z")
        ticket = replace(ticket, version=past)
    else:
        request_tracker.ask(f"ticket/{number}", who="noor", method="PUT", body={"Subject": "Crossed over"})
    (planned,) = desk.plan(operation(number, "late", status="stalled"), ticket)
    _, outcome = await send(desk, planned, number)
    assert isinstance(outcome, Conflict)
    assert request_tracker.status(number) == "new"


async def test_an_unchanged_ticket_of_a_list_is_no_conflict(
    open_desk: OpenDesk, request_tracker: RequestTrackerServer
) -> None:
    desk, number = open_desk(), request_tracker.new_ticket("Listed")
    (ticket,) = await everything(desk.queue(f"id = {number}"))
    (planned,) = desk.plan(operation(number, "list", status="stalled"), ticket)
    _, outcome = await send(desk, planned, number)
    assert isinstance(outcome, Landed)
    assert request_tracker.status(number) == "stalled"


async def test_a_refused_value_is_seen_although_the_server_says_yes(
    open_desk: OpenDesk, request_tracker: RequestTrackerServer
) -> None:
    desk, number = open_desk(), request_tracker.new_ticket("Refused")
    wanted = operation(number, "bad", fields={"esc_verdict": "weather"}, status="bogus")
    (planned,) = desk.plan(wanted, await desk.ticket(number))
    step, outcome = await send(desk, planned, number)
    assert isinstance(outcome, Landed)
    assert await desk.verify(step, number) == [
        "esc_verdict is empty, not weather",
        "the status is new, not bogus",
    ]


async def test_a_ticket_of_somebody_else_can_be_taken(
    open_desk: OpenDesk, request_tracker: RequestTrackerServer
) -> None:
    desk, number = open_desk(), request_tracker.new_ticket("Taken")
    request_tracker.ask(f"ticket/{number}", method="PUT", body={"Owner": "noor"})
    ticket = await desk.ticket(number)
    assert ticket.assignee == "Noor Haddad"
    (planned,) = desk.plan(operation(number, "take", assignee="me"), ticket)
    step, outcome = await send(desk, planned, number)
    assert isinstance(outcome, Landed)
    assert await desk.verify(step, number) == []
    assert (await desk.ticket(number)).assignee == "Triage Desk"
    _, again = await send(desk, planned, number)
    assert isinstance(again, Landed)


async def test_an_assignee_may_be_given_by_real_name(
    open_desk: OpenDesk, request_tracker: RequestTrackerServer
) -> None:
    desk, number = open_desk(), request_tracker.new_ticket("Given")
    ticket = await desk.ticket(number)
    (planned,) = desk.plan(operation(number, "give", assignee="Anneke de Wit"), ticket)
    step, _ = await send(desk, planned, number)
    assert await desk.verify(step, number) == []
    assert (await desk.ticket(number)).assignee == "Anneke de Wit"
    (nobody,) = desk.plan(operation(number, "who", assignee="Nemo Nullius"), ticket)
    assert isinstance((await send(desk, nobody, number))[1], Rejected)


async def test_a_reply_to_the_customer_is_mailed_and_the_status_set_after_it(
    open_desk: OpenDesk, request_tracker: RequestTrackerServer
) -> None:
    desk, number = open_desk(), request_tracker.new_ticket("Public", queue="Support")
    body = {"Requestor": "pavel.nemec@orla.test", "Status": "stalled"}
    request_tracker.ask(f"ticket/{number}", method="PUT", body=body)
    mails = request_tracker.mails()
    wanted = operation(number, "reply", note=Note("It is mended.", "public"), status="resolved")
    for planned in desk.plan(wanted, await desk.ticket(number)):
        step, outcome = await send(desk, planned, number)
        assert isinstance(outcome, Landed)
        assert await desk.verify(step, number) == []
    assert len(request_tracker.replies(number)) == 1
    assert request_tracker.mails() > mails
    assert request_tracker.status(number) == "resolved"


async def test_an_internal_note_that_went_out_raises_the_alarm(
    open_desk: OpenDesk, request_tracker: RequestTrackerServer
) -> None:
    desk, number = open_desk(), request_tracker.new_ticket("Alarm")
    (planned,) = desk.plan(
        operation(number, "alarm", note=Note("quiet", "internal")), await desk.ticket(number)
    )
    body = {"Content": planned.payload["note"], "ContentType": "text/plain"}
    request_tracker.ask(f"ticket/{number}/correspond", who="triage-bot", method="POST", body=body)
    found = await desk.verify(replace(planned, sent_at=datetime.now(UTC)), number)
    assert found[0].startswith("PUBLIC:")


async def test_changes_are_seen_wherever_they_happen_and_nothing_else(
    open_desk: OpenDesk, request_tracker: RequestTrackerServer
) -> None:
    desk = open_desk()
    # The account's time zone moves what dates mean in a query; numbers have no zone.
    request_tracker.ask("user/triage-bot", method="PUT", body={"Timezone": "Asia/Tokyo"})
    number = request_tracker.new_ticket("Watched", queue="Support")
    doomed, merged = request_tracker.new_ticket("Doomed"), request_tracker.new_ticket("Merged")
    (start,) = [page async for page in desk.changes("", None)]
    assert (start.items, start.done) == ((), True)
    request_tracker.ask(f"ticket/{number}", method="PUT", body={"Status": "open"})
    request_tracker.ask(f"ticket/{doomed}", method="PUT", body={"Status": "deleted"})
    request_tracker.ask(f"ticket/{merged}", method="PUT", body={"MergeInto": int(number)})
    pages = [page async for page in desk.changes("", start.cursor)]
    changed = {ticket.id: ticket for page in pages for ticket in page.items}
    assert changed[number].status == "open"
    assert (changed[doomed].status, changed[doomed].open) == ("deleted", False)
    assert (changed[merged].status, changed[merged].open) == (f"merged into #{number}", False)
    assert pages[-1].done
    again = [page async for page in desk.changes("", pages[-1].cursor)]
    assert again[-1].cursor == pages[-1].cursor
    request_tracker.ask("user/triage-bot", method="PUT", body={"Timezone": ""})


async def test_an_account_with_few_rights_is_told_what_it_lacks(
    open_desk: OpenDesk, request_tracker: RequestTrackerServer
) -> None:
    desk, number = open_desk("onlooker"), request_tracker.ticket_id(RENAMED_GROUP)
    account = await desk.whoami()
    assert not account.may_see_internal
    assert not account.may_write_internal
    for right in ("CommentOnTicket", "ShowTicketComments", "SeeGroup"):
        assert right in str(account.trouble)
    events = await timeline(desk, number)
    # Hidden rows leave short pages behind; the last reply must still be found.
    assert [event.text for event in events if event.kind == "message"][-1].startswith(
        "The grants are being restored"
    )
    assert all(event.visibility == "public" for event in events if event.kind == "message")
    (planned,) = desk.plan(operation(number, "no", note=Note("x", "internal")), await desk.ticket(number))
    _, outcome = await send(desk, planned, number)
    assert isinstance(outcome, Rejected)
    (planned,) = desk.plan(operation(number, "no2", status="stalled"), await desk.ticket(number))
    step, outcome = await send(desk, planned, number)
    assert isinstance(outcome, Landed)  # says yes, does nothing
    assert await desk.verify(step, number) == ["the status is open, not stalled"]


async def test_files_are_listed_and_fetched_on_demand(
    open_desk: OpenDesk, request_tracker: RequestTrackerServer
) -> None:
    desk, number = open_desk(), request_tracker.new_ticket("With a file")
    content = bytes(range(256)) * 8
    file = {
        "FileName": "dump.bin",
        "FileType": "application/octet-stream",
        "FileContent": base64.b64encode(content).decode(),
    }
    body = {"Content": "see file", "ContentType": "text/plain", "Attachments": [file]}
    request_tracker.ask(f"ticket/{number}/comment", method="POST", body=body)
    message = (await timeline(desk, number))[-1]
    assert message.text == "see file"
    (attachment,) = message.attachments
    assert (attachment.name, attachment.media_type) == ("dump.bin", "application/octet-stream")
    sink = io.BytesIO()
    assert await desk.attachment(attachment.ref, sink, 10_000) == len(content)
    assert sink.getvalue() == content
    with pytest.raises(Refused):
        await desk.attachment(attachment.ref, io.BytesIO(), 100)


async def test_a_message_of_a_megabyte_comes_whole(
    open_desk: OpenDesk, request_tracker: RequestTrackerServer
) -> None:
    number = request_tracker.new_ticket("Long")
    body = {"Content": "line of words\n" * 75_000, "ContentType": "text/plain"}
    request_tracker.ask(f"ticket/{number}/comment", method="POST", body=body)
    assert len((await timeline(open_desk(), number))[-1].text) == 14 * 75_000


async def test_a_ticket_that_is_not_there_and_a_queue_that_is_not_there_are_named(
    open_desk: OpenDesk,
) -> None:
    desk = open_desk()
    with pytest.raises(NotFound, match="no ticket 99999"):
        await desk.ticket("99999")
    with pytest.raises(NotFound, match="Did you mean 'Escalations'"):
        await everything(desk.queue("Queue = 'Escalation' AND Status = 'open'"))
    with pytest.raises(Invalid, match="TicketSQL") as caught:
        await everything(desk.queue("Status == 'open'"))
    assert "/usr/share" not in str(caught.value)


async def test_a_wrong_token_and_a_wrong_address_are_one_clear_line(
    open_desk: OpenDesk, request_tracker: RequestTrackerServer
) -> None:
    wrong = request_tracker.tokens["triage-bot"][:-4] + "0000"
    with pytest.raises(HelpdeskFailed, match="token was not accepted") as caught:
        await open_desk(token=wrong).whoami()
    assert wrong not in str(caught.value)
    with pytest.raises(HelpdeskFailed):
        await open_desk(url=request_tracker.url + "/elsewhere").whoami()
