"""The Redmine adapter and its fake against a community's description of the Redmine API."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from tests.contract.described import check, description
from tests.helpdesk.fake_redmine import FakeRedmine
from tests.helpdesk.writing import everything, operation, send
from triage.model.operation import Note


async def test_every_request_and_every_fake_answer_is_as_described() -> None:
    contract = description("redmine", servers=[{"url": "https://redmine.test"}])
    server = FakeRedmine()
    server.add_issue(1, owner=6)
    server.add_journal(1, notes="x")
    desk = server.desk()
    await desk.whoami()
    await everything(desk.queue(""))
    await everything(desk.changes("", None))
    await everything(desk.changes("", "updated:2026-03-01T08:00:00+00:00"))
    current = await desk.ticket("1")
    await everything(desk.timeline(current))
    changes: tuple[dict[str, Any], ...] = (
        {"note": Note("words", "internal"), "tags_add": ("esc-bug",), "status": "In Progress"},
        {"note": Note("words", "public"), "assignee": "me"},
        {"fields": {"esc_verdict": "bug"}, "tags_remove": ("vip",)},
    )
    for place, change in enumerate(changes):
        (planned,) = desk.plan(replace(operation("1", **change), id=f"0197{place}"), await desk.ticket("1"))
        step, _ = await send(desk, planned, "1")
        assert await desk.verify(step, "1") == []
    checked = check(contract, "https://redmine.test", server.answered)
    assert ("PUT", "/issues/1.json") in checked
    assert len(checked) >= 9
