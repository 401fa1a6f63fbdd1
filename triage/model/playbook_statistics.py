"""How playbooks fare, counted over runs. Nobody is named: what is measured is the playbook."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from triage.model.json_value import Json
from triage.model.run import StepKind

AdviceKind: TypeAlias = Literal[
    "often_skipped", "move_up", "often_overridden", "longer_than_said", "never_taken", "always_alike",
    "never_failed",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class StepStatistics:
    """One step, over the runs that came to it."""

    step_id: str
    title: str
    kind: StepKind
    reached: int
    """Runs that came to it; one it did not apply to did not."""
    skipped: Mapping[str, int] = field(default_factory=dict)
    """Reason to count."""
    failed: int = 0
    """Runs in which it failed, timed out or was interrupted at least once."""
    overridden: int = 0
    """Runs that left it by another branch than the conditions gave."""
    backed_into: int = 0
    """Runs that came back to it."""
    median_seconds: float | None = None
    """Of active time; None where nobody came to it by hand."""
    decided: int = 0
    """Runs in which it was the last thing looked at before the cause was accepted."""
    left_here: int = 0
    """Runs that were abandoned at it."""


@dataclass(frozen=True, slots=True)
class WayCount:
    """A way out of a step that no run took."""

    step_id: str
    target: str
    reached: int
    """Runs that came to the step."""


@dataclass(frozen=True, slots=True)
class AlikeAnswer:
    """A question that was answered the same every time."""

    name: str
    value: Json
    """None where the answer is in free words, which are not repeated here."""
    runs: int


@dataclass(frozen=True, slots=True)
class Advice:
    """Something to mend in a playbook, with the counts it rests on."""

    kind: AdviceKind
    step_id: str
    """Empty where it is about the whole playbook."""
    text: str
    count: int
    of: int
    """``count`` of ``of`` runs."""


@dataclass(frozen=True, slots=True)
class PlaybookStatistics:
    """One version of one playbook, over its runs."""

    playbook_id: str
    version: int
    title: str
    runs: int
    unfinished: int
    """Runs that go on: begun, and touched in the last 14 days."""
    outcomes: Mapping[str, int]
    """How the others ended; ``abandoned`` for those stopped without a rule or left lying."""
    shares: Mapping[str, float]
    """``outcomes`` from 0 to 1, of the runs that are over."""
    left_at: Mapping[str, int]
    """Step to the number of runs abandoned there."""
    closed: int
    """Runs that ended with the ticket dealt with: resolved, worked around, or not applicable."""
    reopened: int
    """Of these, tickets opened again within 14 days."""
    median_minutes: float | None
    """Active minutes of the runs that came to an end; None where none did.

    Runs from an answers file take no time and are left out.
    """
    p90_minutes: float | None
    estimated_minutes: int | None
    steps: tuple[StepStatistics, ...]
    never_taken: tuple[WayCount, ...] = ()
    always_alike: tuple[AlikeAnswer, ...] = ()
    never_failed: Mapping[str, int] = field(default_factory=dict)
    """Check to the number of runs it passed in."""
    advice: tuple[Advice, ...] = ()
