"""What the desk hands to the screen and the shell beside the words of the model. Light to import."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Literal

from triage.model.operation import Operation
from triage.model.promise import Promise
from triage.model.queue import QueueItem
from triage.model.timeline import TimelineEvent, Visibility


@dataclass(frozen=True, slots=True)
class ProfileView:
    """The profile we work on, without its secrets."""

    name: str
    helpdesk: str
    url: str
    queue: str
    person: str
    zone: tzinfo
    """The time zone shown on screen."""


@dataclass(frozen=True, slots=True)
class CasePreview:
    """What the pane under the queue shows of the case at the cursor."""

    item: QueueItem
    last_words: TimelineEvent | None
    """The customer's newest public words."""
    escalation: TimelineEvent | None
    promises: tuple[Promise, ...]
    suggestions: tuple[str, ...]
    """Playbook ids, best first."""
    earlier: tuple[str, ...]
    """Keys of earlier tickets that look alike."""


@dataclass(frozen=True, slots=True)
class WriteLine:
    """One line of the page that shows what will be written."""

    heading: str
    """``INTERNAL NOTE``, ``PUBLIC REPLY``, ``FILE`` with its name, ``tags``, ``fields``, ``status``,
    ``assignee``."""
    text: str
    visibility: Visibility | None = None
    goes_along: bool = False
    """Whether it is part of the line after it, and no request of its own."""


@dataclass(frozen=True, slots=True)
class ConflictRow:
    """One field that we and somebody else changed to different values."""

    field: str
    base: str
    mine: str
    theirs: str


@dataclass(frozen=True, slots=True)
class WritePage:
    """Everything a person must see before anything leaves the machine."""

    operation: Operation
    ticket_key: str
    ticket_subject: str
    helpdesk: str
    account: str
    lines: tuple[WriteLine, ...]
    public: bool
    version_seen: str
    changed_since: bool
    """The mirror has a newer server version than the one this was decided on."""
    conflicts: tuple[ConflictRow, ...]
    explanation: str
    """The state in plain words and what can be done."""
    masked: tuple[str, ...] = ()
    """What looked like a secret in the note and its files and was masked, a line each."""
    unmasked: bool = False
    """A person decided that the note carries what looks like a secret."""
    remark: str = ""
    """What else a person should know before saying yes; empty for nothing."""


@dataclass(frozen=True, slots=True)
class SendResult:
    """How a round of sending ended."""

    pushed: int
    conflicts: int
    parked: int
    rejected: int
    waiting: int
    next_due: datetime | None
    alarms: tuple[str, ...] = ()
    """Notes found public that should be internal: to be shown at once."""
    busy: bool = False
    """Another sender holds the lease; it does the sending."""


@dataclass(frozen=True, slots=True)
class SyncResult:
    """How a pull and a push ended; the shape of ``triage sync --json``."""

    pulled: int
    updated: int
    pushed: int
    conflicts: int
    parked: int
    complete: bool
    duration_s: float
    waiting: int = 0
    notices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Progress:
    """How far long work has come."""

    phase: Literal["queue", "timelines", "changes", "push"]
    done: int
    total: int | None
    held_until: datetime | None = None
    """The helpdesk asked us to wait until then (UTC)."""


@dataclass(frozen=True, slots=True)
class CheckLine:
    """One line of ``triage doctor``."""

    name: str
    state: Literal["ok", "warning", "failed"]
    text: str
    do: str = ""


@dataclass(frozen=True, slots=True)
class NewProfile:
    """What ``triage init`` is told; the token itself is never part of it."""

    name: str
    helpdesk: str
    url: str
    queue: str = ""
    account: str = ""
    auth: str = ""
    oauth_client: str = ""
    token_env: str = ""
    token_file: str = ""
    token_command: str = ""
    person: str = ""
    ca_file: str = ""
    extra: Mapping[str, str] | None = None
