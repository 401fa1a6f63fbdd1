"""One escalation in the list of investigations."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class InvestigationLine:
    """An investigation in one line; one that nobody has begun has no id yet, and is not left out."""

    id: str
    ticket_key: str
    title: str
    mode: str
    phase: str
    state: str
    """As of `Investigation`, or ``not_begun``."""
    opened_at: datetime
    """When it was escalated."""
    next_step: str = ""
    """``preliminary``, ``full form``, ``factual``, ``final``; empty when it is adopted."""
    next_due: datetime | None = None
