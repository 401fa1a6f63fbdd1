"""A case: an escalation with all we did on it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from triage.model.operation import Operation
from triage.model.promise import Promise
from triage.model.run import EvidenceItem, RunStatus
from triage.model.ticket import Ticket
from triage.model.timeline import TimelineEvent


@dataclass(frozen=True, slots=True)
class RunSummary:
    """A run in one line."""

    id: str
    playbook_id: str
    status: RunStatus
    outcome: str
    done: int
    path_length: int
    opened_at: datetime


@dataclass(frozen=True, slots=True)
class InvestigationSummary:
    """An investigation in one line."""

    id: str
    phase: str
    state: str
    mode: str
    verdict: str
    code: str
    opened_at: datetime
    adopted_at: datetime | None


@dataclass(frozen=True, slots=True)
class CaseFacts:
    """What the mirror and the promises say: all that prefilling and matching may look at."""

    ticket: Ticket
    timeline: tuple[TimelineEvent, ...]
    promises: tuple[Promise, ...]
    earlier: tuple[str, ...] = ()
    """Keys of earlier tickets that look alike."""


@dataclass(frozen=True, slots=True)
class Case:
    """Everything the case screen and ``triage show`` show."""

    facts: CaseFacts
    runs: tuple[RunSummary, ...]
    investigation: InvestigationSummary | None
    operations: tuple[Operation, ...]
    evidence: tuple[EvidenceItem, ...]
    marked: bool
    pulled_at: datetime
    gone: bool = False
    """The helpdesk no longer shows it to us; what we have is the last we saw."""
    carried_by: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """The operations that were proposed to put a piece of evidence on the ticket, by its id, oldest first."""
