"""The sender: carries one operation as far as it goes, one committed move after the other."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TypeAlias

from triage.helpdesk.port import Helpdesk
from triage.model.errors import HelpdeskFailed, NotFound, TriageError
from triage.model.operation import Conflict, NotSent, Operation, Outcome, Step, Throttled, Unknown, WriteState
from triage.model.ticket import Ticket
from triage.sync import sending
from triage.sync.ledger import Ledger, Move, MovedError
from triage.sync.merge import Merged, merge, written_meanwhile
from triage.sync.reading import Reading, read_ticket

OnChange: TypeAlias = Callable[[Operation], None]

WRITE_DEADLINE_S = 90.0
"""The longest one write may take before its outcome counts as unknown."""

FRESH_S = 20.0
"""A write is only sent this soon after it was committed as "sending": a machine that slept in between
may have lost the lease without knowing."""

RETRY_S = 30.0
"""How soon a read that failed is tried again."""

_MOST_FAILED_READS = 3
_MERGES_AGAIN = 1


@dataclass(slots=True)
class Round:
    """What one pass over the outbox notes down."""

    pushed: int = 0
    dues: list[datetime] = field(default_factory=list)
    alarms: list[str] = field(default_factory=list)
    busy: bool = False
    failed_reads: int = 0
    unreachable: HelpdeskFailed | None = None
    hold_until: datetime | None = None
    """The helpdesk asked the whole account to wait."""


class Sender:
    """Carries operations. ``settle_s``: how long a write of unknown outcome may still appear, in seconds."""

    def __init__(
        self,
        ledger: Ledger,
        helpdesk: Helpdesk,
        now: Callable[[], datetime],
        settle_s: float,
        on_change: OnChange | None = None,
    ) -> None:
        self._ledger = ledger
        self._helpdesk = helpdesk
        self._now = now
        self._settle_s = settle_s
        self._on_change = on_change
        self._me: str | None = None

    async def carry(self, operation: Operation, run: Round) -> Operation:
        """Take ``operation`` as far as it goes now."""
        merges = _Merges()
        while sending.active(operation) and run.unreachable is None:
            operation = await self._unless_set_back(operation)
            due = self._due(operation, run)
            if due is not None and due > self._now():
                run.dues.append(due)
                return operation
            try:
                operation = await self._advance(operation, run, merges)
                run.failed_reads = 0
            except MovedError:
                operation = await self._reread(operation)
            except NotFound as gone:
                operation = await self._gone(operation, gone)
            except HelpdeskFailed as failed:
                self._note_failed(failed, run)
                return operation
        return operation

    async def _unless_set_back(self, operation: Operation) -> Operation:
        """After the clock was set back, one whole settle window from now is enough to wait."""
        step = sending.head(operation)
        latest = self._now() + timedelta(seconds=self._settle_s)
        if step is None or step.state != "unknown" or not step.probe_after or step.probe_after <= latest:
            return operation
        return await self._change(
            operation, lambda kept: sending.postponed(kept, step.key, latest, step.problem)
        )

    def _due(self, operation: Operation, run: Round) -> datetime | None:
        step = sending.head(operation)
        due = step.probe_after if step else None
        if run.hold_until and (due is None or due < run.hold_until):
            return run.hold_until
        return due

    async def _advance(self, operation: Operation, run: Round, merges: _Merges) -> Operation:
        """One move of ``operation``'s first open step."""
        step = sending.head(operation)
        state = step.state if step else "pending"
        if step is None or state == "pending":
            return await self._send(operation, run, merges)
        if state == "sending":
            return await self._change(
                operation, lambda kept: sending.found_dead(kept, step.key, self._now(), self._settle_s)
            )
        if state == "unknown":
            return await self._look(operation, step)
        return await self._read_back(operation, step, run)

    async def _send(self, operation: Operation, run: Round, merges: _Merges) -> Operation:
        """Merge, commit, send one request, commit what came of it."""
        await self._ledger.keep()
        current = await self._helpdesk.ticket(operation.ticket_id)
        merged = await self._merge(operation, current)
        if merged.conflicts:
            words = "; ".join(str(conflict) for conflict in merged.conflicts)
            return await self._stop(operation, "conflict", words, Reading(current))
        try:
            steps = self._plan(operation, merged, current)
        except TriageError as refused:
            return await self._stop(operation, "rejected", str(refused), Reading(current))
        if all(step.state == "verified" for step in steps):
            if merged.change.fields and not steps:
                return await self._stop(
                    operation, "rejected", "the ticket has no such field", Reading(current)
                )
            return await self._nothing_left(operation, steps, run)
        begun = await self._change(
            operation, lambda kept: sending.begin(_unmoved(kept, operation), steps, self._now())
        )
        step = sending.head(begun)
        assert step is not None and step.state == "sending"  # noqa: S101  (what `begin` just made of it)
        outcome = await self._apply(step, operation.ticket_id)
        return await self._record(begun, step, outcome, run, merges)

    async def _merge(self, operation: Operation, current: Ticket) -> Merged:
        me = await self._own_name() if operation.change.assignee == "me" else ""
        earlier = await self._ledger.of_ticket(operation.ticket_id)
        ours = written_meanwhile(operation, earlier, me=me)
        left = replace(operation, change=sending.left_to_write(operation))
        return merge(left, current, me=me, ours=ours)

    def _plan(self, operation: Operation, merged: Merged, current: Ticket) -> tuple[Step, ...]:
        """The adapter's requests; a half-written operation is planned whole, so that its keys stay."""
        half_written = sending.left_to_write(operation) != operation.change
        change = operation.change if half_written else merged.change
        fresh = self._helpdesk.plan(replace(operation, change=change), current)
        steps = sending.replanned(operation, fresh, current)
        sending.check_visibility(operation, steps)
        sending.check_files(operation, self._helpdesk.capabilities)
        return steps

    async def _nothing_left(self, operation: Operation, steps: tuple[Step, ...], run: Round) -> Operation:
        """The ticket already says all of it."""

        def finish(kept: Operation) -> Operation:
            return replace(_unmoved(kept, operation), steps=steps, state="verified", problem="")

        after = await self._change(operation, finish)
        run.pushed += 1
        return after

    async def _apply(self, step: Step, ticket_id: str) -> Outcome:
        """Send it, once. Anything but a clear answer is unknown: the bytes may have left."""
        if step.sent_at is None or abs((self._now() - step.sent_at).total_seconds()) > FRESH_S:
            return NotSent("too long between saving and sending; this machine may have slept")
        try:
            async with asyncio.timeout(WRITE_DEADLINE_S):
                return await self._helpdesk.apply(step, ticket_id)
        except TimeoutError:
            return Unknown(f"no answer within {WRITE_DEADLINE_S:.0f} s")
        except Exception as error:  # noqa: BLE001  (a fault in an adapter must not make us send twice)
            return Unknown(f"{type(error).__name__} while sending")

    async def _record(
        self, begun: Operation, step: Step, outcome: Outcome, run: Round, merges: _Merges
    ) -> Operation:
        if isinstance(outcome, Throttled) and outcome.scope == "account":
            run.hold_until = self._now() + timedelta(seconds=sending.rest_s(outcome.retry_after_s))
        after = await self._change(
            begun, lambda kept: sending.record(kept, step.key, outcome, self._now(), self._settle_s)
        )
        if isinstance(outcome, Conflict):
            merges.again += 1
            if merges.again > _MERGES_AGAIN:
                return await self._stop(after, "conflict", "the ticket keeps changing while we write; retry")
        return after

    async def _look(self, operation: Operation, step: Step) -> Operation:
        """Look for a write of unknown outcome on its ticket."""
        await self._ledger.keep()
        # Tells an outage, which passes, from a ticket that cannot be searched, which needs a person.
        await self._helpdesk.ticket(operation.ticket_id)
        probe = await self._helpdesk.probe(step, operation.ticket_id)
        return await self._change(
            operation, lambda kept: sending.record_probe(kept, step.key, probe, self._now(), self._settle_s)
        )

    async def _read_back(self, operation: Operation, step: Step, run: Round) -> Operation:
        """Compare a landed step with what the ticket says, and bring the mirror up to date at the end."""
        await self._ledger.keep()
        differences = await self._helpdesk.verify(step, operation.ticket_id)
        last = operation.steps[-1].key == step.key
        reading = await self._reading(operation.ticket_id) if last or differences else None
        after = await self._change(
            operation, lambda kept: sending.record_check(kept, step.key, differences), reading
        )
        run.alarms += [f"{operation.base.get('key', operation.ticket_id)}: {words}"
                       for words in differences if words.startswith("PUBLIC:")]  # fmt: skip
        run.pushed += after.state == "verified"
        return after

    async def _reading(self, ticket_id: str) -> Reading | None:
        """The ticket for the mirror; None where it cannot be read now: the next pull brings it."""
        try:
            return await read_ticket(self._helpdesk, ticket_id, self._now)
        except (HelpdeskFailed, NotFound):
            return None

    async def _own_name(self) -> str:
        if self._me is None:
            self._me = (await self._helpdesk.whoami()).name
        return self._me

    async def _gone(self, operation: Operation, gone: NotFound) -> Operation:
        step = sending.head(operation)
        perhaps = step is not None and step.state in ("sending", "unknown", "landed")
        words = f"{gone}. What was sent may be on it" if perhaps else str(gone)
        return await self._stop(operation, "parked", words)

    async def _stop(
        self, operation: Operation, state: WriteState, problem: str, reading: Reading | None = None
    ) -> Operation:
        return await self._change(
            operation, lambda kept: sending.stopped(_unmoved(kept, operation), state, problem), reading
        )

    async def _change(self, operation: Operation, move: Move, reading: Reading | None = None) -> Operation:
        after = await self._ledger.change(operation.id, move, reading)
        if self._on_change:
            self._on_change(after)
        return after

    async def _reread(self, operation: Operation) -> Operation:
        kept = await self._ledger.of_ticket(operation.ticket_id)
        return next(one for one in kept if one.id == operation.id)

    def _note_failed(self, failed: HelpdeskFailed, run: Round) -> None:
        """One ticket that cannot be read holds up only itself; several in a row mean nobody answers."""
        run.failed_reads += 1
        run.dues.append(self._now() + timedelta(seconds=RETRY_S))
        if run.failed_reads >= _MOST_FAILED_READS:
            run.unreachable = failed


@dataclass(slots=True)
class _Merges:
    """How often an operation met a changed ticket while it was being written."""

    again: int = 0


def _unmoved(kept: Operation, read: Operation) -> Operation:
    """``kept``, when it still is what was read; raises `MovedError` where a person or a sender changed it."""
    if kept != read:
        raise MovedError
    return kept
