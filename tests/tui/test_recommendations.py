"""The register of recommendations, driven by keys."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from types import SimpleNamespace

import pytest
from textual.pilot import Pilot

from tests.tui.fake_desk import NOW, FakeDesk, refuse_clearing
from tests.tui.fake_registers import FakeRecommendations, full_register
from tests.tui.screen_text import SIZES, opened, screen_rows, screen_text, settled
from triage.model.register_line import RegisterLine
from triage.retrospective.recommendation_moves import moves
from triage.retrospective.recommendation_status import STATUSES, TRANSITIONS
from triage.tui.app import TriageApp
from triage.tui.recommendation_words import columns
from triage.tui.screens.case import CaseScreen
from triage.tui.screens.choice import ChoiceScreen
from triage.tui.screens.registers.letter import LetterScreen
from triage.tui.screens.registers.recommendation import RecommendationScreen
from triage.tui.screens.registers.recommendations import RecommendationsScreen


@dataclass
class Room:
    app: TriageApp
    pilot: Pilot[int]
    desk: FakeDesk
    register: FakeRecommendations

    async def press(self, *keys: str) -> str:
        for key in keys:
            await self.pilot.press(key)
            await settled(self.pilot)
        return screen_text(self.app)

    async def type(self, text: str) -> None:
        await self.pilot.press(*["space" if sign == " " else sign for sign in text])
        await settled(self.pilot)

    @property
    def line(self) -> RegisterLine:
        screen = self.app.screen
        assert isinstance(screen, RecommendationsScreen)
        line = screen.line()
        assert line is not None
        return line


@asynccontextmanager
async def at_register(
    register: FakeRecommendations | None = None, size: tuple[int, int] = (120, 40)
) -> AsyncIterator[Room]:
    desk = FakeDesk()
    held = register or FakeRecommendations()
    desk.recommendations = held  # type: ignore[attr-defined]
    desk.investigations = SimpleNamespace(view=None)

    async def view(name: str) -> SimpleNamespace:
        return SimpleNamespace(investigation=next(it for it in held.investigations if it.id == name))

    desk.investigations.view = view
    async with opened(desk, size) as (app, pilot):
        room = Room(app, pilot, desk, held)
        await room.press("F", "g")
        yield room


@pytest.mark.parametrize("size", SIZES)
async def test_the_latest_come_first_at_every_size(size: tuple[int, int]) -> None:
    async with at_register(size=size) as room:
        rows = [row for row in screen_rows(room.app) if row[2:6] == "ESC-"]
        assert [row[2:18] for row in rows] == [
            "ESC-2026-0044-R1", "ESC-2026-0031-R1", "ESC-2026-0031-R2", "ESC-2026-0031-R3",
        ]  # fmt: skip
        assert "60 d late" in rows[0]
        assert "3 d late" in rows[1]
        assert "4 owed · ✗ 2 late · 1 to judge" in screen_text(room.app)
        assert "Identity team" in screen_text(room.app)


@pytest.mark.parametrize("width", [40, 60, 80, 100, 130, 200])
def test_columns_fill_the_width_and_no_more(width: int) -> None:
    held = columns(width)
    taken = 1 + sum(one.width for one in held) + 2 * (len(held) - 1)
    assert taken <= max(width, 68)


async def test_the_cursor_begins_on_the_ticket_of_the_queue_row() -> None:
    desk = FakeDesk()
    desk.recommendations = FakeRecommendations()  # type: ignore[attr-defined]
    async with opened(desk) as (app, pilot):
        await pilot.press("g", "F")
        await settled(pilot)
        assert isinstance(app.screen, RecommendationsScreen)
        assert app.screen.line().case_id == "1000"  # type: ignore[union-attr]


async def test_scopes_turn_and_a_filter_narrows() -> None:
    async with at_register() as room:
        assert "ESC-2026-0031-R4" not in screen_text(room.app)
        assert "2 late" in await room.press("f")
        assert sum("ESC-2026" in row for row in screen_rows(room.app)[:30]) == 2
        text = await room.press("f")
        assert "ESC-2026-0031-R4" in text
        assert "closed 1 d" in text
        await room.press("f", "slash")
        await room.type("educate")
        assert "1 match" in await room.press("enter")
        assert room.line.recommendation.id == "R2"
        await room.press("escape")
        assert isinstance(room.app.screen, RecommendationsScreen)
        assert sum("ESC-2026" in row for row in screen_rows(room.app)[:30]) == 5


async def test_an_empty_register_says_where_recommendations_come_from() -> None:
    async with at_register(FakeRecommendations([])) as room:
        assert "They come out of adopted investigations" in screen_text(room.app)


async def test_enter_alone_shows_and_changes_nothing() -> None:
    async with at_register() as room:
        await room.press("enter")
        assert isinstance(room.app.screen, RecommendationScreen)
        await room.press("enter", "enter")
        assert room.register.calls == []


async def test_an_answer_is_a_letter_and_moves_the_status() -> None:
    async with at_register() as room:
        await room.press("a")
        assert isinstance(room.app.screen, LetterScreen)
        assert "OAR → ORR" in screen_text(room.app)
        await room.type("By June.")
        await room.press("enter")
        assert room.register.calls == []
        text = await room.press("ctrl+s")
        assert [call[:2] for call in room.register.calls] == [("recommendation.moved", "ESC-2026-0044-R1")]
        assert room.register.calls[0][2]["text"] == "By June."
        assert "is ORR now" in text
        assert "2 to judge" in text


async def test_a_letter_whose_draft_could_not_be_cleared_is_written_once_all_the_same() -> None:
    async with at_register() as room:
        refusing = refuse_clearing(room.desk)
        await room.press("a")
        await room.type("By June.")
        await room.press("ctrl+s", "ctrl+s")
        assert isinstance(room.app.screen, LetterScreen)
        refusing.clear()
        assert "is ORR now" in await room.press("ctrl+s")
        assert isinstance(room.app.screen, RecommendationsScreen)
        assert [call[0] for call in room.register.calls] == ["recommendation.moved"]


async def test_a_letter_that_was_left_is_there_again() -> None:
    async with at_register() as room:
        await room.press("a")
        await room.type("Half a")
        await room.press("escape")
        assert room.register.calls == []
        assert "Half a" in await room.press("a")


async def test_judging_offers_the_four_judgements_and_only_them() -> None:
    async with at_register() as room:
        await room.press("j", "j")
        text = await room.press("v")
        assert isinstance(room.app.screen, ChoiceScreen)
        shown = [line for line in text.splitlines() if any(f" {key} " in line for key in ("1 OAA", "4 CR"))]
        assert "OAAR" in text
        assert "CEX" not in text
        assert len(shown) <= 2
        await room.press("3")
        await room.type("It would not stop one.")
        await room.press("ctrl+s")
        assert room.register.calls[0][2]["status"] == "OUA"


async def test_a_key_that_is_not_legal_says_why() -> None:
    async with at_register() as room:
        assert "judge" not in screen_rows(room.app)[-1]
        await room.press("v", "R")
        assert isinstance(room.app.screen, RecommendationsScreen)
        said = [one.message for one in room.app._notifications]
        assert "nobody has answered yet" in said[0]
        assert "it is open" in said[1]


async def test_an_unanswered_one_can_only_end_as_never_answered() -> None:
    async with at_register() as room:
        text = await room.press("x")
        assert "CUAN" in text
        assert "Twice its time has passed" in text
        assert "CAA " not in text
        await room.press("escape", "j")
        assert "Early: it is usual only once" in await room.press("x")


async def test_a_closed_one_is_opened_again_with_a_reason() -> None:
    async with at_register() as room:
        await room.press("f", "f", "R")
        await room.type("It came back.")
        await room.press("ctrl+s")
        assert room.register.calls[0][2]["status"] == "OAR"


async def test_the_page_tells_letters_and_what_may_follow() -> None:
    async with at_register() as room:
        text = await room.press("j", "j", "enter")
        assert "We plan a guard." in text
        assert "F1 The sync removes grants and says nothing" in text
        assert "v judge     → OAA, OAAR, OUA, CR" in text
        assert "not now: it was answered; that answer is to be judged first" in text


async def test_the_page_tells_a_finding_as_it_reads_now() -> None:
    async with at_register() as room:
        text = await room.press("j", "j", "enter")
        assert "The sync removes grants and says nothing" in text
        held = room.register.investigations
        held[:] = [
            replace(
                it, findings=tuple(replace(one, text="It removes grants on a rename") for one in it.findings)
            )
            for it in held
        ]
        room.app.changed.publish(held[0].case_id)
        await settled(room.pilot)
        assert "It removes grants on a rename" in screen_text(room.app)


async def test_tracker_and_effect_are_written_down() -> None:
    async with at_register() as room:
        await room.press("t")
        await room.type("ftp://x")
        assert "no web address" in await room.press("enter")
        for _ in range(7):
            await room.pilot.press("backspace")
        await room.type("https://t.example/1")
        await room.press("enter", "e")
        await room.type("6 before, 1 after")
        await room.press("enter")
        assert [call[0] for call in room.register.calls] == [
            "recommendation.tracked",
            "recommendation.measured",
        ]


async def test_it_leads_to_its_case() -> None:
    async with at_register() as room:
        await room.press("c")
        assert isinstance(room.app.screen, CaseScreen)
        assert room.app.screen.ticket_id == "1001"


def test_every_legal_transition_has_a_verb_and_no_other_is_offered() -> None:
    for code in STATUSES:
        every = moves(code)
        assert {one.code for one in every if not one.why_not} == TRANSITIONS[code]
        assert all(one.name and one.meaning for one in every)
    for code in STATUSES:
        judged = [one for one in moves(code) if one.verb == "judge" and not one.why_not]
        assert bool(judged) == (code == "ORR"), "only an answer can be judged"
    closing = {one.code: one.why_not for one in moves("ORR") if one.verb == "close"}
    assert closing["CR"] == ""
    assert "judged first" in closing["CAA"]


def test_the_fake_register_is_as_late_as_its_tests_say() -> None:
    late = [one for it in full_register() for one in it.recommendations if one.due and one.due < NOW.date()]
    assert len(late) == 3
