"""The yes to a public reply: said once, heard once."""

from __future__ import annotations

import asyncio

from textual.events import Key

from tests.tui.fake_desk import FakeDesk
from tests.tui.fake_investigations import FakeInvestigations
from tests.tui.screen_text import opened, screen_rows, screen_text, settled
from triage.model.operation import Change, Note
from triage.tui.screens.retrospective.screen import RetrospectiveScreen
from triage.tui.screens.write_page import WritePageScreen


async def test_what_is_typed_behind_the_yes_is_never_taken_for_another_key() -> None:
    desk = FakeDesk()
    operation = desk.propose("1000", Change(note=Note("Done.", "public")), "public reply")
    async with opened(desk) as (app, pilot):
        app.push_screen(WritePageScreen(operation.id))
        await settled(pilot)
        confirm, gate = desk.outbox.confirm, asyncio.Event()

        async def slow(*args: object, **more: object) -> object:
            await gate.wait()
            return await confirm(*args, **more)  # type: ignore[arg-type]

        desk.outbox.confirm = slow  # type: ignore[method-assign, assignment]
        for key in [*"HL-40000", "enter", "2", "h", "enter"]:
            app.post_message(Key(key, "\r" if key == "enter" else key))
        await pilot.pause()
        assert "nothing was sent" not in screen_text(app)
        gate.set()
        await settled(pilot)
        assert "nothing was sent" not in screen_text(app)
        assert [verb for verb, _ in desk.calls if verb == "confirm"] == ["confirm"]


async def test_a_key_that_a_field_binds_too_keeps_its_place_on_the_line_of_keys() -> None:
    """A text field binds F6 for itself; ours stands behind the way out."""
    desk = FakeDesk()
    desk.investigations = FakeInvestigations()
    desk.investigations.at = "K1"
    async with opened(desk, (200, 60)) as (app, pilot):
        app.push_screen(RetrospectiveScreen("ESC-2026-0031"))
        await settled(pilot)
        last = screen_rows(app)[-1]
        assert 0 <= last.index("F5 accept") < last.index("F10 save and leave") < last.index("F6 parties")
