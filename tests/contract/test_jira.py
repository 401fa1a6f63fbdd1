"""The Jira adapter and its fake against Atlassian's description of the cloud's API."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from tests.contract.described import check, description
from tests.helpdesk.fake_jira import FakeJira
from tests.helpdesk.writing import everything, operation, send
from triage.model.operation import Note

NOT_DESCRIBED = ("servicedeskapi", "mypermissions", "assignable")
"""Documented by the vendor, but not in the part of the description that was asked for."""


async def test_every_request_and_every_fake_answer_is_as_described() -> None:
    contract = description("jira", servers=[{"url": "https://acme.atlassian.net"}], security=[])
    server = FakeJira()
    server.page_size = 2
    server.add_issue(1, owner="u-noor")
    for number in (2, 3):
        server.add_issue(number)
    for _ in range(3):
        server.add_comment(1, {"type": "doc", "version": 1, "content": []})
    desk = server.desk()
    await desk.whoami()
    await everything(desk.queue("project = ESC"))
    await everything(desk.changes("", "updated:2026-03-01T08:00:00+00:00"))
    await everything(desk.timeline(await desk.ticket("1")))
    change: dict[str, Any] = {
        "note": Note("words", "internal"), "tags_add": ("esc-bug",), "status": "Waiting", "assignee": "me",
        "fields": {"esc_verdict": "bug", "esc_problem": "a\nb"},
    }  # fmt: skip
    for place, asked in enumerate((change, {"note": Note("words", "public")})):
        for planned in desk.plan(replace(operation("1", **asked), id=f"0197{place}"), await desk.ticket("1")):
            step, _ = await send(desk, planned, "1")
            assert (await desk.probe(step, "1")).verdict == "found"
            assert await desk.verify(step, "1") == []
    described = [
        pair for pair in server.answered if not any(word in pair[0].url.path for word in NOT_DESCRIBED)
    ]

    def stamped(content: bytes) -> bytes:
        """The site writes zones without a colon, in the description's own examples, too."""
        return re.sub(rb"(T[0-9:.]+)\+0000", rb"\1Z", content)

    checked = check(contract, "https://acme.atlassian.net", described, rewritten=stamped)
    assert {method for method, _ in checked} == {"GET", "PUT", "POST"}
    assert len(checked) >= 9
