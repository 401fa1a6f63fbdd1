"""A few at a time, where how many may change while they are at it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager


class Seats:
    """Like a semaphore whose size is asked for each time somebody wants in: ``how_many()``, at least 1.

    When it shrinks, nobody is sent away; the next ones wait longer.
    """

    def __init__(self, how_many: Callable[[], int]) -> None:
        self._how_many = how_many
        self._taken = 0
        self._freed = asyncio.Event()

    @asynccontextmanager
    async def one(self) -> AsyncIterator[None]:
        """Wait for a seat and keep it for the block."""
        while self._taken >= self._how_many():
            self._freed.clear()
            await self._freed.wait()
        self._taken += 1
        try:
            yield
        finally:
            self._taken -= 1
            self._freed.set()
