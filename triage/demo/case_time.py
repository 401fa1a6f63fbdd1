"""Times in the case files: all are told from the moment the demo was first started.

``-3h10m`` and ``+45m`` count from that moment; ``-5d 08:05`` is a clock time five days before, in the
demo's zone. Texts hold the same times in braces, so that a promise and its words always agree:
``{clock:+45m}`` 16:00, ``{day:…}`` Friday, ``{date:…}`` 29 May, ``{nth:…}`` 15th, ``{month:…}`` March,
``{stamp:…}`` 2026-03-10T17:58:04Z.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo

_SPAN = re.compile(r"([+-])(?=\d)(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?")
_CLOCK = re.compile(r"([+-]\d+)d (\d\d):(\d\d)")
_TOKEN = re.compile(r"\{(clock|day|date|nth|month|stamp):([^{}]+)\}")
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
    "November", "December",
)  # fmt: skip
GRAIN_MINUTES = 5
"""People promise round times, so the moment that everything counts from is round too."""


@dataclass(frozen=True, slots=True)
class CaseClock:
    """Turns the times of the case files into real ones."""

    origin: datetime
    """The moment everything counts from, aware, in the demo's zone."""
    zone: tzinfo | None = None
    """The demo's zone; None is the machine's own, whose offset each time finds for itself."""

    @classmethod
    def at(cls, now: datetime, zone: tzinfo | None) -> CaseClock:
        """The clock for a demo first started at ``now``; ``zone`` None is the machine's own."""
        # Rounded in UTC: arithmetic on a local time forgets on which side of a clock change it lies.
        minute = now.astimezone(UTC).replace(second=0, microsecond=0)
        return cls((minute - timedelta(minutes=minute.minute % GRAIN_MINUTES)).astimezone(zone), zone)

    def moment(self, text: str) -> datetime:
        """The time that ``text`` means, in the demo's zone. Raises `ValueError` for anything else."""
        clock = _CLOCK.fullmatch(text)
        if clock:
            day = self.origin.replace(tzinfo=None) + timedelta(days=int(clock[1]))
            naive = day.replace(hour=int(clock[2]), minute=int(clock[3]))
            return naive.replace(tzinfo=self.zone) if self.zone else naive.astimezone()
        span = _SPAN.fullmatch(text)
        if not span:
            raise ValueError(f"{text!r} is not a time like -3h10m or -5d 08:05")
        days, hours, minutes, seconds = (int(part or 0) for part in span.groups()[1:])
        length = timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
        # Elapsed time is counted in UTC: a night in which clocks change has 23 or 25 hours.
        moved = self.origin.astimezone(UTC) + (length if span[1] == "+" else -length)
        return moved.astimezone(self.zone)

    def filled(self, text: str) -> str:
        """``text`` with every time in braces written out."""
        return _TOKEN.sub(lambda token: _written(token[1], self.moment(token[2])), text)


def _written(form: str, moment: datetime) -> str:
    match form:
        case "clock":
            return moment.strftime("%H:%M")
        case "day":
            return _DAYS[moment.weekday()]
        case "date":
            return f"{moment.day} {_MONTHS[moment.month - 1]}"
        case "nth":
            return f"{moment.day}{_ordinal(moment.day)}"
        case "month":
            return _MONTHS[moment.month - 1]
        case _:
            return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _ordinal(day: int) -> str:
    return "th" if 10 < day < 14 else {1: "st", 2: "nd", 3: "rd"}.get(day % 10, "th")
