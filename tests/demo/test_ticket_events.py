"""The stream of everything that happened: its order, its pages by time, its shape, and who may read it."""

from __future__ import annotations

import base64
from itertools import pairwise
from typing import Any

import pytest

from tests.demo.conftest import TOKEN, Clock, Desk
from triage.demo import ticket_events
from triage.demo.helpdesk_state import Settings
from triage.demo.records import Records

PATH = "incremental/ticket_events"


async def pages(desk: Desk, **query: Any) -> list[dict[str, Any]]:
    found = [await desk.get(PATH, start_time=0, **query)]
    while not found[-1]["end_of_stream"]:
        found.append(await desk.get(PATH, start_time=found[-1]["end_time"], **query))
    return found


async def test_the_stream_tells_every_audit_of_every_ticket_in_the_order_of_time(desk: Desk) -> None:
    (page,) = await pages(desk)
    stamps = [event["timestamp"] for event in page["ticket_events"]]
    assert stamps == sorted(stamps)
    tickets = (await desk.get("tickets"))["tickets"]
    audits = {audit["id"] for ticket in tickets for audit in await desk.audits(ticket["id"])}
    assert {event["id"] for event in page["ticket_events"]} == audits
    assert page["count"] == len(audits)


async def test_pages_overlap_by_a_second_and_never_cut_one(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    (whole,) = await pages(desk)
    for number in range(10):
        await desk.put(10005, comment={"body": f"word {number}", "public": False})
    monkeypatch.setattr(ticket_events, "LARGEST", 7)
    found = await pages(desk)
    ids = [event["id"] for page in found for event in page["ticket_events"]]
    assert len(set(ids)) == whole["count"] + 10 < len(ids)
    for before, after in pairwise(found):
        assert before["ticket_events"][-1]["id"] in {event["id"] for event in after["ticket_events"]}
        assert after["ticket_events"][0]["timestamp"] == before["end_time"]
        assert len(before["ticket_events"]) >= 7
    assert [event["ticket_id"] for event in found[-1]["ticket_events"]][-10:] == [10005] * 10


async def test_comments_come_with_their_words_only_where_they_are_asked_for(desk: Desk) -> None:
    await desk.put(10005, comment={"body": "a secret word", "public": False}, tags=["late"], priority="low")
    (plain,), (told,) = await pages(desk), await pages(desk, include="comment_events")
    short, whole = plain["ticket_events"][-1]["child_events"], told["ticket_events"][-1]["child_events"]
    assert (short[0]["comment_present"], short[0]["comment_public"], "body" in short[0]) == (
        True, False, False,
    )  # fmt: skip
    assert (whole[0]["body"], whole[0]["public"], whole[0]["via"]["channel"]) == (
        "a secret word", False, "api",
    )  # fmt: skip
    tags = next(child for child in whole if "tags" in child)
    assert (tags["tags"], tags["added_tags"]) == (["late"], ["late"])
    assert "previous_value" not in tags
    priority = next(child for child in whole if "priority" in child)
    assert priority["priority"] == "low"
    assert "previous_value" in priority
    assert "metadata" not in told["ticket_events"][-1]


async def test_the_last_minute_is_left_out(records: Records, clock: Clock) -> None:
    desk = Desk(records, clock, Settings(TOKEN, lag_s=60))
    await desk.put(10005, comment={"body": "fresh", "public": False})
    (early,) = await pages(desk)
    clock.forward(61)
    (late,) = await pages(desk)
    assert late["count"] == early["count"] + 1
    assert (
        await desk.http.get(f"/api/v2/{PATH}", params={"start_time": int(clock()) - 5})
    ).status_code == 422
    assert (await desk.http.get(f"/api/v2/{PATH}")).status_code == 400


@pytest.mark.parametrize("path", [PATH, "incremental/tickets/cursor"])
async def test_the_exports_are_for_administrators_and_have_a_limit_of_their_own(
    records: Records, clock: Clock, path: str
) -> None:
    desk = Desk(records, clock, Settings(TOKEN, export_limit=2))
    agent = base64.b64encode(f"noor@harbourlight.example/token:{TOKEN}".encode()).decode()
    refused = await desk.http.get(
        f"/api/v2/{path}", params={"start_time": 0}, headers={"Authorization": f"Basic {agent}"}
    )
    assert refused.status_code == 403
    codes = [(await desk.http.get(f"/api/v2/{path}", params={"start_time": 0})).status_code for _ in range(3)]
    assert codes == [200, 200, 429]
    assert (await desk.http.get("/api/v2/tickets/10005")).status_code == 200
    clock.forward(60)
    assert (await desk.http.get(f"/api/v2/{path}", params={"start_time": 0})).status_code == 200
