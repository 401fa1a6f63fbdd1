"""What the engine is told about the world: ticket, team settings, time, and how far we trust."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from triage.model.case import CaseFacts
from triage.model.json_value import Json
from triage.model.run import TrustLevel
from triage.playbook.language.plan import Plan


def installed(program: str) -> bool:
    """Whether ``program`` is on the path of this machine."""
    return shutil.which(program) is not None


@dataclass(frozen=True, slots=True)
class EarlierAnswer:
    """What was once answered on this ticket, in another run."""

    value: Json
    at: datetime
    playbook: str


@dataclass(frozen=True, slots=True)
class Context:
    """The world at one moment. The engine reads nothing else."""

    now: datetime
    """Aware UTC."""
    facts: CaseFacts | None = None
    hooks: Mapping[str, Json] = field(default_factory=dict)
    """The team's settings, ``config.*`` in a playbook."""
    environment: Mapping[str, str] = field(default_factory=dict)
    """Where ``from: env.NAME`` looks."""
    secrets: Mapping[str, str] = field(default_factory=dict)
    """Secret variables typed in this session; never written down."""
    trust: TrustLevel = "none"
    """How far the outermost playbook is trusted."""
    trust_of_used: Mapping[str, TrustLevel] = field(default_factory=dict)
    """The same for each playbook it uses, by id; trust does not pass from one to the other."""
    http_allow: Sequence[str] = ()
    """Hosts that a request may go to without a question, also in the own network."""
    person: str = ""
    """Who acts."""
    live: bool = False
    """Whether this process is running the current step's command right now."""
    text_now: str = ""
    """sha256 of the playbook's file as it is now; empty when it is not known."""
    plan_now: Plan | None = None
    """The file as it is now, when it differs from the run's text and can be read."""
    earlier: Mapping[str, EarlierAnswer] = field(default_factory=dict)
    """Earlier answers on this ticket by the name of their variable: offered, never assumed."""
    has_program: Callable[[str], bool] = installed

    @property
    def alone_allowed(self) -> bool:
        """Whether the team lets one person confirm a two-person step (``allow_alone = true``)."""
        return self.hooks.get("allow_alone") is True


def ticket_values(facts: CaseFacts | None) -> dict[str, Any]:
    """What ``ticket.*`` means in conditions and templates; empty values are left out, so they are unknown."""
    if facts is None:
        return {}
    ticket = facts.ticket
    words = [ticket.subject, *(event.text for event in facts.timeline if event.kind == "message")]
    values: dict[str, Any] = {
        "id": ticket.id, "key": ticket.key, "subject": ticket.subject, "status": ticket.status,
        "priority": ticket.priority, "customer": ticket.customer, "organization": ticket.customer,
        "requester": ticket.requester, "relationship": ticket.relationship, "product": ticket.product,
        "product_version": ticket.product_version, "component": ticket.component,
        "assignee": ticket.assignee, "type": ticket.type, "tags": list(ticket.tags), "url": ticket.url,
        "created_at": ticket.created_at.isoformat(), "updated_at": ticket.updated_at.isoformat(),
        "text": "\n".join(words)[: 64 * 1024], "custom": dict(ticket.fields),
    }  # fmt: skip
    return {name: value for name, value in values.items() if value not in ("", None)}


TICKET_NAMES = (
    "id", "key", "subject", "status", "priority", "customer", "organization", "requester", "relationship",
    "product", "product_version", "component", "assignee", "type", "tags", "url", "created_at", "updated_at",
    "text", "custom",
)  # fmt: skip
"""The names under ``ticket.`` that exist; ``custom.NAME`` are the helpdesk's own fields."""

RUN_NAMES = ("id", "playbook", "opened_at", "driver", "navigator", "minutes")
"""The names under ``run.`` that exist; ``minutes`` counts from the opening."""
