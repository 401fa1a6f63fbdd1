"""The parties of an investigation on screen, under the real rules."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from textual.pilot import Pilot

from tests.tui.fake_desk import NOW, FakeDesk, refuse_clearing
from tests.tui.fake_investigations import FakeInvestigations
from tests.tui.fake_registers import FakeEnhancements, FakeRecommendations, investigation
from tests.tui.screen_text import SIZES, opened, screen_rows, screen_text, settled
from triage.model.case import InvestigationSummary
from triage.model.entry import Entry, NewEntry
from triage.model.investigation import Investigation, Party
from triage.retrospective import party_letters
from triage.tui.app import TriageApp
from triage.tui.screens.registers.enhancement import EnhancementScreen
from triage.tui.screens.registers.recommendation import RecommendationScreen
from triage.tui.screens.registers.recommendations import RecommendationsScreen
from triage.tui.screens.retrospective.parties import PartiesScreen
from triage.tui.screens.retrospective.screen import RetrospectiveScreen
from triage.tui.screens.retrospective.statement import StatementScreen
from triage.tui.screens.retrospective.text import TextScreen


@dataclass
class FakeParties:
    """Letters of the parties of one investigation."""

    it: Investigation
    written: list[NewEntry] = field(default_factory=list)

    def answer_due(self, party: Party) -> datetime | None:
        invited = party.invited_at if party.submission == "invited" else None
        return invited + timedelta(days=2) if invited else None

    def _keep(self, new: NewEntry) -> Investigation:
        self.written.append(new)
        entry = Entry("e", self.it.case_id, new.subject, new.subject_id, new.kind, NOW, "me", "driver",
                      data=new.data)  # fmt: skip
        said = party_letters.dissents([entry])
        parties = party_letters.with_submissions(self.it.parties, [entry])
        self.it = replace(self.it, parties=parties, dissent=(*self.it.dissent, *said))
        return self.it

    async def invite(self, _name: str, kind: str) -> Investigation:
        return self._keep(party_letters.invite(self.it, kind))

    async def submit(self, _name: str, kind: str, **words: str) -> Investigation:
        return self._keep(party_letters.submit(self.it, kind, **words))

    async def decline(self, _name: str, kind: str, *, silent: bool = False) -> Investigation:
        return self._keep(party_letters.decline(self.it, kind, silent=silent))

    async def dissent(self, _name: str, kind: str, text: str) -> Investigation:
        return self._keep(party_letters.dissent(self.it, kind, text))


@dataclass
class Room:
    app: TriageApp
    pilot: Pilot[int]
    desk: Any
    parties: FakeParties

    async def press(self, *keys: str) -> str:
        for key in keys:
            await self.pilot.press(key)
        await settled(self.pilot)
        return screen_text(self.app)

    def row(self, words: str) -> str:
        return next(row for row in screen_rows(self.app)[1:] if words in row)


def heard() -> Investigation:
    asked = NOW - timedelta(days=9)
    return replace(
        investigation(),
        parties=(
            Party("customer", "invited", invited_at=asked),
            Party("engineering", "submitted", cause="A race."),
        ),
        superseded=(NOW - timedelta(days=20),),
    )


@asynccontextmanager
async def at_parties(size: tuple[int, int] = (120, 40), *, start: bool = True) -> AsyncIterator[Room]:
    desk: Any = FakeDesk()
    parties = desk.parties = FakeParties(heard())
    desk.recommendations, desk.enhancements = FakeRecommendations(), FakeEnhancements()
    reports: list[int] = []

    async def view(_name: str, _prompt: str = "") -> SimpleNamespace:
        return SimpleNamespace(investigation=parties.it)

    async def report(_name: str, version: int = 0) -> str:
        reports.append(version)
        return "SUPERSEDED by a later version"

    desk.investigations = SimpleNamespace(view=view, report=report)
    async with opened(desk, size) as (app, pilot):
        if start:
            app.push_screen(PartiesScreen("ESC-2026-0031"))
            await settled(pilot)
        yield Room(app, pilot, desk, parties)


@pytest.mark.parametrize("width", [120, 160])
async def test_the_key_to_the_parties_is_told_where_there_is_room(width: int) -> None:
    desk: Any = FakeDesk()
    desk.investigations = FakeInvestigations()
    async with opened(desk, (width, 40)) as (app, pilot):
        app.push_screen(RetrospectiveScreen("ESC-2026-0031"))
        await settled(pilot)
        assert "F6 parties" in screen_rows(app)[-1]


@pytest.mark.parametrize("size", SIZES)
async def test_every_side_is_listed_with_how_it_was_heard(size: tuple[int, int]) -> None:
    async with at_parties(size) as room:
        assert "asked, late since" in room.row("customer")
        assert "has answered" in room.row("engineering")
        assert "not asked" in room.row("product")
        assert "Nobody sees it differently" in screen_text(room.app)
        assert "1 of 2 heard, customer still to answer" in screen_text(room.app)


async def test_a_side_is_asked_and_the_cursor_stays_on_it() -> None:
    async with at_parties() as room:
        down = [n for n, row in enumerate(screen_rows(room.app)[2:]) if "operations" in row]
        await room.press(*["j"] * down[0], "i")
        assert room.parties.written[-1].data == {"kind": "operations", "submission": "invited"}
        assert "asked, answers by" in room.row("operations")
        screen = room.app.screen
        assert isinstance(screen, PartiesScreen)
        assert screen.list.current is not None
        assert screen.list.current.side == "operations"


async def test_a_side_that_declined_and_one_that_never_answered_differ() -> None:
    async with at_parties() as room:
        await room.press("d", "2")
        assert "never answered" in room.row("customer")
        await room.press("i")
        assert "asked, answers by" in room.row("customer")
        await room.press("d", "1")
        assert "does not wish to say" in room.row("customer")
        assert "ask it" not in screen_rows(room.app)[-1]


async def test_a_submission_is_written_in_their_words_and_kept_as_a_draft_until_then() -> None:
    async with at_parties() as room:
        await room.press("w", "2")
        await room.press(*"Theirs", "enter", "escape")
        assert not room.parties.written
        assert "Theirs" in await room.press("w", "2")
        await room.press("ctrl+s")
        assert room.parties.written[-1].data["cause"].strip() == "Theirs"
        assert "Theirs" in await room.press("enter")


async def test_a_dissent_is_printed_as_written() -> None:
    async with at_parties() as room:
        await room.press("j", "D")
        await room.press(*"No", "ctrl+s")
        assert "Engineering: No" in screen_text(room.app)


async def test_a_dissent_whose_draft_could_not_be_cleared_is_written_once_all_the_same() -> None:
    async with at_parties() as room:
        refusing = refuse_clearing(room.desk)
        await room.press("j", "D")
        await room.press(*"No", "ctrl+s")
        assert isinstance(room.app.screen, StatementScreen)
        assert "written down for good" in screen_text(room.app)
        await room.press(*"xyz", "f4", "ctrl+s")
        assert isinstance(room.app.screen, StatementScreen)
        assert room.app.screen.area.text == "No"
        assert len(room.parties.written) == 1
        refusing.clear()
        await room.press("ctrl+s")
        assert isinstance(room.app.screen, PartiesScreen)
        assert len(room.parties.written) == 1


async def test_an_earlier_version_can_be_read() -> None:
    async with at_parties() as room:
        assert "final version 1" in screen_text(room.app)
        text = await room.press("V", "1")
        assert isinstance(room.app.screen, TextScreen)
        assert "SUPERSEDED" in text


async def test_enter_alone_writes_nothing() -> None:
    async with at_parties() as room:
        await room.press("enter", "enter", "q", "j", "enter", "enter")
        assert not room.parties.written


@pytest.mark.parametrize(("words", "screen"), [
    ("parties", PartiesScreen), ("R1", RecommendationScreen), ("wish", EnhancementScreen),
])  # fmt: skip
async def test_the_case_tells_what_came_of_its_investigation(words: str, screen: type) -> None:
    async with at_parties(start=False) as room:
        await room.desk.enhancements.new("Ask before a big sync", ["ESC-2026-0031"])
        case = room.desk.case("1000")
        held = InvestigationSummary(
            "ESC-2026-0031", "final", "adopted", "full", "bug", "B2.3", NOW - timedelta(days=3), NOW
        )
        room.desk.cases_by_id["1000"] = replace(case, investigation=held)
        await room.press("g", "enter", "3")
        assert "3 d late" in room.row("R1")
        assert "1 earlier final version" in screen_text(room.app)
        rows = screen_rows(room.app)
        begins = next(n for n, row in enumerate(rows) if "ESC-2026-0031" in row)
        at = next(n for n, row in enumerate(rows) if f" {words} " in row and n > begins)
        await room.press(*["j"] * (at - begins), "enter")
        assert isinstance(room.app.screen, screen)
        await room.press("q", "F")
        assert isinstance(room.app.screen, RecommendationsScreen)
        assert {one.ticket_key for one in room.app.screen._shown()} == {"HL-40000"}
