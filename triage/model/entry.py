"""A docket entry: one thing a person did, written once and never changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, TypeAlias

from triage.model.json_value import Json

Subject: TypeAlias = Literal["case", "run", "investigation", "enhancement", "wording"]
"""What an entry speaks of. ``case`` has the ticket id as subject id, ``wording`` a rule such as ``L06``."""

Role: TypeAlias = Literal["driver", "navigator", "program"]


@dataclass(frozen=True, slots=True)
class Person:
    """Who acts: the driver at the keys, perhaps with a navigator beside them."""

    name: str
    role: Role = "driver"
    navigator: str = ""


@dataclass(frozen=True, slots=True)
class NewEntry:
    """What shall be written; the docket adds id, time and person."""

    subject: Subject
    subject_id: str
    kind: str
    """``run.opened``, ``answer.given``, ``promise.confirmed``: noun, dot, past participle."""
    data: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry as it stands in the docket."""

    id: str
    """UUIDv7: sorting by id is sorting by time of writing (RFC 9562)."""
    case_id: str
    """The helpdesk's ticket id."""
    subject: Subject
    subject_id: str
    kind: str
    at: datetime
    actor: str
    role: Role
    navigator: str = ""
    data: Mapping[str, Json] = field(default_factory=dict)
