"""Statistics over a real store: tickets opened again, runs that can no longer be read."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from tests.desk.shop import Shop
from tests.playbook.world import END, HEAD
from tests.retrospective.threads import group_rename
from triage.desk.playbook_statistics_desk import PlaybookStatisticsDesk
from triage.model.entry import NewEntry
from triage.model.timeline import TimelineEvent
from triage.store.database import Database

TEXT = HEAD + "steps:\n" + END


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Shop]:
    database = await Database.open(f"sqlite:///{tmp_path / 'triage.db'}")
    yield Shop(database)
    await database.close()


async def ended_run(shop: Shop, run: str, text: str = TEXT) -> None:
    case = group_rename().ticket.id
    opened = {"playbook": "probe", "version": 1, "sha256": "", "text": text, "driver": "kim", "navigator": ""}
    await shop.parts.docket.append(case, [NewEntry("run", run, "run.opened", opened)])
    shop.clock += timedelta(minutes=3)
    ended = {"outcome": "resolved", "summary": "", "step": "done"}
    await shop.parts.docket.append(case, [NewEntry("run", run, "run.ended", ended)])


async def test_a_ticket_that_the_helpdesk_opened_again_is_counted(shop: Shop) -> None:
    facts = group_rename()
    await shop.pull(facts)
    await ended_run(shop, "r1")
    statistics = PlaybookStatisticsDesk(shop.parts)
    [one] = await statistics.of("probe")
    assert (one.runs, one.closed, one.reopened, one.median_minutes) == (1, 1, 0, 3)
    at = shop.clock + timedelta(days=3)
    again = TimelineEvent(
        "again", facts.ticket.id, at, "change", "internal", "customer", "Ines",
        field="status", old="solved", new="open",
    )  # fmt: skip
    await shop.pull(replace(facts, timeline=(*facts.timeline, again)))
    [one] = await statistics.of("probe")
    assert one.reopened == 1


async def test_a_run_this_program_cannot_read_takes_no_other_with_it(shop: Shop) -> None:
    await shop.pull(group_rename())
    await ended_run(shop, "r1")
    await ended_run(shop, "r2", "schema: triage.playbook/v9\n")
    assert [one.runs for one in await PlaybookStatisticsDesk(shop.parts).of()] == [1]


async def test_without_a_run_there_is_nothing(shop: Shop) -> None:
    assert await PlaybookStatisticsDesk(shop.parts).of() == ()
