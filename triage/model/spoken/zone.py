"""Time zones as people name them beside a clock time: "CET", "Eastern", "UTC+5:30", "London time"."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

_FIXED: Mapping[str, int] = {
    "utc": 0, "gmt": 0, "z": 0, "bst": 60, "wet": 0, "west": 60, "cet": 60, "cest": 120, "eet": 120,
    "eest": 180, "msk": 180, "sast": 120, "gst": 240, "pkt": 300, "ist": 330, "sgt": 480, "hkt": 480,
    "awst": 480, "pht": 480, "jst": 540, "kst": 540, "acst": 570, "aest": 600, "aedt": 660, "nzst": 720,
    "nzdt": 780, "brt": -180, "est": -300, "edt": -240, "cst": -360, "cdt": -300, "mst": -420, "mdt": -360,
    "pst": -480, "pdt": -420,
}  # fmt: skip
"""Abbreviation to minutes ahead of UTC, as RFC 5322 (North America) and common use have them."""
_RULED: Mapping[str, str] = {
    "et": "America/New_York", "eastern": "America/New_York", "new york": "America/New_York",
    "ct": "America/Chicago", "central": "America/Chicago", "chicago": "America/Chicago",
    "mt": "America/Denver", "mountain": "America/Denver", "pt": "America/Los_Angeles",
    "pacific": "America/Los_Angeles", "uk": "Europe/London", "london": "Europe/London",
    "berlin": "Europe/Berlin", "paris": "Europe/Paris", "india": "Asia/Kolkata", "indian": "Asia/Kolkata",
    "singapore": "Asia/Singapore", "tokyo": "Asia/Tokyo", "sydney": "Australia/Sydney",
    "dublin": "Europe/Dublin", "amsterdam": "Europe/Amsterdam", "brussels": "Europe/Brussels",
    "madrid": "Europe/Madrid", "rome": "Europe/Rome", "vienna": "Europe/Vienna", "zurich": "Europe/Zurich",
    "german": "Europe/Berlin", "stockholm": "Europe/Stockholm", "oslo": "Europe/Oslo",
    "copenhagen": "Europe/Copenhagen", "helsinki": "Europe/Helsinki", "warsaw": "Europe/Warsaw",
    "lisbon": "Europe/Lisbon", "istanbul": "Europe/Istanbul", "dubai": "Asia/Dubai",
    "mumbai": "Asia/Kolkata", "delhi": "Asia/Kolkata", "bangalore": "Asia/Kolkata",
    "hong kong": "Asia/Hong_Kong", "shanghai": "Asia/Shanghai", "beijing": "Asia/Shanghai",
    "melbourne": "Australia/Melbourne", "auckland": "Pacific/Auckland", "toronto": "America/Toronto",
    "boston": "America/New_York", "denver": "America/Denver", "seattle": "America/Los_Angeles",
    "san francisco": "America/Los_Angeles", "sao paulo": "America/Sao_Paulo",
}  # fmt: skip
"""A name whose distance from UTC changes with the season. Cities count only with "time" behind them."""
_ABBREVIATED = ("et", "ct", "mt", "pt")
_STAND_ALONE = ("eastern", "central", "mountain", "pacific")
_PLACES = "|".join(name for name in _RULED if name not in (*_ABBREVIATED, *_STAND_ALONE))
_LETTERS = "|".join(sorted((*_FIXED, *_ABBREVIATED), key=len, reverse=True))

ZONE = (
    r"(?:(?:(?:utc|gmt)\s?[+-]|[+-](?=\d\d:\d\d))\d\d?(?::?\d\d)?"
    rf"|(?:{_PLACES})(?:\s+standard)?\s+time|(?<=\()(?:{_PLACES})(?=\))"
    r"|(?:eastern|central|mountain|pacific)(?:\s+(?:standard\s+|daylight\s+)?time)?"
    rf"|{_LETTERS})"
)
"""A pattern (for `re.IGNORECASE`) of every name that `zone` reads."""


def zone(name: str) -> tzinfo | None:
    """The zone called ``name``, as matched by `ZONE`; None for no name. Raises ValueError out of range."""
    lower = " ".join(name.lower().split())
    if not lower:
        return None
    if lower in _FIXED:
        return timezone(timedelta(minutes=_FIXED[lower]))
    place = re.sub(r"(?: standard| daylight)? time$", "", lower)
    if place in _RULED:
        return ZoneInfo(_RULED[place])
    sign, digits = (-1 if "-" in lower else 1), re.sub(r"\D", "", lower)
    hours, minutes = (int(digits[:-2]), int(digits[-2:])) if len(digits) > 2 else (int(digits), 0)
    return timezone(sign * timedelta(hours=hours, minutes=minutes))
