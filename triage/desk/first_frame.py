"""The first frame: real rows before anything heavy is imported.

Only the standard library, the settings and a plain read of the database; the desk opens afterwards.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo

from triage.config.paths import Paths
from triage.config.profiles import NoProfile, load_profile
from triage.model.queue import Freshness, QueueCounts, QueueView, QueueWindow
from triage.store.first_page import first_page

NothingSetUp = NoProfile
"""What `first_frame` raises before the first set-up."""

ALL = QueueView("All")
STANDARD_VIEWS = (
    ALL,
    QueueView("Mine", "owner:me"),
    QueueView("Unacknowledged", "is:unacknowledged"),
    QueueView("Broken", "is:broken"),
)
"""The tabs of a profile that names no views of its own."""


@dataclass(frozen=True, slots=True)
class FirstFrame:
    """What can be shown at once."""

    profile_name: str
    helpdesk: str
    person: str
    zone: tzinfo
    views: tuple[QueueView, ...]
    window: QueueWindow | None
    """None where nothing was ever pulled."""
    counts: QueueCounts | None
    freshness: Freshness


def views_of(configured: tuple[QueueView, ...]) -> tuple[QueueView, ...]:
    """The tabs: everything first, then the profile's own, else the standard ones."""
    return (ALL, *configured) if configured else STANDARD_VIEWS


def first_frame(profile: str | None, limit: int = 60) -> FirstFrame:
    """The first page of the queue of ``profile`` (None: the default one).

    Raises `Invalid` for an unknown profile, and its subclass `NoProfile` when nothing is set up yet.
    """
    held = load_profile(Paths.find(), profile)
    page = first_page(held.sqlite_path, now=datetime.now(UTC), limit=limit)
    return FirstFrame(
        profile_name=held.name,
        helpdesk=held.helpdesk,
        person=held.person,
        zone=held.tzinfo,
        views=views_of(held.views),
        window=page.window if page else None,
        counts=page.counts if page else None,
        freshness=page.freshness if page else Freshness("never", None),
    )
