"""Every request of the Zendesk adapter against a description of the Zendesk Support API.

The description may not be redistributed, so it is not in this project: name a copy in
``TRIAGE_ZENDESK_CONTRACT`` (OpenAPI 3.1 as JSON) to run these checks.
"""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.helpdesk.scripted_zendesk import ScriptedZendesk, audit, ticket
from tests.helpdesk.writing import SENT_AT, everything, operation, send
from triage.model.note_file import PLAIN_TEXT, NoteFile
from triage.model.operation import Note

openapi_core = pytest.importorskip("openapi_core")
testing = pytest.importorskip("openapi_core.testing")

CONTRACT = os.environ.get("TRIAGE_ZENDESK_CONTRACT", "")
NOT_DESCRIBED = ("/api/v2/users/me", "/api/v2/organizations/show_many", "/api/v2/users")
"""Documented by the vendor, but missing in the description."""


@pytest.fixture(scope="module")
def contract() -> Any:
    if not CONTRACT or not Path(CONTRACT).is_file():
        pytest.skip("TRIAGE_ZENDESK_CONTRACT does not name a description of the Zendesk Support API")
    return openapi_core.OpenAPI.from_dict(json.loads(Path(CONTRACT).read_text()))


async def every_request() -> list[httpx.Request]:
    """All kinds of requests the adapter can make."""
    # The description knows only the API token; a bearer token differs in this one header.
    script = ScriptedZendesk(auth="api_token", account="robin@desk.test")
    raw = {"ticket": ticket(), "audit": {"id": 3}}
    script.on("tickets/5.json", raw)
    script.on(
        "views.json",
        {"views": [{"id": 2, "title": "Escalated", "active": True}], "meta": {"has_more": False}},
    )
    paged = {"has_more": True, "after_cursor": "c1"}
    script.on(
        "views/2/tickets.json", {"tickets": [ticket()], "meta": paged}, {"tickets": [ticket(6)], "meta": {}}
    )
    script.on("search/export.json", {"results": [ticket()], "meta": {}})
    script.on("tickets/show_many.json", {"tickets": [ticket()]})
    script.on("tickets/5/audits.json", {"audits": [audit(3, {"type": "Comment", "body": "x"})], "meta": {}})
    script.on("incremental/tickets/cursor.json", {"tickets": [], "after_cursor": "a", "end_of_stream": False},
              {"tickets": [], "after_cursor": "b", "end_of_stream": True})  # fmt: skip
    script.on("uploads.json", httpx.Response(201, json={"upload": {"token": "up1"}}))
    script.on("users.json", {"users": [{"id": 8, "name": "Noor"}], "meta": {}})
    desk = script.desk()
    await desk.whoami()
    for selector in ("", "tag:escalated", "search:status<solved"):
        await everything(desk.queue(selector))
    for cursor in (None, "start:1767225600", "compare:2026-01-01T00:00:00Z"):
        await everything(desk.changes("view:2", cursor))
    current = await desk.ticket("5")
    await everything(desk.timeline(current))
    for change in (
        {"note": Note("words", "internal")},
        {"note": Note("words", "public"), "status": "pending"},
        {"note": Note("words", "internal", files=(NoteFile("a.log", PLAIN_TEXT, "it ends here"),))},
        {"tags_add": ("esc-bug",), "fields": {"esc_verdict": "bug", "priority": "high"}, "assignee": "Noor"},
        {"assignee": "me", "fields": {"esc_verdict": None, "type": "problem"}},
    ):
        (planned,) = desk.plan(operation("5", **change), current)
        step, _ = await send(desk, planned, "5")
        await desk.probe(replace(step, sent_at=SENT_AT), "5")
        await desk.verify(step, "5")
    return script.asked


async def test_every_request_is_one_the_vendor_describes(contract: Any) -> None:
    requests = await every_request()
    checked = set()
    for request in requests:
        path = request.url.path.removesuffix(".json")
        if path in NOT_DESCRIBED:
            continue
        described = testing.MockRequest(
            "https://example.zendesk.com",
            request.method.lower(),
            path,
            args=dict(request.url.params),
            headers={"Authorization": request.headers["Authorization"]},
            data=request.content or None,
            content_type=request.headers.get("Content-Type", "application/json"),
        )
        contract.validate_request(described)
        checked.add((request.method, path))
    assert {("PUT", "/api/v2/tickets/5"), ("POST", "/api/v2/uploads")} <= checked
    assert len(checked) >= 10


async def test_every_write_says_whether_the_customer_sees_it() -> None:
    bodies = [
        json.loads(request.content)["ticket"] for request in await every_request() if request.method == "PUT"
    ]
    assert len(bodies) == 5
    comments = [body["comment"] for body in bodies if "comment" in body]
    assert [comment["public"] for comment in comments] == [False, True, False]
    assert [comment.get("uploads") for comment in comments] == [None, None, ["up1"]]
    assert all(body["metadata"]["op"] == "0197bbbb-1" for body in bodies)
