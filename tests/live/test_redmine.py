"""The adapter against a Redmine that nobody here wrote."""

from __future__ import annotations

import io
import urllib.request
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.live.conftest import OpenRedmine
from tests.live.redmine_server import RedmineServer
from tests.live.unreliable_proxy import unreliable
from triage.helpdesk.port import Page
from triage.helpdesk.redmine.adapter import Redmine
from triage.model.errors import HelpdeskFailed, Invalid, NotFound
from triage.model.operation import Change, Conflict, Landed, Note, Operation, Outcome, Rejected, Step, Unknown
from triage.model.timeline import TimelineEvent

pytestmark = pytest.mark.live

NOTE = "[esc:ESC-2026-0031 v1] FINAL · bug B2.3\nCause: a renamed group was taken for a new one. ✓ \x1b[31m"


async def everything(pages: AsyncIterator[Page[Any]]) -> list[Any]:
    return [item async for page in pages for item in page.items]


async def timeline(desk: Redmine, number: str) -> list[TimelineEvent]:
    return await everything(desk.timeline(await desk.ticket(number)))


def operation(number: str, name: str, **change: Any) -> Operation:
    return Operation(
        id=f"0197aaaa-{name}",
        ticket_id=number,
        change=Change(**change),
        state="pending",
        created_at=datetime.now(UTC),
        created_by="robin",
    )


async def send(desk: Redmine, number: str, name: str, **change: Any) -> tuple[Step, Outcome]:
    """Plan the one request of a change and send it."""
    [planned] = desk.plan(operation(number, name, **change), await desk.ticket(number))
    step = replace(planned, sent_at=datetime.now(UTC))
    return step, await desk.apply(step, number)


# --- reading ------------------------------------------------------------------------------------------------


async def test_the_account_and_its_queues_are_found(open_redmine: OpenRedmine) -> None:
    desk = open_redmine()
    account = await desk.whoami()
    assert (account.name, account.trouble, account.may_write_internal) == ("Triage Desk", (), True)
    choices = await desk.queue_choices()
    assert {choice.title for choice in choices if choice.escalated} == {"Open escalations", "Escalations"}
    assert {choice.title for choice in choices if not choice.escalated} == {"Warehouse"}


async def test_the_open_issues_of_a_query_or_project_are_pulled(
    open_redmine: OpenRedmine, redmine: RedmineServer
) -> None:
    number = redmine.new_issue(
        "212 people lost access",
        priority_id=redmine.made["priorities"]["Urgent"],
        custom_fields=[{"id": redmine.made["fields"]["Product"], "value": "Heron Directory"}],
    )
    closed = redmine.new_issue("Long ago")
    redmine.change(closed, status_id=redmine.made["statuses"]["Solved"])
    for selector in (
        "",
        f"query_id={redmine.made['query']}&project_id=escalations",
        "project_id=escalations",
    ):
        by_id = {ticket.id: ticket for ticket in await everything(open_redmine().queue(selector))}
        assert number in by_id
        assert closed not in by_id
    ticket = by_id[number]
    assert (ticket.status, ticket.priority, ticket.product) == ("New", "urgent", "Heron Directory")
    assert (ticket.requester, ticket.open) == ("Ilse Brandt", True)
    assert not (await open_redmine().ticket(closed)).open


async def test_the_timeline_tells_who_said_what_to_whom(
    open_redmine: OpenRedmine, redmine: RedmineServer
) -> None:
    number = redmine.new_issue("A story")
    redmine.change(number, who="ilse", notes="Is anybody there?")
    redmine.change(
        number,
        notes="The log is full.",
        private_notes=True,
        status_id=redmine.made["statuses"]["In Progress"],
    )
    redmine.change(number, who="tomas", notes="It is running again.")
    told = [
        (event.kind, event.visibility, event.actor_role, event.actor, event.field, event.new)
        for event in await timeline(open_redmine(), number)
    ]
    assert [row for row in told if row[0] == "message"] == [
        ("message", "public", "customer", "Ilse Brandt", "", ""),
        ("message", "public", "customer", "Ilse Brandt", "", ""),
        ("message", "internal", "support_frontline", "Noor Haddad", "", ""),
        ("message", "public", "engineering", "Tomás Villaverde", "", ""),
    ]
    assert ("change", "internal", "support_frontline", "Noor Haddad", "status", "In Progress") in told


async def test_changes_are_seen_wherever_they_happen(
    open_redmine: OpenRedmine, redmine: RedmineServer
) -> None:
    desk = open_redmine()
    [start] = [page.cursor async for page in desk.changes("", None)]
    elsewhere = redmine.new_issue("In the other project", project="warehouse")
    noted = redmine.new_issue("With a private note")
    redmine.change(noted, notes="Only for us.", private_notes=True)
    seen = {ticket.id for ticket in await everything(desk.changes("", start))}
    assert {elsewhere, noted} <= seen


async def test_the_zone_of_the_account_moves_nothing(
    open_redmine: OpenRedmine, redmine: RedmineServer
) -> None:
    made = datetime.now(UTC)
    number = redmine.new_issue("What time is it")
    ticket = await open_redmine().ticket(number)
    assert abs((ticket.created_at - made).total_seconds()) < 120
    assert ticket.created_at.tzinfo is not None


async def test_a_queue_longer_than_a_page_is_read_whole(
    open_redmine: OpenRedmine, redmine: RedmineServer
) -> None:
    made = {redmine.new_issue(f"One of many {n}", project="warehouse") for n in range(105)}
    found = [ticket.id for ticket in await everything(open_redmine().queue("project_id=warehouse"))]
    assert made <= set(found)
    assert len(found) == len(set(found))


async def test_files_are_listed_and_fetched_on_demand(
    open_redmine: OpenRedmine, redmine: RedmineServer
) -> None:
    upload = urllib.request.Request(
        f"{redmine.url}/uploads.json?filename=log.txt",
        data=b"sync: 431 grants removed\n",
        headers={"X-Redmine-API-Key": redmine.keys["noor"], "Content-Type": "application/octet-stream"},
    )
    with urllib.request.urlopen(upload, timeout=30) as answer:
        token = answer.read().decode().split('"token":"')[1].split('"')[0]
    number = redmine.new_issue("With a file")
    redmine.change(
        number,
        notes="See the log.",
        uploads=[{"token": token, "filename": "log.txt", "content_type": "text/plain"}],
    )
    desk = open_redmine()
    [file] = [file for event in await timeline(desk, number) for file in event.attachments]
    sink = io.BytesIO()
    assert await desk.attachment(file.ref, sink, 1000) == file.size == 25
    assert sink.getvalue() == b"sync: 431 grants removed\n"


async def test_what_is_not_there_is_named(open_redmine: OpenRedmine) -> None:
    desk = open_redmine()
    with pytest.raises(NotFound, match="no issue 99999"):
        await desk.ticket("99999")
    with pytest.raises(NotFound):
        await everything(desk.queue("project_id=nowhere"))
    with pytest.raises(NotFound):
        await everything(desk.queue("query_id=777"))
    with pytest.raises(Invalid):
        await everything(desk.queue("nonsense"))


async def test_a_wrong_key_and_a_wrong_address_are_one_clear_line(
    open_redmine: OpenRedmine, redmine: RedmineServer
) -> None:
    with pytest.raises(HelpdeskFailed, match="the token was not accepted"):
        await open_redmine(key="0" * 40).whoami()
    with pytest.raises(HelpdeskFailed, match="API"):
        await open_redmine(url=f"{redmine.url}/elsewhere").whoami()


# --- writing ------------------------------------------------------------------------------------------------


async def test_a_private_note_with_fields_tags_and_status_lands_once(
    open_redmine: OpenRedmine, redmine: RedmineServer
) -> None:
    desk, number = open_redmine(), redmine.new_issue("Everything at once")
    step, outcome = await send(
        desk, number, "all",
        note=Note(NOTE, "internal"), tags_add=("esc-bug", "vip"), status="In Progress", assignee="me",
        fields={"esc_verdict": "bug", "esc_code": "B2.3", "esc_unheard_of": "x"},
    )  # fmt: skip
    assert isinstance(outcome, Landed)
    assert step.payload["left_out"] == ["esc_unheard_of"]
    assert await desk.verify(step, number) == []
    [(text, private)] = redmine.notes(number)
    assert private
    # Every character arrives as it was, and the marker is the last line.
    assert text.startswith(NOTE)
    assert text.endswith(f"ref:esc-{step.key}")
    fields = redmine.fields(number)
    assert (fields["esc_verdict"], fields["esc_code"], set(fields["Tags"])) == (
        "bug", "B2.3", {"esc-bug", "vip"},
    )  # fmt: skip
    issue = redmine.issue(number)
    assert (issue["status"]["name"], issue["assigned_to"]["name"]) == ("In Progress", "Triage Desk")
    probe = await desk.probe(step, number)
    assert (probe.verdict, probe.complete_scan) == ("found", True)


async def test_the_customer_does_not_see_our_note_and_sees_our_reply(
    open_redmine: OpenRedmine, redmine: RedmineServer
) -> None:
    desk, number = open_redmine(), redmine.new_issue("Who reads this")
    await send(desk, number, "inside", note=Note("Between us.", "internal"))
    step, outcome = await send(desk, number, "outside", note=Note("We are on it.", "public"))
    assert isinstance(outcome, Landed)
    assert await desk.verify(step, number) == []
    seen = redmine.ask(f"issues/{number}.json?include=journals", who="ilse")["issue"]["journals"]
    told = [row["notes"] for row in seen if row.get("notes")]
    assert len(told) == 1
    assert told[0].startswith("We are on it.")


async def test_a_note_that_redmine_would_show_to_everybody_never_leaves(
    open_redmine: OpenRedmine, redmine: RedmineServer
) -> None:
    number = redmine.new_issue("Do not tell")
    desk = open_redmine("partner")
    account = await desk.whoami()
    assert not account.may_write_internal
    assert any("set_notes_private" in line for line in account.trouble)
    _, outcome = await send(desk, number, "loud", note=Note("Between us.", "internal"))
    assert isinstance(outcome, Rejected)
    assert "everybody" in outcome.errors[0]
    assert redmine.notes(number) == []


async def test_this_redmine_does_make_such_a_note_public(redmine: RedmineServer) -> None:
    """The leak that the check before a note is there for; where it is gone the check may go."""
    number = redmine.new_issue("Told all the same")
    redmine.change(number, who="partner", notes="Between us.", private_notes=True)
    assert redmine.notes(number) == [("Between us.", False)]


async def test_a_note_that_lost_its_privacy_raises_the_alarm(
    open_redmine: OpenRedmine, redmine: RedmineServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = redmine.new_issue("Slipped through")
    desk = open_redmine("partner")

    async def all_is_well(project: int) -> frozenset[str]:
        return frozenset()

    monkeypatch.setattr(desk._account, "private_rights", all_is_well)
    step, outcome = await send(desk, number, "slip", note=Note("Between us.", "internal"))
    assert isinstance(outcome, Landed)
    assert [line[:7] for line in await desk.verify(step, number)] == ["PUBLIC:"]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"status": "Frozen"}, "may not become Frozen"),
        ({"status": "Molten"}, "no status Molten"),
        ({"assignee": "Nobody Here"}, "no member Nobody Here"),
        ({"tags_add": ("unheard-of",)}, "Tags is not included in the list"),
        ({"fields": {"esc_verdict": "perhaps"}}, "Esc verdict is not included in the list"),
    ],
)
async def test_what_redmine_would_refuse_or_drop_is_told_and_nothing_is_written(
    open_redmine: OpenRedmine, redmine: RedmineServer, change: dict[str, Any], words: str
) -> None:
    desk, number = open_redmine(), redmine.new_issue("Refusals")
    _, outcome = await send(desk, number, "refused", note=Note("x", "internal"), **change)
    assert isinstance(outcome, Rejected)
    assert words in " ".join(outcome.errors)
    assert redmine.notes(number) == []


async def test_what_redmine_left_out_with_a_yes_is_seen_by_reading_back(
    open_redmine: OpenRedmine, redmine: RedmineServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk, number = open_redmine(), redmine.new_issue("Yes, but no")

    async def any_status(name: str, raw: Any) -> int:
        return int(redmine.made["statuses"]["Frozen"])

    monkeypatch.setattr(desk._sending, "_status", any_status)
    step, outcome = await send(desk, number, "dropped", status="Frozen")
    assert isinstance(outcome, Landed)
    assert await desk.verify(step, number) == ["the status is New, not Frozen"]


async def test_an_issue_changed_in_the_meantime_is_a_conflict_and_stays_as_it_is(
    open_redmine: OpenRedmine, redmine: RedmineServer
) -> None:
    desk, number = open_redmine(), redmine.new_issue("Two at once")
    [step] = desk.plan(operation(number, "late", status="Waiting"), await desk.ticket(number))
    redmine.change(number, status_id=redmine.made["statuses"]["In Progress"])
    outcome = await desk.apply(replace(step, sent_at=datetime.now(UTC)), number)
    assert isinstance(outcome, Conflict)
    assert redmine.issue(number)["status"]["name"] == "In Progress"


@pytest.mark.parametrize("lost", ["reply", "request"])
async def test_after_an_unknown_outcome_the_note_is_looked_for(
    open_redmine: OpenRedmine, redmine: RedmineServer, lost: Any
) -> None:
    number = redmine.new_issue(f"A lost {lost}")
    async with unreliable(redmine.url) as proxy:
        desk = open_redmine(url=proxy.url)
        proxy.lose(lost, "PUT")
        step, outcome = await send(desk, number, lost, note=Note(NOTE, "internal"), status="Waiting")
        assert isinstance(outcome, Unknown)
        probe = await desk.probe(step, number)
    assert probe.complete_scan
    assert probe.verdict == ("found" if lost == "reply" else "absent")
    assert len(redmine.notes(number)) == (1 if lost == "reply" else 0)


async def test_a_marker_of_somebody_else_or_of_another_step_is_not_ours(
    open_redmine: OpenRedmine, redmine: RedmineServer
) -> None:
    desk, number = open_redmine(), redmine.new_issue("Markers")
    [step] = desk.plan(operation(number, "m", note=Note("x", "internal")), await desk.ticket(number))
    step = replace(step, sent_at=datetime.now(UTC))
    redmine.change(number, notes=f"ref:esc-{step.key}", private_notes=True)
    redmine.change(number, who="triage-bot", notes=f"ref:esc-{step.key}0", private_notes=True)
    assert (await desk.probe(step, number)).verdict == "absent"
