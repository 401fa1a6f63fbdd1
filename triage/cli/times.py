"""Times and spans as people read them in a terminal."""

from __future__ import annotations

from datetime import datetime, timedelta, tzinfo


def local(at: datetime, zone: tzinfo) -> str:
    """``at`` in ``zone`` with the zone named: ``Fri 13 Mar 17:00 CET``."""
    return at.astimezone(zone).strftime("%a %d %b %H:%M %Z")


def span(length: timedelta) -> str:
    """A span in at most two units: ``42 min``, ``3 h 10``, ``1 d 02``."""
    minutes = int(abs(length).total_seconds() // 60)
    if minutes < 60:
        return f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    if hours < 24:
        return f"{hours} h {minutes:02}"
    days, hours = divmod(hours, 24)
    return f"{days} d {hours:02}"


def promise(due: datetime | None, now: datetime) -> str:
    """How a promise stands: ``broken 2 h 05 ago``, ``due in 25 min``, or a dash."""
    if due is None:
        return "-"
    return f"broken {span(now - due)} ago" if due < now else f"due in {span(due - now)}"
