"""The port: everything Triage asks of a helpdesk.

Reading may be repeated at will. Writing is split in three so that it can be effectively-once: `plan`
decides the requests without sending anything, `apply` sends exactly one of them and never retries, `probe`
looks for our own write after an unknown outcome.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import BinaryIO, Generic, Protocol, TypeVar, runtime_checkable

from triage.model.capabilities import Capabilities
from triage.model.operation import Operation, Outcome, Probe, Step
from triage.model.ticket import Ticket
from triage.model.timeline import TimelineEvent

T_co = TypeVar("T_co", covariant=True)


@dataclass(frozen=True, slots=True)
class Page(Generic[T_co]):
    """Some items and where to go on."""

    items: Sequence[T_co]
    cursor: str | None
    """Opaque; kept in the same transaction as the items. None where there is nothing to resume from, or
    nothing new since the page before."""
    done: bool
    complete: bool = True
    """False when a ceiling of the helpdesk cut the result."""
    ceiling: str = ""
    """What was cut and at how much, for a person; empty when `complete`."""


@dataclass(frozen=True, slots=True)
class Account:
    """Who we are there."""

    id: str
    name: str
    may_see_internal: bool = True
    may_write_internal: bool = True
    trouble: tuple[str, ...] = ()
    """Missing rights in plain words with what to grant; empty when all is well."""
    unseen: tuple[str, ...] = ()
    """Rights that only writing would show, with what is needed: no fault is known."""


@dataclass(frozen=True, slots=True)
class QueueChoice:
    """A queue the helpdesk offers, for the set-up."""

    selector: str
    title: str
    escalated: bool
    """Whether its title says that escalations are in it."""


@dataclass(frozen=True, slots=True)
class Way:
    """The way to a helpdesk, as far as it is known by now."""

    encrypted: bool
    trusts: str = ""
    """Whose certificates count: a file, or empty for the system's."""
    proxy: str = ""
    """What requests go through; empty for nothing."""
    skew: timedelta | None = None
    """The helpdesk's clock minus ours; None before its first answer."""


class Pacing(Protocol):
    """How fast a helpdesk may be asked; it changes with its answers."""

    on_hold: Callable[[datetime], None] | None
    """Told when reads begin to wait because the helpdesk asked for it: until when (UTC)."""

    @property
    def width(self) -> int:
        """How many reads go side by side now, at least 1."""
        ...


@runtime_checkable
class ReadsAhead(Protocol):
    """A helpdesk that may fetch many timelines at once while its queue is told, which can take minutes."""

    on_ahead: Callable[[int], None] | None
    """Told how many updates of tickets were fetched by now."""


class Helpdesk(Protocol):
    """One helpdesk account. Every method may raise `triage.model.errors.HelpdeskFailed` (6): refused
    token, unreachable, not an API; or `NotFound` (1): no such ticket, view or queue.
    """

    @property
    def name(self) -> str:
        """The registered name: ``zendesk``, ``request_tracker``."""
        ...

    @property
    def capabilities(self) -> Capabilities:
        """What this helpdesk can do."""
        ...

    @property
    def ceilings(self) -> Sequence[str]:
        """Where this helpdesk cuts its answers, in words; empty where it does not."""
        ...

    @property
    def way(self) -> Way:
        """How we get there."""
        ...

    @property
    def pace(self) -> Pacing:
        """How fast it may be asked."""
        ...

    async def aclose(self) -> None:
        """Close connections."""
        ...

    async def whoami(self) -> Account:
        """The account behind the token, with what it lacks."""
        ...

    async def queue_choices(self) -> Sequence[QueueChoice]:
        """Queues to pick from at set-up, the helpdesk's own idea of escalated first."""
        ...

    def queue(self, selector: str) -> AsyncIterator[Page[Ticket]]:
        """Everything in the queue now, whole tickets, page by page."""
        ...

    def changes(self, selector: str, cursor: str | None) -> AsyncIterator[Page[Ticket]]:
        """Tickets changed since ``cursor`` (None: from now on; the first page then only carries a cursor).

        May return tickets outside the queue and the same ticket twice; never skips one. Every cursor a page
        carries can be resumed from and is another than the one before it. A deleted or merged-away
        ticket comes with ``open=False``.
        """
        ...

    async def ticket(self, ticket_id: str) -> Ticket:
        """One ticket, straight from the server, never from an index."""
        ...

    def timeline(self, ticket: Ticket) -> AsyncIterator[Page[TimelineEvent]]:
        """Messages and field changes of one ticket, oldest first."""
        ...

    async def attachment(self, ref: str, sink: BinaryIO, max_bytes: int) -> int:
        """Write an attachment into ``sink``; returns its size. Raises `Refused` above ``max_bytes``."""
        ...

    def plan(self, operation: Operation, current: Ticket) -> Sequence[Step]:
        """The requests that carry ``operation``, in order. Pure and deterministic.

        Raises `Refused` when the helpdesk cannot do it safely, e.g. an internal note without internal notes.
        """
        ...

    async def apply(self, step: Step, ticket_id: str) -> Outcome:
        """Send one request and say how it ended. Never retries, never raises for a helpdesk's answer."""
        ...

    async def probe(self, step: Step, ticket_id: str) -> Probe:
        """Look for ``step`` in the ticket itself, newest first, back to ``step.sent_at`` with a margin."""
        ...

    async def verify(self, step: Step, ticket_id: str) -> Sequence[str]:
        """Read a landed step back and compare; empty when all is as asked, else each difference in words.

        A note that should be internal and is not begins with ``PUBLIC:``.
        """
        ...
