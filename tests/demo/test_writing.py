from __future__ import annotations

import sqlite3
from typing import Any

import pytest

from tests.demo.conftest import TOKEN, Clock, Desk
from triage.demo.documents import CUSTOM_FIELDS
from triage.demo.helpdesk_state import Settings
from triage.demo.records import Records
from triage.demo.ticket_change import Applied


def kinds(audit: dict[str, Any]) -> list[str]:
    return [event["type"] for event in audit["events"]]


async def test_a_comment_without_public_becomes_public_and_mails_the_requester(desk: Desk) -> None:
    answer = (await desk.put(10005, comment={"body": "oops"})).json()
    (comment,) = [event for event in answer["audit"]["events"] if event["type"] == "Comment"]
    (mail,) = [event for event in answer["audit"]["events"] if event["type"] == "Notification"]
    assert comment["public"] is True
    assert mail["recipients"] == [answer["ticket"]["requester_id"]]


async def test_an_internal_note_stays_internal_and_mails_nobody(desk: Desk) -> None:
    answer = (await desk.put(10005, comment={"body": "quiet", "public": False})).json()
    assert kinds(answer["audit"]) == ["Comment"]
    assert answer["audit"]["events"][0]["public"] is False


async def test_one_update_carries_everything_and_keeps_its_metadata(desk: Desk, clock: Clock) -> None:
    ticket = await desk.ticket("HL-40817")
    clock.forward(30)
    me = (await desk.get("users/me"))["user"]
    answer = await desk.put(
        ticket["id"],
        comment={"body": "[esc:1] note", "public": False},
        tags=[*ticket["tags"], "esc-bug"],
        custom_fields=[
            {"id": CUSTOM_FIELDS["esc_verdict"], "value": "bug"},
            {"id": 1, "value": "no such field"},
        ],
        status="pending",
        assignee_id=me["id"],
        metadata={"op": "01J-1"},
        safe_update=True,
        updated_stamp=ticket["updated_at"],
    )
    assert answer.status_code == 200
    after = await desk.ticket("HL-40817")
    values = {field["id"]: field["value"] for field in after["custom_fields"]}
    (audit,) = (await desk.audits(ticket["id"]))[-1:]
    assert (after["status"], after["assignee_id"], values[CUSTOM_FIELDS["esc_verdict"]]) == (
        "pending",
        me["id"],
        "bug",
    )
    assert "esc-bug" in after["tags"]
    assert after["updated_at"] > ticket["updated_at"]
    assert audit == answer.json()["audit"]
    assert (audit["metadata"]["custom"], audit["author_id"]) == ({"op": "01J-1"}, me["id"])
    changed = {event["field_name"] for event in audit["events"] if event["type"] == "Change"}
    assert changed == {"status", "assignee_id", "tags", str(CUSTOM_FIELDS["esc_verdict"])}
    ids = [event["id"] for event in audit["events"]]
    assert len(set(ids)) == len(ids)


async def test_an_update_that_changes_nothing_leaves_no_trace(desk: Desk, clock: Clock) -> None:
    before, audits = (await desk.get("tickets/10005"))["ticket"], await desk.audits(10005)
    clock.forward(10)
    answer = await desk.put(10005, status=before["status"], tags=before["tags"], metadata={"op": "lost"})
    assert answer.status_code == 200
    assert "audit" not in answer.json()
    assert (await desk.get("tickets/10005"))["ticket"] == before
    assert await desk.audits(10005) == audits


async def test_a_safe_update_of_an_older_ticket_is_refused_whole(desk: Desk, clock: Clock) -> None:
    before = (await desk.get("tickets/10005"))["ticket"]
    clock.forward(5)
    await desk.put(10005, priority="low" if before["priority"] != "low" else "high")
    audits = await desk.audits(10005)
    answer = await desk.put(
        10005, comment={"body": "late", "public": False}, safe_update=True, updated_stamp=before["updated_at"]
    )
    assert (answer.status_code, answer.json()["error"]) == (409, "UpdateConflict")
    assert await desk.audits(10005) == audits


async def test_safe_update_without_a_stamp_is_a_conflict(desk: Desk) -> None:
    assert (await desk.put(10005, priority="urgent", safe_update=True)).status_code == 409


async def test_tags_are_set_added_and_removed(desk: Desk) -> None:
    path = "/api/v2/tickets/10005/tags"
    assert (await desk.http.post(path, json={"tags": ["b", "A"]})).json() == {"tags": ["a", "b"]}
    assert (await desk.http.put(path, json={"tags": ["c d"]})).json() == {"tags": ["a", "b", "c_d"]}
    assert (await desk.http.request("DELETE", path, json={"tags": ["a"]})).json() == {"tags": ["b", "c_d"]}
    assert (await desk.get("tickets/10005"))["ticket"]["tags"] == ["b", "c_d"]
    stale = {"tags": ["z"], "safe_update": True, "updated_stamp": "2020-01-01T00:00:00Z"}
    assert (await desk.http.put(path, json=stale)).status_code == 409
    assert (await desk.put(10005, tags=["only"])).json()["ticket"]["tags"] == ["only"]


async def test_a_customers_word_reopens_and_assigning_opens(desk: Desk) -> None:
    new = await desk.ticket("HL-42010")
    me = (await desk.get("users/me"))["user"]["id"]
    opened = (await desk.put(new["id"], assignee_id=me)).json()["ticket"]
    assert (new["status"], opened["status"], opened["group_id"]) == ("new", "open", new["group_id"])
    await desk.put(new["id"], status="solved")
    reply = {"body": "not yet", "author_id": new["requester_id"], "public": True}
    answer = (await desk.put(new["id"], comment=reply)).json()
    assert answer["ticket"]["status"] == "open"
    assert answer["audit"]["author_id"] == new["requester_id"]
    assert "Notification" not in kinds(answer["audit"])


async def test_who_solves_an_unassigned_ticket_has_it(desk: Desk) -> None:
    new = await desk.ticket("HL-42010")
    solved = (await desk.put(new["id"], status="solved")).json()["ticket"]
    assert solved["assignee_id"] == (await desk.get("users/me"))["user"]["id"]


async def test_an_assignee_brings_their_group(desk: Desk) -> None:
    kofi = (await desk.get("users/search", query="kofi"))["users"][0]
    ticket = await desk.ticket("HL-42011")
    after = (await desk.put(ticket["id"], assignee_email=kofi["email"])).json()["ticket"]
    assert (after["assignee_id"], after["group_id"]) == (kofi["id"], kofi["default_group_id"])


async def test_a_customer_cannot_have_a_ticket(desk: Desk) -> None:
    ticket = await desk.ticket("HL-42011")
    answer = await desk.put(ticket["id"], assignee_id=ticket["requester_id"])
    assert (answer.status_code, list(answer.json()["details"])) == (422, ["assignee"])


async def test_a_closed_ticket_cannot_be_changed(desk: Desk) -> None:
    closed = await desk.ticket("HL-38240")
    answer = await desk.put(closed["id"], comment={"body": "x", "public": False})
    assert (closed["status"], answer.status_code) == ("closed", 422)
    assert answer.json()["details"]["status"][0]["error"] == "TicketClosed"


async def test_an_incident_joins_a_problem_and_nothing_else_does(desk: Desk) -> None:
    problem, incident = await desk.ticket("HL-39240"), await desk.ticket("HL-42013")
    joined = await desk.put(incident["id"], problem_id=problem["id"])
    assert joined.json()["ticket"]["problem_id"] == problem["id"]
    assert (await desk.put(incident["id"], problem_id=incident["id"])).status_code == 422
    question = await desk.ticket("HL-42010")
    assert (await desk.put(question["id"], problem_id=problem["id"])).status_code == 422
    assert (await desk.put(question["id"], type="incident", problem_id=problem["id"])).status_code == 200


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"status": "escalated"}, "status"),
        ({"status": None}, "status"),
        ({"priority": "top"}, "priority"),
        ({"type": ["incident"]}, "type"),
        ({"assignee_id": 7}, "assignee"),
        ({"assignee_email": "nobody@x.example"}, "assignee"),
        ({"group_id": 7}, "group_id"),
        ({"tags": 5}, "tags"),
        ({"tags": [1]}, "tags"),
        ({"subject": 5}, "subject"),
        ({"comment": {"body": "  "}}, "comment"),
        ({"comment": {"public": False}}, "comment"),
        ({"comment": {"body": "x", "author_id": 3}}, "author_id"),
        ({"comment": {"body": "x" * 65_536, "public": False}}, "comment"),
        ({"custom_fields": "x"}, "custom_fields"),
        ({"metadata": "x"}, "metadata"),
        ({"metadata": {"op": "x" * 1_100}}, "metadata"),
    ],
)
async def test_a_wrong_value_is_refused_by_name_and_nothing_is_written(
    desk: Desk, fields: dict[str, Any], named: str
) -> None:
    audits = await desk.audits(10005)
    answer = await desk.put(10005, **{"priority": "urgent", **fields})
    assert answer.status_code == 422
    assert named in answer.json()["details"]
    assert await desk.audits(10005) == audits


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b'{"ticket": {"priority": "urgent", "metadata": {"op": NaN}}}',
        b"[" * 100_000,
        b'{"ticket": 1}',
        b'{"x": {}}',
    ],
)
async def test_a_body_that_is_no_ticket_is_refused(desk: Desk, body: bytes) -> None:
    answer = await desk.http.put("/api/v2/tickets/10005", content=body)
    assert answer.status_code in (400, 422)
    assert "error" in answer.json()


async def test_any_text_comes_back_as_it_was_sent(desk: Desk) -> None:
    hostile = "\x1b[31m\x00\x07 [b]x[/b] \u202e \U0001f469\u200d\U0001f3ed \u001f end"
    await desk.put(10005, comment={"body": hostile, "public": False}, subject=hostile)
    comments = (await desk.get("tickets/10005/comments"))["comments"]
    assert comments[-1]["body"] == hostile
    assert (await desk.get("tickets/10005"))["ticket"]["subject"] == hostile
    half = b'{"ticket":{"comment":{"body":"half \\ud83d pair","public":false},"subject":"\\udc00"}}'
    assert (await desk.http.put("/api/v2/tickets/10005", content=half)).status_code == 200
    assert b"half \\ud83d pair" in (await desk.http.get("/api/v2/tickets/10005/comments")).content


@pytest.mark.parametrize("field", [b'"tags":["\\udc00"]', b'"external_id":"\\ud800"'])
async def test_half_a_character_cannot_be_a_tag_or_a_key(desk: Desk, field: bytes) -> None:
    answer = await desk.http.put("/api/v2/tickets/10005", content=b'{"ticket":{' + field + b"}}")
    assert answer.status_code == 422


async def test_a_write_that_fails_half_way_leaves_nothing_and_blocks_nobody(desk: Desk) -> None:
    before, audits = (await desk.get("tickets/10005"))["ticket"], await desk.audits(10005)
    ticket = {**before, "tags": ["half-way"], "priority": "urgent"}
    used = Applied(ticket, audits[0], commented=False)
    with pytest.raises(sqlite3.IntegrityError):
        desk.records.save(used, desk.clock())
    assert (await desk.get("tickets/10005"))["ticket"] == before
    assert (await desk.get("search", query="tags:half-way"))["count"] == 0
    assert (await desk.put(10005, comment={"body": "next", "public": False})).status_code == 200


async def test_a_new_ticket_is_in_the_export_and_unacknowledged(desk: Desk) -> None:
    end = (await desk.get("incremental/tickets/cursor", start_time=0))["after_cursor"]
    customer = (await desk.get("users/search", query="email:ines@cobalt-freight.example"))["users"][0]
    fields = {
        "subject": "new",
        "requester_id": customer["id"],
        "comment": {"body": "help", "author_id": customer["id"]},
        "tags": ["escalated"],
        "external_id": "HL-1",
    }
    made = await desk.http.post("/api/v2/tickets", json={"ticket": fields})
    changed = await desk.get("incremental/tickets/cursor", cursor=end)
    assert made.status_code == 201
    assert [one["external_id"] for one in changed["tickets"]] == ["HL-1"]
    assert changed["tickets"][0]["organization_id"] == customer["organization_id"]
    assert (changed["tickets"][0]["status"], changed["tickets"][0]["description"]) == ("new", "help")
    assert (await desk.http.post("/api/v2/tickets", json={"ticket": {"subject": "x"}})).status_code == 422
    told = {"subject": "x", "description": "own words", "requester_id": customer["id"]}
    answer = (await desk.http.post("/api/v2/tickets", json={"ticket": told})).json()
    assert (answer["ticket"]["description"], answer["audit"]["author_id"]) == ("own words", customer["id"])


async def test_the_comment_limit_is_a_setting(records: Records, clock: Clock) -> None:
    desk = Desk(records, clock, Settings(TOKEN, comment_limit=2_000_000))
    body = "long\n" * 200_000
    assert (await desk.put(10005, comment={"body": body, "public": False})).status_code == 200
    assert (await desk.get("tickets/10005/comments"))["comments"][-1]["body"] == body
