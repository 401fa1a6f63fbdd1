from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from triage.model.promise import Promise
from triage.model.queue import DUE_SOON, QueueItem

NOW = datetime(2026, 3, 11, 1, 0, tzinfo=UTC)
ITEM = QueueItem(
    id="1", key="HL-1", subject="s", status="open", priority=None, customer="", product="", assignee="",
    created_at=NOW, updated_at=NOW, waiting_since=NOW, next_promise_due=None, unacknowledged=False, url="",
    local_state="new",
)  # fmt: skip


@pytest.mark.parametrize(
    ("due", "unacknowledged", "group"),
    [
        (NOW - timedelta(minutes=1), True, "broken"),
        (NOW + timedelta(minutes=1), True, "unacknowledged"),
        (NOW + DUE_SOON - timedelta(seconds=1), False, "soon"),
        (NOW + DUE_SOON, False, "waiting"),
        (None, False, "waiting"),
    ],
)
def test_an_item_falls_into_the_most_pressing_group(
    due: datetime | None, unacknowledged: bool, group: str
) -> None:
    assert replace(ITEM, next_promise_due=due, unacknowledged=unacknowledged).due(NOW) == group


@pytest.mark.parametrize(
    ("met", "withdrawn", "state"),
    [
        (NOW, False, "kept"),
        (NOW + timedelta(seconds=1), False, "kept_late"),
        (None, True, "superseded"),
        (None, False, "missed"),
    ],
)
def test_a_promise_is_judged_by_its_due_time(met: datetime | None, withdrawn: bool, state: str) -> None:
    promise = Promise("p", "next_update", NOW, NOW, met_at=met, withdrawn=withdrawn)
    assert promise.state(NOW + timedelta(hours=1)) == state
    assert Promise("p", "answer", NOW, NOW).state(NOW) == "open"
