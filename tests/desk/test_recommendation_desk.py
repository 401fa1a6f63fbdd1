"""Recommendations over a real store: letters between windows, and one that is opened again by a new case."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tests.desk.shop import ANSWERED, Shop
from tests.retrospective.threads import group_rename
from triage.desk.investigation_desk import InvestigationDesk
from triage.desk.recommendation_desk import RecommendationDesk
from triage.model.case import CaseFacts
from triage.model.errors import Invalid, NotFound, Stopped
from triage.store.database import Database

AWAITED = "R2"
LATER = timedelta(days=30)


def again() -> CaseFacts:
    """The same trouble on another ticket, a month later."""
    facts = group_rename()
    ticket = replace(
        facts.ticket, id="50001", key="HL-50001", created_at=facts.ticket.created_at + LATER,
        updated_at=facts.ticket.updated_at + LATER,
    )  # fmt: skip
    timeline = tuple(
        replace(one, id=f"n{one.id}", ticket_id="50001", at=one.at + LATER) for one in facts.timeline
    )
    return replace(facts, ticket=ticket, timeline=timeline)


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Shop]:
    database = await Database.open(f"sqlite:///{tmp_path / 'triage.db'}")
    yield Shop(database)
    await database.close()


async def closed(shop: Shop, name: str) -> datetime:
    desk = shop.recommendations
    await desk.respond(name, "A preview comes.")
    await desk.judge(name, "OAA", "That answers it.")
    line = await desk.close(name, "CAA", "Shipped.")
    assert line.closed_at is not None
    return line.closed_at


async def test_a_new_case_of_the_same_code_and_component_opens_it_again_and_says_so(shop: Shop) -> None:
    first = f"{await shop.adopt(group_rename())}-{AWAITED}"
    await closed(shop, first)
    assert await shop.recommendations.reopened_by("ESC-2026-0002") == ()
    shop.clock += LATER
    new = await shop.adopt(again())
    [line] = await shop.recommendations.reopened_by(new)
    assert (line.id, line.recommendation.status) == (first, "OAR")
    assert "HL-50001 has B2.3" in line.recommendation.exchange[-1].text
    await shop.investigations.adopt(new)
    [line] = await shop.recommendations.reopened_by(new)
    assert len(line.recommendation.exchange) == 4


async def test_what_was_closed_after_the_new_case_began_stays_closed(shop: Shop) -> None:
    first = f"{await shop.adopt(group_rename())}-{AWAITED}"
    shop.clock += LATER + timedelta(days=3)
    await closed(shop, first)
    assert await shop.recommendations.reopened_by(await shop.adopt(again())) == ()


async def test_a_letter_to_nobody_and_one_before_adoption_are_refused(shop: Shop) -> None:
    name = await shop.adopt(group_rename())
    with pytest.raises(NotFound, match="R99"):
        await shop.recommendations.respond(f"{name}-R99", "which?")
    with pytest.raises(Invalid, match="OAR cannot become CAA"):
        await shop.recommendations.close(f"{name.lower()}-{AWAITED}", "CAA", "done")


async def test_one_that_was_never_issued_is_refused_as_such(shop: Shop) -> None:
    facts = group_rename()
    await shop.pull(facts)
    name = (await shop.investigations.open(facts.ticket.id, "full")).investigation.id
    await shop.investigations.answer_all(name, ANSWERED, "a.yaml")
    with pytest.raises(Invalid, match=f"{AWAITED} of {name} was not issued"):
        await shop.recommendations.respond(f"{name}-{AWAITED}", "yes")


async def test_two_windows_on_one_investigation_see_each_other_and_lose_nothing(shop: Shop) -> None:
    facts = group_rename()
    await shop.pull(facts)
    one = InvestigationDesk(shop.parts)
    two = InvestigationDesk(shop.parts)
    name = (await one.open(facts.ticket.id, "full")).investigation.id
    stale = await two._now(name)
    await one.answer(name, "K2", "authority")
    await two.save_draft(name, "Q3", "212 people")
    await two.answer(name, "Q2", "Monday")
    view = await one.view(name)
    assert (view.investigation.reason_escalated, view.investigation.last_worked) == ("authority", "Monday")
    assert view.investigation.drafts["Q3"] == "212 people"
    with pytest.raises(Stopped, match="another window"):
        await shop.parts.docket.append_if(facts.ticket.id, "investigation", name, stale.last_entry, [])


async def test_an_adoption_cut_short_opens_it_again_when_it_is_repeated(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = f"{await shop.adopt(group_rename())}-{AWAITED}"
    await closed(shop, first)
    shop.clock += LATER

    async def cut(self: RecommendationDesk, investigation_id: str) -> None:
        raise OSError("the power went")

    with monkeypatch.context() as patch:
        patch.setattr(RecommendationDesk, "reopen_returned", cut)
        with pytest.raises(OSError, match="power"):
            await shop.adopt(again())
    assert await shop.recommendations.reopened_by("ESC-2026-0002") == ()
    await shop.investigations.adopt("ESC-2026-0002")
    [line] = await shop.recommendations.reopened_by("ESC-2026-0002")
    assert line.id == first
