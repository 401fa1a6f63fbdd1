"""Answers that come late: none is drawn over what was done since, no page takes keys meant for another."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest
from textual.events import Key
from textual.pilot import Pilot
from textual.widgets import Input, TextArea

from tests.tui.fake_desk import NOW, FakeDesk, make_items, refuse_clearing
from tests.tui.fake_investigations import FakeInvestigations
from tests.tui.fake_playbooks import FakePlaybooks
from tests.tui.fake_registers import FakeEnhancements, FakeRecommendations
from tests.tui.screen_text import opened, rested, screen_text, settled, until
from triage.desk.views import ConflictRow, SendResult
from triage.model.case import RunSummary
from triage.model.operation import Change, Note, Operation
from triage.tui import key_turns, sending
from triage.tui.app import TriageApp
from triage.tui.screens.case import CaseScreen
from triage.tui.screens.conflict import ConflictScreen
from triage.tui.screens.help import HelpScreen
from triage.tui.screens.message_editor import InternalNoteScreen
from triage.tui.screens.outbox import OutboxScreen
from triage.tui.screens.playbook_picker import PlaybookPicker
from triage.tui.screens.queue import QueueScreen
from triage.tui.screens.registers.enhancements import EnhancementsScreen
from triage.tui.screens.registers.recommendations import RecommendationsScreen
from triage.tui.screens.retrospective.screen import RetrospectiveScreen
from triage.tui.screens.runner import draft
from triage.tui.screens.runner.screen import RunnerScreen
from triage.tui.screens.write_page import WritePageScreen
from triage.tui.widgets.row_form import RowForm
from triage.tui.widgets.step_card import StepCard
from triage.tui.widgets.virtual_list import VirtualList
from triage.tui.widgets.wording_area import WordingArea
from triage.tui.work import busy, on_top, start


class Late:
    """Holds back the first answer of a verb from now on; what was read by then is what comes."""

    def __init__(self, room: Any, verb: str) -> None:
        self.begun = asyncio.Event()
        self.may_come = asyncio.Event()
        self.answered = 0
        """How many answers have come, the late one among them."""
        plain = getattr(room, verb)

        async def answer(*given: Any, **named: Any) -> Any:
            first = not self.begun.is_set()
            self.begun.set()
            read = await plain(*given, **named)
            if first:
                await self.may_come.wait()
            self.answered += 1
            return read

        setattr(room, verb, answer)

    async def comes(self, pilot: Pilot[int]) -> None:
        """Lets it come, and everything that follows from it."""
        self.may_come.set()
        await rested(pilot)


@pytest.fixture
def no_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keys wait for nothing, as after the seconds they wait at most."""
    monkeypatch.setattr(key_turns, "PATIENCE_S", 0.01)


def at_cursor(app: TriageApp) -> Any:
    return app.screen.query_one(VirtualList).current


# -- lists keep the cursor where a person has moved it meanwhile


async def test_the_queue_read_anew_leaves_the_cursor_where_it_was_moved_meanwhile() -> None:
    desk = FakeDesk()
    async with opened(desk) as (app, pilot):
        late = Late(desk.queue, "window")
        assert isinstance(app.screen, QueueScreen)
        app.screen.reload()
        await until(pilot, late.begun.is_set)
        await pilot.press("j", "j")
        await until(pilot, lambda: at_cursor(app).id == "1002")
        await late.comes(pilot)
        assert at_cursor(app).id == "1002"


async def test_a_queue_in_another_order_keeps_the_row_that_was_moved_to_meanwhile() -> None:
    desk = FakeDesk()
    async with opened(desk) as (app, pilot):
        desk.items = [*desk.items[8:], *desk.items[:8]]
        late = Late(desk.queue, "window")
        assert isinstance(app.screen, QueueScreen)
        app.screen.reload()
        await until(pilot, late.begun.is_set)
        await pilot.press("G")
        await until(pilot, lambda: at_cursor(app).id == "1013")
        await late.comes(pilot)
        assert at_cursor(app).id == "1013"


async def test_the_outbox_read_anew_leaves_the_cursor_where_it_was_moved_meanwhile() -> None:
    desk = FakeDesk()
    for _ in range(3):
        desk.propose("1000", Change(tags_add=("esc-bug",)), "tags")
    async with opened(desk) as (app, pilot):
        await pilot.press("O")
        await settled(pilot)
        late = Late(desk.outbox, "list")
        assert isinstance(app.screen, OutboxScreen)
        app.screen.reload()
        await until(pilot, late.begun.is_set)
        await pilot.press("j")
        await until(pilot, lambda: at_cursor(app).operation.id == "op-2")
        await late.comes(pilot)
        assert at_cursor(app).operation.id == "op-2"


async def test_a_new_run_on_a_case_leaves_the_cursor_on_the_run_it_was_on() -> None:
    desk = FakeDesk()
    async with opened(desk) as (app, pilot):
        await pilot.press("enter")
        await settled(pilot)
        await pilot.press("2")
        await settled(pilot)
        case = desk.case("1000")
        new = RunSummary("run-2", "sso-login-failure", "open", "", 1, 9, NOW)
        desk.cases_by_id["1000"] = replace(case, runs=(*case.runs, new))
        app.changed.publish("1000")
        await rested(pilot)
        assert "sso-login-failure" in screen_text(app)
        assert at_cursor(app).opens == "run run-1"


async def test_a_queue_read_anew_stays_where_a_person_has_scrolled_to() -> None:
    desk = FakeDesk(items=make_items(500))
    async with opened(desk, (120, 24)) as (app, pilot):
        screen = app.screen
        assert isinstance(screen, QueueScreen)
        screen.list.scroll_to(y=60, animate=False, force=True)
        await rested(pilot)
        screen.reload()
        await rested(pilot)
        assert screen.list.scroll_offset.y == 60
        assert at_cursor(app).id == "1000"
        await pilot.press("2")
        await rested(pilot)
        assert screen.list.scroll_offset.y == 0


async def test_a_run_that_is_only_read_is_not_drawn_anew_while_it_stays_the_same() -> None:
    async with running(FakePlaybooks(run={"held_by": "pid 7"}), "look") as (app, pilot):
        screen = app.screen
        assert isinstance(screen, RunnerScreen)
        card = screen.query_one(StepCard)
        screen._look_again()
        await settled(pilot)
        assert screen.query_one(StepCard) is card


@pytest.mark.parametrize("register", [RecommendationsScreen, EnhancementsScreen])
async def test_a_letter_that_arrives_after_a_filter_was_cleared_does_not_bring_it_back(
    register: type[RecommendationsScreen | EnhancementsScreen],
) -> None:
    desk: Any = FakeDesk()
    desk.recommendations, desk.enhancements = FakeRecommendations(), FakeEnhancements()
    async with opened(desk) as (app, pilot):
        screen = register()
        app.push_screen(screen)
        await settled(pilot)
        await pilot.press("slash", "x")
        await settled(pilot)
        line = screen.query_one(Input)
        await pilot.press("escape")
        await settled(pilot)
        screen.post_message(Input.Changed(line, "xy"))
        await settled(pilot)
        assert not screen._typed


# -- what was done since the reading began stays on screen


async def test_a_mark_stays_when_a_sync_ends_that_had_read_the_queue_before() -> None:
    desk = FakeDesk()
    async with opened(desk) as (app, pilot):
        late = Late(desk.queue, "window")
        await pilot.press("r")
        await until(pilot, late.begun.is_set)
        await pilot.press("m")
        await until(pilot, lambda: "⚑HL-40000" in screen_text(app))
        await late.comes(pilot)
        assert "⚑HL-40000" in screen_text(app)


async def test_a_filter_stays_when_a_sync_ends_that_had_read_the_queue_without_it() -> None:
    desk = FakeDesk()
    async with opened(desk) as (app, pilot):
        late = Late(desk.queue, "window")
        await pilot.press("r")
        await until(pilot, late.begun.is_set)
        await pilot.press("slash", *"webhooks")
        await until(pilot, lambda: app.turns.at_rest)
        await until(pilot, lambda: [one[3] for verb, one in desk.calls if verb == "window"][-1] == "webhooks")
        await until(pilot, lambda: "HL-40001" not in screen_text(app))
        await late.comes(pilot)
        assert "HL-40003" in screen_text(app)
        assert "HL-40001" not in screen_text(app)


async def test_an_answer_of_the_helpdesk_does_not_bring_back_a_promise_withdrawn_meanwhile() -> None:
    desk = FakeDesk()
    late = Late(desk.cases, "refresh")
    async with opened(desk) as (app, pilot):
        await pilot.press("enter")
        await until(pilot, late.begun.is_set)
        await pilot.press("P", "x")
        await until(pilot, lambda: any(verb == "withdraw_promise" for verb, _ in desk.calls))
        await late.comes(pilot)
        assert isinstance(app.screen, CaseScreen)
        assert app.screen.case is not None
        assert [one.withdrawn for one in app.screen.case.facts.promises] == [True, False]


async def test_what_was_put_back_into_a_note_is_shown_although_the_page_was_read_before() -> None:
    desk = FakeDesk()
    desk.propose(
        "1000", Change(note=Note("login with password=opensesame-2026", "internal")), "internal note"
    )
    async with opened(desk) as (app, pilot):
        app.push_screen(WritePageScreen("op-1"))
        await settled(pilot)
        await pilot.press("s")
        await settled(pilot)
        late, unmask = Late(desk.outbox, "show"), desk.outbox.unmask

        async def unmasked_behind_the_reading(operation_id: str, typed_key: str) -> Operation:
            await late.begun.wait()
            return await unmask(operation_id, typed_key)

        desk.outbox.unmask = unmasked_behind_the_reading  # type: ignore[method-assign]
        await pilot.press(*"HL-40000", "enter")
        await until(pilot, lambda: late.answered == 1)
        await late.comes(pilot)
        assert "password=opensesame-2026" in screen_text(app)


@asynccontextmanager
async def running(playbooks: FakePlaybooks, step: str) -> AsyncIterator[tuple[TriageApp, Pilot[int]]]:
    """The runner with ``step`` in hand."""
    desk = FakeDesk()
    desk.playbooks = playbooks
    playbooks.at = [one.id for one in playbooks.steps].index(step)
    async with opened(desk) as (app, pilot):
        app.push_screen(RunnerScreen("1000", "run-1"))
        await settled(pilot)
        yield app, pilot


async def test_a_run_read_anew_does_not_bring_back_the_step_that_was_answered_meanwhile() -> None:
    playbooks = FakePlaybooks()
    async with running(playbooks, "look") as (app, pilot):
        screen = app.screen
        assert isinstance(screen, RunnerScreen)
        late = Late(playbooks, "view")
        start(screen, screen._load(), group="load")
        await until(pilot, late.begun.is_set)
        await pilot.press("enter")
        await until(pilot, lambda: screen.step is not None and screen.step.id == "list")
        await late.comes(pilot)
        assert [card.step.id for card in screen.query(StepCard)] == ["list"]


async def test_words_not_kept_yet_stay_in_the_step_when_the_people_change_places(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(draft, "KEEP_AFTER", 3600)
    async with running(FakePlaybooks(run={"navigator": "jun"}), "reply") as (app, pilot):
        await pilot.press(*" And", "escape", "s")
        await settled(pilot)
        assert app.screen.query_one(WordingArea).text.endswith(" And")


async def test_a_letter_on_its_way_to_the_field_is_not_lost_to_what_another_window_wrote(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    may_be_heard, plain = asyncio.Event(), TextArea._on_key

    async def heard_late(area: TextArea, event: Key) -> None:
        await may_be_heard.wait()
        await plain(area, event)

    monkeypatch.setattr(TextArea, "_on_key", heard_late)
    fake = FakeInvestigations(at="K3")
    desk = FakeDesk()
    desk.investigations = fake
    async with opened(desk) as (app, pilot):
        screen = RetrospectiveScreen("ESC-2026-0031")
        app.push_screen(screen)
        await settled(pilot)
        fake.answers["K3"] = "said elsewhere"
        fake.elsewhere += 1
        late = Late(fake, "view")
        screen.look_elsewhere()
        await until(pilot, late.begun.is_set)
        app.post_message(Key("m", "m"))
        # The pilot would wait until the field has heard everything.
        async with asyncio.timeout(60):
            while app.turns.at_rest:
                await asyncio.sleep(0)
            late.may_come.set()
            while busy(screen, "others") and not screen.query(WordingArea).first()._pruning:
                await asyncio.sleep(0)
        may_be_heard.set()
        await rested(pilot)
        assert screen.query_one(WordingArea).text == "m"


async def test_a_filter_typed_before_the_playbooks_came_filters_them() -> None:
    desk = FakeDesk()
    desk.playbooks = FakePlaybooks()
    late = Late(desk.playbooks, "list")
    async with opened(desk) as (app, pilot):
        picker = PlaybookPicker("1000", "HL-40000")
        app.push_screen(picker)
        await until(pilot, late.begun.is_set)
        picker.action_filter()
        picker.query_one(Input).value = "upgrade"
        await pilot.pause()
        await late.comes(pilot)
        assert "Title of upgrade-failed" in screen_text(app)
        assert "Title of sso-login-failure" not in screen_text(app)


# -- pages that come late wait for their turn, and close nothing but themselves


@pytest.mark.usefixtures("no_patience")
async def test_a_write_that_is_ready_late_waits_in_the_outbox_and_takes_no_keys() -> None:
    desk = FakeDesk()
    async with opened(desk) as (app, pilot):
        await pilot.press("enter")
        await settled(pilot)
        late = Late(desk.cases, "take")
        await pilot.press("t")
        await until(pilot, late.begun.is_set)
        await pilot.press("n")
        await until(pilot, lambda: isinstance(app.screen, InternalNoteScreen))
        await pilot.press(*"yes, ")
        late.may_come.set()
        await until(pilot, lambda: late.answered == 1)
        await pilot.press(*"yes")
        await until(pilot, lambda: app.screen.query_one(TextArea).text == "yes, yes")
        assert not [verb for verb, _ in desk.calls if verb in ("confirm", "send")]
        await pilot.press("escape", "y")
        await settled(pilot)
        assert not isinstance(app.screen, WritePageScreen)
        assert "waits for your yes in the outbox" in screen_text(app)
        assert not [verb for verb, _ in desk.calls if verb in ("confirm", "send")]


@pytest.mark.usefixtures("no_patience")
async def test_evidence_that_is_ready_late_opens_no_page_over_what_somebody_went_on_to() -> None:
    desk = FakeDesk()
    await desk.evidence.add("1000", "text", "sync.log says: completed")
    async with opened(desk) as (app, pilot):
        await pilot.press("enter")
        await settled(pilot)
        await pilot.press("4")
        await settled(pilot)
        late = Late(desk.evidence, "propose")
        await pilot.press("s")
        await until(pilot, late.begun.is_set)
        await pilot.press("question_mark")
        await until(pilot, lambda: isinstance(app.screen, HelpScreen))
        late.may_come.set()
        await until(pilot, lambda: late.answered == 1)
        await pilot.press("escape", "y")
        await settled(pilot)
        assert not isinstance(app.screen, WritePageScreen)
        assert "waits for your yes in the outbox" in screen_text(app)
        assert not [verb for verb, _ in desk.calls if verb in ("confirm", "send")]


async def test_all_that_wait_for_a_screen_go_on_once_it_is_on_top_again() -> None:
    done: list[int] = []
    async with opened(FakeDesk()) as (app, pilot):
        queue = app.screen

        async def wait(number: int) -> None:
            await on_top(queue)
            done.append(number)

        app.push_screen(HelpScreen(queue))
        await settled(pilot)
        waiting = [asyncio.create_task(wait(1))]
        await pilot.pause()
        app.push_screen(OutboxScreen())  # the first wakes and waits again, the second begins to
        waiting.append(asyncio.create_task(wait(2)))
        await settled(pilot)
        assert not done
        app.pop_screen()
        app.pop_screen()
        await until(pilot, lambda: len(done) == 2)
        await asyncio.gather(*waiting)


@pytest.mark.usefixtures("no_patience")
async def test_a_page_that_is_done_late_closes_itself_and_not_what_covers_it() -> None:
    desk = FakeDesk()
    rows = (ConflictRow("status", "open", "pending", "closed"),)
    operation = desk.propose("1000", Change(fields={"status": "pending"}), "status")
    desk.change_operation(operation.id, state="conflict")
    desk.conflict_rows[operation.id] = rows
    async with opened(desk) as (app, pilot):
        app.push_screen(ConflictScreen(operation.id))
        await settled(pilot)
        late = Late(desk.outbox, "resolve_conflict")
        await pilot.press("m", "y")
        await until(pilot, late.begun.is_set)
        await pilot.press("question_mark")
        await until(pilot, lambda: isinstance(app.screen, HelpScreen))
        await until(pilot, lambda: app.turns.at_rest)
        late.may_come.set()
        await until(pilot, lambda: ("send", None) in desk.calls)
        await pilot.pause()
        assert isinstance(app.screen, HelpScreen)
        await pilot.press("q")
        await until(pilot, lambda: isinstance(app.screen, QueueScreen))


# -- what is written is written once, and in order


async def test_a_draft_on_its_way_does_not_come_back_after_the_evidence_was_kept(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from triage.tui.screens import message

    monkeypatch.setattr(message, "KEEP_AFTER_S", 0.01)
    desk = FakeDesk()
    async with opened(desk) as (app, pilot):
        gate, begun, save = asyncio.Event(), asyncio.Event(), desk.cases.save_draft

        async def on_its_way(ticket_id: str, slot: str, text: str) -> None:
            if not begun.is_set():
                begun.set()
                await gate.wait()
            await save(ticket_id, slot, text)

        async def save_draft(ticket_id: str, slot: str, text: str) -> None:
            # A screen that is gone does not call back what the disk was told to write.
            await asyncio.shield(asyncio.ensure_future(on_its_way(ticket_id, slot, text)))

        desk.cases.save_draft = save_draft  # type: ignore[method-assign]
        app.push_screen(message.EvidenceScreen("1000", "HL-40000"))
        await settled(pilot)
        await pilot.press(*"log")
        await until(pilot, begun.is_set)
        await pilot.press("ctrl+s")
        for _ in range(20):
            await pilot.pause()
        gate.set()
        await until(pilot, lambda: isinstance(app.screen, QueueScreen))
        await rested(pilot)
        assert desk.kept_drafts["1000"]["evidence"] == ""


async def test_evidence_whose_draft_could_not_be_cleared_is_kept_once() -> None:
    from triage.tui.screens.message import EvidenceScreen

    desk = FakeDesk()
    refusing = refuse_clearing(desk)
    async with opened(desk) as (app, pilot):
        app.push_screen(EvidenceScreen("1000", "HL-40000"))
        await settled(pilot)
        await pilot.press(*"log", "ctrl+s")
        await settled(pilot)
        refusing.clear()
        await pilot.press("ctrl+s")
        await settled(pilot)
        assert isinstance(app.screen, QueueScreen)
        assert [verb for verb, _ in desk.calls].count("add_evidence") == 1


class OneSender:
    """The outbox's sender: it takes along what is ready when it begins, and there is one at a time."""

    def __init__(self, desk: FakeDesk) -> None:
        self.desk, self.at_work, self.may_end = desk, False, asyncio.Event()

    async def send(self, on_change: object = None) -> SendResult:
        ready = [one for one in self.desk.operations.values() if one.state == "pending"]
        if self.at_work:
            return SendResult(0, 0, 0, 0, len(ready), None, busy=True)
        self.at_work = True
        await self.may_end.wait()
        for one in ready:
            self.desk.change_operation(one.id, state="verified")
        self.at_work = False
        return SendResult(len(ready), 0, 0, 0, 0, None)


def states(desk: FakeDesk) -> list[str]:
    return [one.state for one in desk.operations.values()]


async def test_what_is_confirmed_while_something_is_being_sent_is_sent_after_it() -> None:
    desk = FakeDesk()
    sender = OneSender(desk)
    desk.outbox.send = sender.send  # type: ignore[method-assign]
    for _ in range(2):
        desk.propose("1000", Change(tags_add=("esc-bug",)), "tags")
    async with opened(desk) as (app, pilot):
        for name in ("op-1", "op-2"):
            app.push_screen(WritePageScreen(name))
            await until(pilot, lambda: isinstance(app.screen, WritePageScreen))
            await until(pilot, lambda: app.turns.at_rest)
            await pilot.press("y")
            await until(pilot, lambda: isinstance(app.screen, QueueScreen))
            await until(pilot, lambda: sender.at_work)
        assert states(desk) == ["pending", "pending"]
        sender.may_end.set()
        await settled(pilot)
        assert states(desk) == ["verified", "verified"]


async def test_where_a_sync_is_sending_what_was_confirmed_meanwhile_is_tried_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sending, "AGAIN_AFTER_S", 0.01)
    desk = FakeDesk()
    sender = OneSender(desk)
    desk.outbox.send = sender.send  # type: ignore[method-assign]
    async with opened(desk) as (app, pilot):
        sync = asyncio.create_task(sender.send())
        await until(pilot, lambda: sender.at_work)
        desk.change_operation(desk.propose("1000", Change(tags_add=("a",)), "tags").id, state="pending")
        app.send_outbox()
        for _ in range(5):
            await pilot.pause()
        sender.may_end.set()
        await sync
        await settled(pilot)
        assert states(desk) == ["verified"]


# -- what is drawn while something is taken away


async def test_a_row_form_that_is_being_taken_away_is_not_drawn_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    drawn = []

    def draw(form: RowForm) -> None:
        screen = form.screen
        # As when the screen was laid out and the focus has left just before the fields ended.
        screen._layout_required = False
        for widget in screen._compositor.visible_widgets:
            widget._rich_style_cache.clear()
        screen.refresh()
        screen._on_timer_update()
        drawn.append(form)

    monkeypatch.setattr(RowForm, "on_unmount", draw, raising=False)
    desk = FakeDesk()
    desk.investigations = FakeInvestigations(at="Q28")
    async with opened(desk) as (app, pilot):
        app.push_screen(RetrospectiveScreen("ESC-2026-0031"))
        await settled(pilot)
        await pilot.press("a", *"docs", "escape", "escape")
        await rested(pilot)
        assert drawn
        assert app.is_running
