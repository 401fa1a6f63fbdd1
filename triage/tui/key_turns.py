"""One key at a time: a key typed ahead reaches what the key before it opened, never what was there before.

Textual hands keys on as fast as they come, each to the widget that has the focus at that moment. A key that
opens a screen, moves the focus or asks the desk first therefore loses the keys right behind it to the old
screen, where they are orders: `/` and a word typed quickly would have taken the ticket. Here the next key
waits until the one before has climbed from its widget to the program, until a screen that it pushed or
uncovered stands, and until the short work it began (`Turns.hold`) is done; never longer than `PATIENCE_S`.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from functools import partial
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from textual.app import App
    from textual.dom import DOMNode
    from textual.events import Event
    from textual.message_pump import MessagePump
    from textual.screen import Screen
    from textual.timer import Timer
    from textual.worker import Worker

PATIENCE_S = 3.0
"""Longer than any local work takes; after that a person wants their keys more than their order."""

CLIMBS = 2
"""A key becomes a message (a row is wanted, a line was given), the message the deed: one climb for each."""

LOOKS_FOR_FOCUS = 10
"""How often the screen is asked for a new focus once the old one is gone; a page may well have none."""

LEAVING = frozenset({"ctrl+c", "ctrl+q"})
"""Keys that never wait."""


class Turns:
    """The keys of ``app`` that wait, and whose turn it is. ``handle`` is what the app does with one."""

    def __init__(self, app: App[Any], handle: Callable[[Event], Awaitable[None]]) -> None:
        self._app = app
        self._handle = handle
        self._waiting: deque[Event] = deque()
        self._held: list[tuple[DOMNode, Worker[None]]] = []
        self._turn = 0
        self._key = ""
        self._screens: tuple[Screen[Any], ...] = ()
        self._had_focus = False
        self._settling: asyncio.Task[None] | None = None
        self._patience: Timer | None = None
        self._changed: asyncio.Event | None = None
        self._taken = False

    @property
    def at_rest(self) -> bool:
        """Whether every key pressed so far has done what it does."""
        return not self._taken

    def hold(self, node: DOMNode, worker: Worker[None]) -> None:
        """Keys wait for ``worker`` while the screen of ``node`` is on top."""
        self._held = [(owner, held) for owner, held in self._held if not held.is_finished]
        self._held.append((node, worker))

    async def take(self, event: Event) -> None:
        """Handles ``event``, a key or a paste, when its turn comes."""
        if _key(event) in LEAVING:
            await self._handle(event)
        elif self._taken:
            self._waiting.append(event)
        else:
            self._taken = True
            await self._begin(event)

    async def _begin(self, event: Event) -> None:
        self._turn += 1
        self._key = _key(event)
        self._screens = tuple(self._app.screen_stack)
        self._had_focus = self._app.focused is not None
        way = list((self._app.focused or self._app.screen).ancestors_with_self)
        self._patience = self._app.set_timer(PATIENCE_S, partial(self._lost_patience, self._turn))
        try:
            await self._handle(event)
        finally:
            self._climb(way * CLIMBS, self._turn)

    def _climb(self, way: list[DOMNode], turn: int) -> None:
        """Follows the event up: whatever took it on the way has done so when this arrives behind it."""
        if turn != self._turn:
            return
        for at, node in enumerate(way, 1):
            if node.call_later(self._climb, way[at:], turn):
                return
        if self._unsettled():
            self._settling = asyncio.create_task(self._settle(turn))
        else:
            self._end(turn)

    def _unsettled(self) -> bool:
        moved = tuple(self._app.screen_stack) != self._screens
        return moved or self._focus_gone() or bool(self._working())

    def _focus_gone(self) -> bool:
        return self._had_focus and self._app.focused is None

    async def _settle(self, turn: int) -> None:
        """Waits for the screen on top and its work; one that replaces the field in use, for the new field."""
        before, looks, worked = self._screens, 0, False
        while True:
            now = tuple(self._app.screen_stack)
            if now != before:
                before, looks = now, 0
                await self._stands(now[-1])
            elif workers := self._working():
                worked = True
                await self._done_or_covered(workers)
            elif self._focus_gone() and looks < LOOKS_FOR_FOCUS:
                looks += 1
                await self._stands(now[-1])
            else:
                break
        if worked:
            self._drop_repeats()
        self._end(turn)

    def _drop_repeats(self) -> None:
        """Enter pressed again while the first one works was meant for what was on screen then, not now."""
        while self._key == "enter" and self._waiting and _key(self._waiting[0]) == "enter":
            self._waiting.popleft()

    def _working(self) -> list[Worker[None]]:
        """The held work of the screen on top; what a covered screen waits for is the one on top itself."""
        top = self._app.screen
        return [
            worker
            for node, worker in self._held
            if not worker.is_finished and node.is_attached and node.screen is top
        ]

    async def _stands(self, screen: Screen[Any]) -> None:
        """Returns once ``screen`` is mounted, drawn, has its focus and told who pushed it what came of it."""
        stands = asyncio.Event()
        later: MessagePump = self._app
        if screen.call_after_refresh(later.call_later, later.call_later, stands.set):
            await stands.wait()

    async def _done_or_covered(self, workers: list[Worker[None]]) -> None:
        """Returns once one of ``workers`` has ended or another screen is on top."""
        if self._changed is None:
            self._changed = asyncio.Event()
            self._app.screen_change_signal.subscribe(self._app, self._screen_changed, immediate=True)
        self._changed.clear()
        waits: list[asyncio.Future[Any]] = [asyncio.ensure_future(_ended(worker)) for worker in workers]
        waits.append(asyncio.ensure_future(self._changed.wait()))
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()

    def _lost_patience(self, turn: int) -> None:
        """What held this key shall not hold the next ones as long again."""
        if turn == self._turn and self._taken:
            self._held.clear()
            self._end(turn)

    def _screen_changed(self, _screen: Screen[Any]) -> None:
        if self._changed is not None:
            self._changed.set()

    def _end(self, turn: int) -> None:
        """The turn is over; the next key has it. Does nothing when it was over before."""
        if turn != self._turn or not self._taken:
            return
        if self._patience is not None:
            self._patience.stop()
        if self._settling is not None and self._settling is not asyncio.current_task():
            self._settling.cancel()
        self._settling = None
        self._turn += 1
        if self._waiting:
            self._app.call_later(self._begin, self._waiting.popleft())
        else:
            self._taken = False


async def _ended(worker: Worker[None]) -> None:
    """Returns once ``worker`` has ended, however. Giving up waiting does not stop the work."""
    ended = asyncio.ensure_future(worker.wait())
    ended.add_done_callback(lambda done: done.cancelled() or done.exception())
    await asyncio.wait([ended])


def _key(event: Event) -> str:
    """The name of the key; a paste has none."""
    return str(getattr(event, "key", ""))
