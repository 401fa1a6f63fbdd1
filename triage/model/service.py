"""The service seen from outside: the customer's view, upgrades, targets, what cases are worth."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal, TypeAlias

UpgradePolicy: TypeAlias = Literal["lenient", "strict"]
Technology: TypeAlias = Literal["simple", "complex"]


@dataclass(frozen=True, slots=True)
class Seen:
    """One thing that the customer saw, or a stretch in which they saw nothing."""

    at: datetime
    who: Literal["customer", "us", "nobody"]
    text: str
    silence: timedelta | None = None
    """How long nothing came; None where something did."""


@dataclass(frozen=True, slots=True)
class ProductLine:
    """One product and how hard it is to move to a new release."""

    name: str
    upgrade_policy: UpgradePolicy
    """Strict where the maker or the customer's rules force the time of an upgrade."""
    technology: Technology


@dataclass(frozen=True, slots=True)
class ServicePlan:
    """What a team has said about its products and its targets."""

    products: tuple[ProductLine, ...] = ()
    targets: Mapping[str, float] = field(default_factory=dict)
    """By name, in percent: ``first_contact_resolution``."""


@dataclass(frozen=True, slots=True)
class UpgradeCase:
    """A case with a code of change and upgrade."""

    investigation_id: str
    ticket_key: str
    product: str
    codes: tuple[str, ...]
    held_by: tuple[str, ...]
    """What kept the customer on an old release."""


@dataclass(frozen=True, slots=True)
class Quadrant:
    """One field of upgrade policy against technology; number 0 holds what nobody has placed."""

    number: int
    policy: UpgradePolicy | None
    technology: Technology | None
    products: tuple[str, ...]
    cases: tuple[UpgradeCase, ...]


@dataclass(frozen=True, slots=True)
class ComplexityRow:
    """One of the five rows over all adopted cases: how many lean to seldom and hard."""

    name: str
    leaning: int
    cases: int


@dataclass(frozen=True, slots=True)
class TargetWarning:
    """A target that seems to be taken from another kind of service."""

    name: str
    target: float
    text: str


@dataclass(frozen=True, slots=True)
class TargetCheck:
    """Targets against the kind of cases there are."""

    cases: int
    seldom_and_hard: int
    rows: tuple[ComplexityRow, ...]
    warnings: tuple[TargetWarning, ...]


@dataclass(frozen=True, slots=True)
class Learnt:
    """Cases of one code that are worth their content: what there is to write down."""

    code: str
    name: str
    cases: tuple[str, ...]
    """Names of the investigations, each with a draft for the knowledge base."""
    chronic: int


@dataclass(frozen=True, slots=True)
class Demand:
    """Cases of one month and component that are worth their number."""

    month: str
    """``2026-03``, of the escalation."""
    component: str
    cases: int


@dataclass(frozen=True, slots=True)
class CaseValue:
    """What adopted cases are worth: their content or their volume."""

    content: tuple[Learnt, ...]
    volume: tuple[Demand, ...]
