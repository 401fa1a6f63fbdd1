"""Times as people write them to customers: "by 16:00", "tomorrow by 12:00", "Friday 17:00", "within 2 hours".

`find_times` reads the expressions of one clause; `SpokenTime.due` turns one into a moment, read in the
writer's zone unless the words name another. A day without a time means the end of the working day,
`END_OF_DAY` local; a time that is already over today means tomorrow's.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

END_OF_DAY = time(17, 0)
LAST_MINUTE = time(23, 59)
NOON = time(12, 0)
EVENING = time(21, 0)
WORKING_DAYS = 5

_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_FIXED_ZONES: Mapping[str, int] = {
    "utc": 0, "gmt": 0, "z": 0, "bst": 60, "cet": 60, "cest": 120, "eet": 120, "eest": 180, "est": -300,
    "edt": -240, "cst": -360, "cdt": -300, "mst": -420, "mdt": -360, "pst": -480, "pdt": -420, "ist": 330,
    "jst": 540, "aest": 600, "aedt": 660,
}  # fmt: skip
"""Abbreviation to minutes ahead of UTC, as RFC 5322 (North America) and common use have them."""
_RULED_ZONES: Mapping[str, str] = {
    "et": "America/New_York",
    "ct": "America/Chicago",
    "mt": "America/Denver",
    "pt": "America/Los_Angeles",
    "uk time": "Europe/London",
}
_COUNTS: Mapping[str, float] = {
    "a": 1, "an": 1, "the": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "half an": 0.5,
    "half a": 0.5, "a couple of": 2, "the next": 1, "next": 1,
}  # fmt: skip

_ZONE_NAMES = "|".join(sorted((*_FIXED_ZONES, *_RULED_ZONES), key=len, reverse=True))
_ZONE = rf"(?:utc\s?[+-]\d\d?(?::?\d\d)?|{_ZONE_NAMES})"
_CLOCK = (
    rf"(?P<hm{{0}}>(?:[01]?\d|2[0-3]):[0-5]\d(?:\s?[ap]\.?m\b\.?)?|(?:1[0-2]|0?[1-9])\s?[ap]\.?m\b\.?|noon\b|midnight\b)"
    rf"(?:\s*(?:h(?:rs|ours)?\b|o'clock\b))?(?:\s*\(?(?P<zone{{0}}>{_ZONE})\b\)?)?"
)
_WEEKDAY = r"(?:mon|tues?|wed(?:nes)?|thu(?:rs?)?|fri|sat(?:ur)?|sun)(?:day)?\b"
_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?"
    r"|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\b\.?"
)
_DAY = (
    rf"(?P<day{{0}}>\d{{4}}-\d\d-\d\d\b|(?:the\s+)?\d{{1,2}}(?:st|nd|rd|th)?\s+(?:of\s+)?{_MONTH}(?:,?\s+20\d\d\b)?"
    rf"|{_MONTH}\s+\d{{1,2}}(?:st|nd|rd|th)?\b(?!:)(?:,?\s+20\d\d\b)?"
    rf"|(?:(?:this|next|coming)\s+)?{_WEEKDAY}|today\b|tonight\b|tomorrow\b"
    r"|(?:the\s+)?end\s+of\s+(?:(?:the|this|my|our|your|business)\s+)?(?:day|week|month|today|tomorrow)\b|close\s+of\s+(?:business|play)\b"
    r"|eod\b|eob\b|cob\b|eow\b|the\s+\d{1,2}(?:st|nd|rd|th)\b)(?:\s+(?P<part{0}>morning|afternoon|evening|night|eod|cob|end\s+of\s+(?:day|business)))?"
)
_COUNT = (
    r"(?P<n>\d{1,3}(?:\.\d)?|half\s+an?|an?|the\s+next|the|next|a\s+couple\s+of|one|two|three|four|five|six)"
)
_AFTER = (
    rf"(?:within|in)\s+(?:(?:about|around|at\s+most|less\s+than|the\s+next|max(?:imum)?\.?)\s+)?{_COUNT}\s*"
    r"(?P<unit>min(?:ute)?s?|h(?:ou)?rs?|h|(?:business|working)\s+days?|business\s+hours?|days?|weeks?)\b"
)
_JOIN = r"(?:\s*,\s*|\s+)(?:(?:at|by|before|on|around|no\s+later\s+than)\s+)?"
_RANGE = r"(?:[\d:]+(?:\s?[ap]m)?\s*(?:-|–|and|to)\s*)?"
EXPRESSION = re.compile(
    rf"(?<![\w.:/-])(?:{_AFTER}"
    rf"|{_DAY.replace('{0}', '1')}(?:{_JOIN}(?:between\s+)?{_RANGE}{_CLOCK.replace('{0}', '1')})?"
    rf"|{_RANGE}{_CLOCK.replace('{0}', '2')}(?:{_JOIN}{_DAY.replace('{0}', '2')})?)(?![\w/-]|\.\d)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class SpokenTime:
    """One expression and where it stands in its clause."""

    start: int
    end: int
    after: timedelta | None = None
    """A length of time from the moment of speaking."""
    working_days: int = 0
    day: str = ""
    part: str = ""
    clock: str = ""
    zone: str = ""

    def due(self, said_at: datetime, zone: tzinfo) -> datetime | None:
        """The moment meant (UTC) by one who wrote at ``said_at`` in ``zone``; None for a day that is none."""
        if self.after is not None:
            return said_at + self.after
        try:
            local = said_at.astimezone(_zone(self.zone) or zone)
            return self._local_due(local).astimezone(UTC)
        except (ValueError, OverflowError):
            return None

    def _local_due(self, local: datetime) -> datetime:
        if self.working_days:
            return datetime.combine(_add_working_days(local.date(), self.working_days), local.timetz())
        clock, next_day = self._clock()
        if not self.day:
            due = datetime.combine(local.date(), clock, local.tzinfo)
            if next_day or due <= local:
                due = _shift(due, 1)
            return due
        spoken = _day(self.day, local, clock)
        due = datetime.combine(spoken, clock, local.tzinfo)
        if next_day:
            return _shift(due, 1)
        if due <= local and spoken == local.date() and not self.clock:
            return datetime.combine(spoken, LAST_MINUTE, local.tzinfo)
        return due

    def _clock(self) -> tuple[time, bool]:
        """The time of day, and whether it is the midnight that ends the day."""
        if self.clock:
            return _clock_time(self.clock)
        named = self.part.lower() or ("tonight" if self.day.lower() == "tonight" else "")
        by_name = {"morning": NOON, "evening": EVENING, "night": LAST_MINUTE, "tonight": LAST_MINUTE}
        return by_name.get(named, END_OF_DAY), False


def find_times(clause: str) -> Iterator[SpokenTime]:
    """Every time expression in ``clause``, left to right."""
    for match in EXPRESSION.finditer(clause):
        start, end = match.span()
        groups = match.groupdict()
        if groups["unit"]:
            yield _length(start, end, groups["n"], groups["unit"])
        else:
            yield SpokenTime(
                start,
                end,
                day=" ".join((groups["day1"] or groups["day2"] or "").split()),
                part=groups["part1"] or groups["part2"] or "",
                clock=groups["hm1"] or groups["hm2"] or "",
                zone=groups["zone1"] or groups["zone2"] or "",
            )


def _length(start: int, end: int, count: str, unit: str) -> SpokenTime:
    words = " ".join(count.lower().split())
    number = _COUNTS[words] if words in _COUNTS else float(words)
    unit = unit.lower()
    if "day" in unit and unit.startswith(("business", "working")):
        return SpokenTime(start, end, working_days=max(1, round(number)))
    bare = unit.removeprefix("business").strip()[0]
    seconds = {"m": 60, "h": 3600, "d": 86400, "w": 604800}[bare]
    return SpokenTime(start, end, after=timedelta(seconds=number * seconds))


def _shift(moment: datetime, days: int) -> datetime:
    return datetime.combine(moment.date() + timedelta(days=days), moment.time(), moment.tzinfo)


def _zone(name: str) -> tzinfo | None:
    lower = name.lower()
    if not lower:
        return None
    if lower in _RULED_ZONES:
        return ZoneInfo(_RULED_ZONES[lower])
    if lower in _FIXED_ZONES:
        return timezone(timedelta(minutes=_FIXED_ZONES[lower]))
    sign, digits = (-1 if "-" in lower else 1), re.sub(r"\D", "", lower)
    hours, minutes = (int(digits[:-2]), int(digits[-2:])) if len(digits) > 2 else (int(digits), 0)
    return timezone(sign * timedelta(hours=hours, minutes=minutes))


def _clock_time(words: str) -> tuple[time, bool]:
    lower = words.lower().replace(".", "").replace(" ", "")
    if lower == "noon":
        return NOON, False
    if lower == "midnight":
        return time(0), True
    half = lower[-2:] if lower.endswith("m") else ""
    hour, _, minute = lower.removesuffix(half).partition(":")
    hours = int(hour)
    if half:
        hours = hours % 12 + (12 if half == "pm" else 0)
    return time(hours, int(minute or 0)), False


def _day(words: str, local: datetime, clock: time) -> date:
    """The date meant by ``words``. Raises ValueError for one the calendar does not have."""
    lower, today = words.lower(), local.date()
    if lower in {"today", "tonight", "eod", "eob", "cob"} or lower.startswith("close of"):
        return today
    if lower == "tomorrow":
        return today + timedelta(days=1)
    if "end of" in lower or lower == "eow":
        return _end_of(lower, today)
    if re.fullmatch(r"\d{4}-\d\d-\d\d", lower):
        return date.fromisoformat(lower)
    if match := re.search(rf"({'|'.join(_WEEKDAYS)})[a-z]*$", lower):
        return _weekday(_WEEKDAYS.index(match[1]), lower, local, clock)
    return _calendar_day(lower, today)


def _end_of(lower: str, today: date) -> date:
    if lower.endswith("month"):
        first_of_next = (today.replace(day=1) + timedelta(days=32)).replace(day=1)
        return first_of_next - timedelta(days=1)
    if lower.endswith("tomorrow"):
        return today + timedelta(days=1)
    if lower.endswith("week") or lower == "eow":
        return today + timedelta(days=(4 - today.weekday()) % 7)
    return today


def _weekday(wanted: int, lower: str, local: datetime, clock: time) -> date:
    ahead = (wanted - local.weekday()) % 7
    over = ahead == 0 and datetime.combine(local.date(), clock, local.tzinfo) <= local
    if over or (ahead == 0 and lower.startswith("next")):
        ahead = 7
    return local.date() + timedelta(days=ahead)


def _calendar_day(lower: str, today: date) -> date:
    number = int(re.search(r"\b(\d{1,2})(?:st|nd|rd|th)?\b", lower)[1])  # type: ignore[index]
    month = re.search(rf"\b({'|'.join(_MONTHS)})", lower)
    year = re.search(r"\b20\d\d\b", lower)
    if month is None:
        this = today.replace(day=number)
        return this if this >= today else (today.replace(day=1) + timedelta(days=32)).replace(day=number)
    spoken = date(int(year[0]) if year else today.year, _MONTHS.index(month[1]) + 1, number)
    return spoken if year or spoken >= today else spoken.replace(year=spoken.year + 1)


def _add_working_days(start: date, count: int) -> date:
    day = start
    while count:
        day += timedelta(days=1)
        count -= day.weekday() < WORKING_DAYS
    return day
