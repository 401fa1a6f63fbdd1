"""Lengths of time as people write them: ``30s``, ``15m``, ``2h 30m``, ``180d``."""

from __future__ import annotations

import re
from datetime import timedelta

PATTERN = (
    r"^[0-9]{1,6}(\.[0-9]{1,3})?(ms|s|m|h|d|w)"
    r"( [0-9]{1,6}(\.[0-9]{1,3})?(ms|s|m|h|d|w)){0,3}$"
)
"""What a duration looks like; also the pattern in the JSON Schema."""

_SHAPE = re.compile(PATTERN)
_PART = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h|d|w)")
_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0, "w": 604800.0}


def parse_duration(text: str) -> timedelta:
    """The length ``text`` names. Raises `ValueError` for anything but numbers with units."""
    if not _SHAPE.match(text):
        raise ValueError(f"{text!r} is not a duration; write a number and a unit: 30s, 15m, 2h 30m, 7d")
    return timedelta(seconds=sum(float(number) * _SECONDS[unit] for number, unit in _PART.findall(text)))


def duration_text(length: timedelta) -> str:
    """``length`` in at most two units, ``2h 30m``; under a second becomes ``0s``."""
    rest = int(length.total_seconds())
    parts = []
    for unit, size in (("d", 86400), ("h", 3600), ("m", 60), ("s", 1)):
        count, rest = divmod(rest, size)
        if count:
            parts.append(f"{count}{unit}")
    return " ".join(parts[:2]) or "0s"
