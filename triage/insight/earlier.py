"""Earlier tickets that look like this one.

Same customer or same component within a year, ranked by the significant words that their subjects share.
It looks at what the mirror has, so it finds what was once in the queue.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlmodel import Session, col, or_, select

from triage.model.ticket import Ticket
from triage.store.mirror import load_many
from triage.store.ticket_rows import TicketRow

WITHIN = timedelta(days=365)
MOST = 5
CANDIDATES = 200
_WORD = re.compile(r"[^\W\d_]{3,}")
_STOP = frozenset(
    (  # noqa: SIM905 - a list of words reads as words
        "about after again all and any are before but can cannot could did does error for from had "
        "has have into issue not our over problem since than that the their then this under was "
        "were when with you your "
    ).split()
)


def earlier_keys(session: Session, ticket: Ticket, now: datetime) -> tuple[str, ...]:
    """Keys of the tickets most like ``ticket``, best first, at most `MOST`."""
    return tuple(one.key for one in ranked(ticket, _candidates(session, ticket, now - WITHIN)))


def _candidates(session: Session, ticket: Ticket, since: datetime) -> list[Ticket]:
    alike = []
    if ticket.customer:
        alike.append(col(TicketRow.customer) == ticket.customer)
    if ticket.component:
        alike.append(col(TicketRow.component) == ticket.component)
    if not alike:
        return []
    before = col(TicketRow.created_at)
    newest = select(TicketRow.id).where(or_(*alike), before >= since, before < ticket.created_at)
    found = session.exec(newest.order_by(before.desc()).limit(CANDIDATES)).all()
    return [held.ticket for held in load_many(session, found).values()]


def ranked(ticket: Ticket, candidates: Iterable[Ticket]) -> list[Ticket]:
    """Those of ``candidates`` that came before ``ticket`` and share enough with it, best first."""
    words = significant_words(ticket.subject)
    scored = []
    for one in candidates:
        if one.id == ticket.id or one.created_at >= ticket.created_at:
            continue
        shared = len(words & significant_words(one.subject))
        same_part = bool(ticket.component) and one.component == ticket.component
        same_customer = bool(ticket.customer) and one.customer == ticket.customer
        if shared >= 2 or (shared == 1 and same_part and same_customer):
            scored.append((shared + same_part + same_customer, one.created_at, one))
    scored.sort(key=lambda row: (row[0], row[1]), reverse=True)
    return [one for _, _, one in scored[:MOST]]


def significant_words(subject: str) -> frozenset[str]:
    """The words of a subject that carry meaning, case-folded."""
    return frozenset(word for word in _WORD.findall(subject.casefold()) if word not in _STOP)
