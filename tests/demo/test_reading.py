from __future__ import annotations

import re
from typing import Any

import pytest

from tests.demo.conftest import TOKEN, Clock, Desk
from triage.demo import ticket_search
from triage.demo.helpdesk_state import Settings
from triage.demo.records import Records


async def test_the_escalation_view_is_offered_and_counted(desk: Desk) -> None:
    views = (await desk.get("views.json"))["views"]
    (view,) = [view for view in views if view["title"] == "Escalated to engineering"]
    tickets = (await desk.get(f"views/{view['id']}/tickets"))["tickets"]
    count = (await desk.get(f"views/{view['id']}/count"))["view_count"]
    assert count["value"] == len(tickets) > 20
    assert all("escalated" in one["tags"] and one["status"] not in ("solved", "closed") for one in tickets)


async def test_cursor_pages_hold_every_ticket_once_and_go_both_ways(desk: Desk) -> None:
    whole = [one["id"] for one in (await desk.get("tickets", **{"page[size]": 100}))["tickets"]]
    seen: list[int] = []
    page = await desk.get("tickets", **{"page[size]": 7})
    pages = [page]
    while page["meta"]["has_more"]:
        page = (await desk.http.get(page["links"]["next"])).json()
        pages.append(page)
    seen = [one["id"] for page in pages for one in page["tickets"]]
    back = (await desk.http.get(pages[2]["links"]["prev"])).json()
    assert seen == whole
    assert [one["id"] for one in back["tickets"]] == seen[7:14]
    assert pages[-1]["links"]["next"] is None


async def test_numbered_pages_say_the_count(desk: Desk) -> None:
    first = await desk.get("tickets", per_page=20)
    second = (await desk.http.get(first["next_page"])).json()
    assert first["count"] == second["count"] > 40
    assert first["tickets"][-1]["id"] < second["tickets"][0]["id"]
    assert second["previous_page"] is not None


@pytest.mark.parametrize("host", ["127.0.0.1:4711", "localhost:9", "desk.example"])
async def test_every_link_carries_the_host_that_was_called(desk: Desk, host: str) -> None:
    headers = {"Host": host}
    for path in (
        "views/2/tickets.json?page[size]=2&include=users",
        "tickets?per_page=2",
        "incremental/tickets/cursor.json?start_time=0&per_page=2",
        "search?query=type:ticket&per_page=2",
    ):
        text = (await desk.http.get(f"/api/v2/{path}", headers=headers)).text
        hosts = set(re.findall(r'"https?://([^/"]+)/api', text))
        assert hosts == {host}, path


async def test_a_text_cannot_forge_our_links(desk: Desk) -> None:
    ticket = await desk.ticket("HL-42003")
    forged = 'see "http://this-helpdesk.invalid/x" there'
    await desk.put(ticket["id"], comment={"body": forged, "public": False})
    (comment,) = (await desk.get(f"tickets/{ticket['id']}/comments"))["comments"][-1:]
    assert comment["body"] == forged


@pytest.mark.parametrize("path", ["views", "tickets/10001", "users/me", "groups", "ticket_fields"])
async def test_addresses_work_with_and_without_json(desk: Desk, path: str) -> None:
    assert await desk.get(path) == await desk.get(f"{path}.json")


async def test_include_brings_the_people_of_tickets_and_audits(desk: Desk) -> None:
    ticket = await desk.get("tickets/10001", include="users,organizations,groups")
    requester, group = ticket["ticket"]["requester_id"], ticket["ticket"]["group_id"]
    assert requester in {user["id"] for user in ticket["users"]}
    assert group in {one["id"] for one in ticket["groups"]}
    assert ticket["organizations"][0]["id"] == ticket["ticket"]["organization_id"]
    audits = await desk.get("tickets/10001/audits", include="users")
    assert {one["author_id"] for one in audits["audits"]} - {-1} == {user["id"] for user in audits["users"]}


async def test_audits_come_oldest_first_or_newest_first_and_one_by_one(desk: Desk) -> None:
    oldest = [one["id"] for one in await desk.audits(10001)]
    newest = (await desk.get("tickets/10001/audits", sort="-created_at", **{"page[size]": 3}))["audits"]
    one = await desk.get(f"tickets/10001/audits/{oldest[2]}")
    assert [audit["id"] for audit in newest] == oldest[::-1][:3]
    assert one["audit"]["id"] == oldest[2]


async def test_comments_are_the_audits_messages(desk: Desk) -> None:
    audits = await desk.audits(10001)
    bodies = [event["body"] for audit in audits for event in audit["events"] if event["type"] == "Comment"]
    assert [one["body"] for one in (await desk.get("tickets/10001/comments"))["comments"]] == bodies


async def test_show_many_gives_those_that_exist(desk: Desk) -> None:
    found = await desk.get("tickets/show_many", ids="10003,999999,10001")
    assert [one["id"] for one in found["tickets"]] == [10003, 10001]
    too_many = ",".join(map(str, range(1, 102)))
    assert (await desk.http.get("/api/v2/tickets/show_many", params={"ids": too_many})).status_code == 400


async def test_an_attachment_is_one_request_away_and_needs_no_token(desk: Desk) -> None:
    ticket = await desk.ticket("HL-40817")
    (file,) = [
        one
        for item in (await desk.get(f"tickets/{ticket['id']}/comments"))["comments"]
        for one in item["attachments"]
    ]
    got = await desk.http.get(file["content_url"], headers={"Authorization": ""})
    assert (got.status_code, len(got.content)) == (200, file["size"])
    assert "removed 431 grants" in got.text


async def test_the_export_ends_and_goes_on_with_what_changed(desk: Desk, clock: Clock) -> None:
    first = await desk.get("incremental/tickets/cursor", start_time=0, per_page=30)
    rest = await desk.get("incremental/tickets/cursor", cursor=first["after_cursor"])
    assert (first["end_of_stream"], rest["end_of_stream"]) == (False, True)
    ids = [one["id"] for one in [*first["tickets"], *rest["tickets"]]]
    assert len(ids) == len(set(ids)) > 40
    exactly = await desk.get("incremental/tickets/cursor", start_time=0, per_page=len(ids))
    assert exactly["end_of_stream"] is True
    quiet = await desk.get("incremental/tickets/cursor", cursor=rest["after_cursor"])
    assert (quiet["tickets"], quiet["after_cursor"]) == ([], rest["after_cursor"])
    for word in ("one", "two"):  # twice in the same millisecond: neither may be lost
        await desk.put(10005, comment={"body": word, "public": False})
        changed = await desk.get("incremental/tickets/cursor", cursor=quiet["after_cursor"])
        assert [one["id"] for one in changed["tickets"]] == [10005]
        quiet = changed


async def test_the_export_keeps_back_the_newest_changes(records: Records, clock: Clock) -> None:
    desk = Desk(records, clock, Settings(TOKEN, lag_s=60))
    end = (await desk.get("incremental/tickets/cursor", start_time=0))["after_cursor"]
    await desk.put(10005, comment={"body": "fresh", "public": False})
    early = await desk.get("incremental/tickets/cursor", cursor=end)
    clock.forward(61)
    late = await desk.get("incremental/tickets/cursor", cursor=early["after_cursor"])
    recent = await desk.http.get(
        "/api/v2/incremental/tickets/cursor", params={"start_time": int(clock()) - 5}
    )
    assert (early["tickets"], [one["id"] for one in late["tickets"]]) == ([], [10005])
    assert recent.status_code == 422


async def test_a_deleted_ticket_is_gone_but_exported_as_deleted(desk: Desk) -> None:
    end = (await desk.get("incremental/tickets/cursor", start_time=0))["after_cursor"]
    assert (await desk.http.delete("/api/v2/tickets/10005")).status_code == 204
    assert (await desk.http.get("/api/v2/tickets/10005")).status_code == 404
    changed = await desk.get("incremental/tickets/cursor", cursor=end)
    without = await desk.get("incremental/tickets/cursor", cursor=end, exclude_deleted="true")
    assert [(one["id"], one["status"]) for one in changed["tickets"]] == [(10005, "deleted")]
    assert without["tickets"] == []


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("type:ticket tags:escalated status<solved", lambda one: "escalated" in one["tags"]),
        (
            "priority:urgent -status:solved",
            lambda one: one["priority"] == "urgent" and one["status"] != "solved",
        ),
        (
            'organization:"Cobalt Freight"',
            lambda one: one["external_id"] in ("HL-38102", "HL-39544", "HL-40817"),
        ),
        ("external_id:HL-40817", lambda one: one["external_id"] == "HL-40817"),
        ("proxy timeout", lambda one: False),
        ("subject:webhooks", lambda one: "ebhooks" in one["subject"]),
        ("updated>1hour", lambda one: one["updated_at"] > "2026-03-11T03:22:40Z"),
        ("ticket_type:problem", lambda one: one["type"] == "problem"),
    ],
)
async def test_search_finds_what_the_words_mean(desk: Desk, query: str, expected: Any) -> None:
    found = await desk.get("search", query=query)
    everything = (await desk.get("tickets", per_page=100))["tickets"]
    if query != "proxy timeout":
        assert found["count"] > 0
    unsolved = [
        one for one in everything if "status<" not in query or one["status"] not in ("solved", "closed")
    ]
    assert {one["id"] for one in found["results"]} == {one["id"] for one in unsolved if expected(one)}


async def test_search_stops_at_its_ceiling_and_refuses_unknown_words(desk: Desk) -> None:
    beyond = {"query": "type:ticket", "page": ticket_search.CEILING // 100 + 1, "per_page": 100}
    assert (await desk.http.get("/api/v2/search", params=beyond)).status_code == 422
    assert (await desk.http.get("/api/v2/search", params={"query": "colour:red"})).status_code == 422
    assert (await desk.get("search", query="type:user"))["results"] == []


async def test_search_export_goes_on_by_cursor(desk: Desk) -> None:
    query = {"query": "tags:escalated", "filter[type]": "ticket", "page[size]": 15}
    page = await desk.get("search/export", **query)
    found = [one["id"] for one in page["results"]]
    while page["meta"]["has_more"]:
        page = (await desk.http.get(page["links"]["next"])).json()
        found += [one["id"] for one in page["results"]]
    count = await desk.get("search/count", query="tags:escalated")
    assert len(found) == len(set(found)) == count["count"]


async def test_people_and_fields_are_listed(desk: Desk) -> None:
    fields = {
        one["title"] for one in (await desk.get("ticket_fields", **{"page[size]": 100}))["ticket_fields"]
    }
    groups = [one["name"] for one in (await desk.get("groups"))["groups"]]
    kofi = (await desk.get("users/search", query="Kofi"))["users"]
    assert {"Product", "Relationship", "Escalation reason", "esc_verdict", "esc_code", "esc_phase"} <= fields
    assert groups == ["Support", "Tier 2", "Engineering"]
    assert [one["name"] for one in kofi] == ["Kofi"]
    assert (await desk.get("users/search", query="role:admin"))["count"] == 1


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("tickets/1", 404),
        ("tickets/99999999999999999999999", 404),
        ("tickets/abc", 404),
        ("tickets/abc/audits", 404),
        ("views/99/tickets", 404),
        ("users/5", 404),
        ("nothing/here", 404),
        ("tickets?page[size]=0", 400),
        ("tickets?page[size]=101", 400),
        ("tickets?page[after]=%00", 400),
        ("incremental/tickets/cursor", 400),
        ("incremental/tickets/cursor?cursor=x", 400),
        ("users/show_many?ids=a", 400),
        ("search", 400),
    ],
)
async def test_every_refusal_has_the_same_body(desk: Desk, path: str, status: int) -> None:
    answer = await desk.http.get(f"/api/v2/{path}")
    assert answer.status_code == status
    assert {"error", "description"} <= set(answer.json())
