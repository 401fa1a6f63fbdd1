"""What is promised next, once a reply has kept what was promised last."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, tzinfo

from sqlmodel import Session

from triage.desk.facts import read_facts
from triage.model.case import CaseFacts
from triage.model.promise import PromiseKind
from triage.model.promise_book import is_met_by
from triage.model.promises_in_text.reading import find_promises


@dataclass(frozen=True, slots=True)
class NextPromise:
    """A promise that is wanted, since nothing stays promised."""

    kind: PromiseKind = "next_update"
    due: datetime | None = None
    """UTC; None where the reply names no time."""
    quote: str = ""
    """The words of the reply it was read from."""


def wanted_after(
    session: Session, ticket_id: str, reply: str | None, now: datetime, zone: tzinfo
) -> NextPromise | None:
    """The promise to be made with ``reply``; None where another stays open, or the ticket is closed.

    Without a reply (None) it is the promise wanted as things stand. Clock times in ``reply`` are read in
    ``zone``. Raises `NotFound`.
    """
    facts = read_facts(session, ticket_id, now)
    return wanted(facts, reply, now, zone)


def wanted(facts: CaseFacts, reply: str | None, now: datetime, zone: tzinfo) -> NextPromise | None:
    """`wanted_after`, with the facts of the case at hand."""
    waiting = [one for one in facts.promises if one.state(now) in ("open", "missed")]
    if not facts.ticket.open or any(reply is None or not is_met_by(one, reply) for one in waiting):
        return None
    first = min(find_promises(reply or "", now, zone), key=lambda one: one.due, default=None)
    return NextPromise(first.kind, first.due, first.quote) if first else NextPromise()
