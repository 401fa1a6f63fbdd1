"""The checks for adapters, on servers that nobody here wrote."""

from __future__ import annotations

import pytest

from tests.live.conftest import OpenDesk, OpenRedmine
from tests.live.redmine_server import RedmineServer
from tests.live.request_tracker_server import RequestTrackerServer
from triage.helpdesk.conformance.ground import Wishes
from triage.helpdesk.conformance.suite import examine
from triage.helpdesk.port import Helpdesk

pytestmark = pytest.mark.live


async def failures(desk: Helpdesk, selector: str, wishes: Wishes) -> list[str]:
    found = [result async for result in examine(desk, selector, wishes)]
    passed = {result.name for result in found if result.state == "passed"}
    assert {"note", "unsent", "tags", "fields", "conflict", "delta", "times"} <= passed, found
    return [f"{result.name}: {result.text}" for result in found if result.state == "failed"]


async def test_request_tracker_keeps_every_promise(
    open_desk: OpenDesk, request_tracker: RequestTrackerServer
) -> None:
    wishes = Wishes(
        request_tracker.new_ticket("Held to its promises"), write=True, field=("esc_verdict", "bug")
    )
    assert await failures(open_desk(), "", wishes) == []


async def test_redmine_keeps_every_promise(open_redmine: OpenRedmine, redmine: RedmineServer) -> None:
    number = redmine.new_issue("Held to its promises")
    wishes = Wishes(number, write=True, tag="esc-bug", field=("esc_code", "B2.3"))
    assert await failures(open_redmine(), "project_id=escalations", wishes) == []
