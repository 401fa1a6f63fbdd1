"""The GitHub adapter and its fake against GitHub's description of its API."""

from __future__ import annotations

import re

from tests.contract.described import check, description
from tests.helpdesk.fake_github import HOST, INSIDE, FakeGitHub
from tests.helpdesk.writing import everything, operation, send
from triage.model.operation import Note


async def test_every_request_and_every_fake_answer_is_as_described() -> None:
    contract = description("github")
    server = FakeGitHub()
    server.add_issue(1, assignees=["noor"])
    server.add_issue(2, pull_request=True)
    server.add_comment(1, "x")
    server.add_event(1, "labeled", label={"name": "escalated", "color": "ededed"})
    desk = server.desk(**INSIDE)
    await desk.whoami()
    await desk.queue_choices()
    await everything(desk.queue(""))
    await everything(desk.changes("", "updated:2026-03-01T08:00:00+00:00"))
    current = await desk.ticket("1")
    await everything(desk.timeline(current))
    wanted = operation("1", note=Note("w", "internal"), tags_add=("esc-bug",), status="closed", assignee="me")
    for planned in desk.plan(wanted, current):
        step, _ = await send(desk, planned, "1")
        assert (await desk.probe(step, "1")).verdict == "found"
        assert await desk.verify(step, "1") == []
    # The repository itself is not in the part of the description that was asked for.
    described = [pair for pair in server.answered if pair[0].url.path != "/repos/acme/desk"]

    def without_reason(content: bytes) -> bytes:
        """An open issue has no reason; the description allows nothing to be said so."""
        return re.sub(rb'"state_reason":null,', b"", content)

    checked = check(contract, HOST, described, rewritten=without_reason)
    assert {method for method, _ in checked} == {"GET", "PATCH", "POST"}
