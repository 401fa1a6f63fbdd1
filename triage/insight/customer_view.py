"""A case as the customer saw it: public words at their times, and the silences between them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from triage.model.clean_text import clean_line
from triage.model.service import Seen
from triage.model.timeline import TimelineEvent

GAP_FROM = timedelta(hours=1)
"""A shorter wait is not felt as one."""


def customer_view(timeline: Iterable[TimelineEvent], until: datetime | None) -> tuple[Seen, ...]:
    """What the customer saw, oldest first; what is internal is left out.

    ``until`` is now for a case that is still open: the last wait is shown too. None for one that is over.
    """
    rows: list[Seen] = []
    last: datetime | None = None
    for event in sorted(timeline, key=lambda one: one.at):
        if event.visibility != "public" or event.kind in {"rating", "merge"}:
            continue
        if last is not None:
            rows += _gap(last, event.at)
        last = event.at
        rows.append(Seen(event.at, "us" if event.from_us else "customer", _words(event)))
    return (*rows, *(_gap(last, until) if last is not None and until is not None else ()))


def _gap(last: datetime, at: datetime) -> list[Seen]:
    return [Seen(last, "nobody", "", at - last)] if at - last >= GAP_FROM else []


def _words(event: TimelineEvent) -> str:
    said = clean_line(event.text) or (f"{event.field}: {event.new}" if event.field else "")
    files = ", ".join(clean_line(one.name) for one in event.attachments)
    return " ".join(part for part in (said, f"[{files}]" if files else "") if part)
