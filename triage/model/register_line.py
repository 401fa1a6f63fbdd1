"""One recommendation as the register shows it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeAlias

from triage.model.investigation import Recommendation

MoveVerb: TypeAlias = Literal["respond", "judge", "close", "reopen"]
"""Who says what: the addressee responds; the issuing side judges, closes and reopens."""


@dataclass(frozen=True, slots=True)
class StatusMove:
    """A status that a recommendation might be moved to now, or why it may not."""

    verb: MoveVerb
    code: str
    name: str
    meaning: str
    why_not: str
    """In plain words; empty where it may."""


@dataclass(frozen=True, slots=True)
class RegisterLine:
    """One recommendation in the register."""

    id: str
    """``ESC-2026-0031-R1``."""
    investigation_id: str
    ticket_key: str
    code: str
    component: str
    recommendation: Recommendation
    status_name: str
    open: bool
    overdue_days: int
    """0 when it is not late, or closed."""
    may_follow: tuple[str, ...]
    """Statuses it may be moved to now."""
    offer_no_response: bool
    """Twice as late as it had time, and never answered: it may be closed as CUAN, by a person."""
    closed_at: datetime | None
    watched_until: datetime | None
    alike_before: int
    """Investigations of the same code and component opened in the watch's length before it was closed."""
    alike_after: int
    """And after it."""
    by_month: tuple[tuple[str, int], ...] = ()
    """``2026-03`` and how many investigations with its code were opened in that month, over the half year
    before it was closed and until now; empty while it is open. Counts, and no proof of anything."""
    case_id: str = ""
    """The ticket it came of, by the helpdesk's id."""
    issued_at: datetime | None = None
    """When the investigation it stands in was adopted."""
