"""What an account of Request Tracker may do, as far as it can be seen from outside.

The server hides what an account may not see instead of refusing it, so a missing right looks like a quiet
ticket. These are the signs there are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from triage.helpdesk.shape import line, record, records
from triage.helpdesk.transport import Transport


@dataclass(frozen=True, slots=True)
class Rights:
    """What was found."""

    sees_comments: bool
    may_comment: bool
    trouble: tuple[str, ...]


async def missing_rights(transport: Transport, groups: Mapping[str, Sequence[str]]) -> Rights:
    """Look at the newest ticket and at the newest comments. Raises `HelpdeskFailed`."""
    offered = await _offered(transport)
    comments = await _any_comment(transport)
    trouble = []
    if offered is None:
        trouble.append("no ticket can be seen; have SeeQueue and ShowTicket granted on the queue")
    elif "comment" not in offered:
        trouble.append("internal notes cannot be written; have CommentOnTicket granted on the queue")
    if offered is not None and not comments:
        trouble.append(
            "no internal comment can be seen; if your tickets have some, have ShowTicketComments granted"
        )
    if not groups:
        trouble.append(
            "groups cannot be seen, so colleagues count as first-line support; have SeeGroup granted, or "
            "name them under roles in the profile"
        )
    return Rights(
        sees_comments=comments or offered is None or "comment" in offered,
        may_comment=offered is None or "comment" in offered,
        trouble=tuple(trouble),
    )


async def _offered(transport: Transport) -> set[str] | None:
    """What the newest visible ticket lets us do; None when there is no ticket."""
    answer = await transport.read(
        "REST/2.0/tickets", {"query": "id > 0", "orderby": "id", "order": "DESC", "per_page": 1}
    )
    tickets = records(answer, "items", "a list of tickets")
    if not tickets:
        return None
    ticket = record(await transport.read(f"REST/2.0/ticket/{line(tickets[0].get('id'))}"), "a ticket")
    return {line(link.get("ref")) for link in ticket.get("_hyperlinks") or () if isinstance(link, Mapping)}


async def _any_comment(transport: Transport) -> bool:
    answer = await transport.read(
        "REST/2.0/transactions",
        {
            "query": "ObjectType = 'RT::Ticket' AND Type = 'Comment'",
            "orderby": "id",
            "order": "DESC",
            "per_page": 1,
        },
    )
    return bool(records(answer, "items", "the log of transactions"))
