"""A file that goes to the ticket: what of it is seen before the yes."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.tui.fake_desk import FakeDesk
from tests.tui.screen_text import SIZES, opened, screen_text, settled
from triage.desk.evidence_note import EVIDENCE_AS_TEXT
from triage.model.note_file import PLAIN_TEXT, NoteFile
from triage.model.operation import Change, Note
from triage.tui.glyphs import SIGN
from triage.tui.screens.text_page import TextPage
from triage.tui.screens.write_page import WritePageScreen
from triage.tui.write_words import in_short

LINES = [f"line {number} of the log" for number in range(1, 901)]
LOG = NoteFile("heron.log", PLAIN_TEXT, "\n".join([*LINES[:450], "password=opensesame-2026", *LINES[450:]]))
WITH_FILE = Change(note=Note("It ends with:\n" + "\n".join(LINES[-14:]), "internal", files=(LOG,)))


def desk_with(change: Change, purpose: str = "evidence") -> FakeDesk:
    desk = FakeDesk()
    desk.propose("1000", change, purpose)
    return desk


@pytest.mark.parametrize("size", SIZES)
async def test_the_page_shows_name_size_ends_and_what_was_masked_and_who_sees_it(
    size: tuple[int, int],
) -> None:
    desk = desk_with(WITH_FILE)
    async with opened(desk, size) as (app, pilot):
        await pilot.press("O")
        await settled(pilot)
        await pilot.press("enter")
        await settled(pilot)
        text = screen_text(app)
        note = desk.operations["op-1"].change.note
        assert note is not None
        for expected in (
            "FILE heron.log, seen by agents only", f"{note.files[0].size:,} bytes, 901 lines",
            "line 1 of the log", "[… 897 lines …]", "line 900 of the log",
            "masked, it looks like a secret: in heron.log, line 451: password", "y send", "f whole file",
            f" 1 {SIGN.internal} INTERNAL NOTE, seen by agents only",
        ):  # fmt: skip
            assert expected in text, expected
        assert text.splitlines()[0].endswith("1 change")
        assert "opensesame" not in text


async def test_every_line_of_the_file_can_be_read_before_it_goes() -> None:
    desk = desk_with(WITH_FILE)
    async with opened(desk) as (app, pilot):
        await pilot.press("O")
        await settled(pilot)
        await pilot.press("enter")
        await settled(pilot)
        await pilot.press("f")
        await settled(pilot)
        assert isinstance(app.screen, TextPage)
        assert "line 5 of the log" in screen_text(app)
        await pilot.press("q")
        await settled(pilot)
        assert isinstance(app.screen, WritePageScreen)
        await pilot.press("y")
        await settled(pilot)
        assert ("confirm", ("op-1", "")) in desk.calls


async def test_a_note_without_a_file_offers_none() -> None:
    async with opened(desk_with(Change(note=Note("found it", "internal")))) as (app, pilot):
        await pilot.press("O")
        await settled(pilot)
        await pilot.press("enter")
        await settled(pilot)
        assert "whole file" not in screen_text(app)


async def test_where_files_are_not_for_agents_only_the_page_says_why_it_is_text() -> None:
    desk = desk_with(Change(note=Note("found it", "internal")), EVIDENCE_AS_TEXT)
    async with opened(desk) as (app, pilot):
        await pilot.press("O")
        await settled(pilot)
        await pilot.press("enter")
        await settled(pilot)
        assert "As text, not as a file: here a customer might see the files" in screen_text(app)


async def test_the_keys_stay_in_sight_however_long_what_is_under_the_text() -> None:
    secret = "\n".join(f"password=opensesame-{number}" for number in range(6))
    desk = desk_with(replace(WITH_FILE, note=Note("x\n" * 60 + secret, "internal", files=(LOG,))))
    async with opened(desk, (80, 24)) as (app, pilot):
        await pilot.press("O")
        await settled(pilot)
        await pilot.press("enter")
        await settled(pilot)
        assert "y send" in screen_text(app).splitlines()[-1]
        assert "FILE heron.log" in screen_text(app)
        assert "in heron.log, line 451: password" in screen_text(app)
        assert app.screen.max_scroll_y == 0


def test_the_outbox_names_the_file() -> None:
    desk = desk_with(WITH_FILE)
    assert "file heron.log" in "".join(text for text, _ in in_short(desk.operations["op-1"]))
