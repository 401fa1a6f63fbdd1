"""Enhancement cases on screen, driven by keys."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import pytest
from textual.pilot import Pilot

from tests.tui.fake_desk import FakeDesk
from tests.tui.fake_registers import FakeEnhancements
from tests.tui.screen_text import SIZES, opened, screen_rows, screen_text, settled
from triage.model.errors import TriageError
from triage.tui.app import TriageApp
from triage.tui.screens.registers.enhancement import EnhancementScreen
from triage.tui.screens.registers.enhancement_parts import _money
from triage.tui.screens.registers.enhancements import EnhancementsScreen


@dataclass
class Room:
    app: TriageApp
    pilot: Pilot[int]
    cases: FakeEnhancements

    async def press(self, *keys: str) -> str:
        for key in keys:
            await self.pilot.press(key)
        await settled(self.pilot)
        return screen_text(self.app)

    async def give(self, *texts: str) -> str:
        """Types each text and Enter."""
        for text in texts:
            await self.pilot.press(*["space" if sign == " " else sign for sign in text], "enter")
            await settled(self.pilot)
        return screen_text(self.app)

    @property
    def said(self) -> str:
        return " ".join(one.message for one in self.app._notifications)


@asynccontextmanager
async def at_cases(size: tuple[int, int] = (120, 40), *, opened_one: bool = True) -> AsyncIterator[Room]:
    desk = FakeDesk()
    cases = desk.enhancements = FakeEnhancements()  # type: ignore[attr-defined]
    if opened_one:
        await cases.new("Supported audit extract", ["HL-1000", "HL-1001"])
    async with opened(desk, size) as (app, pilot):
        room = Room(app, pilot, cases)
        await room.press("E")
        yield room


async def test_an_empty_list_says_how_to_open_one() -> None:
    async with at_cases(opened_one=False) as room:
        assert "n opens one from the tickets that ask" in screen_text(room.app)
        await room.press("n")
        text = await room.give("HL-1000", "Ask before a big sync")
        assert isinstance(room.app.screen, EnhancementScreen)
        assert "ENH-001" in text
        assert "one customer asks for it, counted from 1 ticket" in text


@pytest.mark.parametrize("size", SIZES)
async def test_the_sheet_tells_the_five_parts_and_what_is_missing(size: tuple[int, int]) -> None:
    async with at_cases(size) as room:
        assert "2 customers" in screen_text(room.app)
        text = await room.press("enter")
        for part in ("1 screen", "2 quantify", "3 value", "4 bundle", "5 recruit"):
            assert part in text
        assert "not yet: it is not screened as aligned" in text
        assert "help" in screen_rows(room.app)[-1]


async def test_enter_alone_changes_nothing() -> None:
    async with at_cases() as room:
        await room.press("enter", "enter", "enter", "j", "enter")
        assert [
            kind for kind, _ in room.cases.calls if kind not in ("enhancement.opened", "enhancement.asked")
        ] == []


async def test_it_is_ready_only_once_it_is_aligned_counted_and_valued() -> None:
    async with at_cases() as room:
        await room.press("enter", "m")
        assert isinstance(room.app.screen, EnhancementScreen)
        assert "Not ready yet" in room.said
        await room.press("1", "y")
        await room.give("Reports are a stated aim")
        await room.press("2")
        await room.give("60", "customers under audit")
        await room.press("3")
        await room.give("They write their own scripts")
        await room.press("3")
        await room.give("EUR 410000")
        await room.press("5")
        await room.give("https://community.example/9")
        for _ in range(30):
            await room.pilot.press("backspace")
        text = await room.give("14 votes, 6 comments")
        assert "aligned: Reports are a stated aim" in text
        assert "60 would use it (customers under audit)" in text
        assert "several large customers: They write their own scripts; EUR 410,000 at risk" in text
        assert "14 votes, 6 comments" in text
        await room.press("m", "1")
        assert (await room.cases.show("ENH-001")).state == "ready"


async def test_who_asked_is_told_when_it_ships_and_ticked_off_one_by_one() -> None:
    async with at_cases() as room:
        for verb in (
            room.cases.screen("ENH-001", "yes", "an aim"),
            room.cases.quantify("ENH-001", 60, "counted"),
            room.cases.value("ENH-001", "scripts", "one_customer", None, ""),
            room.cases.move("ENH-001", "ready"),
            room.cases.move("ENH-001", "presented"),
        ):
            await verb
        await room.press("enter", "m", "1")
        await room.give("For planning.")
        assert "HL-1000, HL-1001" in room.said
        text = await room.press("w")
        assert "DRAFT" in text
        await room.press("escape")
        await room.press("t")
        assert "Put the cursor on the ticket" in room.said
        down = next(n for n, row in enumerate(screen_rows(room.app)[2:]) if "HL-1001" in row)
        text = await room.press(*["j"] * down, "t")
        assert "told" in next(row for row in screen_rows(room.app) if "HL-1001" in row)
        assert "HL-1001 has heard. To be told: HL-1000." in room.said
        text = await room.press("m", "1")
        assert "2 wait to hear" in text


async def test_what_does_not_fit_is_screened_out_and_its_askers_are_to_be_told() -> None:
    async with at_cases() as room:
        await room.press("enter", "1", "n")
        text = await room.give("It is another product")
        assert "screened out" in text
        assert "2 wait to hear" in text
        text = await room.press("q")
        assert isinstance(room.app.screen, EnhancementsScreen)
        assert "2 wait to hear" in text


async def test_alike_wishes_are_bundled_and_taken_out_again() -> None:
    async with at_cases() as room:
        await room.cases.new("Audit extract for prospects", ["HL-1002"])
        assert "alike: ENH-002" in await room.press("enter")
        assert "alike · Audit extract" in await room.press("4")
        await room.press("1")
        assert (await room.cases.show("ENH-001")).bundle == ("ENH-002",)
        await room.press("4", "1")
        assert (await room.cases.show("ENH-001")).bundle == ()


async def test_a_prospect_is_added_with_the_question() -> None:
    async with at_cases() as room:
        await room.press("enter", "a")
        text = await room.give("HL-1002", "Which identity provider?")
        assert "“Which identity provider?”" in text
        assert "3 customers" in text


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("EUR 410000", (410000, "EUR")),
        ("410,000 usd", (410000, "USD")),
        ("410000", (None, "")),
        ("", (None, "")),
    ],
)
def test_money_needs_its_currency(typed: str, meant: tuple[int | None, str]) -> None:
    assert _money(typed) == meant


async def test_a_verb_that_is_refused_leaves_the_sheet_as_it_was() -> None:
    async with at_cases() as room:
        with pytest.raises(TriageError):
            await room.cases.move("ENH-001", "shipped")
        await room.press("enter", "2")
        await room.give("1", "guessed")
        assert "so 1 is too few" in room.said
        assert (await room.cases.show("ENH-001")).expected is None
