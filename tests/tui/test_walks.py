"""Random keys over every screen, on a desk whose verbs take their time: nothing fails, is lost or done twice.

``TRIAGE_WALKS`` is how many walks there are; a walk is its number, so that a red one can be walked again.
"""

from __future__ import annotations

import asyncio
import os
import random
import webbrowser
from collections import Counter
from collections.abc import Callable
from functools import wraps
from inspect import iscoroutinefunction
from typing import Any

import pytest
from textual.events import Key
from textual.pilot import Pilot
from textual.screen import Screen
from textual.widgets import Input, TextArea

from tests.tui.fake_desk import FakeDesk
from tests.tui.fake_investigations import FakeInvestigations
from tests.tui.fake_playbooks import FakePlaybooks
from tests.tui.fake_registers import FakeEnhancements, FakeRecommendations
from tests.tui.screen_text import opened, rested, settled
from tests.tui.test_parties import FakeParties
from triage.tui.app import TriageApp
from triage.tui.screens.case import CaseScreen
from triage.tui.screens.outbox import OutboxScreen
from triage.tui.screens.queue import QueueScreen
from triage.tui.screens.registers.enhancements import EnhancementsScreen
from triage.tui.screens.registers.recommendations import RecommendationsScreen
from triage.tui.screens.retrospective.screen import RetrospectiveScreen
from triage.tui.screens.runner.screen import RunnerScreen

WALKS = int(os.environ.get("TRIAGE_WALKS", "7"))
STEPS = 14
KEYS = (
    *("down", "up", "enter", "enter", "escape", "tab", "space", "pagedown", "pageup"),
    *("f1", "f2", "f3", "f5", "f6", "f7", "f8", "f9", "f10", "ctrl+s", "ctrl+y", "ctrl+r"),
    *"abcdfghijklmnoprstuvwxyz123456ADEFNOPRVY[]/?",
)
"""Not ``q`` and ``ctrl+q``, which leave, and ``e`` and F4, which need an editor and a terminal for it."""
CHARACTERS = {"enter": "\r", "tab": "\t", "space": " "}
READS = frozenset({
    "open", "refresh", "window", "preview", "seen", "suggest", "sync", "send", "save_draft", "draft", "goto",
})  # fmt: skip
"""Verbs that may be called as often as one likes, as far as the fakes note them."""
FIRST_SCREENS: tuple[Callable[[], Screen[Any]] | None, ...] = (
    None,
    lambda: CaseScreen("1000"),
    lambda: RunnerScreen("1000", "run-1"),
    lambda: RetrospectiveScreen("ESC-2026-0031"),
    OutboxScreen,
    RecommendationsScreen,
    EnhancementsScreen,
)


class Slow:
    """A room of the desk whose verbs wait a random number of turns before and after they read or write."""

    def __init__(self, room: Any, rng: random.Random) -> None:
        self.__dict__.update(_room=room, _rng=rng)

    def __getattr__(self, name: str) -> Any:
        verb = getattr(self._room, name)
        if not iscoroutinefunction(verb):
            return verb

        @wraps(verb)
        async def slowly(*given: Any, **named: Any) -> Any:
            await self._turns()
            done = await verb(*given, **named)
            await self._turns()
            return done

        return slowly

    def __setattr__(self, name: str, value: Any) -> None:
        setattr(self._room, name, value)

    async def _turns(self) -> None:
        for _ in range(self._rng.choice((0, 1, 3, 10, 60))):
            await asyncio.sleep(0)


def a_desk(rng: random.Random) -> Any:
    desk: Any = FakeDesk()
    desk.playbooks, desk.recommendations = FakePlaybooks(), FakeRecommendations()
    desk.investigations, desk.enhancements = FakeInvestigations(), FakeEnhancements()
    desk.parties = FakeParties(desk.investigations.now().investigation)
    desk.playbook_statistics = NoStatistics()
    desk.investigations.at = rng.choice(desk.investigations.prompts).id
    desk.playbooks.at = rng.randrange(len(desk.playbooks.steps))
    for name in (
        "queue", "cases", "playbooks", "investigations", "outbox", "sync", "evidence", "recommendations",
        "enhancements", "parties",
    ):  # fmt: skip
        setattr(desk, name, Slow(getattr(desk, name), rng))
    return desk


class NoStatistics:
    async def of(self) -> tuple[()]:
        return ()


class Walk:
    """One person who presses whatever comes to hand."""

    def __init__(self, app: TriageApp, pilot: Pilot[int], desk: Any, rng: random.Random) -> None:
        self.app, self.pilot, self.desk, self.rng = app, pilot, desk, rng

    def written(self) -> Counter[str]:
        """How often each verb that writes was called."""
        verbs = [verb for verb, _ in self.desk.calls]
        verbs += [call[0] for call in (*self.desk.playbooks.calls, *self.desk.investigations.calls)]
        return Counter(verb for verb in verbs if verb not in READS)

    async def step(self) -> None:
        before, field = self.written(), self.app.focused
        self.disturb()
        if isinstance(field, (TextArea, Input)) and self.rng.random() < 0.6:
            await self.types(field)
        else:
            keys = self.rng.choices(KEYS, k=self.rng.choice((1, 1, 2, 3)))
            self.at_once(keys)
            await settled(self.pilot)
            twice = {verb for verb, count in (self.written() - before).items() if count > len(keys)}
            assert not twice, f"{keys} called {twice} more than once"
        assert self.app.is_running

    def at_once(self, keys: list[str]) -> None:
        for key in keys:
            self.app.post_message(Key(key, CHARACTERS.get(key, key if len(key) == 1 else None)))

    async def types(self, field: TextArea | Input) -> None:
        """A word into the field that has the cursor, and it stands there."""
        if getattr(field, "read_only", False) or getattr(field, "type", "text") != "text":
            return
        word = "".join(self.rng.choices("abcdefgh", k=5))
        self.at_once(list(word))
        await settled(self.pilot)
        assert self.app.focused is field, f"{word!r} took the cursor out of {field}"
        text = field.text if isinstance(field, TextArea) else field.value
        assert word in text, f"{word!r} is not in {text!r}"

    def disturb(self) -> None:
        """What goes on meanwhile: a change somewhere, a look at other windows, a sync."""
        screen = self.app.screen
        what = self.rng.randrange(4)
        if what == 0:
            self.app.changed.publish(self.rng.choice(("1000", "1001", "outbox")))
        elif what == 1 and isinstance(screen, RetrospectiveScreen):
            self.desk.investigations.elsewhere += 1
            screen.look_elsewhere()
        elif what == 2 and isinstance(screen, QueueScreen):
            screen._sync_by_itself()


@pytest.mark.parametrize("number", range(WALKS))
async def test_a_walk_of_random_keys(number: int, monkeypatch: pytest.MonkeyPatch) -> None:
    failures: list[Exception] = []
    monkeypatch.setattr(TriageApp, "report_failure", lambda _app, error: failures.append(error))
    monkeypatch.setattr(webbrowser, "open", lambda _url: True)
    rng = random.Random(number)
    desk = a_desk(rng)
    async with opened(desk) as (app, pilot):
        first = FIRST_SCREENS[number % len(FIRST_SCREENS)]
        if first is not None:
            app.push_screen(first())
        await settled(pilot)
        walk = Walk(app, pilot, desk, rng)
        for _ in range(STEPS):
            await walk.step()
        await rested(pilot)
        assert not failures
