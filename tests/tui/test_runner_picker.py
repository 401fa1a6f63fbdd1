"""Choosing a playbook by keys."""

from __future__ import annotations

from dataclasses import replace

from textual.pilot import Pilot

from tests.tui.fake_desk import FakeDesk
from tests.tui.fake_playbooks import OPENED, FakePlaybooks, summary
from tests.tui.screen_text import opened, screen_text, settled
from triage.model.case import RunSummary
from triage.model.run import PlaybookSummary
from triage.tui.screens.playbook_picker import PlaybookPicker


async def press(pilot: Pilot[int], *keys: str | list[str]) -> None:
    """Press one after the other; a list is typed in one go."""
    for key in keys:
        await pilot.press(*([key] if isinstance(key, str) else key))
        await pilot.pause()
    await settled(pilot)


async def choosing(
    keys: list[str | list[str]], desk: FakeDesk, size: tuple[int, int] = (120, 40)
) -> tuple[str, list[str | None]]:
    """What stands on screen after ``keys``, and what was chosen."""
    chosen: list[str | None] = []
    async with opened(desk, size) as (app, pilot):
        app.push_screen(PlaybookPicker("1000", "HL-40000"), chosen.append)
        await settled(pilot)
        await press(pilot, *keys)
        return screen_text(app), chosen


def a_desk() -> FakeDesk:
    desk = FakeDesk()
    desk.playbooks = FakePlaybooks()
    case = desk.case("1000")
    run = RunSummary("run-9", "upgrade-failed", "parked", "", 4, 11, OPENED)
    desk.cases_by_id["1000"] = replace(case, runs=(run,))
    return desk


async def test_runs_come_first_then_what_fits_with_reasons_then_the_rest_without_broken_ones() -> None:
    text, _ = await choosing([], a_desk())
    places = [
        text.index(part) for part in ("4/11 · parked", "80% fits", "subject says sign in", "Title of upgrade")
    ]
    assert places == sorted(places)
    assert "Title of broken" not in text


async def test_the_first_enter_shows_it_and_the_second_starts_it() -> None:
    text, chosen = await choosing(["j", "enter"], a_desk())
    assert "Do not restart first." in text
    assert chosen == []
    _, chosen = await choosing(["j", "enter", "enter"], a_desk())
    assert chosen == ["start sso-login-failure"]


async def test_moving_on_after_looking_asks_for_a_look_again() -> None:
    _, chosen = await choosing(["j", "enter", "j", "enter"], a_desk())
    assert chosen == []


async def test_a_run_is_gone_on_with_at_once() -> None:
    _, chosen = await choosing(["enter"], a_desk())
    assert chosen == ["continue run-9"]


async def test_the_filter_narrows_and_escape_widens_again() -> None:
    text, _ = await choosing(["slash", list("upgrade fail")], a_desk())
    assert "80% fits" not in text
    text, chosen = await choosing(["slash", list("nothing like it"), "escape"], a_desk())
    assert "80% fits" in text
    assert chosen == []


async def test_it_is_usable_at_80_by_24() -> None:
    text, _ = await choosing(["j", "enter"], a_desk(), (80, 24))
    assert "Enter starts it" in text


async def test_a_playbook_whose_commands_do_not_run_here_says_so_in_words() -> None:
    desk = a_desk()
    books = (
        summary("strange", commands=1), summary("edited", commands=2, trust_ended=True),
        summary("known", commands=1, trust="read"), summary("shipped", commands=1, trust="shipped"),
        summary("wordy"),
    )  # fmt: skip

    async def found() -> tuple[PlaybookSummary, ...]:
        return books

    desk.playbooks.list = found  # type: ignore[method-assign]
    text, _ = await choosing([], desk)
    badges = {
        book.id: [word for word in ("NOT TRUSTED", "CHANGED SINCE TRUSTED") if word in line]
        for book in books
        for line in text.splitlines()
        if f"Title of {book.id} " in line
    }
    assert badges.pop("strange") == ["NOT TRUSTED"]
    assert badges.pop("edited") == ["CHANGED SINCE TRUSTED"]
    assert badges == {"known": [], "shipped": [], "wordy": []}
