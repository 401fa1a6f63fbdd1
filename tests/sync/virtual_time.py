"""An event loop whose clock jumps to the next timer: hours pass in milliseconds, always in the same order."""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

T = TypeVar("T")

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


class _Timeless(selectors.DefaultSelector):
    """Never waits for time to pass; waits for a thread only while one is at work."""

    advance: Callable[[float], None]
    at_work = 0

    def select(self, timeout: float | None = None) -> Any:
        if self.at_work:
            return super().select(0 if timeout == 0 else None)
        if timeout == 0:
            return []
        if timeout is None:
            raise RuntimeError("nothing would ever happen again")
        self.advance(timeout)
        return []


class VirtualLoop(asyncio.SelectorEventLoop):
    """`call_later` and `sleep` in virtual seconds, from 0."""

    def __init__(self) -> None:
        self._seconds = 0.0
        self.timeless = _Timeless()
        self.timeless.advance = self._advance
        super().__init__(self.timeless)

    def time(self) -> float:
        return self._seconds

    def _advance(self, seconds: float) -> None:
        self._seconds += seconds


_current: list[VirtualLoop] = []


def run(main: Coroutine[Any, Any, T]) -> T:
    """Run ``main`` in virtual time."""

    def loop() -> VirtualLoop:
        _current.append(VirtualLoop())
        return _current[-1]

    try:
        with asyncio.Runner(loop_factory=loop) as runner:
            return runner.run(main)
    finally:
        _current.clear()


def now() -> datetime:
    """The virtual time as a UTC time, in any thread; the start while no loop runs."""
    return START + timedelta(seconds=_current[-1].time() if _current else 0)
