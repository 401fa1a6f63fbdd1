"""The PagerDuty adapter and its fake against the vendor's description of its API."""

from __future__ import annotations

from tests.contract.described import check, description
from tests.helpdesk.fake_pagerduty import HOST, FakePagerDuty
from tests.helpdesk.writing import everything, operation, send
from triage.model.operation import Note

NOT_DESCRIBED = ("/users", "/incidents/Q1/custom_fields/values")
"""Not in the part of the description that was asked for, or described so that its own examples do not fit.

Nor does an assignment, whose user it calls read-only where one is assigned; so nobody is assigned here.
"""


async def test_every_request_and_every_fake_answer_is_as_described() -> None:
    contract = description("pagerduty")
    server = FakePagerDuty()
    server.add_incident(1)
    server.add_note(1, "x")
    desk = server.desk()
    await desk.whoami()
    await everything(desk.queue("statuses[]=triggered"))
    await everything(desk.changes("", f"logged:{server.now.isoformat()}"))
    current = await desk.ticket("Q1")
    await everything(desk.timeline(current))
    wanted = operation("Q1", note=Note("w", "internal"), status="acknowledged")
    for planned in desk.plan(wanted, current):
        step, _ = await send(desk, planned, "Q1")
        assert await desk.verify(step, "Q1") == []
    described = [pair for pair in server.answered if pair[0].url.path not in NOT_DESCRIBED]
    checked = check(contract, HOST, described)
    assert {method for method, _ in checked} == {"GET", "PUT", "POST"}
