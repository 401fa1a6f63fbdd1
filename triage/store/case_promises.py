"""The promises of cases, from mirror and docket: the one place that puts the two together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, tzinfo

from sqlmodel import Session

from triage.model.case import CaseFacts
from triage.model.entry import Entry
from triage.model.promise import Promise
from triage.model.promise_book import promises_of
from triage.model.timeline import TimelineEvent
from triage.store import mirror, projections
from triage.store.entries import load_case_entries

ZONE = "zone"
"""Key in a session's ``info``: `Database` keeps there the zone that clock times in tickets are read in."""


def case_promises(
    session: Session,
    known: Mapping[str, mirror.MirroredTicket],
    timelines: Mapping[str, Sequence[TimelineEvent]],
    entries: Mapping[str, Sequence[Entry]],
) -> dict[str, tuple[Promise, ...]]:
    """The promises of every known ticket, by ticket id."""
    zone: tzinfo = session.info.get(ZONE, UTC)
    return {
        one: _addressed(
            promises_of(
                timelines.get(one, ()), entries.get(one, ()), zone, priority=mirrored.ticket.priority
            ),
            entries.get(one, ()),
            mirrored.ticket.relationship == "internal_team",
        )
        for one, mirrored in known.items()
    }


def _addressed(promises: tuple[Promise, ...], entries: Sequence[Entry], within: bool) -> tuple[Promise, ...]:
    """The promises with whom each was made to: as somebody said, else to those the ticket is from."""
    said = {
        str(one.data.get("id", "")): one.data["to"]
        for one in entries
        if one.kind in {"promise.added", "addressee.named"} and one.data.get("to")
    }
    if not said and not within:
        return promises
    usual = "internal_team" if within else "customer"
    return tuple(
        replace(one, to="internal_team" if said.get(one.id, usual) == "internal_team" else "customer")
        for one in promises
    )


def load_facts(session: Session, ticket_id: str, *, derived: bool = False) -> CaseFacts | None:
    """Ticket, timeline and promises of a case; None when the mirror has no such ticket.

    The promises are those of the table, which every write that could change them brings up to date; with
    ``derived`` they are read from the messages again, as within such a write.
    """
    known = mirror.load_many(session, [ticket_id])
    if ticket_id not in known:
        return None
    timelines = mirror.load_timelines(session, known)
    kept = () if derived else projections.promises_of(session, ticket_id)
    if not kept:
        kept = case_promises(session, known, timelines, load_case_entries(session, known))[ticket_id]
    return CaseFacts(known[ticket_id].ticket, timelines.get(ticket_id, ()), kept)
