"""The evidence tab: its keys at 80 columns, what is on the ticket already, and how a typed piece is kept."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta

import pytest
from textual.pilot import Pilot

from tests.tui.fake_desk import NOW, FakeDesk
from tests.tui.screen_text import opened, screen_rows, screen_text, settled
from triage.model.operation import WriteState
from triage.tui.app import TriageApp
from triage.tui.screens.case import CaseScreen
from triage.tui.screens.choice import ChoiceScreen
from triage.tui.screens.write_page import WritePageScreen

LONG = "09:12 WARN sync: 431 grants removed, 212 people hold none; the mapping names two groups that are gone"


@asynccontextmanager
async def evidence_tab(desk: FakeDesk) -> AsyncIterator[tuple[TriageApp, Pilot[int]]]:
    """The evidence of a case on the smallest screen."""
    async with opened(desk, (80, 24)) as (app, pilot):
        await pilot.press("enter")
        await settled(pilot)
        await pilot.press("4")
        await settled(pilot)
        yield app, pilot


async def with_a_piece() -> FakeDesk:
    desk = FakeDesk()
    await desk.evidence.add("1000", "text", LONG)
    return desk


def proposals(desk: FakeDesk) -> int:
    return [verb for verb, _ in desk.calls].count("propose_evidence")


async def test_the_keys_of_the_evidence_come_first_at_80_columns() -> None:
    async with evidence_tab(await with_a_piece()) as (app, pilot):
        assert screen_rows(app)[-1].startswith(" a add evidence   s put it on the ticket   ")
        await pilot.press("1")
        await settled(pilot)
        assert "put it on the ticket" not in screen_rows(app)[-1]
        # There the same letter is one of many, and does not push away how to answer the customer.
        assert "   u " in screen_rows(app)[-1]
        await pilot.press("a")
        await settled(pilot)
        assert "What was promised to the customer?" in screen_text(app)


async def test_without_a_piece_only_adding_is_offered() -> None:
    async with evidence_tab(FakeDesk()) as (app, _):
        assert screen_rows(app)[-1].startswith(" a add evidence   ")
        assert "put it on the ticket" not in screen_rows(app)[-1]


async def test_the_page_of_a_typed_piece_says_that_it_is_kept_and_keeps_it() -> None:
    desk = FakeDesk()
    async with evidence_tab(desk) as (app, pilot):
        await pilot.press("a")
        await settled(pilot)
        await pilot.press("1")
        await settled(pilot)
        assert "Ctrl+S keep it for good" in screen_rows(app)[-1]
        assert "will be written" not in screen_text(app)
        await pilot.press(*"seen", "ctrl+s")
        await settled(pilot)
        assert ("add_evidence", ("1000", "text", "seen")) in desk.calls
        assert isinstance(app.screen, CaseScreen)


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ("verified", "on the ticket since 01:10"),
        ("landed", "on the ticket since 01:10"),
        ("pending", "in the outbox"),
        ("proposed", "in the outbox"),
        ("rejected", "in the outbox"),
    ],
)
async def test_a_piece_says_whether_it_is_on_the_ticket(state: WriteState, words: str) -> None:
    desk = await with_a_piece()
    operation = await desk.evidence.propose("ev-0")
    sent = replace(operation.steps[0], sent_at=NOW - timedelta(minutes=20))
    desk.change_operation(operation.id, state=state, steps=(sent,))
    async with evidence_tab(desk) as (app, _):
        assert words in screen_text(app)


async def test_a_write_that_was_given_up_marks_nothing_and_asks_nothing() -> None:
    desk = await with_a_piece()
    desk.change_operation((await desk.evidence.propose("ev-0")).id, state="dropped")
    async with evidence_tab(desk) as (app, pilot):
        assert "in the outbox" not in screen_text(app)
        assert "on the ticket since" not in screen_text(app)
        await pilot.press("s")
        await settled(pilot)
        assert isinstance(app.screen, WritePageScreen)


async def test_what_has_arrived_counts_before_a_later_write_that_has_not() -> None:
    desk = await with_a_piece()
    desk.change_operation((await desk.evidence.propose("ev-0")).id, state="verified")
    await desk.evidence.propose("ev-0")
    async with evidence_tab(desk) as (app, _):
        assert "on the ticket since" in screen_text(app)


async def test_a_second_s_says_what_is_there_and_sends_nothing() -> None:
    desk = await with_a_piece()
    async with evidence_tab(desk) as (app, pilot):
        await pilot.press("s")
        await settled(pilot)
        await pilot.press("y")
        await settled(pilot)
        assert isinstance(app.screen, CaseScreen)
        assert "on the ticket since" in screen_text(app)
        await pilot.press("s", "s")
        await settled(pilot)
        assert isinstance(app.screen, ChoiceScreen)
        assert "This piece is on the ticket since 01:30 already." in screen_text(app)
        await pilot.press("enter")
        await settled(pilot)
        assert isinstance(app.screen, WritePageScreen)
        assert proposals(desk) == 1


@pytest.mark.parametrize(("key", "times"), [("escape", 1), ("2", 2)])
async def test_it_goes_once_more_only_when_that_is_chosen(key: str, times: int) -> None:
    desk = await with_a_piece()
    desk.change_operation((await desk.evidence.propose("ev-0")).id, state="verified")
    async with evidence_tab(desk) as (app, pilot):
        await pilot.press("s")
        await settled(pilot)
        await pilot.press(key)
        await settled(pilot)
        assert proposals(desk) == times
        assert isinstance(app.screen, WritePageScreen if times == 2 else CaseScreen)
