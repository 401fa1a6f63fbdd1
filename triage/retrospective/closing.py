"""When a case may be closed: the customer said it works, or was told that it cannot be solved.

What is promised and not yet kept keeps a case open as well: the customer still waits for something.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import datetime

from triage.model.investigation import CaseEvent
from triage.model.promise import Promise

_CLOSED = re.compile(r"\s*(?:closed?|solved|resolved|done|rejected)\s*", re.IGNORECASE)


def closes(status: str | None) -> bool:
    """Whether a ticket of that status is closed, whatever the helpdesk calls it."""
    return status is not None and _CLOSED.fullmatch(status) is not None


def kept_open_by(events: Iterable[CaseEvent], promises: Iterable[Promise], now: datetime) -> tuple[str, ...]:
    """Why the case may not be closed yet, in plain words; empty when it may."""
    return tuple(_reasons(tuple(events), tuple(promises), now))


def _reasons(events: tuple[CaseEvent, ...], promises: tuple[Promise, ...], now: datetime) -> Iterator[str]:
    reopened = max((one.at for one in events if one.kind == "reopen"), default=None)
    verified = any(one.kind == "verify" and (reopened is None or one.at > reopened) for one in events)
    told = any(
        one.kind == "cannot_solve_notice"
        and one.met_at is not None
        and (reopened is None or one.met_at > reopened)
        for one in promises
    )
    if not verified and not told:
        yield "the customer has neither confirmed it nor been told that it cannot be solved"
    for one in promises:
        state = one.state(now)
        if state in {"open", "missed"}:
            words = "is still owed" if state == "open" else "was missed and never made good"
            yield f"the promise of {one.kind.replace('_', ' ')} due {one.due:%d %b %H:%M} UTC {words}"
