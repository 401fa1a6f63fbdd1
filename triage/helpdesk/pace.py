"""When the next request may go: one `Pace` for each connection, asked before every request and told its end.

- Reads go a few at a time. The number grows while all is well and is halved when the helpdesk says that it
  has too much to do, or is too late.
- What the helpdesk asks us to wait holds for the whole account, reads and writes. Reads wait; a write does
  not, it is told at once that it has to come back, because who sends it keeps it better than we do.
- Where answers say how much of a limit is left, reads slow down before it is used up; what remains is for
  the writes.
- A helpdesk that did not answer several times in a row is left alone; see `triage.helpdesk.circuit`.

Nothing here sends anything, and nothing here makes anybody send a write again.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import httpx

from triage.helpdesk.answer import DEFAULT_PAUSE_S, LONGEST_PAUSE_S, retry_after
from triage.helpdesk.circuit import Circuit
from triage.helpdesk.rate_headers import Allowance, allowance, of_one_ticket
from triage.helpdesk.seats import Seats
from triage.model.errors import HelpdeskFailed

NARROWEST = 2
WIDEST = 4
"""More at once only makes a helpdesk slower."""
GROWS_AFTER = 10
"""Clean answers in a row, before one more read may go at the same time."""
JITTER_S = 1.0
"""Added to what the helpdesk asked, by chance up to this, so that many clients do not march in step."""
FIRST_PAUSE_S = 1.0
"""The first hold where the helpdesk does not say for how long; each further one is twice as long."""
WRITE_PATIENCE_S = 2.0
"""A write waits no longer than this inside; longer holds send it back."""
TOLD_FROM_S = 1.0
"""Shorter holds are not worth a word."""
MOST_APART_S = 5.0
"""The longest pause between two reads while a limit comes near."""
CROWDED_FROM = 3
"""Refusals one soon after the other, before it is plain that others use up the same limit."""
LONGEST_SPACING_S = 7.5
"""The longest pause between two reads, on the average, where others use up the same limit."""
SPACING_SHRINKS = 0.95
"""By this with each clean answer."""

_OUR_OWN_FAULT = (httpx.LocalProtocolError, httpx.UnsupportedProtocol, httpx.PoolTimeout)


class Held(HelpdeskFailed):
    """The helpdesk asked for a longer pause than this request can wait; nothing was sent."""

    def __init__(self, left_s: float, until: datetime, where: str) -> None:
        super().__init__(f"the helpdesk asks us to wait until {until:%H:%M:%S} UTC", where=where,
                         do="Try again then; what is waiting here stays safe")  # fmt: skip
        self.left_s = left_s
        """Seconds to go."""


class Pace:
    """The pace of one connection.

    ``clock`` gives seconds that only grow, ``pause`` waits so many of them, ``now`` is UTC (for words and for
    headers that name a time), ``where`` the helpdesk's name in an error line.
    """

    def __init__(
        self,
        where: str = "",
        *,
        clock: Callable[[], float] = time.monotonic,
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        randomness: random.Random | None = None,
    ) -> None:
        self.on_hold: Callable[[datetime], None] | None = None
        """Told once for each hold that reads wait for: until when (UTC)."""
        self.holds = 0
        """How often the helpdesk asked for a pause so far."""
        self._where = where
        self._clock = clock
        self._pause = pause
        self._now = now
        self._random = randomness or random.Random()
        self._width = NARROWEST
        self._clean = 0
        self._held_until = clock()
        self._told_until = self._held_until
        self._unsaid = 0
        self._spacing = 0.0
        self._clean_since_hold = GROWS_AFTER
        self._refused_soon = 0
        self._next_read = self._held_until
        self._allowance: Allowance | None = None
        self._resets_at = self._held_until
        self._reads = Seats(lambda: self._width)
        self._writes = Seats(lambda: WIDEST)
        self._circuit = Circuit(where, clock, now)

    @property
    def width(self) -> int:
        """How many reads may go at the same time now."""
        return self._width

    @property
    def hold_s(self) -> float:
        """Seconds for which nothing may go; 0 when the helpdesk asked for no pause."""
        return max(0.0, self._held_until - self._clock())

    async def pause(self, seconds: float) -> None:
        """Let so much time go by, for who spaces requests of one kind further than the others."""
        await self._pause(seconds)

    @asynccontextmanager
    async def reading(self, patience_s: Callable[[], float]) -> AsyncIterator[None]:
        """The time of one read; what comes of it is told by `answered`, or by the exception that ends it.

        Waits for its turn. Raises `Held` when that would take longer than ``patience_s()`` seconds, and
        `OutOfReach`; then nothing may be sent.
        """
        self._circuit.check(may_probe=True)
        async with self._reads.one():
            while (wait := max(self.hold_s, self._next_read - self._clock())) > 0:
                self._check_hold(wait, patience_s())
                self._tell()
                await self._pause(wait)
            self._circuit.check(may_probe=True)
            self._next_read = self._clock() + self._apart_s()
            async with self._listening():
                yield

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[None]:
        """The time of one write. Raises `Held` and `OutOfReach` before anything was sent.

        A write is never the one to find out whether the helpdesk is back: it might get lost.
        """
        async with self._writes.one():
            self._circuit.check(may_probe=False)
            while (wait := self.hold_s) > 0:
                self._check_hold(wait, WRITE_PATIENCE_S)
                await self._pause(wait)
            async with self._listening():
                yield

    def answered(self, status: int, headers: Mapping[str, str]) -> None:
        """What the helpdesk said, of a read or a write."""
        self._circuit.answered()
        if status == 429 and of_one_ticket(headers):
            return
        self._note_allowance(headers)
        if status == 429:
            self._hold(self._asked_s(headers))
        elif status in (502, 503, 504) and (asked := retry_after(headers, self._now(), None)) is not None:
            self._hold(asked)
        if status in (429, 503, 504):
            self._slow_down()
        elif status < 500:
            self._speed_up()

    # --- turns ----------------------------------------------------------------------------------------

    @asynccontextmanager
    async def _listening(self) -> AsyncIterator[None]:
        probe = self._circuit.begin()
        try:
            yield
        except (httpx.TransportError, TimeoutError) as error:
            if isinstance(error, TimeoutError | httpx.TimeoutException):
                self._slow_down()
            self._clean = 0
            if not isinstance(error, _OUR_OWN_FAULT):
                self._circuit.failed(_in_words(error))
            raise
        finally:
            if probe:
                self._circuit.end()

    def _check_hold(self, wait_s: float, patience_s: float) -> None:
        if wait_s > patience_s:
            raise Held(wait_s, self._now() + timedelta(seconds=wait_s), self._where)

    def _tell(self) -> None:
        if self.on_hold is None or self.hold_s < TOLD_FROM_S or self._told_until == self._held_until:
            return
        self._told_until = self._held_until
        self.on_hold(self._now() + timedelta(seconds=self.hold_s))

    # --- what answers teach ---------------------------------------------------------------------------

    def _asked_s(self, headers: Mapping[str, str]) -> float:
        """Seconds a 429 asks for; where it does not say, more with each in a row."""
        asked = retry_after(headers, self._now(), None)
        if asked is not None:
            return asked
        if self.hold_s == 0:  # several refused at the same time are one refusal
            self._unsaid += 1
        return min(DEFAULT_PAUSE_S, FIRST_PAUSE_S * 2.0 ** max(0, self._unsaid - 1))

    def _hold(self, asked_s: float) -> None:
        """A hold only ever grows: the answer to an earlier request must not end it."""
        if self.hold_s == 0 and self._unsaid == 0:
            self._space_out()
        jitter = self._random.uniform(0, max(JITTER_S, self._spacing))
        until = self._clock() + min(asked_s, LONGEST_PAUSE_S) + jitter
        self._held_until = max(self._held_until, until)
        self.holds += 1

    def _space_out(self) -> None:
        """Ask less often where a hold that was kept is followed by the next one, again and again."""
        soon = self._clean_since_hold < GROWS_AFTER
        self._refused_soon = self._refused_soon + 1 if soon else 0
        if self._refused_soon >= CROWDED_FROM:
            self._spacing = min(LONGEST_SPACING_S, max(FIRST_PAUSE_S, 2 * self._spacing))
        self._clean_since_hold = 0

    def _slow_down(self) -> None:
        self._width = max(NARROWEST, self._width // 2)
        self._clean = 0

    def _speed_up(self) -> None:
        self._unsaid = 0
        self._clean += 1
        self._clean_since_hold += 1
        self._spacing = self._spacing * SPACING_SHRINKS if self._spacing > MOST_APART_S / 100 else 0.0
        if self._clean >= GROWS_AFTER and self._width < WIDEST:
            self._width += 1
            self._clean = 0

    def _note_allowance(self, headers: Mapping[str, str]) -> None:
        left = allowance(headers, self._now())
        if left is None:
            return
        self._allowance = left
        self._resets_at = self._clock() + left.resets_in_s
        if left.remaining == 0 and left.whole_account:
            self._hold(left.resets_in_s)

    def _apart_s(self) -> float:
        """Seconds between two reads, so that what is left lasts until there is more; negative after that."""
        spaced = self._spacing * self._random.uniform(0.5, 1.5)
        left, seconds = self._allowance, self._resets_at - self._clock()
        if left is None or not left.scarce:
            return spaced
        return max(spaced, min(MOST_APART_S, seconds / max(1, left.remaining)))


def _in_words(error: BaseException) -> str:
    if isinstance(error, TimeoutError | httpx.TimeoutException):
        return "no answer in time"
    return "nothing answers" if isinstance(error, httpx.ConnectError) else "the connection broke"
