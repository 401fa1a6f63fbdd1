"""What adopted investigations are made of, by code or component: never by person."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class LifeShare:
    """Where the time of the cases of one code or component went."""

    group: str
    cases: int
    spent: Mapping[str, timedelta]
    """By phase: documentation, investigation, fix_verify, queue."""
    rounds: Mapping[str, int]
    """How often a phase began again, over all of them."""


@dataclass(frozen=True, slots=True)
class Reach:
    """Which sides were heard in the cases of one component and quarter."""

    component: str
    quarter: str
    """``2026-Q1``, of the escalation."""
    cases: int
    heard: Mapping[str, int]
    """Side and in how many of the cases it gave its account or declined to."""
    absent: tuple[str, ...]
    """Sides that were heard in none of them, of those that can change the product or teach Support."""
