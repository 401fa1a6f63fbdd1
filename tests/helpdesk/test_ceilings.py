"""Where a helpdesk cuts its answer, the person in front of the screen is told what is missing."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from tests.helpdesk.fake_pagerduty import FakePagerDuty
from triage.store import pull_state
from triage.store.database import Database
from triage.sync.pull import pull
from triage.tui.queue_words import SyncState, trouble

OPEN = "statuses[]=triggered"


@pytest.fixture
def server() -> FakePagerDuty:
    made = FakePagerDuty()
    made.add_incident(1)
    made.add_log(1, "trigger")
    return made


async def told(server: FakePagerDuty, folder: Path) -> tuple[str, bool]:
    """What the screen says above the rows after a pull, and whether it all came."""
    database = await Database.open(f"sqlite:///{folder / 'triage.db'}")

    def clock() -> datetime:
        return server.now

    try:
        result = await pull(database, server.desk(), OPEN, now=clock)
        fresh = await database.read(lambda session: pull_state.freshness(session, server.now))
    finally:
        await database.close()
    line = trouble(SyncState(fresh), None, server.now, ZoneInfo("UTC"))
    return "".join(words for words, _ in line), result.complete


async def test_a_queue_cut_at_ten_thousand_says_so_on_screen(
    server: FakePagerDuty, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("triage.helpdesk.pagerduty.account.CEILING", 100)
    for number in range(2, 150):
        server.add_incident(number)
    words, complete = await told(server, tmp_path)
    assert not complete
    assert "lists only the first 10,000 incidents of a queue; narrow it" in words


async def test_notes_at_their_most_mark_the_timeline_of_that_incident(
    server: FakePagerDuty, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("triage.helpdesk.pagerduty.adapter.MOST_NOTES", 3)
    for number in range(3):
        server.add_note(1, f"note {number}", at=datetime(2026, 3, 2, number, tzinfo=UTC))
    words, complete = await told(server, tmp_path)
    assert not complete
    assert "#1: PagerDuty keeps only 2,000 notes on an incident" in words


async def test_a_log_at_its_ceiling_keeps_the_newest_and_says_so(
    server: FakePagerDuty, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("triage.helpdesk.pagerduty.account.CEILING", 150)
    for _ in range(200):
        server.add_log(1, "acknowledge")
    [page] = [page async for page in server.desk().timeline(await server.desk().ticket("Q1"))]
    assert not page.complete
    assert "newest 10,000 log entries" in page.ceiling


async def test_what_came_whole_has_no_such_line(server: FakePagerDuty, tmp_path: Path) -> None:
    assert await told(server, tmp_path) == ("", True)
