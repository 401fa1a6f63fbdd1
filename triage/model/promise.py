"""What was said to a customer, or to a team that asked, about when they hear or get something."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeAlias

PromiseKind: TypeAlias = Literal["acknowledge", "next_update", "answer", "fix_eta", "cannot_solve_notice"]
PromiseState: TypeAlias = Literal["open", "kept", "kept_late", "missed", "superseded"]

PromisedTo: TypeAlias = Literal["customer", "internal_team"]
"""Team mates who wait for an answer are owed one like anybody else."""
PROMISED_TO: tuple[PromisedTo, ...] = ("customer", "internal_team")

PROMISE_KINDS: tuple[PromiseKind, ...] = (
    "acknowledge",
    "next_update",
    "answer",
    "fix_eta",
    "cannot_solve_notice",
)


@dataclass(frozen=True, slots=True)
class Promise:
    """A promise with a due time (UTC)."""

    id: str
    kind: PromiseKind
    made_at: datetime
    due: datetime
    by_role: str = ""
    ref: str = ""
    """The event that made it."""
    quote: str = ""
    """The words it was read from; empty when a person entered it."""
    met_at: datetime | None = None
    confirmed: bool = False
    """A person confirmed it; otherwise it is a guess from the text."""
    withdrawn: bool = False
    """Superseded by a later promise or struck out by a person."""
    to: PromisedTo = "customer"
    carried_over: bool | None = None
    """Whether an open one may outlive the case's adoption; None while nobody has said."""

    def state(self, now: datetime) -> PromiseState:
        """How it stands at ``now``."""
        if self.met_at is not None:
            return "kept" if self.met_at <= self.due else "kept_late"
        if self.withdrawn:
            return "superseded"
        return "missed" if now > self.due else "open"
