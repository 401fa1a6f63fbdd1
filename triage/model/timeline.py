"""What happened on a ticket, in the order of the server's clock."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeAlias

Visibility: TypeAlias = Literal["public", "internal"]
"""``public``: the customer sees it. ``internal``: agents only."""

ActorRole: TypeAlias = Literal[
    "customer", "support_frontline", "support_tier2", "engineering", "product", "partner_or_third_party",
    "account_team", "docs_education", "operations", "helpdesk", "investigator",
]  # fmt: skip

EventKind: TypeAlias = Literal["message", "change", "escalation", "rating", "attachment", "merge"]

OUR_SIDE: frozenset[str] = frozenset(
    {
        "support_frontline",
        "support_tier2",
        "engineering",
        "product",
        "account_team",
        "docs_education",
        "operations",
    }
)
"""Roles whose public words count as words from us."""


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file on a message: listed, fetched only on demand."""

    name: str
    size: int
    """Bytes; -1 where the helpdesk does not say."""
    ref: str
    media_type: str = ""


@dataclass(frozen=True, slots=True)
class TimelineEvent:
    """One message or one field change."""

    id: str
    """Unique within the ticket and stable over pulls."""
    ticket_id: str
    at: datetime
    kind: EventKind
    visibility: Visibility
    actor_role: ActorRole
    actor: str = ""
    """The name the helpdesk shows; never exported in findings."""
    text: str = ""
    """The body of a message, or a change in words."""
    field: str = ""
    """The changed field (``status``, ``assignee``, ``priority``, ``tags``, a custom field) of a change."""
    old: str = ""
    new: str = ""
    source_ref: str = ""
    """Where it stands in the helpdesk: ``comment 1234``, ``transaction 99``."""
    attachments: tuple[Attachment, ...] = ()
    marker: str = ""
    """Our own operation key when the helpdesk carries one outside the text."""

    @property
    def from_us(self) -> bool:
        """Whether somebody on our side said or did it."""
        return self.actor_role in OUR_SIDE

    @property
    def word_to_customer(self) -> bool:
        """Whether it is a message from us that the customer sees."""
        return self.kind == "message" and self.visibility == "public" and self.from_us
