"""The queue: one row per escalation and the rule for what is due first."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    # The first frame needs the queue's words and none of the ticket's.
    from triage.model.ticket import Priority

Due: TypeAlias = Literal["broken", "unacknowledged", "soon", "waiting"]

DUE_SOON = timedelta(hours=1)
"""A promise due within this is "due soon"."""


@dataclass(frozen=True, slots=True)
class QueueItem:
    """One row of the queue. Times are UTC."""

    id: str
    key: str
    subject: str
    status: str
    priority: Priority | None
    customer: str
    product: str
    assignee: str
    created_at: datetime
    updated_at: datetime
    waiting_since: datetime
    """Since when the customer has had no word from us."""
    next_promise_due: datetime | None
    unacknowledged: bool
    """Nobody on our side has said a public word yet."""
    url: str
    local_state: str
    """What we did with it, in words: ``new``, ``playbook 4/11``, ``investigating``, ``adopted``."""
    tags: tuple[str, ...] = ()
    relationship: str = "customer"
    marked: bool = False
    fresh: Literal["", "new", "changed"] = ""
    """Since a person last looked at it here."""
    to_send: int = 0
    """Writes of ours on it that have not arrived yet."""
    late: int = 0
    """Recommendations that came of it, are still owed and past their date."""
    resume: bool = False
    """A parked playbook run on it asks to be taken up again."""

    def due(self, now: datetime) -> Due:
        """Which of the four groups it falls in at ``now``."""
        if self.next_promise_due is not None and self.next_promise_due < now:
            return "broken"
        if self.unacknowledged:
            return "unacknowledged"
        if self.next_promise_due is not None and self.next_promise_due < now + DUE_SOON:
            return "soon"
        return "waiting"


@dataclass(frozen=True, slots=True)
class QueueCounts:
    """The numbers in the queue's headline."""

    open: int
    broken: int
    unacknowledged: int
    due_soon: int
    to_send: int
    overdue: int = 0
    """Recommendations of adopted investigations that are still owed and past their date."""
    to_resume: int = 0
    """Tickets in the queue with a parked playbook run whose reminder is due."""


@dataclass(frozen=True, slots=True)
class QueueView:
    """A saved view: a tab over the queue."""

    name: str
    filter: str = ""
    """The same text a person would type after ``/``."""


@dataclass(frozen=True, slots=True)
class QueueWindow:
    """A stretch of the queue in its order, starting at ``offset``."""

    items: tuple[QueueItem, ...]
    offset: int
    matching: int
    """How many rows the filter lets through."""
    total: int
    """How many rows there are without the filter."""


@dataclass(frozen=True, slots=True)
class Freshness:
    """How old what we show is, and why."""

    state: Literal["never", "fresh", "stale", "failed", "stopped"]
    last_pull_at: datetime | None
    message: str = ""
    """One line: the refusal, the outage, the guard that stopped the pull."""
    complete: bool = True
    """False when a ceiling of the helpdesk cut the queue."""
    notices: tuple[str, ...] = field(default=())
