"""A public reply that keeps the last open promise is asked for the next one."""

from __future__ import annotations

from dataclasses import replace

from textual.pilot import Pilot
from textual.widgets import Input

from tests.tui.fake_desk import FakeDesk
from tests.tui.screen_text import opened, screen_text, settled
from triage.tui.app import TriageApp
from triage.tui.screens.ask import AskScreen

TICKET = "1000"


def promising(*kinds: str) -> FakeDesk:
    """A desk whose first case has open promises of these kinds and no others."""
    desk = FakeDesk()
    held = next(iter(desk.case(TICKET).facts.promises))
    open_ones = tuple(
        replace(held, id=kind, kind=kind, met_at=None, withdrawn=False, confirmed=True)  # type: ignore[arg-type]
        for kind in kinds
    )
    desk.change_promises(TICKET, lambda _: open_ones)
    return desk


async def reply(app: TriageApp, pilot: Pilot[int], text: str) -> None:
    await pilot.press("u")
    await settled(pilot)
    await pilot.press(*text, "ctrl+s")
    await settled(pilot)
    await pilot.press(*"HL-40000", "enter")
    await settled(pilot)


def added(desk: FakeDesk) -> list[tuple[object, ...]]:
    return [detail for verb, detail in desk.calls if verb == "add_promise"]


async def test_a_time_in_the_reply_is_one_key_away_from_being_promised() -> None:
    desk = promising("next_update")
    async with opened(desk) as (app, pilot):
        await reply(app, pilot, "still on it. I will write again by 23:50.")
        assert isinstance(app.screen, AskScreen)
        assert app.screen.query_one(Input).value.endswith("23:50")
        await pilot.press("enter")
        await settled(pilot)
        [(ticket, kind, due, quote)] = added(desk)
        assert (ticket, kind, f"{due:%H:%M}", quote) == (
            TICKET, "next_update", "23:50", "I will write again by 23:50.",
        )  # fmt: skip


async def test_a_reply_without_a_time_is_asked_for_one() -> None:
    desk = promising("next_update")
    async with opened(desk) as (app, pilot):
        await reply(app, pilot, "we are on it")
        assert "Nothing is promised now" in screen_text(app)
        await pilot.press(*"2h", "enter")
        await settled(pilot)
        assert [one[3] for one in added(desk)] == [""]
        assert "HL-40000" in screen_text(app)


async def test_leaving_the_question_promises_nothing_and_the_reply_is_sent_all_the_same() -> None:
    desk = promising("next_update")
    async with opened(desk) as (app, pilot):
        await reply(app, pilot, "we are on it")
        await pilot.press("escape")
        await settled(pilot)
        assert added(desk) == []
        assert "PUBLIC REPLY" not in screen_text(app)
        assert [verb for verb, _ in desk.calls if verb == "confirm"] == ["confirm"]


async def test_nothing_is_asked_where_another_promise_stays_open() -> None:
    desk = promising("next_update", "fix_eta")
    async with opened(desk) as (app, pilot):
        await reply(app, pilot, "we are on it")
        assert not isinstance(app.screen, AskScreen)


async def test_a_reply_that_keeps_a_promised_fix_is_asked_for_the_next() -> None:
    desk = promising("fix_eta")
    async with opened(desk) as (app, pilot):
        await reply(app, pilot, "the fix is in place")
        assert isinstance(app.screen, AskScreen)
