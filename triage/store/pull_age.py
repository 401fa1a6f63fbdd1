"""The one rule for calling what we show fresh or stale. Standard library only: the first frame needs it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Literal

from triage.model.queue import Freshness

STALE_AFTER = timedelta(minutes=5)
"""A pull longer ago than this is shown as stale."""


def judged(
    result: str,
    last_pull_at: datetime | None,
    message: str,
    complete: bool,
    notices: Sequence[str],
    now: datetime,
    stale_after: timedelta = STALE_AFTER,
) -> Freshness:
    """The freshness of a mirror whose latest pull ended with ``result``."""
    state: Literal["never", "fresh", "stale", "failed", "stopped"]
    if result == "failed":
        state = "failed"
    elif result == "stopped":
        state = "stopped"
    elif last_pull_at is None:
        state = "never"
    else:
        state = "stale" if now - last_pull_at > stale_after else "fresh"
    return Freshness(state, last_pull_at, message, complete, tuple(notices))
