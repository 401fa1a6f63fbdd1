"""Parties at the desk: who was asked has two working days."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.desk.shop import Shop
from tests.retrospective.threads import group_rename
from triage.desk.party_desk import PartyDesk
from triage.desk.record import record_of
from triage.store.database import Database


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Shop]:
    database = await Database.open(f"sqlite:///{tmp_path / 'triage.db'}")
    yield Shop(database)
    await database.close()


async def test_a_side_that_was_asked_on_a_friday_has_until_tuesday(shop: Shop) -> None:
    facts = group_rename()
    await shop.pull(facts)
    name = (await shop.investigations.open(facts.ticket.id, "full")).investigation.id
    desk = PartyDesk(shop.parts)
    shop.clock = datetime(2026, 3, 13, 15, 0, tzinfo=UTC)
    it = await desk.invite(name, "product")
    [asked] = [one for one in it.parties if one.kind == "product"]
    assert desk.answer_due(asked) == datetime(2026, 3, 17, 15, 0, tzinfo=UTC)
    it = await desk.submit(name, "product", findings="None.", cause="", recommendations="")
    [heard] = [one for one in it.parties if one.kind == "product"]
    assert desk.answer_due(heard) is None


async def test_an_export_names_nobody_who_speaks_for_a_side_and_keeps_other_drafts(shop: Shop) -> None:
    facts = group_rename()
    await shop.pull(facts)
    name = (await shop.investigations.open(facts.ticket.id, "full")).investigation.id
    shop.parts.profile = SimpleNamespace(name="demo")
    await PartyDesk(shop.parts).invite(name, "product", rep="mara.venn")
    await shop.investigations.answer(name, "Q5", [{"kind": "engineering", "rep": "mara.venn"}])
    await shop.investigations.save_draft(name, "Q5", '{"rows": [{"kind": "customer", "rep": "mara.venn"}]}')
    await shop.investigations.save_draft(name, "Q3", "212 people")
    record = await record_of(shop.parts, facts.ticket.id)
    assert "mara.venn" not in str(record)
    drafts = [dict(one.data) for one in record["entries"] if one.kind == "answer.drafted"]
    assert drafts == [{"prompt": "Q3", "text": "212 people"}]
