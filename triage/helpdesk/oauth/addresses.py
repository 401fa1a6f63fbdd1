"""Where one kind of helpdesk is signed in to."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Addresses:
    """Below the profile's url, and what for."""

    authorize: str
    token: str
    scope: str
    """What is asked for, separated by blanks."""
