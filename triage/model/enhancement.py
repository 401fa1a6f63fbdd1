"""An enhancement case: what customers ask for that the product does not do, made ready to be decided.

Screen, quantify, value, bundle, recruit: in that order a wish becomes something that product management can
say yes or no to, and the customers who asked are told either way.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeAlias

Aligned: TypeAlias = Literal["yes", "no", "unknown"]
EnhancementState: TypeAlias = Literal[
    "draft", "screened_out", "ready", "presented", "accepted", "declined", "shipped"
]
Level: TypeAlias = Literal["", "one_admin", "one_customer", "several_large_customers"]
LEVELS: tuple[Level, ...] = ("one_admin", "one_customer", "several_large_customers")


@dataclass(frozen=True, slots=True)
class Asking:
    """One ticket that asks for it."""

    ticket_id: str
    ticket_key: str
    customer: str
    relationship: str
    told_at: datetime | None = None
    """When they were told what came of it."""


@dataclass(frozen=True, slots=True)
class EnhancementCase:
    """The whole, as folded from the docket."""

    id: str
    """``ENH-019``."""
    case_id: str
    """The ticket it was first asked on."""
    title: str
    opened_at: datetime
    state: EnhancementState = "draft"
    asking: tuple[Asking, ...] = ()
    """The tickets that ask, first first: the count can always be made again."""
    investigations: tuple[str, ...] = ()
    aligned: Aligned = "unknown"
    note: str = ""
    """Why it fits where the product goes, or why it does not."""
    expected: int | None = None
    """How many would use it."""
    basis: str = ""
    """What that number was counted or guessed from."""
    risk: str = ""
    """What is lost without it."""
    revenue_at_risk: int | None = None
    currency: str = ""
    level: Level = ""
    bundle: tuple[str, ...] = ()
    """Other enhancement cases that one piece of work would answer."""
    forum: str = ""
    votes: int = 0
    comments: int = 0
    prospect_questions: tuple[str, ...] = ()
    decision: str = ""
    """What was said when it was accepted or declined."""

    @property
    def customers(self) -> tuple[str, ...]:
        """The companies that ask."""
        return tuple(dict.fromkeys(one.customer or one.ticket_key for one in self.asking))

    @property
    def asked_by(self) -> int:
        """How many companies ask: counted from the tickets, never typed."""
        return len(self.customers)

    @property
    def to_tell(self) -> tuple[Asking, ...]:
        """Who still waits to hear: everybody who asked, once it is decided."""
        if self.state not in ("screened_out", "declined", "accepted", "shipped"):
            return ()
        return tuple(one for one in self.asking if one.told_at is None)

    @property
    def told_customers_at(self) -> datetime | None:
        """When the last of them was told; None while somebody waits."""
        told = [one.told_at for one in self.asking]
        return max((at for at in told if at is not None), default=None) if all(told) else None
