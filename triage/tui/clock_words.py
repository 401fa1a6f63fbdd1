"""Times as people say them. Pure: ``now`` and the zone are arguments; every datetime is aware."""

from __future__ import annotations

import re
from datetime import UTC, datetime, time, timedelta, tzinfo

from triage.model.errors import Invalid
from triage.tui.glyphs import SIGN
from triage.tui.safe_text import Piece

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def span(length: timedelta) -> str:
    """A length in its two biggest units: ``45 s``, ``8 min``, ``3 h 10``, ``1 d 02``."""
    seconds = max(0, int(length.total_seconds()))
    if seconds < 60:
        return f"{seconds} s"
    minutes = seconds // 60
    if minutes < 60:
        return f"{minutes} min"
    hours, rest = divmod(minutes, 60)
    if hours < 24:
        return f"{hours} h {rest:02}"
    return f"{hours // 24} d {hours % 24:02}" if hours < 2400 else f"{hours // 24} d"


def rough(length: timedelta) -> str:
    """A length in its biggest unit: ``20 s``, ``25 min``, ``2 h``, ``3 d``."""
    seconds = max(0, int(length.total_seconds()))
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds // size} {unit}"
    return f"{seconds} s"


def ago(moment: datetime, now: datetime) -> str:
    """How long ago, roughly; moments just ahead of our clock count as now."""
    return f"{rough(now - moment)} ago"


def clock(moment: datetime, now: datetime, zone: tzinfo) -> str:
    """``16:00`` today, ``Fri 17:00`` within a week, else ``3 Mar 17:00``."""
    local, today = moment.astimezone(zone), now.astimezone(zone)
    hour = f"{local:%H:%M}"
    days = abs((local.date() - today.date()).days)
    if days == 0:
        return hour
    return f"{local:%a} {hour}" if days < 7 else f"{local.day} {local:%b} {hour}"


def day(moment: datetime, now: datetime, zone: tzinfo) -> str:
    """The heading of a day: ``10 Mar``, with the year when it is not this one."""
    local = moment.astimezone(zone)
    year = f" {local.year}" if local.year != now.astimezone(zone).year else ""
    return f"{local.day} {local:%b}{year}"


def promise(due: datetime | None, now: datetime, zone: tzinfo) -> Piece:
    """The promise column of the queue: broken since when, due in how long, or due at what time."""
    if due is None:
        return ("-", "muted")
    if due < now:
        return (f"{SIGN.broken} {ago(due, now)}", "strong-promise")
    if due - now < timedelta(hours=1):
        return (f"{SIGN.due} in {rough(due - now)}", "promise")
    far = due - now > timedelta(days=6)
    return (f"{SIGN.due} {day(due, now, zone) if far else clock(due, now, zone)}", "")


def parse_due(text: str, now: datetime, zone: tzinfo) -> datetime:
    """When a person means: ``25m``, ``2h``, ``1d``, ``16:00``, ``fri 17:00``, ``2026-03-13 17:00``.

    A bare hour that has passed today means tomorrow. The result is UTC and lies ahead of ``now``.
    Raises `Invalid` when it cannot be read or lies in the past.
    """
    words = text.strip().casefold().removeprefix("by ").removeprefix("in ")
    due = _after(words, now) or _at(words, now.astimezone(zone))
    if due is None:
        raise Invalid(f"cannot read {text.strip()!r} as a time", do="Try 25m, 2h, 16:00, or fri 17:00")
    if due <= now:
        raise Invalid("that time has passed", do="Give a time ahead of now")
    return due.astimezone(UTC)


def _after(words: str, now: datetime) -> datetime | None:
    found = re.fullmatch(r"(\d{1,4})\s*(m|min|minutes?|h|hours?|d|days?)", words)
    if found is None:
        return None
    unit = {"m": "minutes", "h": "hours", "d": "days"}[found[2][0]]
    return now + timedelta(**{unit: int(found[1])})


def _at(words: str, local: datetime) -> datetime | None:
    found = re.fullmatch(r"(?:(\d{4}-\d{2}-\d{2}|[a-z]{3})[a-z]*\s+)?(\d{1,2}):(\d{2})", words)
    if found is None or int(found[2]) > 23 or int(found[3]) > 59:
        return None
    hour = time(int(found[2]), int(found[3]))
    named = found[1]
    if named is None:
        due = datetime.combine(local.date(), hour, local.tzinfo)
        return due if due > local else datetime.combine(local.date() + timedelta(1), hour, local.tzinfo)
    if named in _DAYS:
        ahead = (_DAYS.index(named) - local.weekday()) % 7
        due = datetime.combine(local.date() + timedelta(ahead), hour, local.tzinfo)
        return due if due > local else datetime.combine(due.date() + timedelta(7), hour, local.tzinfo)
    try:
        return datetime.combine(datetime.fromisoformat(named).date(), hour, local.tzinfo)
    except ValueError:
        return None
