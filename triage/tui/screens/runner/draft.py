"""What is typed is kept: at the latest 0.6 s after a key it is on its way to the docket."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from textual.screen import Screen
from textual.timer import Timer

from triage.model.errors import TriageError
from triage.tui.work import start

KEEP_AFTER = 0.6
"""Seconds between a key and the saving of what it wrote; keys in between do not put it off."""


class DraftKeeper:
    """Saves texts by slot, one at a time, and never lets a failed save forget a text."""

    def __init__(
        self,
        screen: Screen[Any],
        save: Callable[[str, str], Awaitable[None]],
        tell: Callable[[str], None],
    ) -> None:
        self._screen = screen
        self._save = save
        self._tell = tell
        self._waiting: dict[str, str] = {}
        self._given: set[str] = set()
        """Slots whose text was given as an answer: what still arrives of its typing is old."""
        self._timer: Timer | None = None
        self._lock = asyncio.Lock()

    @property
    def unsaved(self) -> bool:
        """Whether something typed is not in the docket yet."""
        return bool(self._waiting)

    def typed(self, slot: str, text: str) -> None:
        """``text`` stands in ``slot`` now."""
        if slot in self._given:
            return
        self._waiting[slot] = text
        self._tell("…")
        if self._timer is None:
            self._timer = self._screen.set_timer(KEEP_AFTER, self._due)

    async def give(self, slot: str) -> None:
        """``slot`` is given as an answer now; returns when no older save of it is under way."""
        self._given.add(slot)
        self._waiting.pop(slot, None)
        async with self._lock:
            pass

    def reopen(self, slot: str) -> None:
        """``slot`` is on screen: what is typed there counts."""
        self._given.discard(slot)

    def _due(self) -> None:
        self._timer = None
        start(self._screen, self.flush(), group="draft", newest=False)

    async def flush(self) -> None:
        """Save everything that waits. Raises what the desk raises, and keeps the text for another try."""
        async with self._lock:
            while self._waiting:
                slot, text = next(iter(self._waiting.items()))
                try:
                    await self._save(slot, text)
                except TriageError:
                    self._tell("NOT SAVED")
                    raise
                if self._waiting.get(slot) == text:
                    del self._waiting[slot]
            self._tell("saved")
