"""The playbook runner, driven by keys against a run in memory."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from textual.pilot import Pilot

from tests.tui.fake_desk import NOW, FakeDesk
from tests.tui.fake_playbooks import COMMAND, DESTRUCTIVE, FakePlaybooks, a_step, all_steps
from tests.tui.screen_text import SIZES, opened, rested, screen_text, settled, until
from triage.model.run import Option, Panel, WayBack
from triage.tui.app import TriageApp
from triage.tui.screens.command_confirm import CommandConfirm
from triage.tui.screens.runner.commands import INSTEAD
from triage.tui.screens.runner.screen import RunnerScreen
from triage.tui.widgets.wording_area import WordingArea

STEPS = [step.id for step in all_steps()]


@asynccontextmanager
async def running(
    playbooks: FakePlaybooks, step: str = "", size: tuple[int, int] = (120, 40), desk: FakeDesk | None = None
) -> AsyncIterator[tuple[TriageApp, Pilot[int], FakeDesk]]:
    """The runner on screen with ``step`` in hand."""
    desk = desk or FakeDesk()
    desk.playbooks = playbooks
    if step:
        playbooks.at = [one.id for one in playbooks.steps].index(step)
    async with opened(desk, size) as (app, pilot):
        app.push_screen(RunnerScreen("1000", "run-1"))
        await settled(pilot)
        yield app, pilot, desk


async def press(pilot: Pilot[int], *keys: str | list[str]) -> None:
    """Press one after the other; a list is typed in one go."""
    for key in keys:
        await pilot.press(*([key] if isinstance(key, str) else key))
        await pilot.pause()
    await settled(pilot)


def runner(app: TriageApp) -> RunnerScreen:
    assert isinstance(app.screen, RunnerScreen)
    return app.screen


@pytest.mark.parametrize("size", SIZES)
async def test_every_kind_of_step_is_readable_at_every_size(size: tuple[int, int]) -> None:
    playbooks = FakePlaybooks()
    async with running(playbooks, size=size) as (app, pilot, _desk):
        for playbooks.at, step in enumerate(STEPS):
            app.push_screen(RunnerScreen("1000", "run-1"))
            await settled(pilot)
            text = screen_text(app)
            assert f"Title of {step}" in text
            assert "HL-40000" in text
            assert " help" in text.splitlines()[-1]
            app.pop_screen()


async def test_the_narrow_screen_keeps_the_place_in_one_row() -> None:
    async with running(FakePlaybooks(), "since", (80, 24)) as (app, _pilot, _desk):
        assert "✓✓✓✓▶" in screen_text(app)
        assert "step 5 of 11" in screen_text(app)


async def test_memory_items_come_first_and_their_reading_is_recorded() -> None:
    playbooks = FakePlaybooks(run={"memory_items": ("Do not restart first.",), "memory_acknowledged": False})
    async with running(playbooks) as (app, pilot, _desk):
        assert "Do not restart first." in screen_text(app)
        assert "Title of look" not in screen_text(app).split("▏")[1]
        await press(pilot, "enter")
        assert playbooks.calls == [("memory",)]


async def test_enter_says_an_instruction_is_done() -> None:
    playbooks = FakePlaybooks()
    async with running(playbooks, "look") as (_app, pilot, _desk):
        await press(pilot, "enter")
        assert playbooks.calls == [("answer", "look", True)]


async def test_a_second_enter_while_the_first_works_does_not_answer_the_next_step() -> None:
    playbooks = FakePlaybooks(gate=asyncio.Event())
    async with running(playbooks, "look") as (_app, pilot, _desk):
        await pilot.press("enter", "enter", "enter")
        assert playbooks.gate is not None
        playbooks.gate.set()
        await settled(pilot)
        assert playbooks.asked == ["look"]
        assert playbooks.calls == [("answer", "look", True)]


async def test_a_checklist_is_ticked_by_space_and_number_and_given_by_its_texts() -> None:
    playbooks = FakePlaybooks()
    async with running(playbooks, "list") as (_app, pilot, _desk):
        await press(pilot, "space", "3", "enter")
        assert playbooks.calls == [("answer", "list", ["proxy, and cache", "groups"])]


@pytest.mark.parametrize(("key", "value"), [("1", "customer"), ("c", "customer"), ("o", "us")])
async def test_a_choice_is_one_key(key: str, value: str) -> None:
    playbooks = FakePlaybooks()
    async with running(playbooks, "scope") as (_app, pilot, _desk):
        await press(pilot, key)
        assert playbooks.calls == [("answer", "scope", value)]


async def test_enter_on_a_choice_without_a_cursor_picks_nothing() -> None:
    playbooks = FakePlaybooks()
    async with running(playbooks, "scope") as (_app, pilot, _desk):
        await press(pilot, "enter")
        assert playbooks.calls == []


async def test_not_knowing_is_an_answer_where_it_may_be_one() -> None:
    playbooks = FakePlaybooks()
    async with running(playbooks, "scope") as (_app, pilot, _desk):
        await press(pilot, "u")
        assert playbooks.calls == [("unknown", "scope")]


async def test_a_number_is_given_as_a_number_and_words_are_refused() -> None:
    playbooks = FakePlaybooks()
    async with running(playbooks, "count") as (app, pilot, _desk):
        await press(pilot, list("many"), "enter")
        assert playbooks.calls == []
        assert "A number is needed" in screen_text(app)
        await press(pilot, *["backspace"] * 4, list("1,212"), "enter")
        assert playbooks.calls == [("answer", "count", 1212)]


async def test_letters_typed_into_a_field_are_letters_and_not_keys() -> None:
    playbooks = FakePlaybooks()
    async with running(playbooks, "count") as (app, pilot, _desk):
        await press(pilot, list("xkrpbq/"))
        assert isinstance(app.screen, RunnerScreen)
        assert playbooks.calls == []


async def test_a_local_time_is_read_in_the_zone_and_given_in_utc() -> None:
    playbooks = FakePlaybooks()
    async with running(playbooks, "since") as (app, pilot, _desk):
        await press(pilot, list("2026-03-09 18:42"))
        assert "18:42 UTC" in screen_text(app)
        await press(pilot, "enter")
        assert playbooks.calls == [("answer", "since", "2026-03-09T18:42:00+00:00")]


@pytest.mark.parametrize(
    "keys", [["enter"], ["enter", "enter"], ["f5"], ["ctrl+y"], ["space"], ["r", "enter"]]
)
async def test_enter_never_runs_a_command(keys: list[str]) -> None:
    playbooks = FakePlaybooks()
    async with running(playbooks, "certificate") as (_app, pilot, _desk):
        await press(pilot, *keys)
        assert playbooks.calls == []


async def test_a_command_is_shown_whole_and_runs_only_after_another_key() -> None:
    playbooks = FakePlaybooks()
    async with running(playbooks, "certificate") as (app, pilot, _desk):
        await press(pilot, "r", "r")
        assert isinstance(app.screen, CommandConfirm)
        text = screen_text(app)
        for part in (
            "openssl s_client -connect",
            "IDP=idp.acme.example",
            "30 s",
            "read-only, says the author",
        ):
            assert part in text
        assert "HL-40000" in text
        assert playbooks.calls == []
        await press(pilot, "y")
        assert [call[:3] for call in playbooks.calls] == [
            ("run", "certificate", "d1"),
            ("ran", "certificate"),
        ]


async def test_escape_from_the_confirmation_runs_nothing() -> None:
    playbooks = FakePlaybooks()
    async with running(playbooks, "certificate") as (app, pilot, _desk):
        await press(pilot, "r", "escape")
        assert isinstance(app.screen, RunnerScreen)
        assert playbooks.calls == []


async def test_a_destructive_command_needs_its_step_id_letter_by_letter() -> None:
    playbooks = FakePlaybooks(steps=(a_step("wipe", "check", "destructive", command=DESTRUCTIVE),))
    playbooks.steps += (a_step("after", "instruct"),)
    async with running(playbooks, "wipe") as (_app, pilot, _desk):
        await press(pilot, "r", "y", "ctrl+y", "enter")
        assert playbooks.calls == []
        await press(pilot, "backspace", list("wipe"), "enter")
        assert playbooks.calls == []
        await press(pilot, "ctrl+y")
        assert playbooks.calls[0] == ("run", "wipe", "d2", "wipe")


async def test_output_is_seen_while_the_command_runs_and_x_stops_it() -> None:
    playbooks = FakePlaybooks(hold=asyncio.Event())
    async with running(playbooks, "certificate") as (app, pilot, _desk):
        await pilot.press("r")
        await pilot.pause()
        await pilot.press("y")
        await until(pilot, lambda: "notAfter=Mar 12 2026" in screen_text(app))
        await pilot.press("q")
        assert isinstance(app.screen, RunnerScreen)
        await press(pilot, "x")
        assert playbooks.stopped
        assert "INTERRUPTED" in screen_text(app)
        assert "robin stopped it at 01:30 UTC" in screen_text(app)


async def test_ctrl_c_stops_a_command_only_the_second_time() -> None:
    playbooks = FakePlaybooks(hold=asyncio.Event())
    async with running(playbooks, "certificate") as (_app, pilot, _desk):
        await pilot.press("r")
        await pilot.pause()
        await pilot.press("y")
        await pilot.pause()
        await pilot.press("ctrl+c")
        await pilot.pause()
        assert not playbooks.stopped
        await press(pilot, "ctrl+c")
        assert playbooks.stopped


async def test_an_untrusted_command_is_not_offered_and_says_why() -> None:
    command = replace(COMMAND, runnable=False, why_not="nobody trusted this text", trust="none")
    playbooks = FakePlaybooks(steps=(a_step("certificate", "check", "check", command=command),))
    async with running(playbooks) as (app, pilot, _desk):
        await press(pilot, "r")
        assert isinstance(app.screen, RunnerScreen)
        assert "nobody trusted this text" in screen_text(app)


async def test_trust_lists_every_command_and_small_letters_do_not_give_it() -> None:
    command = replace(COMMAND, runnable=False, why_not="not trusted")
    playbooks = FakePlaybooks(steps=(a_step("certificate", "check", "check", command=command),))
    async with running(playbooks) as (app, pilot, _desk):
        await press(pilot, "t")
        assert "drop everything" in screen_text(app)
        await press(pilot, "r", "enter")
        assert playbooks.calls == []
        await press(pilot, "R")
        assert playbooks.calls == [("trust", "sso-login-failure", "read")]


async def test_recording_by_hand_needs_what_was_seen() -> None:
    playbooks = FakePlaybooks()
    async with running(playbooks, "certificate") as (_app, pilot, _desk):
        await press(pilot, "m", "n", "enter")
        assert playbooks.calls == []
        await press(pilot, list("expired"), "enter")
        assert playbooks.calls == [("by hand", "certificate", False, "expired")]


async def test_an_edited_copy_of_a_command_is_never_run_and_is_recorded_with_what_it_was(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    playbooks = FakePlaybooks()
    shown: list[str] = []

    def edited(_app: object, text: str) -> tuple[str, str]:
        shown.append(text)
        return text + " -verify 5", ""

    monkeypatch.setattr("triage.tui.screens.runner.commands.edit_outside", edited)
    async with running(playbooks, "certificate") as (_app, pilot, _desk):
        await press(pilot, "e")
        assert playbooks.calls == []
        await press(pilot, "y", "enter", list("fine"), "enter")
        [(verb, step, ok, saw)] = playbooks.calls
        assert (verb, step, ok) == ("by hand", "certificate", True)
        assert saw == f"{INSTEAD} {shown[0]} -verify 5\nfine"


async def test_a_copy_left_as_it_was_records_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    playbooks = FakePlaybooks()
    monkeypatch.setattr(
        "triage.tui.screens.runner.commands.edit_outside", lambda _app, text: (text + "\n", "")
    )
    async with running(playbooks, "certificate") as (_app, pilot, _desk):
        await press(pilot, "e", "y", "enter", "enter")
        assert playbooks.calls == []


async def test_a_decision_is_accepted_by_enter_where_the_conditions_lead() -> None:
    playbooks = FakePlaybooks()
    async with running(playbooks, "side") as (app, pilot, _desk):
        assert "leads to: the customer's side" in screen_text(app)
        await press(pilot, "enter")
        assert playbooks.calls == [("decide", "side", "customer", "")]


async def test_another_branch_needs_a_reason() -> None:
    playbooks = FakePlaybooks()
    async with running(playbooks, "side") as (_app, pilot, _desk):
        await press(pilot, "o", "enter")
        assert playbooks.calls == []
        await press(pilot, list("seen"), "enter")
        assert playbooks.calls == [("decide", "side", "us", "seen")]


async def test_an_undecided_branch_names_what_is_missing() -> None:
    steps = all_steps()
    side = replace(steps[STEPS.index("side")], proposed_branch="", missing=("scope",))
    playbooks = FakePlaybooks(steps=(side, steps[0]))
    async with running(playbooks) as (app, pilot, _desk):
        assert "Nobody knows yet: scope" in screen_text(app)
        await press(pilot, "enter")
        assert playbooks.calls == []
        await press(pilot, "o")
        assert playbooks.calls == [("decide", "side", "us", "")]


async def test_skipping_takes_a_reason_from_the_list() -> None:
    playbooks = FakePlaybooks()
    async with running(playbooks, "look") as (_app, pilot, _desk):
        await press(pilot, "k", "3")
        assert playbooks.calls == [("skip", "look", "no access", "")]


async def test_skipping_a_required_step_needs_words() -> None:
    playbooks = FakePlaybooks(steps=(a_step("look", "instruct", required=True), a_step("on", "instruct")))
    async with running(playbooks) as (_app, pilot, _desk):
        await press(pilot, "k", "3", "enter")
        assert playbooks.calls == []
        await press(pilot, list("gone"), "enter")
        assert playbooks.calls == [("skip", "look", "no access", "gone")]


PANEL = Panel(
    "failed", "certificate", "It did not pass.", "line\n" * 40,
    (Option("retry", "Again"), Option("record", "Record"), Option("skip", "Skip"), Option("stop", "Stop")),
)  # fmt: skip


@pytest.mark.parametrize("key", ["enter", "space", "f5", "y", "r", "escape"])
async def test_a_panel_has_no_default_key(key: str) -> None:
    playbooks = FakePlaybooks(run={"panel": PANEL})
    async with running(playbooks, "certificate") as (app, pilot, _desk):
        assert "FAILED" in screen_text(app)
        await press(pilot, key)
        assert playbooks.calls == []


async def test_a_panel_takes_the_whole_width_and_is_answered_by_number() -> None:
    playbooks = FakePlaybooks(run={"panel": PANEL})
    async with running(playbooks, "certificate") as (app, pilot, _desk):
        assert not runner(app).query_one("#places").display
        await press(pilot, "1")
        assert playbooks.calls == [("panel", "retry", "")]


async def test_going_on_past_a_stop_needs_a_reason() -> None:
    stop = Panel("stop", "look", "More than one customer.", "", (Option("stop", ""), Option("continue", "")))
    playbooks = FakePlaybooks(run={"panel": stop})
    async with running(playbooks, "look") as (_app, pilot, _desk):
        await press(pilot, "2", "enter")
        assert playbooks.calls == []
        await press(pilot, list("known"), "enter")
        assert playbooks.calls == [("panel", "continue", "known")]


async def test_evidence_is_told_apart_and_more_than_one_piece_can_be_kept() -> None:
    playbooks = FakePlaybooks()
    async with running(playbooks, "attempt") as (app, pilot, _desk):
        await press(pilot, list("https://a.example/log"))
        assert "kept as a link" in screen_text(app)
        await press(pilot, "f6", list("error 500"), "f5")
        pieces = [
            {"kind": "url", "content": "https://a.example/log"},
            {"kind": "text", "content": "error 500"},
        ]
        assert playbooks.calls == [("answer", "attempt", pieces)]


async def test_a_probable_cause_is_edited_before_it_is_accepted() -> None:
    playbooks = FakePlaybooks()
    async with running(playbooks, "cause") as (_app, pilot, _desk):
        await press(pilot, list(" Late."), "tab", "2", "f5")
        answer = {
            "statement": "The certificate expired. Late.", "category": "us", "confidence": "medium",
        }  # fmt: skip
        assert playbooks.calls == [("answer", "cause", answer)]


async def test_a_customer_draft_says_that_it_is_not_sent() -> None:
    playbooks = FakePlaybooks()
    async with running(playbooks, "reply") as (app, pilot, desk):
        assert "A DRAFT for the customer" in screen_text(app)
        await press(pilot, list(" Bye"), "f5")
        assert playbooks.calls == [("answer", "reply", "Dear customer, it works again. Bye")]
        assert not desk.operations


async def test_what_is_typed_is_saved_within_a_second_and_survives_leaving() -> None:
    playbooks, desk = FakePlaybooks(), FakeDesk()
    async with running(playbooks, "reply", desk=desk) as (app, pilot, _desk):
        await press(pilot, list(" And"))
        await rested(pilot)
        kept = desk.kept_drafts["1000"]["run:run-1:reply"]
        assert kept == "Dear customer, it works again. And"
        await press(pilot, list(" more"))
        await press(pilot, "escape", "escape")
        assert not isinstance(app.screen, RunnerScreen)
        assert desk.kept_drafts["1000"]["run:run-1:reply"].endswith("And more")
    async with running(playbooks, "reply", desk=desk) as (app, _pilot, _desk):
        assert app.screen.query_one(WordingArea).text.endswith("And more")


async def test_an_answer_clears_its_draft() -> None:
    playbooks, desk = FakePlaybooks(), FakeDesk()
    async with running(playbooks, "reply", desk=desk) as (_app, pilot, _desk):
        await press(pilot, list("!"))
        await rested(pilot)
        await press(pilot, "f5")
        assert desk.kept_drafts["1000"]["run:run-1:reply"] == ""


async def test_pieces_of_evidence_not_given_yet_survive_leaving() -> None:
    playbooks, desk = FakePlaybooks(), FakeDesk()
    async with running(playbooks, "attempt", desk=desk) as (_app, pilot, _desk):
        await press(pilot, list("one"), "f6", "escape", "escape")
        assert json.loads(desk.kept_drafts["1000"]["run:run-1:attempt:pieces"]) == [["text", "one"]]
    async with running(playbooks, "attempt", desk=desk) as (_app, pilot, _desk):
        await press(pilot, "f5")
        assert playbooks.calls == [("answer", "attempt", [{"kind": "text", "content": "one"}])]


async def test_parking_takes_a_reminder_and_leaves() -> None:
    playbooks = FakePlaybooks()
    async with running(playbooks, "look") as (app, pilot, desk):
        await press(pilot, "p", list("25m"), "enter")
        assert playbooks.calls == [("park", desk.now + timedelta(minutes=25))]
        assert not isinstance(app.screen, RunnerScreen)


async def test_a_parked_run_goes_on_when_it_is_opened() -> None:
    playbooks = FakePlaybooks(run={"status": "parked"})
    async with running(playbooks, "look"):
        assert playbooks.calls == [("resume",)]


async def test_swapping_roles_asks_for_the_navigator_once() -> None:
    playbooks = FakePlaybooks()
    async with running(playbooks, "look") as (app, pilot, _desk):
        await press(pilot, "s", list("jun"), "enter")
        assert playbooks.calls == [("people", "jun")]
        assert "navigator jun" in screen_text(app)
        await press(pilot, "s")
        assert playbooks.calls[-1] == ("swap",)


async def test_stopping_needs_a_reason() -> None:
    playbooks = FakePlaybooks()
    async with running(playbooks, "look") as (app, pilot, _desk):
        await press(pilot, "x", "enter")
        assert playbooks.calls == []
        await press(pilot, list("wrong one"), "enter")
        assert playbooks.calls == [("stop", "wrong one")]
        assert "not resolved" in screen_text(app)


async def test_a_jump_goes_back_in_one_go_and_hands_its_reason_on() -> None:
    for keys, reason in (
        (["1"], "check it again"),
        (["3", list("it was late"), "enter"], "it was late"),
    ):
        playbooks = FakePlaybooks()
        async with running(playbooks, "since") as (_app, pilot, _desk):
            await press(pilot, "escape", "slash", list("Title of list"), "enter")
            assert playbooks.calls == []
            await press(pilot, *keys)
            assert playbooks.calls == [("back", "list", reason)]


async def test_enter_in_a_small_question_says_what_is_wanted() -> None:
    """Skipping without a reason, then without words; a look by hand without how it went; an empty name."""
    command = replace(COMMAND, manual="Look.")
    steps = (a_step("look", "check", "check", command=command), a_step("on", "instruct"))
    for keys, said in (
        (("k", "enter"), "A reason is wanted"),
        (("k", "6", "enter"), "A few words are wanted here."),
        (("x", "enter"), "A few words are wanted here."),
        (("m", "enter"), "Was it good? y or n."),
        (("m", "y", "enter"), "Write what you saw"),
        (("s", "enter"), "Nothing is written yet."),
        (("slash", list("zzzz"), "enter"), "Nothing holds these letters"),
    ):
        playbooks = FakePlaybooks(steps=steps)
        async with running(playbooks, "look", (80, 24)) as (app, pilot, _desk):
            await press(pilot, *keys)
            assert said in screen_text(app), keys
            await press(pilot, "escape")
            assert isinstance(app.screen, RunnerScreen)
            assert playbooks.calls == []


async def test_the_words_of_what_is_wanted_go_when_it_is_given() -> None:
    async with running(FakePlaybooks(), "look") as (app, pilot, _desk):
        await press(pilot, "k", "enter", "6")
        assert "A reason is wanted" not in screen_text(app)


@pytest.mark.parametrize("size", SIZES)
async def test_the_step_a_failed_check_led_to_says_why_above_its_title(size: tuple[int, int]) -> None:
    step = a_step("mend", "instruct", because="Here because “Look” failed: exit 1, wanted 0")
    async with running(FakePlaybooks(steps=(step,)), size=size) as (app, _pilot, _desk):
        text = screen_text(app)
        assert "✗ Here because “Look” failed: exit" in text
        assert text.index("Here because") < text.index("DO  Title of mend")


async def test_what_the_run_knows_tells_why_somebody_went_back() -> None:
    back = WayBack("Title of look", "hasty", NOW)
    async with running(FakePlaybooks(run={"ways_back": (back,)}), "list") as (app, _pilot, _desk):
        text = screen_text(app)
        assert "went back" in text
        assert "hasty" in text


@pytest.mark.parametrize(("hours", "calls"), [(1, [("park", None)]), (-1, [])])
async def test_leaving_at_a_wait_parks_the_run_till_it_is_over(hours: int, calls: list[Any]) -> None:
    step = a_step("pause", "wait", due=NOW + timedelta(hours=hours))
    playbooks = FakePlaybooks(steps=(step,))
    async with running(playbooks) as (app, pilot, _desk):
        await press(pilot, "q")
        assert not isinstance(app.screen, RunnerScreen)
        assert playbooks.calls == calls


async def test_why_is_folded_until_asked() -> None:
    async with running(FakePlaybooks(), "look") as (app, pilot, _desk):
        assert "Because." not in screen_text(app)
        await press(pilot, "w")
        assert "Because." in screen_text(app)


async def test_an_ended_run_says_how_and_offers_no_verbs() -> None:
    playbooks = FakePlaybooks(at=len(STEPS))
    async with running(playbooks) as (app, pilot, _desk):
        assert "The run is over: resolved" in screen_text(app)
        await press(pilot, "k", "x", "b", "enter")
        assert playbooks.calls == []


async def test_a_refused_answer_keeps_the_step_and_says_why() -> None:
    playbooks = FakePlaybooks()

    async def refused(*_: Any) -> Any:
        from triage.model.errors import Invalid

        raise Invalid("that is not an answer")

    playbooks.answer = refused  # type: ignore[method-assign]
    async with running(playbooks, "reply") as (app, pilot, _desk):
        await press(pilot, list("!"), "f5")
        assert "that is not an answer" in screen_text(app)
        assert app.screen.query_one(WordingArea).text.endswith("!")


async def test_the_mouse_picks_an_option() -> None:
    playbooks = FakePlaybooks()
    async with running(playbooks, "scope") as (_app, pilot, _desk):
        await pilot.click("PickList", offset=(4, 1))
        await settled(pilot)
        assert playbooks.calls == [("answer", "scope", "us")]


async def test_a_wait_says_until_when_and_that_one_may_leave() -> None:
    due = FakeDesk().now + timedelta(minutes=25)
    playbooks = FakePlaybooks(steps=(a_step("rest", "wait", due=due), a_step("on", "instruct")))
    async with running(playbooks) as (app, pilot, _desk):
        assert "in 25 min" in screen_text(app)
        await press(pilot, "enter")
        assert playbooks.calls == [("answer", "rest", True)]


async def test_a_link_is_kept_as_text_where_only_text_is_accepted() -> None:
    playbooks = FakePlaybooks(
        steps=(a_step("proof", "evidence", options=(Option("text", ""),)), a_step("on", "instruct"))
    )
    async with running(playbooks) as (_app, pilot, _desk):
        await press(pilot, list("https://a.example"), "f5")
        assert playbooks.calls == [("answer", "proof", [{"kind": "text", "content": "https://a.example"}])]


async def test_a_step_of_two_people_is_confirmed_by_the_navigator_typing_its_id() -> None:
    playbooks = FakePlaybooks(steps=(a_step("wipe", "instruct", two_person=True), a_step("on", "instruct")))
    async with running(playbooks) as (app, pilot, _desk):
        await press(pilot, "enter")
        assert "the navigator types wipe" in screen_text(app)
        assert playbooks.calls == []
        await press(pilot, list("wipe"), "enter")
        assert playbooks.calls == [("answer", "wipe", {"value": True, "typed": "wipe"})]


async def test_an_end_without_a_summary_is_accepted_as_it_is() -> None:
    playbooks = FakePlaybooks(steps=(a_step("over", "end"),))
    async with running(playbooks) as (_app, pilot, _desk):
        await press(pilot, "f5")
        assert playbooks.calls == [("answer", "over", True)]


async def test_a_step_that_cannot_be_skipped_offers_no_skipping() -> None:
    playbooks = FakePlaybooks(steps=(a_step("look", "instruct", skippable=False), a_step("on", "instruct")))
    async with running(playbooks) as (app, pilot, _desk):
        assert "k skip" not in screen_text(app)
        await press(pilot, "k")
        assert isinstance(app.screen, RunnerScreen)
