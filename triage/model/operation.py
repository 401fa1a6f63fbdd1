"""What shall be written to the helpdesk, and how a write can end.

An operation is what a person confirmed on one page; its steps are the single requests that carry it, kept
in the order they are sent. Their states::

    proposed ─confirm→ pending ─send→ sending ─→ landed ─read back→ verified
                          ↑              ├─→ unknown ─probe twice, absent→ pending
                          └──throttled───┤       └─found→ landed
                                         ├─→ conflict   (a person picks)
                                         ├─→ rejected   (a person mends or drops)
                                         └─→ parked     (only a person can tell)
    dropped: a person gave it up.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, TypeAlias

from triage.model.json_value import Json
from triage.model.note_file import NoteFile
from triage.model.ticket import Version
from triage.model.timeline import Visibility

StepKind: TypeAlias = Literal["bundle", "note", "tags", "fields", "status", "assignee"]
ProbeBy: TypeAlias = Literal["marker", "state"]
WriteState: TypeAlias = Literal[
    "proposed",
    "pending",
    "sending",
    "unknown",
    "landed",
    "verified",
    "conflict",
    "rejected",
    "parked",
    "dropped",
]
FINISHED: frozenset[str] = frozenset({"verified", "dropped"})
NEEDS_A_PERSON: frozenset[str] = frozenset({"proposed", "conflict", "rejected", "parked"})


@dataclass(frozen=True, slots=True)
class Note:
    """A message for the ticket. ``visibility`` has no default on purpose."""

    body: str
    visibility: Visibility
    as_typed: str = ""
    """The text before what looks like a secret was masked in ``body``; never sent. Empty if nothing was."""
    unmasked_with: str = ""
    """The ticket key a person typed to send ``body`` and ``files`` unmasked; empty otherwise."""
    files: tuple[NoteFile, ...] = ()
    """What goes with it. Only agents ever see files: a public note has none."""

    @property
    def sent(self) -> str:
        """What the ticket will say: the body, and a line for each file."""
        if not self.files:
            return self.body
        return "\n".join((self.body.rstrip(), "", *(file.caption for file in self.files)))


@dataclass(frozen=True, slots=True)
class Change:
    """What one operation wants on one ticket, independent of any helpdesk."""

    note: Note | None = None
    replaces_marker: str = ""
    """Marker text of an earlier note of ours that this one supersedes; empty for none."""
    tags_add: tuple[str, ...] = ()
    tags_remove: tuple[str, ...] = ()
    fields: Mapping[str, Json] = field(default_factory=dict)
    status: str | None = None
    assignee: str | None = None
    """The helpdesk's user name or id; ``me`` is the profile's own account."""


@dataclass(frozen=True, slots=True)
class Step:
    """One request, decided before anything is sent."""

    key: str
    """Operation id and ordinal: the marker that lets us find our own write again."""
    kind: StepKind
    payload: Mapping[str, Json]
    visibility: Visibility
    """Of the note it carries; ``internal`` for steps without one."""
    base: Version | None
    """The server version it was decided against."""
    probe: ProbeBy
    state: WriteState = "pending"
    attempts: int = 0
    receipt: str = ""
    sent_at: datetime | None = None
    """When the latest attempt began (UTC)."""
    absent_scans: int = 0
    """Complete probes since the latest attempt that did not find it."""
    probe_after: datetime | None = None
    """No probe and no further attempt before this time (UTC): the helpdesk may still be applying it, or asked
    us to wait."""
    problem: str = ""
    """The latest trouble in one line."""


@dataclass(frozen=True, slots=True)
class Operation:
    """Everything one confirmation sends to one ticket."""

    id: str
    """UUIDv7."""
    ticket_id: str
    change: Change
    state: WriteState
    created_at: datetime
    created_by: str
    steps: tuple[Step, ...] = ()
    base: Mapping[str, Json] = field(default_factory=dict)
    """Values the person saw when proposing, for the three-way merge: ``key`` is the ticket's key, ``status``,
    ``assignee`` and ``tags`` are its own, a custom field stands under its name."""
    base_version: Version | None = None
    confirmed_at: datetime | None = None
    public_confirmed_with: str = ""
    """The ticket key typed to confirm a public reply; empty for internal writes."""
    purpose: str = ""
    """Why, in words for the outbox: ``retrospective ESC-2026-0031``, ``take``."""
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Landed:
    """The helpdesk applied it."""

    receipt: str | None
    version: Version | None


@dataclass(frozen=True, slots=True)
class NotSent:
    """Nothing reached the helpdesk: safe to send again."""

    reason: str


@dataclass(frozen=True, slots=True)
class Conflict:
    """The ticket changed since the base version; nothing was written."""

    current: Version | None


@dataclass(frozen=True, slots=True)
class Rejected:
    """The helpdesk refused, for good."""

    status: int
    errors: Sequence[str]


@dataclass(frozen=True, slots=True)
class Throttled:
    """Not now."""

    retry_after_s: float
    scope: str


@dataclass(frozen=True, slots=True)
class Unknown:
    """It may or may not have been applied; only a probe can tell."""

    cause: str


Outcome: TypeAlias = Landed | NotSent | Conflict | Rejected | Throttled | Unknown


@dataclass(frozen=True, slots=True)
class Probe:
    """What looking for our own write found."""

    verdict: Literal["found", "absent", "cannot_tell"]
    complete_scan: bool
    """Whether the whole stretch since the attempt was read."""
    receipt: str | None = None
