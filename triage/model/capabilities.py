"""What a helpdesk can and cannot do, as its adapter declares it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Capabilities:
    """Shown on screen and obeyed by the outbox."""

    internal_note: bool
    conditional_write: Literal["native", "read_check", "none"]
    atomic_bundle: bool
    """One request carries note, tags, fields and status together, all or nothing."""
    marker: Literal["metadata", "property", "body"]
    note_receipt: Literal["id", "audit_id", "location", "none"]
    history: Literal["full", "partial", "none"]
    delta: Literal["cursor", "timestamp", "event_log"]
    delta_lag_s: int
    """How far behind the newest change a delta may be, in seconds."""
    settle_s: int
    """How long after an unknown outcome a write may still appear, in seconds."""
    deletions_seen: bool
    tags: Literal["add_remove", "replace", "none"]
    internal_files: bool = False
    """A file that goes with an internal note is seen by agents only, as the note is."""
