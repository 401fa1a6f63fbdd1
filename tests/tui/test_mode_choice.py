"""How deep to look: asked only where there is a choice."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.tui.fake_desk import NOW, FakeDesk
from tests.tui.fake_investigations import FakeInvestigations
from tests.tui.screen_text import opened, screen_text, settled
from triage.model.case import InvestigationSummary
from triage.tui.screens.choice import ChoiceScreen
from triage.tui.screens.retrospective.screen import RetrospectiveScreen


def desk_holding(mode: str, state: str) -> FakeDesk:
    desk = FakeDesk()
    desk.investigations = FakeInvestigations()
    held = InvestigationSummary(
        "ESC-2026-0031", "factual", state, mode, "bug", "B2.3", NOW - timedelta(days=3), None
    )
    desk.cases_by_id["1000"] = replace(desk.case("1000"), investigation=held)
    return desk


async def test_a_full_investigation_under_way_is_gone_on_with_unasked() -> None:
    async with opened(desk_holding("full", "draft")) as (app, pilot):
        await pilot.press("enter", "i")
        await settled(pilot)
        assert isinstance(app.screen, RetrospectiveScreen)


@pytest.mark.parametrize("mode", ["quick", "brief"])
async def test_a_shorter_one_can_be_taken_deeper(mode: str) -> None:
    async with opened(desk_holding(mode, "awaiting_parties")) as (app, pilot):
        await pilot.press("enter", "i")
        await settled(pilot)
        assert isinstance(app.screen, ChoiceScreen)
        assert "go on with ESC-2026-0031" in screen_text(app)
        assert "factual · awaiting parties" in screen_text(app)
        assert "15 minutes" in screen_text(app)
