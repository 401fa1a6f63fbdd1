from __future__ import annotations

import unicodedata
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.demo.conftest import START, Desk
from triage.demo import documents
from triage.demo.case_file import read_cases, read_people
from triage.demo.opening import open_records
from triage.demo.paging import CursorPage
from triage.demo.records import PRESENT, SOLVED, Records, Selection, tagged
from triage.model.promise import Promise
from triage.model.promise_book import promises_of
from triage.model.timeline import ActorRole, TimelineEvent

ROLES: dict[str, ActorRole] = {
    "Support": "support_frontline",
    "Tier 2": "support_tier2",
    "Engineering": "engineering",
}
EVERYTHING = CursorPage(1_000)


def messages(records: Records, ticket_id: int) -> list[TimelineEvent]:
    """The ticket's comments as our own timeline."""
    groups = {
        group["id"]: group["name"]
        for group in map(documents.load, records.listing("groups", EVERYTHING).docs)
    }
    found = []
    for audit in map(documents.load, records.audits(ticket_id, EVERYTHING, newest_first=False).docs):
        for event in audit["events"]:
            if event["type"] == "Comment":
                author = records.user(event["author_id"])
                group = groups.get(author["default_group_id"]) if author else None
                role = ROLES[group] if group else ("customer" if author else "helpdesk")
                found.append(
                    TimelineEvent(
                        str(event["id"]),
                        str(ticket_id),
                        datetime.fromisoformat(audit["created_at"]),
                        "message",
                        "public" if event["public"] else "internal",
                        role,
                        text=event["body"],
                    )
                )
    return found


def queue(records: Records) -> list[dict[str, Any]]:
    unsolved = tagged("escalated") & Selection("rank < ?", (SOLVED,))
    return [documents.load(text) for text in records.select(unsolved, EVERYTHING).docs]


def open_promises(records: Records, now: datetime, zone: str) -> dict[str, list[Promise]]:
    """Promises of the queue that are missed or still open, by key."""
    found = {}
    for ticket in queue(records):
        promises = promises_of(messages(records, ticket["id"]), (), ZoneInfo(zone))
        found[ticket["external_id"]] = [one for one in promises if one.state(now) in ("missed", "open")]
    return found


def test_there_are_more_than_forty_cases_each_with_its_own_key() -> None:
    keys = [case.key for case in read_cases()]
    assert len(keys) >= 40
    assert len(set(keys)) == len(keys)


def test_three_families_return_over_several_weeks() -> None:
    families = Counter(
        tag
        for case in read_cases()
        for tag in case.details["tags"]
        if tag in ("directory-sync", "export", "webhooks")
    )
    assert all(4 <= families[family] <= 9 for family in ("directory-sync", "export", "webhooks"))


def test_names_are_of_many_scripts_and_everybody_who_speaks_is_known() -> None:
    people = read_people()
    names = "".join(customer.name for customer in people.customers)
    scripts = {unicodedata.name(letter, "?").split()[0] for letter in names}
    assert {"CJK", "ARABIC", "HEBREW", "GREEK", "LATIN", "FOX"} <= scripts
    known = {"system", *(one.slug for one in people.agents), *(one.slug for one in people.customers)}
    assert {turn.by for case in read_cases() for turn in case.thread} <= known


def test_one_case_carries_escapes_and_markup_and_one_a_long_log() -> None:
    texts = [turn.text for case in read_cases() for turn in case.thread]
    assert any("\x1b]0;" in text and "[@click=app.quit]" in text and "\u202e" in text for text in texts)
    assert any(text.count("\n") > 40 for text in texts)


def test_prospects_and_our_own_people_ask_too() -> None:
    assert {"customer", "prospect", "internal_team"} <= {
        case.details["relationship"] for case in read_cases()
    }


@pytest.mark.parametrize(
    ("zone", "now"),
    [
        ("UTC", "2026-03-11T04:22:00"),
        ("America/Chicago", "2026-12-31T23:59:00"),
        ("Asia/Tokyo", "2026-06-01T15:01:00"),
        ("Europe/Lisbon", "2026-10-25T05:20:00"),
    ],
)
def test_at_the_first_start_the_queue_shows_every_kind_of_urgency(
    tmp_path: Path, zone: str, now: str
) -> None:
    at = datetime.fromisoformat(now).replace(tzinfo=UTC)
    records = open_records(tmp_path, now=at, zone=zone)
    promises = open_promises(records, at, zone)
    spoken = {
        ticket["external_id"]: any(event.word_to_customer for event in messages(records, ticket["id"]))
        for ticket in queue(records)
    }
    records.close()
    broken = {
        key: min(one.due for one in those)
        for key, those in promises.items()
        if any(one.due < at for one in those)
    }
    soon = [one for those in promises.values() for one in those if at < one.due < at + timedelta(hours=1)]
    assert len(broken) == 3
    assert min(broken, key=lambda key: broken[key]) == "HL-40817", (
        "the worst case has the oldest broken promise"
    )
    assert timedelta(hours=2) <= at - broken["HL-40817"] <= timedelta(hours=2, minutes=6)
    assert [spoken[key] for key in sorted(spoken)].count(False) == 4
    assert len(soon) >= 3


def test_the_worst_case_is_restored_but_nobody_told_the_customer(records: Records) -> None:
    (ticket,) = [one for one in queue(records) if one["external_id"] == "HL-40817"]
    thread = messages(records, ticket["id"])
    last_word = [event for event in thread if event.word_to_customer][-1]
    assert (ticket["priority"], ticket["status"], ticket["assignee_id"]) == ("urgent", "open", None)
    assert timedelta(hours=3, minutes=9) < START - last_word.at < timedelta(hours=3, minutes=16)
    assert "Restored 431 grants" in thread[-1].text
    assert thread[-1].visibility == "internal"
    assert [event.text for event in thread if event.actor_role == "customer"][-1].endswith(
        "Is anybody there?"
    )


async def test_the_escalation_is_seen_in_the_audits(desk: Desk) -> None:
    ticket = await desk.ticket("HL-40817")
    (audit,) = [one for one in await desk.audits(ticket["id"]) if one["author_id"] == -1]
    changes = {event["field_name"]: event for event in audit["events"] if event["type"] == "Change"}
    assert "escalated" in changes["tags"]["value"]
    assert "escalated" not in changes["tags"]["previous_value"]
    assert (changes["priority"]["previous_value"], changes["priority"]["value"]) == ("high", "urgent")
    assert changes[str(documents.CUSTOM_FIELDS["Escalation reason"])]["value"] == "no tool or authority"


async def test_some_events_are_of_kinds_that_a_reader_may_not_know(desk: Desk) -> None:
    ticket = await desk.ticket("HL-40817")
    kinds = {event["type"] for audit in await desk.audits(ticket["id"]) for event in audit["events"]}
    assert kinds == {"Create", "Comment", "Change", "Notification", "AgentMacroReference"}


async def test_incidents_point_at_their_problem(desk: Desk) -> None:
    problem = await desk.ticket("HL-39240")
    incidents = (await desk.get(f"tickets/{problem['id']}/incidents"))["tickets"]
    assert problem["type"] == "problem"
    assert problem["has_incidents"] is True
    assert {one["external_id"] for one in incidents} == {"HL-39230", "HL-40118", "HL-41873"}


async def test_ratings_are_on_the_ticket_and_in_the_list(desk: Desk) -> None:
    ticket = await desk.ticket("HL-38102")
    listed = (await desk.get("satisfaction_ratings", score="bad"))["satisfaction_ratings"]
    assert ticket["satisfaction_rating"] == {"score": "bad", "comment": "We were told it is our fault."}
    assert ticket["id"] in {one["ticket_id"] for one in listed}


def test_nothing_in_the_cases_lies_ahead_of_the_start(records: Records) -> None:
    tickets = [documents.load(text) for text in records.select(PRESENT, EVERYTHING).docs]
    assert all(
        ticket["created_at"] <= ticket["updated_at"] <= documents.stamp(START.timestamp())
        for ticket in tickets
    )
