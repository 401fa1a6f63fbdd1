"""How many recommendations are late, as the queue's headline counts them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlmodel import Session

from tests.desk.shop import ANSWERED, Shop
from tests.retrospective.threads import group_rename
from triage.model.queue import QueueCounts
from triage.retrospective.recommendation_status import OPEN
from triage.store import membership, mirror, queue_rows
from triage.store.database import Database
from triage.store.queue_order import STILL_OWED


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Shop]:
    database = await Database.open(f"sqlite:///{tmp_path / 'triage.db'}")
    yield Shop(database)
    await database.close()


async def counts(shop: Shop) -> QueueCounts:
    return await shop.parts.database.read(lambda session: queue_rows.counts(session, shop.clock))  # type: ignore[no-any-return]


def test_the_queue_and_the_register_agree_on_what_is_owed() -> None:
    assert set(STILL_OWED) == OPEN


async def test_a_recommendation_past_its_date_is_counted_until_it_is_closed(shop: Shop) -> None:
    name = await shop.adopt(group_rename())
    assert (await counts(shop)).overdue == 0
    for days in (17, 19, 34, 64, 120):
        shop.clock += timedelta(days=days) - (shop.clock - group_rename().timeline[-1].at)
        late = [line for line in await shop.recommendations.list() if line.overdue_days]
        assert (await counts(shop)).overdue == len(late)
    assert len(late) == 4
    await shop.recommendations.respond(f"{name}-R2", "No.")
    await shop.recommendations.judge(f"{name}-R2", "CR", "You convinced us.")
    assert (await counts(shop)).overdue == 3


async def test_what_is_not_adopted_is_not_owed(shop: Shop) -> None:
    facts = group_rename()
    await shop.pull(facts)
    name = (await shop.investigations.open(facts.ticket.id, "full")).investigation.id
    await shop.investigations.answer_all(name, ANSWERED, "a.yaml")
    shop.clock += timedelta(days=400)
    assert (await counts(shop)).overdue == 0


async def test_the_row_of_a_case_tells_how_many_of_its_recommendations_are_late(shop: Shop) -> None:
    facts = group_rename()
    await shop.adopt(facts)

    def escalate(session: Session) -> None:
        mirror.save_tickets(session, [replace(facts.ticket, status="open")], shop.clock)
        membership.set_members(session, "q", [facts.ticket.id], shop.clock)
        queue_rows.refresh(session, [facts.ticket.id])

    def read(session: Session) -> list[int]:
        return [row.late for row in queue_rows.window(session, shop.clock, offset=0, limit=9).items]

    async def rows() -> list[int]:
        return await shop.parts.database.read(read)  # type: ignore[no-any-return]

    await shop.parts.database.write(escalate)
    assert await rows() == [0]
    shop.clock += timedelta(days=120)
    assert await rows() == [(await counts(shop)).overdue]


async def test_what_was_issued_is_owed_and_answered_while_its_investigation_is_open_again(shop: Shop) -> None:
    name = await shop.adopt(group_rename())
    before = [line.id for line in await shop.recommendations.list()]
    await shop.investigations.reopen(name, "A second customer has it.")
    shop.clock += timedelta(days=120)
    after = await shop.recommendations.list()
    assert sorted(line.id for line in after) == sorted(before)
    assert (await counts(shop)).overdue == sum(line.overdue_days > 0 for line in after) > 0
    waiting = next(line for line in after if line.recommendation.status == "OAR")
    assert (await shop.recommendations.respond(waiting.id, "By June.")).recommendation.status == "ORR"
