"""The case screen: what is read, folded, filtered, promised and written."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, timedelta
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import TextArea

from tests.tui.fake_desk import NOW, FakeDesk, make_case, make_items, make_timeline
from tests.tui.screen_text import SIZES, opened, rested, screen_rows, screen_text, settled
from triage.model.errors import HelpdeskFailed, Invalid
from triage.model.promise import Promise
from triage.tui.clock_words import parse_due, promise, span
from triage.tui.screens.case import CaseScreen
from triage.tui.screens.message_editor import InternalNoteScreen, PublicReplyScreen
from triage.tui.timeline_rows import Look, TimelineRow, silences, timeline_rows
from triage.tui.wrapping import wrapped


def look(**more: object) -> Look:
    values: dict[str, object] = {"now": NOW, "zone": UTC, "width": 100} | more
    return Look(**values)  # type: ignore[arg-type]


def words(rows: list[TimelineRow]) -> str:
    return "\n".join("".join(text for text, _ in row.pieces) for row in rows)


@pytest.mark.parametrize("size", SIZES)
async def test_shows_the_customers_words_first_and_the_promises(size: tuple[int, int]) -> None:
    async with opened(FakeDesk(), size) as (app, pilot):
        await pilot.press("enter")
        await settled(pilot)
        rows = screen_text(app).splitlines()
        first = next(n for n, row in enumerate(rows) if "Since we renamed" in row)
        assert first <= 3
        assert "broken 2 h ago" in screen_text(app)
        assert "in 25 min" in rows[0]


def test_days_silences_and_promises_stand_where_they_happened() -> None:
    text = words(timeline_rows(make_timeline("1"), make_case(make_items(1)[0]).facts.promises, look()))
    assert text.index(" 9 Mar ") < text.index("renamed two groups") < text.index("update by 23:30")
    assert text.index("6 h 22 with no word to the customer") < text.index("Escalated to engineering")
    assert text.index(" 10 Mar ") < text.index("Escalated to engineering")


def test_a_silence_ends_with_our_next_public_word() -> None:
    events = make_timeline("1")
    first, second = events[0], events[1]
    late = replace(second, at=first.at + timedelta(hours=3))
    assert list(silences([first, late], late.at)) == [(first.at, timedelta(hours=3))]
    assert list(silences([first, second], second.at + timedelta(minutes=59))) == []
    internal = replace(late, visibility="internal")
    assert list(silences([first, internal], first.at + timedelta(hours=4))) == [
        (first.at, timedelta(hours=4))
    ]


@pytest.mark.parametrize(
    ("shown", "seen", "hidden"),
    [
        ("public", "renamed two groups", "grants removed"),
        ("internal", "grants removed", "renamed two groups"),
        ("changes", "priority: high", "renamed two groups"),
    ],
)
def test_the_filter_shows_only_what_it_names(shown: str, seen: str, hidden: str) -> None:
    text = words(timeline_rows(make_timeline("1"), (), look(shown=shown)))
    assert seen in text
    assert hidden not in text


def test_long_texts_are_folded_and_unfold() -> None:
    folded = words(timeline_rows(make_timeline("1"), (), look()))
    assert "18 lines folded: log" in folded
    assert "grant 19 removed" not in folded
    assert "grant 19 removed" in words(timeline_rows(make_timeline("1"), (), look(unfolded={"c3"})))


def test_public_and_internal_differ_in_sign_and_tone() -> None:
    rows = timeline_rows(make_timeline("1"), (), look())
    heads = {row.event_id: row.pieces for row in rows if row.head}
    assert heads["c1"][1] != heads["c3"][1]
    assert {heads["c1"][1][1], heads["c3"][1][1]} == {"public", "internal"}
    assert heads["c1"][1][0].strip() != heads["c3"][1][0].strip()


def test_a_megabyte_is_wrapped_without_drawing_it_all() -> None:
    rows, rest = wrapped("word " * 300_000, 80, 12)
    assert len(rows) == 12
    assert rest
    rows, rest = wrapped("x" * 2_000_000, 80, 12)
    assert len(rows) == 12


@pytest.mark.parametrize("width", [20, 41, 80])
def test_wrapping_keeps_every_word_and_the_width(width: int) -> None:
    text = "    indented line with words\n" + "日本語 mixed with ascii " * 9 + "\n\nlast"
    rows, rest = wrapped(text, width, 1000)
    from rich.cells import cell_len

    assert rest == 0
    assert all(cell_len(row) <= width for row in rows)
    assert "".join("".join(rows).split()) == "".join(text.split())


async def test_enter_unfolds_and_the_cursor_stays_on_its_entry() -> None:
    async with opened(FakeDesk(), (120, 60)) as (app, pilot):
        await pilot.press("enter")
        await settled(pilot)
        screen = app.screen
        assert isinstance(screen, CaseScreen)
        await pilot.press("}", "}", "}")
        row = screen.list.current
        assert isinstance(row, TimelineRow)
        assert row.event_id == "c3"
        await pilot.press("enter")
        assert "grant 19 removed" in screen_text(app)
        row = screen.list.current
        assert isinstance(row, TimelineRow)
        assert row.event_id == "c3"


async def test_f_turns_the_filter_and_search_steps_through_matches() -> None:
    async with opened(FakeDesk()) as (app, pilot):
        await pilot.press("enter")
        await settled(pilot)
        await pilot.press("f")
        assert "grants removed" not in screen_text(app)
        await pilot.press("f", "f", "f")
        screen = app.screen
        assert isinstance(screen, CaseScreen)
        await pilot.press("slash", *"customer", "enter")
        places = []
        for _ in range(3):
            places.append(screen.list.cursor)
            await pilot.press("n")
        assert len(set(places)) == 3
        assert isinstance(app.screen, CaseScreen)
        await pilot.press("escape", "n")
        await settled(pilot)
        assert isinstance(app.screen, InternalNoteScreen)


async def test_a_guessed_promise_is_confirmed_withdrawn_and_kept_by_key() -> None:
    desk = FakeDesk()
    async with opened(desk) as (app, pilot):
        await pilot.press("enter")
        await settled(pilot)
        await pilot.press("c")
        assert not [verb for verb, _ in desk.calls if verb == "confirm_promise"]
        await pilot.press("P", "c")
        await settled(pilot)
        assert ("confirm_promise", ("1000", "c2#0")) in desk.calls
        await pilot.press("v")
        await settled(pilot)
        assert ("keep_promise", ("1000", "c2#0")) in desk.calls
        assert "given Tue 01:30" in screen_text(app)
        await pilot.press("P", "x")
        await settled(pilot)
        assert ("withdraw_promise", ("1000", "p-1")) in desk.calls


async def test_where_the_last_open_promise_goes_the_next_one_is_asked_for() -> None:
    desk = FakeDesk()
    async with opened(desk, (80, 24)) as (app, pilot):
        await pilot.press("enter")
        await settled(pilot)
        await pilot.press("P")
        await settled(pilot)
        assert "c confirm promise   x withdraw promise" in screen_rows(app)[-1]
        await pilot.press("v")
        await settled(pilot)
        assert "By when do they hear" not in screen_text(app)
        # The other one, the last that is open.
        await pilot.press("P", "x")
        await settled(pilot)
        assert "By when do they hear next?" in screen_text(app)
        await pilot.press(*"2h", "enter")
        await settled(pilot)
        assert next(detail for verb, detail in desk.calls if verb == "add_promise")[1:3] == (
            "next_update", NOW + timedelta(hours=2),
        )  # fmt: skip


async def test_a_case_without_a_promise_says_so_at_80_columns() -> None:
    desk = FakeDesk()
    desk.change_promises("1000", lambda _held: ())
    async with opened(desk, (80, 24)) as (app, pilot):
        await pilot.press("enter")
        await settled(pilot)
        assert "nothing promised: a" in screen_rows(app)[0]


async def test_a_promise_is_added_with_a_due_time_that_can_be_read() -> None:
    desk = FakeDesk()
    async with opened(desk) as (app, pilot):
        await pilot.press("enter")
        await settled(pilot)
        await pilot.press("a")
        await settled(pilot)
        await pilot.press("1")
        await settled(pilot)
        await pilot.press(*"soon", "enter")
        await pilot.pause()
        assert "cannot read" in screen_text(app)
        await pilot.press(*["backspace"] * 4, *"02:15", "enter")
        await settled(pilot)
        added = next(detail for verb, detail in desk.calls if verb == "add_promise")
        assert added[1:3] == ("next_update", NOW.replace(hour=2, minute=15))


def test_due_times_are_read_as_people_mean_them() -> None:
    assert parse_due("25m", NOW, UTC) == NOW + timedelta(minutes=25)
    assert parse_due("in 2 hours", NOW, UTC) == NOW + timedelta(hours=2)
    assert parse_due("01:00", NOW, UTC) == NOW.replace(day=11, hour=1, minute=0)
    assert parse_due("by Fri 17:00", NOW, UTC) == NOW.replace(day=13, hour=17, minute=0)
    assert parse_due("2026-03-12 09:30", NOW, UTC) == NOW.replace(day=12, hour=9, minute=30)
    for wrong in ("", "soon", "25:00", "12:75", "2020-01-01 10:00", "2026-02-31 10:00", "9" * 400 + "m"):
        with pytest.raises(Invalid):
            parse_due(wrong, NOW, UTC)


def test_lengths_and_promises_in_words() -> None:
    assert [span(timedelta(minutes=m)) for m in (0, 8, 190, 1560)] == ["0 s", "8 min", "3 h 10", "1 d 02"]
    assert promise(None, NOW, UTC)[0] == "-"
    assert "2 h ago" in promise(NOW - timedelta(hours=2), NOW, UTC)[0]
    assert "in 25 min" in promise(NOW + timedelta(minutes=25), NOW, UTC)[0]
    assert "06:30" in promise(NOW + timedelta(hours=5), NOW, UTC)[0]


async def test_a_refresh_that_fails_leaves_the_case_readable() -> None:
    desk = FakeDesk()
    async with opened(desk) as (app, pilot):

        async def refuse(ticket_id: str) -> None:
            raise HelpdeskFailed("no answer within 10 s")

        desk.cases.refresh = refuse  # type: ignore[assignment, method-assign]
        await pilot.press("enter")
        await settled(pilot)
        text = screen_text(app)
        assert "not refreshed: no answer" in text
        assert "Since we renamed" in text


async def note_screen(pilot: Pilot[int]) -> None:
    await pilot.press("enter")
    await settled(pilot)
    await pilot.press("n")
    await settled(pilot)


async def test_a_note_is_kept_within_a_second_and_restored() -> None:
    desk = FakeDesk()
    async with opened(desk) as (app, pilot):
        await note_screen(pilot)
        await pilot.press(*"looking")
        await rested(pilot)
        assert desk.kept_drafts["1000"]["note"] == "looking"
        await pilot.press("escape")
        await settled(pilot)
        await pilot.press("n")
        await settled(pilot)
        assert app.screen.query_one(TextArea).text == "looking"


async def test_long_typing_is_kept_on_the_way() -> None:
    desk = FakeDesk()
    async with opened(desk) as (app, pilot):
        await note_screen(pilot)
        saves: list[str] = []

        async def save_draft(ticket_id: str, slot: str, text: str) -> None:
            saves.append(text)

        desk.cases.save_draft = save_draft  # type: ignore[method-assign]
        async with asyncio.timeout(60):
            while not saves:
                await pilot.press("a")
        typed = len(app.screen.query_one(TextArea).text)
        await rested(pilot)
        assert len(saves[0]) <= typed
        assert saves[-1] == "a" * typed


async def test_what_was_typed_just_before_leaving_is_kept() -> None:
    desk = FakeDesk()
    async with opened(desk) as (_, pilot):
        await note_screen(pilot)
        await pilot.press(*"last", "escape")
        await settled(pilot)
        assert desk.kept_drafts["1000"]["note"] == "last"


async def test_a_note_that_cannot_be_proposed_stays_in_the_editor() -> None:
    desk = FakeDesk()
    desk.errors["propose_note"] = HelpdeskFailed("disk full")
    async with opened(desk) as (app, pilot):
        await note_screen(pilot)
        await pilot.press(*"text", "ctrl+s")
        await settled(pilot)
        assert isinstance(app.screen, InternalNoteScreen)
        assert app.screen.query_one(TextArea).text == "text"
        assert desk.kept_drafts["1000"]["note"] == "text"


async def test_a_draft_that_cannot_be_kept_is_said_in_the_editor() -> None:
    desk = FakeDesk()
    async with opened(desk) as (app, pilot):
        await note_screen(pilot)

        async def refuse(ticket_id: str, slot: str, text: str) -> None:
            raise HelpdeskFailed("disk full")

        desk.cases.save_draft = refuse  # type: ignore[method-assign]
        await pilot.press(*"text")
        await rested(pilot)
        assert "NOT KEPT" in screen_text(app)


async def test_an_internal_note_is_shown_whole_and_sent_after_y() -> None:
    desk = FakeDesk()
    async with opened(desk) as (app, pilot):
        await note_screen(pilot)
        assert "INTERNAL NOTE on HL-40000, agents only" in screen_text(app)
        await pilot.press(*"found it", "ctrl+s")
        await settled(pilot)
        text = screen_text(app)
        assert "INTERNAL NOTE, seen by agents only" in text
        assert "found it" in text
        assert desk.kept_drafts["1000"]["note"] == "found it"
        await pilot.press("y")
        await settled(pilot)
        assert ("send", None) in desk.calls
        assert desk.kept_drafts["1000"]["note"] == ""
        assert isinstance(app.screen, CaseScreen)


async def test_a_cancelled_page_gives_the_text_back() -> None:
    desk = FakeDesk()
    async with opened(desk) as (app, pilot):
        await note_screen(pilot)
        await pilot.press(*"found it", "ctrl+s")
        await settled(pilot)
        await pilot.press("c")
        await settled(pilot)
        assert isinstance(app.screen, InternalNoteScreen)
        assert app.screen.query_one(TextArea).text == "found it"
        assert ("send", None) not in desk.calls
        assert desk.operations["op-1"].state == "dropped"


async def test_a_public_reply_needs_the_ticket_key_typed() -> None:
    desk = FakeDesk()
    async with opened(desk) as (app, pilot):
        await pilot.press("u")
        await settled(pilot)
        assert isinstance(app.screen, PublicReplyScreen)
        assert "PUBLIC REPLY to Cobalt Freight on HL-40000" in screen_text(app)
        await pilot.press(*"we are on it", "ctrl+s")
        await settled(pilot)
        assert "the customer reads this" in screen_text(app)
        await pilot.press("y", "enter")
        await settled(pilot)
        assert not [verb for verb, _ in desk.calls if verb in ("confirm", "send")]
        await pilot.press("backspace", *"HL-40001", "enter")
        await settled(pilot)
        assert not [verb for verb, _ in desk.calls if verb in ("confirm", "send")]
        await pilot.press(*["backspace"] * 8, *"HL-40000", "enter")
        await settled(pilot)
        confirmed = next(detail for verb, detail in desk.calls if verb == "confirm")
        assert confirmed[1] == "HL-40000"


async def test_y_never_sends_a_public_reply_even_outside_the_field() -> None:
    desk = FakeDesk()
    async with opened(desk) as (app, pilot):
        await pilot.press("u")
        await settled(pilot)
        await pilot.press(*"we are on it", "ctrl+s")
        await settled(pilot)
        app.set_focus(None)
        await pilot.press("y")
        await settled(pilot)
        assert not [verb for verb, _ in desk.calls if verb in ("confirm", "send")]


async def test_public_and_internal_editors_have_their_own_drafts() -> None:
    desk = FakeDesk()
    async with opened(desk) as (app, pilot):
        await pilot.press("u")
        await settled(pilot)
        await pilot.press(*"for them", "escape")
        await settled(pilot)
        await note_screen(pilot)
        assert app.screen.query_one(TextArea).text == ""
        assert desk.kept_drafts["1000"] == {"reply": "for them"}


async def test_editing_outside_takes_the_text_back(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    editor = tmp_path / "editor"
    editor.write_text('#!/bin/sh\nprintf "from outside" > "$1"\n')
    editor.chmod(0o700)
    monkeypatch.setenv("VISUAL", str(editor))
    from contextlib import nullcontext

    desk = FakeDesk()
    async with opened(desk) as (app, pilot):
        monkeypatch.setattr(app, "suspend", nullcontext)
        await pilot.press("enter")
        await settled(pilot)
        await pilot.press("e")
        await settled(pilot)
        assert app.screen.query_one(TextArea).text == "from outside"


async def test_a_failing_editor_keeps_the_text(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VISUAL", "false")
    from contextlib import nullcontext

    async with opened(FakeDesk()) as (app, pilot):
        monkeypatch.setattr(app, "suspend", nullcontext)
        await note_screen(pilot)
        await pilot.press(*"mine", "f4")
        await settled(pilot)
        assert app.screen.query_one(TextArea).text == "mine"
        assert "editor ended with 1" in screen_text(app)


async def test_tabs_show_runs_evidence_and_writes() -> None:
    desk = FakeDesk()
    async with opened(desk) as (app, pilot):
        await pilot.press("enter")
        await settled(pilot)
        for key, expected in (
            ("2", "permission-problem"),
            ("3", "Not investigated yet"),
            ("4", "No evidence kept"),
            ("5", "Nothing was written"),
        ):
            await pilot.press(key)
            await pilot.pause()
            assert expected in screen_text(app)
        await pilot.press("]")
        assert "Since we renamed" in screen_text(app)


async def test_evidence_is_added_and_read_back() -> None:
    desk = FakeDesk()
    async with opened(desk) as (app, pilot):
        await pilot.press("enter")
        await settled(pilot)
        await pilot.press("4", "a")
        await settled(pilot)
        await pilot.press("1")
        await settled(pilot)
        await pilot.press(*"certificate of idp", "ctrl+s")
        await settled(pilot)
        assert ("add_evidence", ("1000", "text", "certificate of idp")) in desk.calls
        await settled(pilot)
        await pilot.press("enter")
        await settled(pilot)
        assert "certificate of idp" in screen_text(app)


def test_a_promise_of_our_own_stands_at_its_time() -> None:
    own = Promise("p-9", "fix_eta", NOW - timedelta(hours=1), NOW + timedelta(days=2), confirmed=True)
    assert "written down here" in words(timeline_rows(make_timeline("1"), (own,), look()))


async def test_keys_pressed_before_the_draft_is_back_are_kept_behind_it() -> None:
    desk = FakeDesk()
    desk.kept_drafts["1000"] = {"note": "Seen earlier. "}
    desk.gates["drafts"] = asyncio.Event()
    async with opened(desk) as (app, pilot):
        await pilot.press("enter")
        await settled(pilot)
        await pilot.press("n")
        await pilot.pause()
        await pilot.press(*":now")
        desk.gates["drafts"].set()
        await settled(pilot)
        assert "Seen earlier. :now" in screen_text(app)


async def test_a_piece_of_evidence_becomes_an_internal_note_only_by_the_page() -> None:
    desk = FakeDesk()
    await desk.evidence.add("1000", "text", "431 grants removed")
    async with opened(desk) as (app, pilot):
        await pilot.press("enter")
        await settled(pilot)
        await pilot.press("4", "s")
        await settled(pilot)
        text = screen_text(app)
        assert "INTERNAL NOTE, seen by agents only" in text
        assert "431 grants removed" in text
        assert [call for call in desk.calls if call[0] in ("confirm", "send")] == []


async def test_a_long_case_is_shown_to_its_last_event() -> None:
    desk = FakeDesk()
    case = desk.case("1000")
    first = case.facts.timeline[0]
    events = tuple(
        replace(first, id=f"e{n}", at=first.at + timedelta(minutes=n), text=f"message {n}")
        for n in range(300)
    )
    desk.cases_by_id["1000"] = replace(case, facts=replace(case.facts, timeline=events, promises=()))
    async with opened(desk) as (app, pilot):
        await pilot.press("enter")
        await settled(pilot)
        assert "message 0" in screen_text(app)
        while "message 299" not in "".join(text for row in app.screen._rows for text, _ in row.pieces):
            await pilot.pause()
        await pilot.press("G")
        assert "message 299" in screen_text(app)
