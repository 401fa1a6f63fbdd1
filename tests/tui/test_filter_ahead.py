"""What is typed behind a filter or a view is meant for the rows it leaves."""

from __future__ import annotations

import asyncio

import pytest
from textual.events import Key

from tests.tui.fake_desk import FakeDesk
from tests.tui.screen_text import opened, settled, until
from triage.tui.app import TriageApp


def at_once(app: TriageApp, *keys: str) -> None:
    for key in keys:
        app.post_message(Key(key, {"enter": "\r", "slash": "/"}.get(key, key)))


@pytest.mark.parametrize("slow", [False, True])
async def test_a_key_behind_a_filter_is_for_the_row_that_the_filter_leaves(slow: bool) -> None:
    desk = FakeDesk()
    wanted = desk.items[3]
    async with opened(desk) as (app, pilot):
        await pilot.press("G")
        await settled(pilot)
        gate = desk.gates["window"] = asyncio.Event()
        if not slow:
            gate.set()
        at_once(app, "slash", *wanted.key, "enter", "t")
        await pilot.pause()
        gate.set()
        await until(pilot, lambda: any(verb == "take" for verb, _ in desk.calls))
        await settled(pilot)
        assert [value for verb, value in desk.calls if verb == "take"] == [wanted.id]
