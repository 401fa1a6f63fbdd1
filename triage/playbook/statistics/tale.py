"""One run as statistics see it: where it went, how long it was worked on, how it ended."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal, TypeAlias

from triage.model.json_value import Json
from triage.model.run_event import RunEvent
from triage.playbook.language.plan import Plan
from triage.playbook.run.fold import plan_of

IDLE = timedelta(minutes=10)
"""After this long without a key the time no longer counts."""
LEFT_LYING = timedelta(days=14)
"""A run that nobody touched for this long was abandoned."""

Fate: TypeAlias = Literal["going", "ended", "stopped", "abandoned"]
_LOOKING = ("ask", "check", "http", "decide")
_TROUBLE = ("step.failed", "step.timed_out", "step.interrupted")


@dataclass(slots=True)
class RunTale:
    """What one run adds to the counts."""

    run_id: str
    case_id: str
    playbook_id: str
    version: int
    plan: Plan
    opened_at: datetime
    position: str
    last_at: datetime
    fate: Fate = "going"
    outcome: str = ""
    ended_at: datetime | None = None
    active: timedelta = timedelta()
    seconds: Counter[str] = field(default_factory=Counter)
    """Active seconds by step."""
    reached: set[str] = field(default_factory=set)
    skipped: list[tuple[str, str]] = field(default_factory=list)
    """Step and reason."""
    failed: set[str] = field(default_factory=set)
    passed: set[str] = field(default_factory=set)
    overridden: set[str] = field(default_factory=set)
    backed_into: set[str] = field(default_factory=set)
    ways: set[tuple[str, str]] = field(default_factory=set)
    answers: dict[str, Json] = field(default_factory=dict)
    decided_by: str = ""
    """The last step that looked at something before the cause was accepted; empty without a cause."""
    _standing: list[str] = field(default_factory=list)
    _parked: bool = False

    @property
    def by_hand(self) -> bool:
        """Whether a person worked through it; a run from an answers file takes no time worth counting."""
        return self.active >= timedelta(seconds=1)

    @property
    def left_at(self) -> str:
        """Where it was abandoned; empty for another fate."""
        return self.position if self.fate == "abandoned" else ""


def tale_of(events: Sequence[RunEvent], now: datetime) -> RunTale | None:
    """The tale of one run's ``events``, in order; None when its opening is missing.

    Raises `Invalid` when the text it is pinned to can no longer be read.
    """
    if not events or events[0].kind != "run.opened":
        return None
    data: Mapping[str, Any] = events[0].data
    plan = plan_of(data)
    tale = RunTale(
        events[0].run_id, events[0].case_id, str(data["playbook"]), int(data["version"]), plan, events[0].at,
        plan.steps[0].id, events[0].at,
    )  # fmt: skip
    for event in events[1:]:
        _count_time(tale, event)
        _READ.get(event.kind, _note)(tale, event)
    if tale.fate == "going":
        tale.reached.add(tale.position)
        if now - tale.last_at > LEFT_LYING:
            tale.fate = "abandoned"
    return tale


def _count_time(tale: RunTale, event: RunEvent) -> None:
    """Add the time since the last event to the step in hand; parked time and long pauses do not count."""
    spent = timedelta() if tale._parked else max(timedelta(), min(event.at - tale.last_at, IDLE))
    tale.active += spent
    if tale.position:
        tale.seconds[tale.position] += spent.total_seconds()  # type: ignore[assignment]  # a Counter also adds parts
    tale.last_at, tale._parked = event.at, event.kind == "run.parked"


def _note(tale: RunTale, event: RunEvent) -> None:
    """An event that moves nothing: it still says that its step was come to."""
    step = event.data.get("step")
    if isinstance(step, str) and step in tale.plan.graph.steps:
        tale.reached.add(step)


def _moved(tale: RunTale, event: RunEvent) -> None:
    step, target = str(event.data["step"]), str(event.data.get("next") or "")
    tale.reached.add(step)
    tale._standing.append(step)
    if target:
        tale.ways.add((step, target))
        tale.position = target


def _finished(tale: RunTale, event: RunEvent) -> None:
    data: Mapping[str, Any] = event.data
    step = tale.plan.graph.steps.get(data["step"])
    tale.passed.add(data["step"])
    tale.answers |= data.get("saved", {})
    if step is not None and step.kind == "root_cause":
        looked = [one for one in tale._standing if tale.plan.graph.steps[one].kind in _LOOKING]
        tale.decided_by = looked[-1] if looked else ""
    _moved(tale, event)


def _failed(tale: RunTale, event: RunEvent) -> None:
    step = str(event.data["step"])
    tale.failed.add(step)
    tale.reached.add(step)
    if event.data.get("next"):
        _moved(tale, event)


def _skipped(tale: RunTale, event: RunEvent) -> None:
    tale.skipped.append((str(event.data["step"]), str(event.data.get("reason") or "other")))
    _moved(tale, event)


def _not_applicable(tale: RunTale, event: RunEvent) -> None:
    tale.position = str(event.data.get("next") or tale.position)


def _resolved(tale: RunTale, event: RunEvent) -> None:
    if event.data.get("choice") == "go":
        _moved(tale, event)


def _overridden(tale: RunTale, event: RunEvent) -> None:
    tale.overridden.add(str(event.data["step"]))


def _back(tale: RunTale, event: RunEvent) -> None:
    target = str(event.data["to"])
    tale.backed_into.add(target)
    tale.position = target
    if target in tale._standing:
        last = len(tale._standing) - 1 - tale._standing[::-1].index(target)
        if any(tale.plan.graph.steps[one].kind == "root_cause" for one in tale._standing[last:]):
            tale.decided_by = ""
        del tale._standing[last:]


def _variable(tale: RunTale, event: RunEvent) -> None:
    tale.answers[str(event.data["name"])] = event.data.get("value")


def _ended(tale: RunTale, event: RunEvent) -> None:
    _note(tale, event)
    tale.fate, tale.ended_at = "ended", event.at
    tale.outcome = str(event.data.get("outcome") or "unresolved")


def _stopped(tale: RunTale, event: RunEvent) -> None:
    """A stop rule is an ending the playbook foresaw; a person's stop is a playbook that was given up."""
    if "rule" in event.data:
        _ended(tale, event)
        tale.fate = "stopped"
    else:
        tale.fate = "abandoned"
    tale.reached.add(tale.position)


def _abandoned(tale: RunTale, _event: RunEvent) -> None:
    tale.fate = "abandoned"
    tale.reached.add(tale.position)


_READ: dict[str, Callable[[RunTale, RunEvent], None]] = {
    "step.finished": _finished,
    "step.entered": _moved,
    **dict.fromkeys(_TROUBLE, _failed),
    "step.skipped": _skipped,
    "step.not_applicable": _not_applicable,
    "step.overridden": _overridden,
    "panel.resolved": _resolved,
    "run.back": _back,
    "var.set": _variable,
    "run.ended": _ended,
    "run.stopped": _stopped,
    "run.abandoned": _abandoned,
}
