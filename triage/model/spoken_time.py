"""Times as people write them to customers: "by 16:00", "EOD Friday PST", "first thing tomorrow".

`find_times` reads the expressions of one clause; `SpokenTime.due` turns one into a moment, read in the
writer's zone unless the words name another. A day without a time means the end of the working day,
`END_OF_DAY` local; a time that is already over today means tomorrow's; of "two or three days" the later
counts, and of "every four hours" the first.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from triage.model.spoken_day import DAY, WEEKDAY, day_of
from triage.model.spoken_zone import ZONE, zone

END_OF_DAY = time(17, 0)
LAST_MINUTE = time(23, 59)
NOON = time(12, 0)
WORKING_DAYS = 5
_FIRST_HOURS = 7
"""A bare hour below this is one of the afternoon: "by 4" is said at work."""
_PARTS: Mapping[str, time] = {
    "first thing": time(10), "morning": NOON, "before lunch": NOON, "lunchtime": time(13),
    "lunch time": time(13), "lunch": time(13), "midday": NOON, "afternoon": END_OF_DAY, "evening": time(21),
    "night": LAST_MINUTE, "tonight": LAST_MINUTE, "overnight": LAST_MINUTE,
}  # fmt: skip
_COUNTS: Mapping[str, float] = {
    "a": 1, "an": 1, "the": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7,
    "eight": 8, "nine": 9, "ten": 10, "eleven": 11, "twelve": 12, "fifteen": 15, "twenty": 20, "thirty": 30,
    "forty-five": 45, "forty five": 45, "forty": 40, "sixty": 60, "ninety": 90, "half": 0.5, "couple": 2,
    "few": 3, "next": 1,
}  # fmt: skip

_HOURS = "one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve"
_NUMBER = rf"{_HOURS}|fifteen|twenty|thirty|forty[- ]five|forty|sixty|ninety"
_BARE = rf"1[0-2]|[1-9]|{_HOURS}"
_BARE_ENDS = (
    r"\s*(?:[.,;)!]|$|-|–|(?:today|tomorrow|tonight|sharp|o['’]clock|your|my|our|and|but|at|on|in\s+the|h)\b)"
    r"(?!\d)"
)
_BARE_HOUR = "|".join(
    rf"(?<=\b{lead} )(?:{_BARE})(?={_BARE_ENDS})" for lead in ("by", "at", "before", "until", "around")
)
"""An hour and nothing else ("by 4", "before nine") counts only behind such a word and before such an end."""
_HALF_DAY = r"\s?[ap]\.?m\b\.?"
_CLOCK = (
    rf"(?P<hm{{0}}>(?:[01]?\d|2[0-3])(?::[0-5]\d|\.[0-5]\d(?=\s?[ap]\.?m))(?:{_HALF_DAY})?|(?:1[0-2]"
    rf"|0?[1-9]){_HALF_DAY}"
    r"|(?:[01]\d|2[0-3])[0-5]\d(?=\s*(?:h(?:rs|ours)?\b|utc|gmt|z\b|c?est\b|cet\b))"
    rf"|(?:half\s+past|quarter\s+(?:past|to))\s+(?:{_BARE})\b|top\s+of\s+the\s+hour\b"
    rf"|noon\b|midnight\b|midday\b|lunch\s?time\b|lunch\b"
    rf"|(?<=\bbetween )\d{{1,2}}\s+and\s+\d{{1,2}}(?={_BARE_ENDS})"
    rf"|{_BARE_HOUR})"
    r"(?:\s*(?:h(?:rs|ours)?\b|sharp\b|o['’]clock\b))?"
    r"(?:\s*(?:in\s+the\s+(?P<half{0}>morning|afternoon|evening)\b))?"
    rf"(?:\s*\(?(?P<zone{{0}}>{ZONE})\b\)?)?"
)
_PART = (
    r"(?:\s+(?:in\s+the\s+)?(?P<part{0}>(?:early\s+)?morning|afternoon|evening|night|before\s+lunch"
    r"|lunch\s?time"
    r"|eod|cob|first\s+thing|end\s+of\s+(?:day|business)|close\s+of\s+(?:business|play)))?"
)
_FIRST_THING = r"(?:(?P<first{0}>first\s+thing)(?:\s+(?:in\s+the|on))?\s+)?"
_DAY_AND_PART = rf"{_FIRST_THING}(?P<day{{0}}>{DAY}){_PART}(?:\s+\(?(?P<dayzone{{0}}>{ZONE})\b\)?(?!\s*-))?"
_COUNT = (
    rf"(?:\d{{1,3}}\s*(?:-|–|to|or)\s*)?(?:(?:{_NUMBER}|a|an)\s+(?:to|or)\s+)?(?P<n>\d{{1,3}}(?:\.\d)?"
    rf"|half\s+an?|a\s+couple(?:\s+of)?|couple(?:\s+of)?|an?\s+few|few|(?:{_NUMBER})|an?\s+half|an?|next)"
)
_UNIT = (
    r"(?:min(?:ute)?s?|h(?:ou)?rs?|h|(?:business|working)\s+days?|(?:business|working)\s+hours?|days?|weeks?)"
)
_WITHIN = (
    r"(?:(?:with)?in(?:side(?:\s+of)?)?|over(?=\s+the\s+(?:next|coming))|another|need(?=\s+(?:a\b|an\b|\d))"
    r"|every(?!\s+(?:\w+\s+)?(?:day|week|business|working)))"
)
_ABOUT = (
    r"(?:(?:about|around|roughly|approximately|at\s+most|less\s+than|under|up\s+to|the\s+next"
    r"|the\s+coming|the|next"
    r"|another|max(?:imum)?\.?)\s+)*"
)
_AFTER = (
    rf"(?:{_WITHIN}\s+|(?<=give me )|(?<=give us )|(?<=allow us )"
    rf"|(?<=allow me )){_ABOUT}(?:{_COUNT}(?:\s+|-|(?<=\d)))?(?P<unit>{_UNIT})\b"
    r"(?P<ortwo>\s+or\s+(?:two|so))?(?:['’]s?\s+time\b)?|(?<=back )in\s+(?P<minutes>\d\d)(?=\s*(?:[.,!]|$))"
    r"|(?:with)?in\s+(?:about\s+)?(?P<quarter>a\s+quarter\s+of\s+an\s+hour)\b"
    r"|(?P<hourly>hourly\b|(?:on|at)\s+the\s+hour\b)"
)
_JOIN = (
    rf"(?:\s*\(?(?:{WEEKDAY})\)?)?(?:\s*,\s*|\s+)"
    r"(?:(?:at|by|before|around|about|from|no\s+later\s+than|not\s+later\s+than)\s+)?"
)
_JOIN_DAY = r"(?:\s*,\s*|\s+)(?:(?:on|by|before)\s+)?"
_RANGE = rf"(?:[\d:]+(?:{_HALF_DAY})?\s*(?:-|–|and|to)\s*)?"


def _numbered(pattern: str, number: int) -> str:
    """``pattern`` with its groups called after ``number``, so that it may stand twice in one expression."""
    return pattern.replace("{0}", str(number))


EXPRESSION = re.compile(
    rf"(?<![\w.:/-])(?:{_AFTER}"
    rf"|{_numbered(_DAY_AND_PART, 1)}(?:{_JOIN}(?:between\s+)?{_RANGE}{_numbered(_CLOCK, 1)})?"
    rf"|{_RANGE}{_numbered(_CLOCK, 2)}(?:{_JOIN_DAY}{_numbered(_DAY_AND_PART, 2)})?)(?![\w/-]|['’]s\b"
    rf"|[.:]\d)",
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

    @property
    def is_bare_clock(self) -> bool:
        """A time of day with no day and no length of time: "16:00"."""
        return bool(self.clock) and not self.day

    def due(self, said_at: datetime, writers: tzinfo) -> datetime | None:
        """The moment meant (UTC) by one who wrote at ``said_at`` in that zone; None for no day."""
        if self.after is not None:
            return said_at + self.after
        try:
            local = said_at.astimezone(zone(self.zone) or writers)
            return self._local_due(local).astimezone(UTC)
        except (ValueError, OverflowError):
            return None

    def _local_due(self, local: datetime) -> datetime:
        if self.working_days:
            return datetime.combine(_add_working_days(local.date(), self.working_days), local.timetz())
        if self.clock.lower().startswith("top"):
            return (local + timedelta(hours=1)).replace(minute=0, second=0, microsecond=0)
        clock, next_day = self._clock()
        if not self.day:
            due = datetime.combine(local.date(), clock, local.tzinfo)
            if next_day or due <= local:
                due = _shift(due, 1)
            return due
        spoken = day_of(self.day, local, clock)
        due = datetime.combine(spoken, clock, local.tzinfo)
        if next_day:
            return _shift(due, 1)
        if due <= local and spoken == local.date() and not self.clock:
            return datetime.combine(spoken, LAST_MINUTE, local.tzinfo)
        return due

    def _clock(self) -> tuple[time, bool]:
        """The time of day, and whether it is the midnight that ends the day."""
        words = f"{self.part} {self.day}".lower()
        if self.clock:
            at, next_day = _clock_time(self.clock)
            late = any(name in words for name in ("tonight", "evening", "afternoon"))
            if late and _FIRST_HOURS - 2 <= at.hour < NOON.hour and "m" not in self.clock.lower():
                at = at.replace(hour=at.hour + NOON.hour)
            return at, next_day
        return next((at for name, at in _PARTS.items() if name in words), END_OF_DAY), False


def find_times(clause: str) -> Iterator[SpokenTime]:
    """Every time expression in ``clause``, left to right."""
    for match in EXPRESSION.finditer(clause):
        start, end = match.span()
        said = {name: " ".join((words or "").split()) for name, words in match.groupdict().items()}
        if said["minutes"]:
            yield SpokenTime(start, end, after=timedelta(minutes=int(said["minutes"])))
        elif said["quarter"]:
            yield SpokenTime(start, end, after=timedelta(minutes=15))
        elif said["hourly"]:
            yield SpokenTime(start, end, after=timedelta(hours=1))
        elif said["unit"]:
            yield _length(start, end, said["n"] or "one", said["unit"], said["ortwo"])
        else:
            yield SpokenTime(
                start,
                end,
                day=said["day1"] or said["day2"],
                part=said["first1"] or said["first2"] or said["part1"] or said["part2"],
                clock=_with_half(said["hm1"] or said["hm2"], said["half1"] or said["half2"]),
                zone=said["zone1"] or said["zone2"] or said["dayzone1"] or said["dayzone2"],
            )


def _with_half(clock: str, half: str) -> str:
    if not half or clock[-1:].lower() == "m":
        return clock
    return f"{clock} {'am' if half.lower() == 'morning' else 'pm'}"


def _length(start: int, end: int, count: str, unit: str, or_two: str) -> SpokenTime:
    number = _number(count.lower()) + ("two" in or_two.lower())
    unit = unit.lower()
    if "day" in unit and unit.startswith(("business", "working")):
        return SpokenTime(start, end, working_days=max(1, round(number)))
    bare = re.sub(r"^(?:business|working)\s+", "", unit)[0]
    seconds = {"m": 60, "h": 3600, "d": 86400, "w": 604800}[bare]
    return SpokenTime(start, end, after=timedelta(seconds=number * seconds))


def _number(words: str) -> float:
    if words[0].isdigit():
        return float(words)
    telling = [_COUNTS[word] for word in re.findall(_NUMBER + r"|half|couple|few|an?\b|next", words)]
    return telling[-1] if len(telling) > 1 and "half" not in words else telling[0]


def _shift(moment: datetime, days: int) -> datetime:
    return datetime.combine(moment.date() + timedelta(days=days), moment.time(), moment.tzinfo)


def _clock_time(words: str) -> tuple[time, bool]:
    lower = words.lower().rpartition(" and ")[2].replace(" ", "")
    if lower == "noon" or lower in _PARTS:
        return _PARTS.get(lower, NOON), False
    if lower == "midnight":
        return time(0), True
    if spoken := re.match(r"(half|quarter)(past|to)(.+)", lower):
        return _spoken_quarter(*spoken.groups())
    half = lower.replace(".", "")[-2:] if lower.rstrip(".").endswith("m") else ""
    hour, _, minute = re.sub(r"[ap]\.?m\.?$", "", lower).replace(".", ":").partition(":")
    if not minute and hour.isdigit() and len(hour) > 2:
        hour, minute = hour[:-2], hour[-2:]
    hours = int(hour) if hour.isdigit() else int(_COUNTS[hour])
    if half:
        hours = hours % 12 + (12 if half == "pm" else 0)
    elif not minute and hours < _FIRST_HOURS:
        hours += 12
    return time(hours, int(minute or 0)), False


def _spoken_quarter(part: str, side: str, hour: str) -> tuple[time, bool]:
    """ "half past two" and "quarter to nine", at working hours."""
    hours = int(hour) if hour.isdigit() else int(_COUNTS[hour])
    hours += NOON.hour if hours < _FIRST_HOURS else 0
    minutes = hours * 60 + (30 if part == "half" else 15) * (1 if side == "past" else -1)
    return time(minutes // 60 % 24, minutes % 60), False


def _add_working_days(start: date, count: int) -> date:
    day = start
    while count:
        day += timedelta(days=1)
        count -= day.weekday() < WORKING_DAYS
    return day
