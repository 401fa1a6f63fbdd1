"""Keys typed ahead: all there before the first one is heard, as a paste or a slow line brings them."""

from __future__ import annotations

import asyncio

import pytest
from textual.events import Key
from textual.widgets import Input, TextArea

from tests.tui.fake_desk import FakeDesk
from tests.tui.screen_text import opened, settled
from triage.tui import key_turns
from triage.tui.app import TriageApp
from triage.tui.screens.case import CaseScreen
from triage.tui.screens.choice import ChoiceScreen
from triage.tui.screens.message_editor import InternalNoteScreen
from triage.tui.screens.queue import QueueScreen

CHARACTERS = {"enter": "\r", "tab": "\t", "slash": "/", "space": " ", "colon": ":"}


def at_once(app: TriageApp, *keys: str) -> None:
    """Puts ``keys`` before the app, none of them handled yet."""
    for key in keys:
        app.post_message(Key(key, CHARACTERS.get(key, key)))


async def test_a_word_typed_behind_the_slash_is_searched_and_orders_nothing() -> None:
    desk = FakeDesk()
    async with opened(desk) as (app, pilot):
        at_once(app, "enter", "slash", *"attached", "colon")
        await settled(pilot)
        assert isinstance(app.screen, CaseScreen)
        assert app.screen.query_one(Input).value == "attached:"


async def test_a_note_typed_behind_its_key_is_whole() -> None:
    async with opened(FakeDesk()) as (app, pilot):
        at_once(app, "enter", "n", *"quiet", "space", *"tonight")
        await settled(pilot)
        assert isinstance(app.screen, InternalNoteScreen)
        assert app.screen.query_one(TextArea).text == "quiet tonight"


async def test_keys_wait_for_a_desk_that_thinks_before_it_opens_the_page() -> None:
    desk = FakeDesk()
    async with opened(desk) as (app, pilot):
        desk.gates["open"] = asyncio.Event()
        at_once(app, "i", "escape", "j")
        await pilot.pause()
        desk.gates["open"].set()
        await settled(pilot)
        assert isinstance(app.screen, QueueScreen)
        assert "investigate" not in {worker.group for worker in app.workers if not worker.is_finished}


async def test_keys_do_not_wait_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(key_turns, "PATIENCE_S", 0.05)
    desk = FakeDesk()
    async with opened(desk) as (app, pilot):
        desk.gates["open"] = asyncio.Event()
        at_once(app, "enter", "q")
        await settled_keys(app)
        await pilot.pause()
        assert isinstance(app.screen, QueueScreen)
        desk.gates["open"].set()


async def test_patience_is_lost_once_for_all_keys_that_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    still_held: list[int] = []
    monkeypatch.setattr(key_turns, "PATIENCE_S", 0.05)
    desk = FakeDesk()
    async with opened(desk) as (app, pilot):
        give_up = app.turns._lost_patience

        def given_up(turn: int) -> None:
            give_up(turn)
            still_held.append(len(app.turns._held))

        monkeypatch.setattr(app.turns, "_lost_patience", given_up)
        desk.gates["open"] = asyncio.Event()
        at_once(app, "enter", "j", "k", "j", "q")
        await settled_keys(app)
        await pilot.pause()
        assert isinstance(app.screen, QueueScreen)
        assert still_held[0] == 0
        desk.gates["open"].set()


async def settled_keys(app: TriageApp) -> None:
    """Until every key was handled, whatever work goes on."""
    while not app.turns.at_rest:
        await asyncio.sleep(0)


async def test_the_key_that_leaves_waits_for_nobody() -> None:
    desk = FakeDesk()
    async with opened(desk) as (app, pilot):
        desk.gates["open"] = asyncio.Event()
        at_once(app, "enter", "ctrl+q")
        await pilot.pause()
        assert not app.is_running or app._exit
        desk.gates["open"].set()


async def test_letters_in_a_dialog_do_not_wait_for_the_work_that_asked_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(key_turns, "PATIENCE_S", 3600.0)
    async with opened(FakeDesk()) as (app, pilot):
        at_once(app, "enter", "i")
        await settled(pilot)
        assert isinstance(app.screen, ChoiceScreen)
        async with asyncio.timeout(20):
            at_once(app, "j", "k", "escape")
            await settled(pilot)
        assert isinstance(app.screen, CaseScreen)
