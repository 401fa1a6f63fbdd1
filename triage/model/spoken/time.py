"""Times as people write them to customers: "by 16:00", "EOD Friday PST", "first thing tomorrow".

`find_times` reads the expressions of one clause; `SpokenTime.due` turns one into a moment, read in the
writer's zone unless the words name another. A day without a time means the end of the working day,
`END_OF_DAY` local; a time that is already over today means tomorrow's; of "two or three days" the later
counts, and of "every four hours" the first.

Own grammar: dateparser and parsedatetime, tried on the forms of the tests, miss half of them (working
days, "COB Friday", "half past five", "the 20th") and take "we" and "may" for dates.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta, tzinfo

from triage.model.spoken.clock import CLOCK, NOON, STEPS, clock_time
from triage.model.spoken.day import DAY, IS_DATE, IS_WEEKDAY, WEEKDAY, day_of, is_that_day
from triage.model.spoken.length import LATER, LENGTH, length_of, working_days_after
from triage.model.spoken.zone import ZONE, zone

_DAY_BEGINS = time(8, 0)
END_OF_DAY = time(17, 0)
LAST_MINUTE = time(23, 59)
_PARTS: Mapping[str, time] = {
    "first thing": time(10), "before lunch": NOON, "lunch": time(12, 30), "morning": NOON,
    "afternoon": END_OF_DAY, "arvo": END_OF_DAY, "am": NOON, "pm": END_OF_DAY, "evening": time(21),
    "night": LAST_MINUTE,
}  # fmt: skip
"""When a part of the day is over, in the order in which they are asked."""
_PART = (
    r"(?:first\s+thing(?:\s+in\s+the\s+morning)?|(?:the\s+)?(?:end|close)\s+of\s+(?:(?:the|my|our"
    r"|your)\s+)?(?:(?:working\s+|business\s+)?day|business|play|today|(?=tomorrow)|(?=\w+day\b))|(?:the"
    r"|this)\s+day\s+(?:is\s+(?:out|over)|ends)|before\s+lunch(?:\s?time)?(?:\s+(?:is\s+(?:over|out)|ends))?|lunch\s?time|lunch|(?:later\s+"
    r"|earlier\s+|early\s+)?(?:this|(?:in|through(?:out)?|during|over|in\s+the\s+course\s+of)\s+(?:the|your|my|our))\s+(?:early\s+)?(?:morning|afternoon|evening)|(?:later"
    r"|earlier)\s+in\s+the\s+day|(?:early\s+|late\s+|mid[\s-]?)?(?:morning|afternoon|evening)"
    r"|(?:this\s+|(?<=tomorrow )|(?<=day ))arvo|night|overnight"
    r"|(?:(?<=tomorrow )|(?<=day ))[ap]m|eod"
    r"|eob|cob|(?:later|sometime)(?=\s+(?:today|tomorrow|tonight)\b)|early(?=\s+tomorrow\b)"
    r"|end\s+of(?=\s+tomorrow\b)|the\s+(?:course|end)\s+of(?=\s+(?:the\s+day|today|tomorrow|\w+day)\b))\b"
)
_OF_NEXT_MORNING = re.compile(r"in (?:the|your|my|our) morning|first thing", re.IGNORECASE)
_NEEDS_DAY = re.compile(
    r"^(?:[ap]m|(?:early |late |mid[ -]?)?(?:morning|afternoon|evening|night|later|sometime|early"
    r"|end of|the (?:course|end) of))$"
)
"""Parts of a day that mean nothing alone."""
_THAT_DAY = (
    r"(?:on\s+)?(?:the\s+(?:very\s+)?same|that(?:\s+very|\s+same)?)\s+(?:day|morning|afternoon|evening)\b"
    r"|on\s+the\s+day\b(?!\s+(?:of|that|when|after|before|you|we)\b)"
    r"|(?:on\s+)?the\s+day\s+after(?=\W*(?:$|and\b|[.,;)]))"
)
"""A day told before: "that same day", "the day after"."""
_BEFORE_THAT = re.compile(r"\bbefore\s+\w+$", re.IGNORECASE)
_OF_TWELVE = re.compile(r"[1-9](?::[0-5]\d)?|1[01](?::[0-5]\d)?", re.IGNORECASE)
_HALF_A_DAY = timedelta(hours=12)
_SOON = timedelta(hours=3)
"""A bare hour that is over means its twin in the evening where that is so near: "till 8", said at 17:30."""
_NUMBERED = re.compile(rf"({WEEKDAY}),?\s+(\d{{1,2}})", re.IGNORECASE)
"""A weekday with a number behind it: a day of the month, or else an hour."""
_NEXT_DAY = re.compile(r"(?:the\s+)(?:next|following)\s+day", re.IGNORECASE)
_OURS = (
    r"\s+(?:[\w-]+\s+){0,2}(?:release|deploy|deployment|window|maintenance|train|roll-?out|push|patch|build"
    r"|sprint|drop|update|hotfix|batch|mail|post|delivery"
    r"|reset|restart|reboot|refresh|van|truck|courier|flight|payroll|collection)\b"
)
"""What of a day is a day on which we deliver: "with Monday's deploy", "in Thursday's maintenance window"."""
_TOKEN = re.compile(
    rf"(?:(?<![\w.:/-])|(?<=\dt))(?:(?P<later>{LATER})|(?P<that_day>{_THAT_DAY})|(?P<length>{LENGTH})|(?P<same>(?:by\s+|at\s+)?(?:this"
    rf"|the\s+same)\s+time(?=\s+(?:tomorrow|next\s+week|on\s+\w+day)\b)"
    rf"|(?:the\s+)?top\s+of\s+the\s+hour\b|(?<=at )(?:five|ten|(?:a\s+)?quarter|twenty|half)"
    rf"\s+past(?=\W*(?:$|[.,;)])))|(?P<part>{_PART})|(?P<day>{DAY})"
    rf"|(?P<clock>{CLOCK}))(?:\s*(?:sharp|h(?:ou)?rs)\b)?(?:['’]s(?={_OURS}))?(?!t(?!\d\d:)|z\w|[a-su-y\d_/-]|['’]s\b|[.:]\d)",
    re.IGNORECASE,
)
_ZONE = re.compile(rf"\s*[\[(]?({ZONE})(?:\b|(?<=\d))[\])]?", re.IGNORECASE)
_JOIN = re.compile(
    r"(?:\s*,\s*|\s+|t|\s*\()(?:(?:the|on|in|at|by|before|around|about|from|between|during|some\s?time|(?:in|over)\s+the\s+course\s+of|no\s+later\s+than"
    r"|not\s+later\s+than|latest|~|@)\s*)*\)?",
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
    from_told: bool = False
    """Counted from a time told before it: "an hour later", "that same day"."""

    @property
    def is_bare_clock(self) -> bool:
        """A time of day with no day and no length of time: "16:00"."""
        return bool(self.clock) and not self.day

    @property
    def is_next_day(self) -> bool:
        """ "The next day", which is counted from a day told before it where there is one."""
        return not self.clock and _NEXT_DAY.fullmatch(self.day) is not None

    def is_placed(self, spoken: SpokenTime) -> bool:
        """Whether this is ``spoken``, put on the day told before it."""
        return self.day == "that day" and spoken.day != self.day

    @property
    def is_clock_alone(self) -> bool:
        """A time of day with nothing of a day beside it, not even "this afternoon"."""
        return self.is_bare_clock and not self.part

    @property
    def is_stretch(self) -> bool:
        """Two times of day of which the later counts: "22:00-23:00"."""
        return (
            re.search(r"\w\s*(?:-|–|\band\b|(?<!quarter )(?<!five )(?<!ten )(?<!twenty )\bto\b)", self.clock)
            is not None
        )

    def due(self, said_at: datetime, writers: tzinfo, told: datetime | None = None) -> datetime | None:
        """The moment meant (UTC) by one who wrote at ``said_at`` in that zone; None for no day.

        ``told`` is the time told last before it, from which "an hour later" is counted.
        """
        if self.from_told and told is None:
            return None
        counted_from = told if self.from_told and told else said_at
        if self.after is not None:
            return counted_from + self.after
        try:
            local = counted_from.astimezone(writers)
            due = (
                self._that_day(local)
                if self.from_told
                else self._local_due(local, zone(self.zone) or writers)
            )
            return due.astimezone(UTC)
        except (ValueError, OverflowError):
            return None

    def _that_day(self, told: datetime) -> datetime:
        """The end of the part meant of the day of ``told``; of the whole day where that is over.

        The word about a deed comes after it: "it ships on Friday, you hear from me the same day".
        """
        if self.working_days:
            return working_days_after(told, self.working_days)
        due = datetime.combine(told.date(), self._clock()[0], told.tzinfo)
        if self.day == "day after":
            return _shift(due, 1)
        over = not self.clock and (due < told or (due == told and not self.part))
        return datetime.combine(told.date(), LAST_MINUTE, told.tzinfo) if over else due

    def _local_due(self, local: datetime, there: tzinfo) -> datetime:
        """The day is the writer's, the time of day that of the zone named with it."""
        if self.working_days:
            due = working_days_after(local, self.working_days)
            at_work = _DAY_BEGINS <= due.time() <= END_OF_DAY
            return due if at_work else datetime.combine(due.date(), END_OF_DAY, due.tzinfo)
        if self.clock.startswith("past "):
            due = local.replace(minute=int(self.clock[5:]), second=0, microsecond=0)
            return due if due > local else due + timedelta(hours=1)
        if self.clock == "same":
            day = (
                local.date() + timedelta(days=7)
                if self.day.lower() == "next week"
                else (day_of(self.day, local, local.time()))
            )
            return datetime.combine(day, local.timetz())
        if (meant := self._with_hour(local)) is not self:
            return meant._local_due(local, there)
        clock, next_day = self._clock()
        if not self.day:
            local = local.astimezone(there)
            due = datetime.combine(local.date(), clock, there)
            if due <= local and self._may_be_of_the_evening and local - due > _HALF_A_DAY - _SOON:
                due += _HALF_A_DAY
            if next_day or (due <= local and (self.clock or _OF_NEXT_MORNING.match(self.part))):
                due = _shift(due, 1)
            return due if due > local else self._rest_of(due)
        spoken = day_of(self.day, local, clock)
        due = datetime.combine(spoken, clock, there)
        if next_day:
            return _shift(due, 1)
        if due <= local and spoken == local.date() and not self.clock:
            return self._rest_of(due)
        return due

    @property
    def _may_be_of_the_evening(self) -> bool:
        """Whether the hour has a twin twelve hours later: "at 7:15", not "07:15", "7 am" or "7h"."""
        return not self.part and not self.zone and _OF_TWELVE.fullmatch(self.clock) is not None

    def _with_hour(self, local: datetime) -> SpokenTime:
        """Of "Thursday 10", which is no Thursday the tenth: that Thursday at ten."""
        numbered = _NUMBERED.fullmatch(self.day)
        if numbered is None or is_that_day(numbered[1], int(numbered[2]), local.date()):
            return self
        return replace(self, day=numbered[1], clock=self.clock or numbered[2])

    def _rest_of(self, due: datetime) -> datetime:
        """The end of a day whose part meant is over; "this morning" said at noon raises ValueError."""
        if "morning" in self.part or "lunch" in self.part or "earlier" in self.part:
            raise ValueError(self.part)
        return datetime.combine(due.date(), LAST_MINUTE, due.tzinfo)

    def _clock(self) -> tuple[time, bool]:
        """The time of day, and whether it is the midnight that ends the day."""
        words = f"{self.part} {self.day}".lower()
        if self.clock:
            return clock_time(self.clock, words, zoned=bool(self.zone))
        return next((at for name, at in _PARTS.items() if name in words), END_OF_DAY), False


def find_times(clause: str) -> Iterator[SpokenTime]:
    """Every time expression in ``clause``, left to right."""
    held: SpokenTime | None = None
    for match in _TOKEN.finditer(clause):
        if held is not None and match.start() < held.end:
            continue
        one = _read(match)
        if held is not None and (joined := _joined(held, one, clause)) is not None:
            held = joined
            continue
        if held is not None and _says_when(held):
            yield held
        held = _with_zone(one, clause)
    if held is not None and _says_when(held):
        yield held


def _says_when(one: SpokenTime) -> bool:
    return not (one.part and not one.day and not one.clock and _NEEDS_DAY.match(one.part.lower()))


def _read(match: re.Match[str]) -> SpokenTime:
    start, end = match.span()
    if match["length"] or match["later"]:
        after, working_days = length_of(match)
        if after and match["later"] and _BEFORE_THAT.search(match["later"]):
            after = -after
        return SpokenTime(start, end, after=after, working_days=working_days, from_told=bool(match["later"]))
    if match["that_day"]:
        return _told_day(start, end, match["that_day"].lower())
    kind = next(one for one in ("same", "part", "day", "clock") if match[one])
    said = " ".join(match[kind].split())
    if kind == "same":
        return SpokenTime(start, end, clock=_of_this_hour(said.lower()))
    if kind == "part":
        return SpokenTime(start, end, part=said)
    return SpokenTime(start, end, day=said) if kind == "day" else SpokenTime(start, end, clock=said)


def _of_this_hour(said: str) -> str:
    """ "past 0" for "the top of the hour", "past 10" for "ten past"; "same" for "this time tomorrow"."""
    if "top" in said:
        return "past 0"
    step = re.match(r"(?:a )?(five|ten|quarter|twenty|half) past", said)
    return f"past {STEPS[step[1]]}" if step else "same"


def _told_day(start: int, end: int, said: str) -> SpokenTime:
    if said.endswith("after"):
        return SpokenTime(start, end, day="day after", from_told=True)
    part = next((one for one in ("morning", "afternoon", "evening") if one in said), "")
    return SpokenTime(start, end, day="that day", part=part, from_told=True)


def _with_zone(one: SpokenTime, clause: str) -> SpokenTime:
    """``one`` with the zone named right behind it."""
    if one.after is not None or not (found := _ZONE.match(clause, one.end)):
        return one
    return replace(one, end=found.end(), zone=found[1])


def _joined(held: SpokenTime, one: SpokenTime, clause: str) -> SpokenTime | None:
    """Both as one expression ("Friday" and "by 10:00"), or None where they are two."""
    if held.after or one.after or held.working_days or one.working_days or held.from_told:
        return None
    if one.from_told and (not held.is_bare_clock or one.day != "that day"):
        return None
    if not _JOIN.fullmatch(clause, held.end, one.start):
        return None
    if held.clock and one.clock:
        return None
    day = _one_day(held.day, one.day)
    if day is None:
        return None
    both = replace(
        held, end=one.end, day=day, from_told=one.from_told, clock=held.clock or one.clock,
        part=" ".join(filter(None, (held.part, one.part))),
    )  # fmt: skip
    return _with_zone(both, clause) if not both.zone else both


def _one_day(first: str, second: str) -> str | None:
    """The day of two names for one ("Friday", "20 March"); None where they are two days."""
    if not first or not second:
        return first or second
    for weekday, other in ((first, second), (second, first)):
        if IS_WEEKDAY.match(weekday) and IS_DATE.search(other):
            return other
    return None


def _shift(moment: datetime, days: int) -> datetime:
    return datetime.combine(moment.date() + timedelta(days=days), moment.time(), moment.tzinfo)
