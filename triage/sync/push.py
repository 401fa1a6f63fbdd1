"""Push: carry every confirmed operation to its ticket, once.

One sender per outbox, held by a lease that outlives the longest write. Tickets go side by side, the
operations of one ticket strictly one after the other. For each request: read the ticket, merge, commit
"sending", send once, commit what came of it, read it back, commit that. Whatever happens in between, the
next sender knows from what is committed where to go on, and looks on the ticket before it sends anew.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TypeAlias

from triage.helpdesk.port import Helpdesk
from triage.model.operation import FINISHED, Operation
from triage.store.database import Database
from triage.store.note_journal import NoteJournal
from triage.sync import sending
from triage.sync.ledger import LeaseLost, Ledger, StoreLedger
from triage.sync.sender import RETRY_S, OnChange, Round, Sender

Pause: TypeAlias = Callable[[float], Awaitable[None]]
SIDE_BY_SIDE = 4
"""Tickets written to at the same time."""

_RUNS = itertools.count(1)


@dataclass(frozen=True, slots=True)
class PushResult:
    """What a push did, and how the outbox stands after it."""

    pushed: int = 0
    """Operations this push brought home: on the ticket and read back as asked."""
    conflicts: int = 0
    """Operations that stand in conflict; a person picks."""
    parked: int = 0
    rejected: int = 0
    waiting: int = 0
    """Confirmed operations that could not be finished yet and go on without a person."""
    next_due: datetime | None = None
    """When the first of the waiting can go on (UTC); where another sender held the lease from the start,
    until when it does."""
    alarms: tuple[str, ...] = ()
    """Notes found public that should be internal: to be shown at once."""
    busy: bool = False
    """Another sender holds the lease, from the start or since it took over; it does the sending."""


async def push(
    database: Database,
    helpdesk: Helpdesk,
    *,
    owner: str,
    now: Callable[[], datetime],
    pause: Pause = asyncio.sleep,
    on_change: OnChange | None = None,
    wait: bool = False,
    settle_s: float | None = None,
    journal: NoteJournal | None = None,
) -> PushResult:
    """Send what the outbox holds, as far as it goes now; with ``wait`` until nothing waits any more.

    ``owner`` names this process, different from every other that may be alive; two calls in one process
    are two senders all the same. ``on_change`` hears of
    every operation that got a step further, ``journal`` of every attempt before it is made. ``settle_s``
    overrides the helpdesk's own settle window, in seconds. Raises `HelpdeskFailed` when nobody answers (with
    ``wait`` it goes on trying). Cancelling it is safe at any point.
    """
    ledger = StoreLedger(database, f"{owner}/{next(_RUNS)}", now, journal)
    passes = Passes(ledger, helpdesk, now=now, pause=pause, on_change=on_change, settle_s=settle_s)
    return await passes.run(wait=wait)


class Passes:
    """Passes over an outbox, each under the lease."""

    def __init__(
        self,
        ledger: Ledger,
        helpdesk: Helpdesk,
        *,
        now: Callable[[], datetime],
        pause: Pause = asyncio.sleep,
        on_change: OnChange | None = None,
        settle_s: float | None = None,
    ) -> None:
        settle_s = helpdesk.capabilities.settle_s if settle_s is None else settle_s
        self._ledger = ledger
        self._sender = Sender(ledger, helpdesk, now, settle_s, on_change)
        self._now = now
        self._pause = pause

    async def run(self, *, wait: bool = False) -> PushResult:
        """One pass over the outbox; with ``wait`` as many as it takes until nothing waits any more.

        Raises `HelpdeskFailed` when nobody answers; with ``wait`` it goes on trying instead.
        """
        result = await self._pass(patient=wait)
        pushed, alarms = result.pushed, result.alarms
        while wait and result.waiting:
            due = result.next_due or self._now() + timedelta(seconds=RETRY_S)
            await self._pause(max(1.0, (due - self._now()).total_seconds()))
            result = await self._pass(patient=True)
            pushed, alarms = pushed + result.pushed, alarms + result.alarms
        return replace(result, pushed=pushed, alarms=alarms)

    async def _pass(self, *, patient: bool) -> PushResult:
        run = Round()
        held_until = await self._ledger.take()
        if held_until is not None:
            run.dues.append(held_until)
            run.busy = True
            return _result(await self._ledger.unfinished(), run)
        try:
            await self._lines(await self._ledger.unfinished(), run)
        except LeaseLost:
            run.busy = True
            run.dues.clear()  # when it goes on is now for the other sender to say
        finally:
            await self._ledger.give_back()
        if run.unreachable is not None and not patient:
            raise run.unreachable
        return _result(await self._ledger.unfinished(), run)

    async def _lines(self, operations: Sequence[Operation], run: Round) -> None:
        """Every ticket's line, a few at a time; each strictly in order."""
        lines: dict[str, list[Operation]] = {}
        for operation in operations:
            lines.setdefault(operation.ticket_id, []).append(operation)
        places = asyncio.Semaphore(SIDE_BY_SIDE)

        async def walk(line: Sequence[Operation]) -> None:
            async with places:
                await self._line(line, run)

        results = await asyncio.gather(*(walk(line) for line in lines.values()), return_exceptions=True)
        for failure in results:
            if isinstance(failure, BaseException):
                raise failure

    async def _line(self, line: Sequence[Operation], run: Round) -> None:
        for operation in line:
            carried = await self._sender.carry(operation, run)
            if carried.state not in FINISHED:
                return


def _result(operations: Sequence[Operation], run: Round) -> PushResult:
    states = [operation.state for operation in operations]
    waiting = _waiting(operations)
    return PushResult(
        pushed=run.pushed,
        conflicts=states.count("conflict"),
        parked=states.count("parked"),
        rejected=states.count("rejected"),
        waiting=waiting,
        next_due=min(run.dues) if run.dues and waiting else None,
        alarms=tuple(run.alarms),
        busy=run.busy,
    )


def _waiting(operations: Sequence[Operation]) -> int:
    """How many can go on without a person: not those in line behind one that cannot."""
    stuck: set[str] = set()
    waiting = 0
    for operation in operations:
        if not sending.active(operation):
            stuck.add(operation.ticket_id)
        waiting += operation.ticket_id not in stuck
    return waiting
