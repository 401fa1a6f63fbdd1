"""A circuit breaker: a helpdesk that does not answer is left alone for a while."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from triage.model.errors import HelpdeskFailed

OPENS_AFTER = 5
"""Requests in a row that got no answer at all."""
PROBE_AFTER_S = 30.0
LONGEST_PROBE_S = 300.0
"""Each probe in vain doubles the time to the next one, up to this."""


class OutOfReach(HelpdeskFailed):
    """The helpdesk did not answer lately; nothing was sent now."""


class Circuit:
    """Counts requests without an answer. ``clock``: seconds that only grow; ``now``: UTC, for the words."""

    def __init__(self, where: str, clock: Callable[[], float], now: Callable[[], datetime]) -> None:
        self._where = where
        self._clock = clock
        self._now = now
        self._failures = 0
        self._first_failure = 0.0
        self._probe_at: float | None = None
        self._pause_s = PROBE_AFTER_S
        self._probing = False
        self._why = ""

    @property
    def open(self) -> bool:
        """Whether the helpdesk counts as out of reach."""
        return self._probe_at is not None

    def check(self, *, may_probe: bool) -> None:
        """Raises `OutOfReach` unless a request may go; one that ``may_probe`` may when a probe is due."""
        if self._probe_at is None:
            return
        if self._probing or not may_probe or self._clock() < self._probe_at:
            raise self._out_of_reach(self._probe_at)

    def begin(self) -> bool:
        """A request goes now; whether it is the probe, whose end has to be told to `end`."""
        if self._probe_at is None:
            return False
        self._probing = True
        return True

    def end(self) -> None:
        """The probe is over, in whatever way."""
        self._probing = False

    def answered(self) -> None:
        """There was an answer, whatever it says: the helpdesk is there."""
        self._failures = 0
        self._probe_at = None
        self._pause_s = PROBE_AFTER_S

    def failed(self, why: str) -> None:
        """A request got no answer; ``why`` in words, without secrets."""
        if self._failures == 0:
            self._first_failure = self._clock()
        self._failures += 1
        self._why = why
        if self._probe_at is not None and self._probing:
            self._pause_s = min(LONGEST_PROBE_S, self._pause_s * 2)
            self._probe_at = self._clock() + self._pause_s
        elif self._failures >= OPENS_AFTER and self._probe_at is None:
            self._probe_at = self._clock() + self._pause_s

    def _out_of_reach(self, probe_at: float) -> OutOfReach:
        since, then = self._told(self._first_failure), self._told(max(probe_at, self._clock()))
        return OutOfReach(f"out of reach since {since} UTC ({self._why}); next try at {then} UTC",
                          where=self._where, do="Check the network and that the helpdesk runs")  # fmt: skip

    def _told(self, moment: float) -> str:
        """A moment of ``clock`` as a time of day in UTC."""
        at = self._now() + timedelta(seconds=moment - self._clock())
        return f"{at.astimezone(UTC):%H:%M:%S}"
