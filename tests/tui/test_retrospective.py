"""The retrospective, driven by keys against an investigation in memory."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from textual.events import Key
from textual.pilot import Pilot
from textual.widgets import Input

from tests.tui.fake_desk import FakeDesk
from tests.tui.fake_investigations import OPENED, FakeInvestigations, all_prompts
from tests.tui.screen_text import SIZES, opened, rested, screen_text, settled, until
from triage.model.investigation import Party, PromptColumn, PromptView
from triage.model.run import Option
from triage.tui.app import TriageApp
from triage.tui.screens.retrospective import page
from triage.tui.screens.retrospective.head import HeadPart, fitted
from triage.tui.screens.retrospective.screen import RetrospectiveScreen
from triage.tui.screens.write_page import WritePageScreen
from triage.tui.widgets.wording_area import WordingArea, WordingHits

PROMPTS = [prompt.id for prompt in all_prompts()]


@asynccontextmanager
async def asking(
    fake: FakeInvestigations, prompt: str = "K1", size: tuple[int, int] = (120, 40)
) -> AsyncIterator[tuple[TriageApp, Pilot[int], FakeDesk]]:
    """The retrospective on screen with ``prompt`` in hand."""
    desk = FakeDesk()
    desk.investigations = fake
    fake.at = prompt
    async with opened(desk, size) as (app, pilot):
        app.push_screen(RetrospectiveScreen("ESC-2026-0031"))
        await settled(pilot)
        yield app, pilot, desk


async def press(pilot: Pilot[int], *keys: str | list[str]) -> None:
    """Press one after the other; a list is typed in one go."""
    for key in keys:
        await pilot.press(*([key] if isinstance(key, str) else key))
        await pilot.pause()
    await settled(pilot)


def answers(fake: FakeInvestigations) -> list[tuple[Any, ...]]:
    return [call[1:] for call in fake.calls if call[0] == "answer"]


@pytest.mark.parametrize("size", SIZES)
async def test_every_type_of_question_is_readable_at_every_size(size: tuple[int, int]) -> None:
    fake = FakeInvestigations()
    async with asking(fake, size=size) as (app, pilot, _desk):
        for prompt in all_prompts():
            fake.at = prompt.id
            app.push_screen(RetrospectiveScreen("ESC-2026-0031"))
            await settled(pilot)
            text = screen_text(app)
            assert prompt.ask in text
            assert "HL-40817" in text
            assert "of 15" in text
            assert "help" in text.splitlines()[-1]
            app.pop_screen()


@pytest.mark.parametrize("prompt", ["K1", "K3"])
async def test_an_enter_too_many_accepts_no_text_and_names_the_key_that_does(prompt: str) -> None:
    fake = FakeInvestigations(answers={"K3": "sync.log copied"})
    async with asking(fake, prompt) as (app, pilot, _desk):
        before = app.screen.query_one(WordingArea).text
        await press(pilot, "enter", "enter", "enter")
        assert answers(fake) == []
        assert app.screen.query_one(WordingArea).text == before
        assert "it as it stands" in screen_text(app)
        await press(pilot, "f5")
        assert answers(fake) == [(prompt, before)]


async def test_enter_does_not_give_a_draft_from_before_but_gives_what_was_typed_now() -> None:
    fake = FakeInvestigations(drafts={"K1": "212 people, I th"})
    async with asking(fake, "K1") as (_app, pilot, _desk):
        await press(pilot, "enter")
        assert answers(fake) == []
        await press(pilot, *"ink", "enter")
        assert answers(fake) == [("K1", "212 people, I think")]


async def test_the_enter_that_answers_a_question_never_answers_the_next_one() -> None:
    fake = FakeInvestigations(prompts=(all_prompts()[1], all_prompts()[0]))
    async with asking(fake, "K2") as (_app, pilot, _desk):
        await press(pilot, ["1", "enter", "enter"])
        assert [name for name, _ in answers(fake)] == ["K2"]


@pytest.mark.parametrize("key", ["f5", "ctrl+y", "pagedown"])
async def test_a_changed_text_is_given_by_one_key(key: str) -> None:
    fake = FakeInvestigations()
    async with asking(fake, "K1") as (_app, pilot, _desk):
        await press(pilot, list(" now"), key)
        assert answers(fake) == [("K1", "212 people cannot open any manifest now")]


async def test_enter_begins_a_line_where_lines_are_asked_for() -> None:
    fake = FakeInvestigations()
    async with asking(fake, "K3") as (_app, pilot, _desk):
        await press(pilot, list("log"), "enter", list("dump"), "f5")
        assert answers(fake) == [("K3", "log\ndump")]


async def test_a_choice_is_one_key() -> None:
    fake = FakeInvestigations()
    async with asking(fake, "K2") as (_app, pilot, _desk):
        await press(pilot, "2")
        assert answers(fake) == [("K2", "authority")]


async def test_several_are_ticked_and_given() -> None:
    fake = FakeInvestigations()
    async with asking(fake, "Q31") as (_app, pilot, _desk):
        await press(pilot, "p", "c", "enter")
        assert answers(fake) == [("Q31", ["post", "copy"])]


async def test_numbers_and_times_are_read() -> None:
    fake = FakeInvestigations()
    async with asking(fake, "Q9") as (_app, pilot, _desk):
        await press(pilot, list("212"), "enter", list("2026-03-09 18:42"), "enter")
        assert answers(fake) == [("Q9", 212), ("Q10", "2026-03-09T18:42:00+00:00")]


async def test_the_facts_are_locked_by_a_yes_and_not_by_enter() -> None:
    fake = FakeInvestigations()
    async with asking(fake, "LOCK") as (app, pilot, _desk):
        await press(pilot, "enter")
        assert ("lock",) not in fake.calls
        await press(pilot, "y")
        assert ("lock",) in fake.calls
        assert "facts locked" in screen_text(app)


async def test_nothing_here_is_one_key_on_the_way_back() -> None:
    fake = FakeInvestigations()
    async with asking(fake, "W4") as (app, pilot, _desk):
        assert "BEFORE ANYONE CALLED" in screen_text(app)
        assert "walk-back 5 of 9" in screen_text(app)
        await press(pilot, "n")
        assert answers(fake) == [("W4", [])]


async def test_a_step_of_the_way_back_is_written_field_by_field() -> None:
    fake = FakeInvestigations()
    async with asking(fake, "W4") as (_app, pilot, _desk):
        await press(pilot, "enter", list("a sync that asks"), "enter", list("431 gone"), "enter", "2")
        await press(pilot, "f3", list("E02"), "enter", "f5")
        row = {
            "stop": "a sync that asks",
            "signal": "431 gone",
            "seen": "shown_not_salient",
            "at_event": "E02",
        }
        assert answers(fake) == [("W4", [row])]


async def test_n_is_a_letter_once_a_person_writes() -> None:
    fake = FakeInvestigations()
    async with asking(fake, "W4") as (app, pilot, _desk):
        await press(pilot, "enter", list("no"))
        assert answers(fake) == []
        assert app.screen.query(WordingArea).first().text == "no"


async def test_rows_are_added_changed_deleted_and_put_back() -> None:
    fake = FakeInvestigations()
    async with asking(fake, "Q28") as (_app, pilot, _desk):
        await press(
            pilot, "a", list("identity team"), "enter", list("stop big runs"), "enter", list("+14d"), "enter"
        )
        await press(pilot, "1", "enter")
        await press(pilot, "a", list("docs"), "enter", list("write it"), "tab", "tab", "escape")
        await press(pilot, "d", "z", "d", "f5")
        first = {
            "addressee": "identity team",
            "text": "stop big runs",
            "due": "2026-03-24",
            "zero_cost": True,
        }
        assert answers(fake) == [("Q28", [first])]


async def test_a_row_without_what_it_needs_is_not_taken_and_says_what() -> None:
    fake = FakeInvestigations()
    async with asking(fake, "Q28") as (app, pilot, _desk):
        await press(pilot, "a", list("docs"), "escape")
        assert "Changes what is still empty" in screen_text(app)
        await press(pilot, "escape", "f5")
        assert answers(fake) == [("Q28", [])]


async def test_a_fact_taken_out_of_the_imported_history_is_named_as_dropped() -> None:
    columns = (PromptColumn("id", "Id"), PromptColumn("text", "In words"))
    rows = [{"id": "E01", "text": "one", "imported": True}, {"id": "E02", "text": "two", "imported": True}]
    fake = FakeInvestigations(
        prompts=(PromptView("Q1", "facts", "What happened?", "rows", columns=columns, prefill=rows),)
    )
    async with asking(fake, "Q1") as (_app, pilot, _desk):
        await press(pilot, "d", "f5")
        assert answers(fake) == [("Q1", [rows[1], {"id": "E01", "drop": True}])]


async def test_a_promise_struck_out_stays_in_the_list() -> None:
    columns = (
        PromptColumn("id", "Id"),
        PromptColumn("quote", "Words"),
        PromptColumn("withdrawn", "No", "bool"),
    )
    rows = [{"id": "c2#0", "quote": "by 20:30"}]
    fake = FakeInvestigations(
        prompts=(PromptView("Q7", "facts", "Promises?", "rows", columns=columns, prefill=rows),)
    )
    async with asking(fake, "Q7") as (_app, pilot, _desk):
        await press(pilot, "d", "f5")
        assert answers(fake) == [("Q7", [{"id": "c2#0", "quote": "by 20:30", "withdrawn": True}])]


async def test_an_event_is_cited_into_a_sentence_or_a_column() -> None:
    fake = FakeInvestigations()
    async with asking(fake, "Q20") as (_app, pilot, _desk):
        await press(pilot, "a", "1", list("no check"), "f3", list("sync"), "enter", "enter")
        await press(pilot, "f3", list("E01"), "enter", "f3", list("S1"), "enter", "enter")
        await press(pilot, "f3", list("B3.1"), "enter", "enter", "f5")
        row = {"kind": "cause", "text": "no check [E02]", "evidence": ["E01", "S1"], "code": "B3.1"}
        assert answers(fake) == [("Q20", [row])]


async def test_a_fix_idea_is_parked_at_any_time_and_the_text_stays() -> None:
    fake = FakeInvestigations()
    async with asking(fake, "K3") as (app, pilot, _desk):
        await press(pilot, list("log"), "f2", list("ask before"), "enter")
        assert ("park", "ask before") in fake.calls
        assert app.screen.query_one(WordingArea).text == "log"


async def test_wording_is_remarked_on_under_the_field_when_typing_rests(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    fake = FakeInvestigations()
    monkeypatch.setattr(page, "LOOK_AFTER", 3600)
    async with asking(fake, "K3") as (app, pilot, _desk):
        await press(pilot, list("they should have know"))
        assert not fake.asked_wording
        monkeypatch.setattr(page, "LOOK_AFTER", 0.01)
        await pilot.press("n")
        await rested(pilot)
        text = screen_text(app)
        assert "blames" in text
        assert "what was visible then?" in text
        assert fake.asked_wording == ["they should have known"]
        await press(pilot, "f8", list("a quote"), "enter")
        assert ("silence", "K3", "L02", "a quote") in fake.calls


async def test_what_is_typed_is_saved_within_a_second_and_comes_back() -> None:
    fake = FakeInvestigations()
    async with asking(fake, "K3") as (app, pilot, _desk):
        await press(pilot, list("sync.log"))
        await rested(pilot)
        assert fake.drafts == {"K3": "sync.log"}
        await press(pilot, list(" too"), "f10")
        assert not isinstance(app.screen, RetrospectiveScreen)
        assert fake.drafts == {"K3": "sync.log too"}
    async with asking(fake, "K3") as (app, pilot, _desk):
        assert app.screen.query_one(WordingArea).text == "sync.log too"
        assert "draft" in screen_text(app)


async def test_what_another_window_answered_appears_here_and_an_untouched_question_takes_it_over() -> None:
    fake = FakeInvestigations()
    async with asking(fake, "K3") as (app, pilot, _desk):
        fake.answers["K3"] = "the sync log, said elsewhere"
        fake.elsewhere += 1
        app.screen.look_elsewhere()  # type: ignore[attr-defined]
        await settled(pilot)
        assert "the sync log, said elsewhere" in screen_text(app)


async def test_what_is_being_typed_stays_when_another_window_answers_the_same_question() -> None:
    fake = FakeInvestigations()
    async with asking(fake, "K3") as (app, pilot, _desk):
        await press(pilot, list("mine"))
        fake.answers["K3"] = "said elsewhere"
        fake.elsewhere += 1
        app.screen.look_elsewhere()  # type: ignore[attr-defined]
        await settled(pilot)
        assert app.screen.query_one(WordingArea).text == "mine"
        assert "changed in another window" in screen_text(app)


async def test_a_draft_on_its_way_cannot_outlive_the_answer() -> None:
    fake = FakeInvestigations(save_gate=asyncio.Event())
    async with asking(fake, "K3") as (_app, pilot, _desk):
        await pilot.press(*"log")
        await until(pilot, lambda: any(call[0] == "draft" for call in fake.calls))
        await pilot.press("f5")
        await pilot.pause()
        assert fake.save_gate is not None
        fake.save_gate.set()
        await rested(pilot)
        assert answers(fake) == [("K3", "log")]
        assert fake.drafts == {}


async def test_keys_pressed_right_before_the_answer_are_part_of_it() -> None:
    fake = FakeInvestigations()
    async with asking(fake, "K3") as (app, pilot, _desk):
        for key in [*"sync log", "f5"]:
            app.post_message(Key(key, key if len(key) == 1 else None))
        await rested(pilot)
        assert answers(fake) == [("K3", "sync log")]
        assert fake.drafts == {}


async def test_a_row_half_written_comes_back_too() -> None:
    fake = FakeInvestigations()
    async with asking(fake, "Q28") as (_app, pilot, _desk):
        await press(pilot, "a", list("docs team"), "f10")
    async with asking(fake, "Q28") as (app, pilot, _desk):
        assert app.screen.query(WordingArea).first().text == "docs team"


async def test_a_refused_answer_stays_as_typed_and_as_a_draft() -> None:
    fake = FakeInvestigations(refuse="it cannot be read")
    async with asking(fake, "K3") as (app, pilot, _desk):
        await press(pilot, list("sync.log"), "f5")
        assert "it cannot be read" in screen_text(app)
        assert app.screen.query_one(WordingArea).text == "sync.log"
        await rested(pilot)
        assert fake.drafts == {"K3": "sync.log"}


async def test_pages_move_between_questions_and_the_list_jumps() -> None:
    fake = FakeInvestigations()
    async with asking(fake, "K3") as (_app, pilot, _desk):
        await press(pilot, "pageup")
        assert fake.at == "K2"
        await press(pilot, "pagedown", "pagedown")
        assert fake.at == "Q9"
        await press(pilot, "f9", list("Who changes"), "enter")
        assert fake.at == "Q28"


async def test_an_answer_goes_on_to_the_next_open_question_not_back_to_a_skipped_one() -> None:
    fake = FakeInvestigations()

    async with asking(fake, "Q9") as (app, pilot, _desk):
        first_open = fake.now
        fake.now = lambda: replace(first_open(), prompt=first_open().prompts[2])  # type: ignore[method-assign]
        fake.goto = lambda _, name: _at(fake, first_open, name)  # type: ignore[method-assign,assignment]
        await press(pilot, list("212"), "enter")
        assert "Since when?" in screen_text(app)


async def _at(fake: FakeInvestigations, view: Any, name: str) -> Any:
    fake.at = name
    return view()


async def test_what_is_missing_leads_to_where_it_is_mended() -> None:
    fake = FakeInvestigations()
    async with asking(fake, "Q31") as (app, pilot, _desk):
        assert "F7 1 to mend" in screen_text(app)
        await press(pilot, "f7")
        assert "What is not known is still empty" in screen_text(app)
        await press(pilot, "enter")
        assert fake.at == "K3"


async def test_adopting_what_is_incomplete_shows_what_is_missing() -> None:
    fake = FakeInvestigations()
    async with asking(fake, "") as (app, pilot, _desk):
        await press(pilot, "enter")
        assert ("adopt",) not in fake.calls
        await press(pilot, "a")
        assert ("adopt",) in fake.calls
        assert "1 must be mended before adoption" in screen_text(app)


async def test_adopting_what_is_complete_leads_to_what_will_be_written() -> None:
    fake = FakeInvestigations(violations=())
    async with asking(fake, "") as (app, pilot, desk):
        _, operation = await fake.adopt("ESC-2026-0031")
        desk.operations["op-1"] = operation
        await press(pilot, "a")
        assert isinstance(app.screen, WritePageScreen)


async def test_the_customer_draft_says_that_it_is_not_sent_and_can_be_copied() -> None:
    fake = FakeInvestigations()
    async with asking(fake, "") as (app, pilot, desk):
        await press(pilot, "c")
        assert "DRAFT – not sent" in screen_text(app)
        await press(pilot, "y")
        assert app.clipboard == "You could not open manifests."
        assert not desk.operations


async def test_the_sheet_for_a_debrief_can_be_read_and_copied() -> None:
    fake = FakeInvestigations()
    async with asking(fake, "") as (app, pilot, _desk):
        await press(pilot, "s")
        assert "who would be blamed speaks first" in screen_text(app)
        await press(pilot, "y")
        assert app.clipboard == "20 minutes: the timeline"


async def test_quick_mode_offers_no_adoption_and_no_cause() -> None:
    fake = FakeInvestigations(mode="quick")
    async with asking(fake, "") as (app, pilot, _desk):
        text = screen_text(app)
        assert "No causes tonight" in text
        assert "verdict" not in text
        await press(pilot, "a")
        assert ("adopt",) not in fake.calls


async def test_hints_fold_and_stay_folded() -> None:
    fake = FakeInvestigations()
    async with asking(fake, "W4") as (app, pilot, _desk):
        assert "look at the design" in screen_text(app)
        await press(pilot, "question_mark")
        assert "look at the design" not in screen_text(app)
        await press(pilot, "pageup", "pageup", "pageup", "pageup", "pageup", "pageup")
        assert "for example" not in screen_text(app)


async def test_escape_leaves_one_thing_at_a_time() -> None:
    fake = FakeInvestigations()
    async with asking(fake, "Q28") as (app, pilot, _desk):
        await press(pilot, "escape")
        assert isinstance(app.screen, RetrospectiveScreen)
        assert app.screen.focused is None
        await press(pilot, "escape")
        assert not isinstance(app.screen, RetrospectiveScreen)


async def test_a_code_among_many_is_found_by_its_words() -> None:
    fake = FakeInvestigations()
    async with asking(fake, "Q23") as (_app, pilot, _desk):
        await press(pilot, "f3", list("Kind 11"), "enter")
        assert answers(fake) == [("Q23", "B11.1")]


async def test_a_date_column_keeps_what_cannot_be_read_and_says_so() -> None:
    fake = FakeInvestigations()
    async with asking(fake, "Q28") as (app, pilot, _desk):
        await press(pilot, "a", list("docs"), "enter", list("write"), "enter", list("soon"), "f5")
        assert "A day looks like" in screen_text(app)
        assert app.screen.query(Input).first().value == "soon"


async def test_what_was_read_from_the_ticket_can_be_taken_again() -> None:
    fake = FakeInvestigations(answers={"K1": "old answer"})
    async with asking(fake, "K1") as (app, pilot, _desk):
        await press(pilot, list("!"))
        await press(pilot, "ctrl+r")
        assert app.screen.query_one(WordingArea).text == "212 people cannot open any manifest"
        assert fake.drafts == {"K1": ""}
        await press(pilot, "f5")
        assert answers(fake) == [("K1", "212 people cannot open any manifest")]


async def test_what_was_taken_again_stays_while_other_windows_are_looked_at() -> None:
    """The answer that stands in the docket is older than what the person took back just now."""
    fake = FakeInvestigations(answers={"K1": "old answer"})
    async with asking(fake, "K1") as (app, pilot, _desk):
        await press(pilot, "ctrl+r")
        fake.elsewhere += 1
        app.screen.look_elsewhere()  # type: ignore[attr-defined]
        await settled(pilot)
        assert app.screen.query_one(WordingArea).text == "212 people cannot open any manifest"
        assert "changed in another window" not in screen_text(app)


async def test_an_adopted_investigation_asks_nothing_more() -> None:
    fake = FakeInvestigations(more={"state": "adopted", "phase": "final"}, violations=())
    async with asking(fake, "K3") as (app, _pilot, _desk):
        text = screen_text(app)
        assert "FINAL · adopted" in text
        assert "show what is written to the ticket" in text


def begun_step() -> FakeInvestigations:
    """The walk back at a step of which the ticket tells all but what would have stopped it."""
    row = {"at_event": "E02", "signal": "completed"}
    prompts = tuple(
        replace(
            one, prefill=[row], prefill_from="E02, comment 2", prefill_lacks="say what would have stopped it"
        )
        if one.id == "W4"
        else one
        for one in all_prompts()
    )
    return FakeInvestigations(prompts=prompts)


async def test_a_step_only_begun_is_not_offered_for_acceptance_and_names_the_key_for_nothing() -> None:
    async with asking(begun_step(), "W4", (120, 60)) as (app, _pilot, _desk):
        text = screen_text(app)
        assert "begun from E02, comment 2; say what would have stopped it" in text
        assert "F5 accepts it" not in text
        assert "n nothing here · enter begins to write" in text


async def test_accepting_a_step_only_begun_puts_the_cursor_where_the_rest_goes() -> None:
    fake = begun_step()
    async with asking(fake, "W4") as (app, pilot, _desk):
        await press(pilot, "f5")
        assert answers(fake) == []
        assert "Say what would have stopped it; Esc, then n" in " ".join(screen_text(app).split())
        await press(pilot, list("a limit"), "f5")
        assert answers(fake) == [("W4", [{"at_event": "E02", "signal": "completed", "stop": "a limit"}])]


async def test_an_offered_text_that_lacks_a_number_is_not_accepted_in_one_key() -> None:
    lacking = replace(all_prompts()[0], prefill="They are out", prefill_lacks="say how many")
    fake = FakeInvestigations(prompts=(lacking, *all_prompts()[1:]))
    async with asking(fake, "K1") as (app, pilot, _desk):
        await press(pilot, "enter")
        assert answers(fake) == []
        assert "Say how many." in screen_text(app)
        await press(pilot, list(", 12"), "enter")
        assert [name for name, _ in answers(fake)] == ["K1"]


async def test_facts_not_yet_locked_go_on_at_the_first_one_open_and_only_leaving_leaves() -> None:
    fake = FakeInvestigations(answers={"K1": "212 people"})
    async with asking(fake, "LOCK") as (app, pilot, _desk):
        await press(pilot, "2", "enter")
        assert isinstance(app.screen, RetrospectiveScreen)
        assert ("lock",) not in fake.calls
        assert fake.at == "K2"
        assert "The facts stay open: on to K2" in screen_text(app)


async def test_with_every_fact_given_not_yet_stays_and_says_so() -> None:
    given = dict.fromkeys(("K1", "K2", "K3", "Q9", "Q10"), "x")
    async with asking(FakeInvestigations(answers=dict(given)), "LOCK") as (app, pilot, _desk):
        await press(pilot, "2", "enter")
        assert isinstance(app.screen, RetrospectiveScreen)
        assert "The facts stay open. F10 leaves." in screen_text(app)


async def test_what_was_said_about_a_question_goes_with_it() -> None:
    fake = FakeInvestigations(refuse="it cannot be read")
    async with asking(fake, "K3") as (app, pilot, _desk):
        await press(pilot, list("sync.log"), "f5")
        assert "it cannot be read" in screen_text(app)
        await press(pilot, "pageup")
        assert fake.at == "K2"
        assert "it cannot be read" not in screen_text(app)


async def test_looking_at_other_questions_does_not_set_the_time_spent_back() -> None:
    fake = FakeInvestigations(more={"minutes_spent": 2.0})
    async with asking(fake, "K2") as (app, pilot, _desk):
        screen = app.screen
        assert isinstance(screen, RetrospectiveScreen) and screen.counted_to is not None
        began = screen.counted_to = screen.counted_to - timedelta(seconds=30)
        await press(pilot, "pageup")
        assert (screen.counted_to, screen.spent_s) == (began, 120)
        fake.more["minutes_spent"] = 2.5
        await press(pilot, "f5")
        assert screen.counted_to > began
        assert screen.spent_s == 150


async def test_a_saved_draft_counts_the_time_before_it_once_and_no_more_than_a_sitting() -> None:
    fake = FakeInvestigations(more={"minutes_spent": 2.0})
    async with asking(fake, "K3") as (app, pilot, _desk):
        screen = app.screen
        assert isinstance(screen, RetrospectiveScreen) and screen.counted_to is not None
        screen.counted_to -= timedelta(hours=2)
        await press(pilot, list("log"))
        await rested(pilot)
        assert screen.spent_s == 120 + 180


def at_once(app: TriageApp, *keys: str) -> None:
    """Keys as a paste or a slow machine brings them: all there before the first one is heard."""
    for key in keys:
        app.post_message(Key(key, {"enter": "\r", "tab": "\t"}.get(key, key)))


async def test_keys_that_come_faster_than_the_cursor_moves_end_in_the_field_they_were_meant_for() -> None:
    fake = FakeInvestigations()
    async with asking(fake, "Q28") as (_app, pilot, _desk):
        at_once(_app, "a", *"docs", "enter", *"add", "tab", "+", "2", "w", "enter", "1")
        await settled(pilot)
        await press(pilot, "f5")
        row = {"addressee": "docs", "text": "add", "due": "2026-03-24", "zero_cost": True}
        assert answers(fake) == [("Q28", [row])]


def many_kinds(kind: str = "choice") -> FakeInvestigations:
    names = ["contact", "promise", "evidence request", "evidence received", "test", "fix", "change", "alert"]
    options = tuple(Option(name.replace(" ", "_"), name) for name in [*names, "silence", "close", "reopen"])
    columns = (PromptColumn("kind", "What", kind, options), PromptColumn("text", "In words"))
    return FakeInvestigations(prompts=(PromptView("Q1", "facts", "What happened?", "rows", columns=columns),))


@pytest.mark.parametrize(
    ("typed", "kind"),
    [("rec", "evidence_received"), ("evidence rec", "evidence_received"), ("c", "contact"), ("re", "reopen")],
)
async def test_letters_go_to_the_option_that_begins_with_them(typed: str, kind: str) -> None:
    fake = many_kinds()
    async with asking(fake, "Q1") as (_app, pilot, _desk):
        keys = ["space" if character == " " else character for character in typed]
        await press(pilot, "a", keys, "enter", list("x"), "f5")
        assert answers(fake) == [("Q1", [{"kind": kind, "text": "x"}])]


def typed_out(sentence: str) -> list[str]:
    return ["space" if character == " " else character for character in sentence]


@pytest.mark.parametrize(
    ("kind", "sentence"),
    [
        ("choice", "quiz no 4 lost"),
        ("choice", "evidence of nothing"),
        ("choice", "close to the edge, E01"),
        ("multi", "quiz no 4 lost"),
        ("multi", "evidence of nothing"),
    ],
)
async def test_a_sentence_typed_where_the_cursor_was_not_goes_to_the_field_for_words(
    kind: str, sentence: str
) -> None:
    fake = many_kinds(kind)
    async with asking(fake, "Q1") as (_app, pilot, _desk):
        await press(pilot, "a", typed_out(sentence), "f5")
        assert answers(fake) == [("Q1", [{"text": sentence}])]


async def test_a_sentence_typed_over_a_choice_leaves_what_was_picked_before() -> None:
    fake = many_kinds()
    async with asking(fake, "Q1") as (_app, pilot, _desk):
        await press(pilot, "a", "3", "shift+tab", typed_out("close shave"), "f5")
        assert answers(fake) == [("Q1", [{"kind": "evidence_request", "text": "close shave"}])]


async def test_ticks_are_spelled_as_well() -> None:
    fake = many_kinds("multi")
    async with asking(fake, "Q1") as (_app, pilot, _desk):
        await press(pilot, "a", [*"fix", "space", *"clo", "space"], "enter", list("x"), "f5")
        assert answers(fake) == [("Q1", [{"kind": ["fix", "close"], "text": "x"}])]


async def test_remarks_on_the_wording_that_come_after_the_question_has_gone_are_dropped() -> None:
    fake = FakeInvestigations()
    async with asking(fake, "K3") as (app, _pilot, _desk):
        screen = app.screen
        assert isinstance(screen, RetrospectiveScreen) and screen.prompt is not None and screen.field
        await screen.field.query_one(WordingHits).remove()
        await screen._looked(screen.prompt, screen.field)


async def test_rows_that_lack_something_open_one_after_the_other_until_the_answer_is_given() -> None:
    rows = [{"text": "a page of routes", "due": "2026-03-24"}, {"text": "an alert", "due": "2026-03-24"}]
    asked = next(prompt for prompt in all_prompts() if prompt.id == "Q28")
    fake = FakeInvestigations(prompts=(replace(asked, prefill=rows),))
    async with asking(fake, "Q28") as (app, pilot, _desk):
        await press(pilot, "f5")
        assert "Row 1: Who is still empty" in screen_text(app)
        await press(pilot, list("network"), "f5", list("upload"), "f5")
        given = [{**rows[0], "addressee": "network"}, {**rows[1], "addressee": "upload"}]
        assert answers(fake) == [("Q28", given)]


async def test_more_options_than_digits_take_one_line_until_the_cursor_is_there() -> None:
    fake = many_kinds()
    async with asking(fake, "Q1", size=(80, 24)) as (app, pilot, _desk):
        await press(pilot, "a")
        assert "evidence request" in screen_text(app)
        await press(pilot, list("fix"), "enter")
        assert "● fix of 11" in screen_text(app)
        assert "evidence request" not in screen_text(app)


async def test_remarks_on_the_wording_stay_in_sight_where_the_form_is_longer_than_the_screen() -> None:
    fake = FakeInvestigations()
    async with asking(fake, "W4", size=(80, 15)) as (app, pilot, _desk):
        await press(pilot, "enter", list("they should have known"))
        await rested(pilot)
        assert "blames" in screen_text(app)


async def test_progress_minutes_and_promise_clock_are_in_the_head_at_80_columns() -> None:
    more = {
        "facts_locked_at": OPENED, "state": "awaiting_parties", "driver": "Mara", "navigator": "Jun",
        "minutes_spent": 12.5,
    }  # fmt: skip
    async with asking(FakeInvestigations(more=more), "W4", (80, 24)) as (app, pilot, _desk):
        await press(pilot, "enter", list("x"))
        await rested(pilot)
        head = screen_text(app).splitlines()[0]
        assert "HL-40817" in head
        assert "walk-back 5 of 9" in head
        assert "12:30 of 15" in head
        assert "04:24" in head or "in 2 h" in head or "⏰" in head
        assert not head.rstrip().endswith("…")


@pytest.mark.parametrize("width", [60, 80, 100, 140])
def test_the_head_gives_way_by_what_matters_least(width: int) -> None:
    parts = [
        HeadPart((" HL-40817 ", "")), HeadPart((" ESC-2026-0031", ""), rank=3),
        HeadPart((" · walk-back 5 of 9", "")), HeadPart((" · full, factual", ""), rank=5),
        HeadPart(("F7 12 to mend · ", ""), right=True, rank=6), HeadPart(("12:30 of 15", ""), right=True),
        HeadPart((" · NOT SAVED", ""), right=True),
    ]  # fmt: skip
    left, right = fitted(parts, width)
    text = "".join(words for words, _ in [*left, *right])
    assert len(text) <= width
    for kept in ("HL-40817", "walk-back 5 of 9", "12:30 of 15", "NOT SAVED"):
        assert kept in text
    assert ("F7 12" in text) == (width >= 110)
    assert ("ESC-" in text) == (width >= 80)


async def test_two_people_are_named_and_change_places() -> None:
    fake = FakeInvestigations()
    async with asking(fake, "W4") as (app, pilot, _desk):
        await press(pilot, "s", list("Jun"), "enter")
        assert ("navigator", "Jun") in fake.calls
        assert "me + Jun" in screen_text(app)
        await press(pilot, "s")
        assert "Jun + me" in screen_text(app)
        assert app.screen.view.prompt.id == "W4"  # type: ignore[attr-defined]


async def test_the_end_card_leads_to_what_follows() -> None:
    more = {
        "state": "adopted", "phase": "final", "adopted_at": OPENED, "issued": ("R1", "R2"),
        "superseded": (OPENED,),
        "reopened_for": "A second customer", "dissent": ("Product: the view stays.",),
        "parties": (Party("customer", "invited"), Party("engineering", "submitted")),
        "investigators": ("mara", "jun"),
    }  # fmt: skip
    fake = FakeInvestigations(more=more, violations=())
    async with asking(fake, "") as (app, pilot, desk):
        text = screen_text(app)
        assert "1 of 2 heard, customer still to answer" in text
        assert "Product: the view stays." in text
        assert "mara, jun" in text
        assert "follow its 2 recommendations" in text
        await press(pilot, "o")
        assert "NEW EVIDENCE on ESC-2026-0031" in screen_text(app)
        await press(pilot, list("Two"), "enter")
        assert not [call for call in fake.calls if call[0] == "reopen"]
        await press(pilot, "ctrl+s")
        assert ("reopen", "Two\n") in fake.calls or ("reopen", "Two") in fake.calls
        assert desk.kept_drafts["1000"] == {"reopen ESC-2026-0031": ""}
        assert "adopted ·" not in screen_text(app).splitlines()[0]
