"""What makes the full investigation due, as the list of occurrences that must be reported does in aviation.

(49 CFR 830.5 has such a list; this one is our own.) Any trigger that holds asks for full mode.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta, tzinfo

from triage.model.case import CaseFacts

LATE = timedelta(hours=1)
HOURS = (7, 19)
"""From seven to seven, Monday to Friday: what comes then is not outside hours."""
_SATURDAY = 5
_DATA = re.compile(
    r"\bdata[ -](?:loss|leak)|\blost (?:\w+ ){0,2}(?:data|files?|records?|documents?)|\bexposed\b|\bcorrupt",
    re.IGNORECASE,
)
_SEVERAL = re.compile(r"\b(?:other|several|two|three|more|\d+) customers\b", re.IGNORECASE)
_RISK = re.compile(
    r"\bat risk\b|\bchurn|\bcancel (?:the|our|their) (?:contract|subscription)\b", re.IGNORECASE
)


def triggers(
    facts: CaseFacts, recurrence: tuple[str, ...], now: datetime, *, by_night: bool = False
) -> tuple[str, ...]:
    """Why full mode is due, in plain words; empty when brief will do. ``by_night``: `outside_hours`."""
    said = tuple(_triggers(facts, recurrence, now))
    return (*said, "escalated outside hours") if by_night else said


def outside_hours(at: datetime, zone: tzinfo) -> bool:
    """Whether ``at`` lies outside `HOURS` on a working day in ``zone``."""
    local = at.astimezone(zone)
    return local.weekday() >= _SATURDAY or not HOURS[0] <= local.hour < HOURS[1]


def _triggers(facts: CaseFacts, recurrence: tuple[str, ...], now: datetime) -> Iterator[str]:
    ticket = facts.ticket
    if ticket.priority in {"urgent", "high"}:
        yield f"severity {ticket.priority}"
    if _DATA.search(ticket.subject):
        yield "data lost or exposed"
    internal = [event.text for event in facts.timeline if event.visibility == "internal"]
    if any(_SEVERAL.search(text) for text in internal):
        yield "more than one customer"
    if recurrence:
        yield f"happened before: {', '.join(recurrence)}"
    if any((one.met_at or now) - one.due > LATE and not one.withdrawn for one in facts.promises):
        yield "a promise missed by more than an hour"
    if ticket.satisfaction is not None and ticket.satisfaction.score.lower() in {"bad", "1", "2"}:
        yield "the customer rated it bad"
    if "account_risk" in ticket.tags or any(_RISK.search(text) for text in internal):
        yield "the account is at risk"
