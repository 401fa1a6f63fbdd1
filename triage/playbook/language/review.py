"""Whether somebody has looked at a playbook lately."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from triage.playbook.language.durations import parse_duration

if TYPE_CHECKING:
    from triage.playbook.language.document import Header


def stale_text(header: Header, today: date) -> str:
    """``review overdue by 40 d``, or an empty text."""
    return overdue(header.reviewed, header.review_every, today)


def overdue(reviewed: str | None, every: str, today: date) -> str:
    """How long a review made on ``reviewed`` has been out of date."""
    if not reviewed:
        return "never reviewed"
    late = today - (date.fromisoformat(reviewed) + timedelta(days=parse_duration(every).days))
    return f"review overdue by {late.days} d" if late.days > 0 else ""
