"""Which writes count as "waits to be sent". Standard library only: the first frame needs it."""

from __future__ import annotations

WAITING_TO_ARRIVE: frozenset[str] = frozenset(
    {"pending", "sending", "unknown", "conflict", "rejected", "parked"}
)
"""Confirmed by a person, and not known to have reached the helpdesk."""
