"""How playbooks fare, on screen: a line each, everything on Enter, and what to do where nothing ran."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from tests.tui.fake_desk import FakeDesk
from tests.tui.fake_playbooks import FakePlaybooks
from tests.tui.screen_text import opened, screen_rows, screen_text, settled
from triage.model.playbook_statistics import Advice, AlikeAnswer, PlaybookStatistics, StepStatistics, WayCount
from triage.tui.screens.playbook_picker import PlaybookPicker
from triage.tui.screens.playbook_statistics import PlaybookStatisticsScreen

SIZES = [(80, 24), (120, 40)]


def statistics(playbook_id: str = "sso-login-failure", version: int = 3) -> PlaybookStatistics:
    steps = (
        StepStatistics("scope", "How many?", "ask", 12, {"no access": 4, "other": 3}, 0, 0, 2, 6.0, 3),
        StepStatistics("idp_certificate", "Look", "check", 9, {}, 1, 0, 0, 42.0, 6, 1),
        StepStatistics("never", "Never", "note", 0),
    )
    return PlaybookStatistics(
        playbook_id, version, "People cannot [bold]sign in", 12, 1, {"resolved": 8, "abandoned": 3},
        {"resolved": 8 / 11, "abandoned": 3 / 11}, {"idp_certificate": 1}, 8, 2, 14.5, 120.0, 10, steps,
        (WayCount("side", "theirs", 9),), (AlikeAnswer("scope", "all", 12),), {"idp_certificate": 10},
        (Advice("often_skipped", "scope", "Skipped in 7 of 12 runs.", 7, 12),),
    )  # fmt: skip


@dataclass
class Counted:
    found: tuple[PlaybookStatistics, ...] = ()

    async def of(self, playbook_id: str = "") -> tuple[PlaybookStatistics, ...]:
        return self.found


def a_desk(*found: PlaybookStatistics) -> FakeDesk:
    desk = FakeDesk()
    desk.playbooks = FakePlaybooks()
    desk.playbook_statistics = Counted(found)  # type: ignore[attr-defined]
    return desk


@pytest.mark.parametrize("size", SIZES)
async def test_each_version_is_a_line_under_its_headings(size: tuple[int, int]) -> None:
    async with opened(a_desk(statistics("a-very-long-playbook-name-" + "x" * 40), statistics()), size) as (
        app,
        pilot,
    ):
        app.push_screen(PlaybookStatisticsScreen("sso-login-failure"))
        await settled(pilot)
        rows = screen_rows(app)
        heading = next(row for row in rows if "RUNS" in row)
        line = next(row for row in rows if "sso-login-failure v3" in row)
        assert line.rstrip().endswith("1")
        for word, value in (("RUNS", "12"), ("WELL", "8/11"), ("AGAIN", "2/8"), ("P90", "120 min")):
            assert heading.index(word) + len(word) == line.index(value) + len(value), (word, heading, line)


async def test_enter_shows_its_steps_and_suggestions_and_q_goes_back() -> None:
    async with opened(a_desk(statistics()), (80, 24)) as (app, pilot):
        app.push_screen(PlaybookStatisticsScreen())
        await settled(pilot)
        await pilot.press("enter")
        await settled(pilot)
        text = screen_text(app)
        for told in (
            "People cannot [bold]sign in", "8   73%", "skipped 7 (no access 4, other 3) · back to 2",
            "9 reached · 42 s · decided 6", "never reached", "Skipped in 7 of 12 runs.",
        ):  # fmt: skip
            assert told in text, told
        await pilot.press("q")
        await settled(pilot)
        assert isinstance(app.screen, PlaybookStatisticsScreen)


@pytest.mark.parametrize("size", SIZES)
async def test_where_nothing_ran_it_says_what_to_do(size: tuple[int, int]) -> None:
    async with opened(a_desk(), size) as (app, pilot):
        app.push_screen(PlaybookStatisticsScreen())
        await settled(pilot)
        text = screen_text(app)
        assert "No playbook was run yet. p on a case starts one; it is counted here." in text
        assert "RUNS" not in text


async def test_the_list_of_playbooks_leads_there_and_the_cursor_is_on_the_one_at_hand() -> None:
    async with opened(a_desk(statistics("api-latency", 1), statistics())) as (app, pilot):
        app.push_screen(PlaybookPicker("1000", "HL-40000"))
        await settled(pilot)
        await pilot.press("j", "s")
        await settled(pilot)
        screen = app.screen
        assert isinstance(screen, PlaybookStatisticsScreen)
        assert screen.list.current is not None
        assert screen.list.current.playbook_id == "sso-login-failure"
