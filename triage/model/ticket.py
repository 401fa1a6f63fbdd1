"""A ticket as the helpdesk last told us."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, TypeAlias

from triage.model.json_value import Json

Priority: TypeAlias = Literal["urgent", "high", "normal", "low"]
Relationship: TypeAlias = Literal["customer", "prospect", "trial", "internal_team"]

PRIORITIES: tuple[Priority, ...] = ("urgent", "high", "normal", "low")


@dataclass(frozen=True, slots=True)
class Version:
    """The helpdesk's own word for "this state of the ticket": a stamp, an ETag, or a hash."""

    token: str
    exact: bool
    """False where two different states may carry the same token (stamps of one second or coarser)."""


@dataclass(frozen=True, slots=True)
class Satisfaction:
    """How the customer rated the help."""

    score: str
    """The helpdesk's word: ``good``, ``bad``, ``offered``, or a number as text."""
    comment: str = ""


@dataclass(frozen=True, slots=True)
class Ticket:
    """One ticket in one version. All times are UTC; text is raw, as the helpdesk sent it."""

    id: str
    """The helpdesk's identifier, as text."""
    key: str
    """What people call it: ``HL-40817``, ``#42``."""
    subject: str
    status: str
    """The helpdesk's own word."""
    created_at: datetime
    updated_at: datetime
    version: Version
    open: bool = True
    """False once the helpdesk calls it solved, closed, rejected or deleted."""
    priority: Priority | None = None
    customer: str = ""
    """Organization or account that depends on us."""
    requester: str = ""
    relationship: Relationship = "customer"
    product: str = ""
    product_version: str = ""
    component: str = ""
    assignee: str = ""
    type: str = ""
    """``question``, ``incident``, ``problem``, ``task`` or empty."""
    tags: tuple[str, ...] = ()
    fields: Mapping[str, Json] = field(default_factory=dict)
    """Custom fields by the name or id that the profile writes them under."""
    satisfaction: Satisfaction | None = None
    url: str = ""
    """Where a person opens it in a browser."""
