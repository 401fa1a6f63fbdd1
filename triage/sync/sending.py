"""What happens to a confirmed operation on its way: pure transitions for the sender.

`begin` must be committed before a byte is sent; `record` takes what came of it. Where the outcome is
unknown, `record_probe` decides after looking on the ticket, and `record_check` after reading it back.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from triage.model.capabilities import Capabilities
from triage.model.errors import Refused, Stopped
from triage.model.json_value import Json
from triage.model.operation import (
    FINISHED,
    NEEDS_A_PERSON,
    Change,
    Conflict,
    Landed,
    NotSent,
    Operation,
    Outcome,
    Probe,
    Rejected,
    Step,
    Throttled,
    Unknown,
    WriteState,
)
from triage.model.ticket import Ticket
from triage.sync.outbox import is_public, moved

SCANS_NEEDED = 2
"""Complete looks at the ticket, one settle window apart, before a write counts as not arrived."""

MOST_ATTEMPTS = 8
"""Attempts of one step, none of them found, before a person must look; a retry allows as many again."""

_LONGEST_BACKOFF_S = 300
_MOST_REST_S = 3600
"""The longest a helpdesk can make us wait in one go, in seconds; a larger Retry-After is cut to this."""


def head(operation: Operation) -> Step | None:
    """The first step that is not yet read back as asked; None when all are, or nothing is planned yet."""
    return next((step for step in operation.steps if step.state != "verified"), None)


def active(operation: Operation) -> bool:
    """Whether the sender has work with it: confirmed, not finished, and no person needed."""
    return operation.state not in NEEDS_A_PERSON | FINISHED


def in_line(operations: Iterable[Operation]) -> tuple[Operation, ...]:
    """Confirmed and unfinished ``operations`` in the order they go: what has begun, then as confirmed.

    What has begun goes first even where a clock that was set back says otherwise.
    """
    waiting = [one for one in operations if one.state not in FINISHED | {"proposed"} and one.confirmed_at]
    return tuple(sorted(waiting, key=lambda one: (not _begun(one), one.confirmed_at, one.id)))


def left_to_write(operation: Operation) -> Change:
    """The part of the change that no landed step carries: all that a merge still has to look at."""
    kinds: set[str] = {step.kind for step in operation.steps}
    done: set[str] = {step.kind for step in operation.steps if step.state in ("landed", "verified")}
    if not done:
        return operation.change
    if "bundle" in done:
        return Change()
    change = operation.change
    fields = "fields" in kinds - done

    def still(kind: str) -> bool:
        """In a step of its own that waits, or else along with fields that wait."""
        return kind in kinds - done or (fields and kind not in kinds)

    return replace(
        change,
        note=change.note if still("note") else None,
        tags_add=change.tags_add if still("tags") else (),
        tags_remove=change.tags_remove if still("tags") else (),
        fields=change.fields if fields else {},
        status=change.status if still("status") else None,
        assignee=change.assignee if still("assignee") else None,
    )


def replanned(operation: Operation, fresh: Sequence[Step], current: Ticket) -> tuple[Step, ...]:
    """The steps to go on with: what has landed stays, the rest is taken from ``fresh``.

    ``fresh`` is the adapter's plan against ``current``. Once part of the operation has landed the other
    steps keep their keys, so that no two of one operation can ever be mistaken for each other.
    """
    if not any(step.state in ("landed", "verified") for step in operation.steps):
        before = {step.key: step.attempts for step in operation.steps}
        return tuple(replace(step, attempts=before.get(step.key, 0)) for step in fresh)
    return tuple(
        step if step.state in ("landed", "verified") else _renewed(step, fresh, current)
        for step in operation.steps
    )


def _renewed(step: Step, fresh: Sequence[Step], current: Ticket) -> Step:
    """An unsent step of a half-written operation, brought up to ``current``."""
    match = next((new for new in fresh if new.kind == step.kind), None)
    if match is None:
        # A state step the ticket already satisfies needs no request; a note always does.
        done = step.probe == "state"
        return replace(step, base=current.version, state="verified" if done else step.state)
    payload = match.payload if step.probe == "state" or match.key == step.key else step.payload
    return replace(step, payload=payload, base=match.base)


def check_visibility(operation: Operation, steps: Sequence[Step]) -> None:
    """Raise `Refused` if a step would show the customer anything a person has not released as public."""
    key = str(operation.base.get("key", ""))
    released = is_public(operation.change) and bool(key) and operation.public_confirmed_with == key
    if is_public(operation.change) and not released:
        raise Refused("a public reply nobody confirmed", where=key, do="Drop it and propose it again")
    wanted = "public" if released else "internal"
    if any(step.visibility != wanted for step in steps):
        raise Refused(f"the plan is not {wanted} throughout", where=key, do="Report this helpdesk adapter")
    note = operation.change.note
    if note is not None and note.files and note.visibility != "internal":
        raise Refused("a public reply never carries a file", where=key, do="Drop it and propose it without")


def check_files(operation: Operation, can: Capabilities) -> None:
    """Raise `Refused` if ``operation`` would put a file where a customer may see it."""
    note = left_to_write(operation).note
    if note is not None and note.files and not can.internal_files:
        raise Refused(
            "this helpdesk cannot keep a file from the customer", where=str(operation.base.get("key", "")),
            do="Drop it and send the evidence again: it goes as text",
        )  # fmt: skip


def begin(operation: Operation, steps: Sequence[Step], now: datetime) -> Operation:
    """``operation`` with ``steps`` and the first open one in `sending`: to be committed before it is sent."""
    first = next(step for step in steps if step.state != "verified")
    sending = replace(
        first,
        state=moved(first.state, "sending"),
        attempts=first.attempts + 1,
        sent_at=now,
        absent_scans=0,
        probe_after=None,
        receipt="",
        problem="",
    )
    planned = replace(operation, steps=tuple(steps), problem="")
    return _with(planned, sending)


def record(operation: Operation, key: str, outcome: Outcome, now: datetime, settle_s: float) -> Operation:
    """What came of the attempt that `begin` opened for the step ``key``."""
    step = _step(operation, key)
    match outcome:
        case Landed(receipt=receipt):
            return _with(operation, replace(step, state=moved(step.state, "landed"), receipt=receipt or ""))
        case NotSent(reason=reason):
            return _again(operation, step, f"not sent: {reason}", now, backoff_s(step.attempts))
        case Throttled(retry_after_s=rest):
            return _again(operation, step, "the helpdesk asks us to wait", now, rest_s(rest))
        case Conflict():
            return _again(operation, step, "the ticket changed while we wrote", now, 0)
        case Rejected(status=status, errors=errors):
            why = "; ".join(errors) or "no reason given"
            return stopped(operation, "rejected", f"the helpdesk refused it ({status}): {why}", key=key)
        case Unknown(cause=cause):
            return _lost_sight(operation, step, f"outcome unknown: {cause}", now, settle_s)


def found_dead(operation: Operation, key: str, now: datetime, settle_s: float) -> Operation:
    """A step whose sender died while it was `sending`: it may have arrived, and may arrive yet."""
    return _lost_sight(operation, _step(operation, key), "interrupted while sending", now, settle_s)


def record_probe(operation: Operation, key: str, probe: Probe, now: datetime, settle_s: float) -> Operation:
    """What looking for the step ``key`` on the ticket told."""
    step = _step(operation, key)
    if probe.verdict == "found":
        receipt = probe.receipt or step.receipt
        return _with(
            operation, replace(step, state=moved(step.state, "landed"), receipt=receipt, probe_after=None)
        )
    if probe.verdict == "cannot_tell" or not probe.complete_scan:
        return stopped(
            operation, "parked", "cannot tell whether it arrived: look at the ticket, then retry or drop"
        )
    scans = step.absent_scans + 1
    if scans < SCANS_NEEDED:
        waiting = replace(step, absent_scans=scans, probe_after=now + timedelta(seconds=settle_s))
        return _with(operation, waiting)
    if step.attempts % MOST_ATTEMPTS == 0:
        return stopped(operation, "parked", f"sent {step.attempts} times and never arrived: ask the helpdesk")
    back = replace(
        step, state=moved(step.state, "pending"), probe_after=None, problem="did not arrive; sent again"
    )
    return _with(operation, back)


def record_check(operation: Operation, key: str, differences: Sequence[str]) -> Operation:
    """What reading the landed step ``key`` back told; differences wait for a person, a public one loudly."""
    step = _step(operation, key)
    if not differences:
        done = replace(step, state=moved(step.state, "verified"), problem="", probe_after=None)
        return _with(operation, replace(done, payload=_without_texts(done.payload)))
    loudest = sorted(differences, key=lambda words: not words.startswith("PUBLIC:"))
    problem = "; ".join(loudest)
    return stopped(_with(operation, replace(step, problem=problem)), "parked", problem)


def _without_texts(payload: Mapping[str, Json]) -> Mapping[str, Json]:
    """``payload`` without the texts of its files: they are on the ticket, and the change still has them."""
    files = payload.get("files")
    if not isinstance(files, list):
        return payload
    kept: list[Json] = [{**file, "text": ""} if isinstance(file, Mapping) else file for file in files]
    return {**payload, "files": kept}


def postponed(operation: Operation, key: str, until: datetime, problem: str) -> Operation:
    """The step ``key`` left as it is until ``until``."""
    return _with(operation, replace(_step(operation, key), probe_after=until, problem=problem))


def stopped(operation: Operation, state: WriteState, problem: str, *, key: str = "") -> Operation:
    """``operation`` halted in ``state`` for a person; with ``key`` that step says so too.

    What a person dropped or parked meanwhile stays so.
    """
    steps = tuple(
        replace(step, state=moved(step.state, state), problem=problem) if step.key == key else step
        for step in operation.steps
    )
    if not active(operation):
        return replace(operation, steps=steps)
    return replace(operation, steps=steps, state=moved(operation.state, state), problem=problem)


def backoff_s(attempts: int) -> float:
    """Seconds to wait after the ``attempts``-th try that never left: 5, 10, 20 … at most 300."""
    return float(min(_LONGEST_BACKOFF_S, 5 * 2 ** max(0, min(attempts, 10) - 1)))


def rest_s(retry_after_s: float) -> float:
    """A helpdesk's Retry-After in seconds, kept between one second and an hour."""
    return min(max(retry_after_s, 1.0), _MOST_REST_S)


def _begun(operation: Operation) -> bool:
    return any(step.attempts for step in operation.steps)


def _again(operation: Operation, step: Step, problem: str, now: datetime, wait_s: float) -> Operation:
    until = now + timedelta(seconds=wait_s) if wait_s else None
    return _with(
        operation, replace(step, state=moved(step.state, "pending"), probe_after=until, problem=problem)
    )


def _lost_sight(operation: Operation, step: Step, problem: str, now: datetime, settle_s: float) -> Operation:
    until = now + timedelta(seconds=settle_s)
    unknown = replace(
        step, state=moved(step.state, "unknown"), absent_scans=0, probe_after=until, problem=problem
    )
    return _with(operation, unknown)


def _step(operation: Operation, key: str) -> Step:
    for step in operation.steps:
        if step.key == key:
            return step
    raise Stopped(f"the step {key} is no longer part of this write", do="Sync again")


def _with(operation: Operation, changed: Step) -> Operation:
    """``operation`` with ``changed`` in place, and the state that follows from its steps."""
    steps = tuple(changed if step.key == changed.key else step for step in operation.steps)
    after = replace(operation, steps=steps)
    if not active(operation):
        return after
    first = head(after)
    state: WriteState = first.state if first else "verified"
    problem = first.problem if first else ""
    return replace(after, state=state, problem=problem)
