"""How often, and after which pauses, a reading request is tried again."""

from __future__ import annotations

import random
import time
from collections.abc import Callable

from triage.helpdesk.answer import Again

READ_TOTAL_S = 60.0
"""One read ends within this, all its repetitions and the pauses between them included."""
SHORTEST_TRY_S = 1.0
"""A repetition that would have less time than this is not begun."""
BACKOFF_BASE_S = 0.25
BACKOFF_CAP_S = 8.0


class Waits:
    """How long to wait before each repetition of one read, which has `READ_TOTAL_S` in all."""

    def __init__(
        self,
        randomness: random.Random,
        clock: Callable[[], float] = time.monotonic,
        held: Callable[[], bool] = lambda: False,
    ) -> None:
        self._random = randomness
        self._clock = clock
        self._held = held
        self._ends = clock() + READ_TOTAL_S
        self._failed = 0

    @property
    def left_s(self) -> float:
        """Seconds that the read has left."""
        return self._ends - self._clock()

    @property
    def time_to_wait_s(self) -> float:
        """Seconds that it may spend waiting and still begin a try."""
        return self.left_s - SHORTEST_TRY_S

    def before_retry(self, error: Exception) -> bool | float:
        """Seconds to wait, or False to give up. Full jitter, so that many clients do not march in step."""
        if not isinstance(error, Again):
            return False
        self._failed += 1
        if self._failed > error.patience:
            return False
        if self._held():
            return 0.0  # the pace waits, and gives up where that would take too long
        pause = self._pause(error.after_s)
        return pause if pause <= self.time_to_wait_s else False

    def _pause(self, asked_s: float | None) -> float:
        if asked_s is not None:
            return asked_s + self._random.uniform(0, 1)
        return self._random.uniform(0, min(BACKOFF_CAP_S, BACKOFF_BASE_S * 2**self._failed))
