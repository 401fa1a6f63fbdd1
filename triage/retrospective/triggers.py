"""What makes the full investigation due, as the list of occurrences that must be reported does in aviation.

(49 CFR 830.5 has such a list; this one is our own.) Any trigger that holds asks for full mode.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

from triage.model.case import CaseFacts
from triage.model.timeline import TimelineEvent

LATE = timedelta(hours=1)
HOURS = (7, 19)
"""From seven to seven, Monday to Friday: what comes then is not outside hours."""
_SATURDAY = 5
_DATA = re.compile(
    r"\bdata[ -](?:loss|leak)|\blost (?:\w+ ){0,2}(?:data|files?|records?|documents?)|\bexposed\b|\bcorrupt",
    re.IGNORECASE,
)
_SEVERAL = re.compile(r"\b(?:other|several|two|three|more|\d+) customers\b", re.IGNORECASE)
_RISK = re.compile(r"\bat risk\b|\bchurn")
_LEAVES = re.compile(
    r"\b(?:cancel|terminate|not renew|drop) (?:the|our|their|your|this) (?:contract|subscription|product)\b"
)
_RISK_WORDS = ("at risk", "churn", "cancel", "terminate", "not renew", "drop ")
"""One of these stands in every hint; looking for them is quicker than the patterns."""
DROP_THREAT = "product_drop_threat"


@dataclass(frozen=True, slots=True)
class Said:
    """What people have said about it that the ticket does not show."""

    by_night: bool = False
    """It was escalated `outside_hours`."""
    account_risk: str = ""
    """Their word outweighs what the thread hints at; empty while nobody has said."""
    full_because: str = ""
    """Why somebody on the case asks for the full form."""


def triggers(
    facts: CaseFacts, recurrence: tuple[str, ...], now: datetime, said: Said | None = None
) -> tuple[str, ...]:
    """Why full mode is due, in plain words; empty when brief will do."""
    return tuple(_triggers(facts, recurrence, now, said or Said()))


def outside_hours(at: datetime, zone: tzinfo) -> bool:
    """Whether ``at`` lies outside `HOURS` on a working day in ``zone``."""
    local = at.astimezone(zone)
    return local.weekday() >= _SATURDAY or not HOURS[0] <= local.hour < HOURS[1]


def _triggers(facts: CaseFacts, recurrence: tuple[str, ...], now: datetime, said: Said) -> Iterator[str]:
    ticket = facts.ticket
    if ticket.priority in {"urgent", "high"}:
        yield f"severity {ticket.priority}"
    if _DATA.search(ticket.subject):
        yield "data lost or exposed"
    # One long text and a plain word first: the patterns are slow, and hardly any thread has them.
    internal = "\n\n".join(one.text for one in facts.timeline if one.visibility == "internal").lower()
    if "customers" in internal and _SEVERAL.search(internal):
        yield "more than one customer"
    if recurrence:
        yield f"happened before: {', '.join(recurrence)}"
    if any((one.met_at or now) - one.due > LATE and not one.withdrawn for one in facts.promises):
        yield "a promise missed by more than an hour"
    if ticket.satisfaction is not None and ticket.satisfaction.score.lower() in {"bad", "1", "2"}:
        yield "the customer rated it bad"
    if (said.account_risk or hinted_risk(facts)[0]) in {"watch", DROP_THREAT}:
        yield "the account is at risk"
    if said.by_night:
        yield "escalated outside hours"
    if said.full_because:
        yield f"an engineer says so: {said.full_because}"


def hinted_risk(facts: CaseFacts) -> tuple[str, TimelineEvent | None]:
    """How much the ticket hints that the customer may leave, and where; empty where it does not."""
    if "account_risk" in facts.ticket.tags:
        return "watch", None
    for event in facts.timeline:
        words = event.text.lower()
        if not any(word in words for word in _RISK_WORDS):
            continue
        if _LEAVES.search(words):
            return DROP_THREAT, event
        if event.visibility == "internal" and _RISK.search(words):
            return "watch", event
    return "", None
