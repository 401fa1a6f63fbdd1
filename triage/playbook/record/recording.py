"""What was done on one case, act by act, whatever it was told by."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, TypeAlias

from triage.model.case import CaseFacts
from triage.model.json_value import Json
from triage.model.run import Outcome

ActKind: TypeAlias = Literal["ask", "look", "do", "check", "evidence", "note", "finding", "cause"]
Strength: TypeAlias = Literal["suspected", "supported", "confirmed"]


@dataclass(frozen=True, slots=True)
class Ran:
    """A command, and what it came to."""

    run: str | tuple[str, ...]
    """A script, a program with its arguments, or the address of a request."""
    env: Mapping[str, str] = field(default_factory=dict)
    exit: int | None = 0
    """None where it was done by hand."""
    out: str = ""
    ok: bool = True
    timeout: str = "30s"
    manual: str = ""
    method: str = ""
    """``GET`` or ``HEAD`` of a request; empty for a command."""
    status: int | None = None
    """What a request was answered with."""


@dataclass(frozen=True, slots=True)
class Act:
    """One thing that was done."""

    kind: ActKind
    at: datetime
    """UTC."""
    title: str
    text: str = ""
    why: str = ""
    answer: Json = True
    """What was answered; what a test of the draft answers."""
    answer_type: Literal["text", "choice", "multi", "number", "bool", "datetime", "duration", "contact"] = (
        "text"
    )
    options: tuple[tuple[str, str], ...] = ()
    """Value and label of each, of a choice."""
    items: tuple[str, ...] = ()
    """Of a checklist."""
    lane: Literal["", "investigate", "fix", "communicate"] = ""
    ran: Ran | None = None
    ref: str = ""
    """Name it is referred to by: an event of the investigation, or a step of a run."""
    shown_by: tuple[str, ...] = ()
    """Of a finding: the ``ref`` of what shows it."""
    strength: Strength = "supported"
    saves: str = ""
    """Variable that keeps the answer."""
    section: str = ""


@dataclass(frozen=True, slots=True)
class Cause:
    """What the case came down to."""

    code: str
    """``B2.3``; empty where there is none."""
    category: str
    """Short name for it, as a playbook writes one."""
    label: str
    statement: str
    confidence: Literal["low", "medium", "high"] = "medium"


@dataclass(frozen=True, slots=True)
class Recording:
    """Everything that was done on a case, in order."""

    facts: CaseFacts
    source: Mapping[str, Json]
    """Where it was read from: ticket, investigation, runs. Kept in the draft."""
    acts: tuple[Act, ...]
    cause: Cause | None = None
    outcome: Outcome = "resolved"
    dropped: tuple[str, ...] = ()
    """What could not be taken over, with the reason."""
