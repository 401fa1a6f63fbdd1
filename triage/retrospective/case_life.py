"""Where the time of a case went: documentation, investigation, fix and verify, queue.

The split is a composition of the case, never a measure of anybody: a request for evidence until its receipt
is documentation, a fix until the customer's confirmation is fix and verify, the stretch before anybody was
on it is queue, the rest investigation. A second request for evidence is a second round.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Literal

from triage.model.investigation import CaseEvent, CaseLifeSegment

LifePhase = Literal["documentation", "investigation", "fix_verify", "queue"]
PHASES: tuple[LifePhase, ...] = ("documentation", "investigation", "fix_verify", "queue")
LABELS: Mapping[str, str] = {
    "documentation": "documentation",
    "investigation": "investigation",
    "fix_verify": "fix + verify",
    "queue": "queue",
}
_OURS = frozenset({"acknowledge", "reply", "promise", "evidence_request", "hypothesis", "test", "handoff"})
_ASKING = frozenset({"evidence_request"})
_REPAIRED = frozenset({"fix", "workaround"})


EXACT = timedelta(minutes=1)
"""How far the sum of the stretches may be from the whole."""


def life(events: Sequence[CaseEvent], now: datetime) -> tuple[datetime, datetime] | None:
    """First contact, and the customer's confirmation, close, or ``now``; None before any contact."""
    begun = min((one.at for one in events if one.kind == "contact"), default=None)
    if begun is None:
        return None
    ends = [one.at for one in events if one.kind in {"verify", "close"} and one.at >= begun]
    return begun, max(ends, default=max(begun, now))


def split(events: Sequence[CaseEvent], now: datetime) -> tuple[CaseLifeSegment, ...]:
    """The life of a case in stretches that follow each other without a gap."""
    whole = life(events, now)
    if whole is None:
        return ()
    begun, end = whole
    marks = [one for one in sorted(events, key=lambda one: one.at) if begun <= one.at <= end]
    edges = _edges(marks, begun, end)
    return _merged([(start, stop, *state) for (start, state), (stop, _) in pairwise(edges) if stop > start])


def _edges(
    marks: Sequence[CaseEvent], begun: datetime, end: datetime
) -> list[tuple[datetime, tuple[LifePhase, str]]]:
    """The moments at which the phase changes, with the phase from then on; the last is the end."""
    state: tuple[LifePhase, str] = (
        ("documentation", "customer") if _starts_asking(marks) else ("queue", "support")
    )
    edges: list[tuple[datetime, tuple[LifePhase, str]]] = [(begun, state)]
    escalated = False
    for mark in marks:
        escalated = escalated or mark.kind == "escalation"
        state = _state_after(mark, state, escalated=escalated)
        if state != edges[-1][1]:
            edges.append((mark.at, state))
    return [*edges, (end, state)]


def _starts_asking(marks: Sequence[CaseEvent]) -> bool:
    """Whether the first thing we did was to ask: then the case began by being described."""
    for mark in marks:
        if mark.kind in _ASKING | {"evidence_received"}:
            return True
        if mark.kind in _OURS - {"promise", "acknowledge", "handoff"}:
            return False
    return False


def _state_after(mark: CaseEvent, state: tuple[LifePhase, str], *, escalated: bool) -> tuple[LifePhase, str]:
    ours = "engineering" if escalated else "support"
    if mark.kind in _REPAIRED:
        return "fix_verify", "customer"
    if state[0] == "fix_verify" and mark.kind != "reopen":
        return state
    if mark.kind in _ASKING:
        return "documentation", "customer"
    if mark.kind in {"evidence_received", "escalation"}:
        return "investigation", ours
    if state[0] == "queue" and mark.kind in _OURS:
        return "investigation", ours
    return state


def _merged(stretches: Sequence[tuple[datetime, datetime, LifePhase, str]]) -> tuple[CaseLifeSegment, ...]:
    rounds: Counter[str] = Counter()
    segments = []
    for start, end, phase, waiting_on in stretches:
        rounds[phase] += 1
        segments.append(CaseLifeSegment(start, end, phase, waiting_on, rounds[phase]))
    return tuple(segments)


def totals(segments: Sequence[CaseLifeSegment]) -> dict[LifePhase, tuple[timedelta, int]]:
    """Elapsed time and rounds of every phase that took any."""
    result: dict[LifePhase, tuple[timedelta, int]] = {}
    for phase in PHASES:
        of_phase = [one for one in segments if one.phase == phase]
        if of_phase:
            elapsed = sum((one.end - one.start for one in of_phase), timedelta())
            result[phase] = elapsed, max(one.iteration for one in of_phase)
    return result


def spell(length: timedelta) -> str:
    """``0:49`` hours and minutes, ``3 d 7:25`` from a day on."""
    minutes = int(length.total_seconds() // 60)
    days, minutes = divmod(minutes, 1440)
    clock = f"{minutes // 60}:{minutes % 60:02d}"
    return f"{days} d {clock}" if days else clock
