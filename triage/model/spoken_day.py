"""Days as people name them: "tomorrow", "next Tuesday", "Friday, 20 March", "end of next week"."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta

_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_FRIDAY, _SUNDAY = 4, 6
_MONTHS_OF_A_YEAR = 12

WEEKDAY = r"(?:mon|tues?|wed(?:nes)?|thu(?:rs?)?|fri|sat(?:ur)?|sun)(?:day)?\b"
_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?"
    r"|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\b\.?"
)
_ONE_DAY = (
    rf"{WEEKDAY}\s+(?:of\s+)?next\s+week\b|next\s+week\s+(?:on\s+)?{WEEKDAY}|"
    rf"(?:(?:this|next|coming|the\s+following)\s+)?(?:coming\s+)?{WEEKDAY}|today\b|tonight\b|tomorrow\b"
)
_END = r"(?:end\s+of|close\s+of|eod|eob|cob)"
DAY = (
    rf"(?:(?:this\s+)?{WEEKDAY},?\s+)?(?:\d{{4}}-\d\d-\d\d\b|(?:the\s+)?\d{{1,2}}(?:st|nd|rd"
    rf"|th)?\s+(?:of\s+)?{_MONTH}(?:,?\s+20\d\d\b)?"
    rf"|{_MONTH}\s+(?:the\s+)?\d{{1,2}}(?:st|nd|rd|th)?\b(?!:)(?:,?\s+20\d\d\b)?|the\s+\d{{1,2}}(?:st"
    rf"|nd|rd|th)\b"
    r"|\d{1,2}/\d{1,2}(?:/20\d\d)?\b)"
    rf"|(?:the\s+)?(?:end|close)\s+of\s+(?:(?:the|this|my|our|your|next|business"
    rf"|play)\s+)*(?:(?:working|business)\s+)?(?:day\b|week\b|month\b|{_ONE_DAY}|(?<=business)|(?<=play))"
    rf"(?:\s+(?:on\s+)?(?:{_ONE_DAY}))?"
    rf"|(?:eod|eob|cob)\b(?:,?\s+(?:on\s+)?(?:{_ONE_DAY}))?|eow\b"
    r"|(?:later|early|earlier)\s+(?:today\b|this\s+(?:morning|afternoon|evening|week)\b|next\s+week\b"
    r"|in\s+the\s+day\b)"
    r"|this\s+(?:morning|afternoon|evening)\b|(?:mid(?:dle\s+of)?\s+)?next\s+week\b|this\s+week\b"
    r"|(?:the\s+|this\s+)?weekend\b|overnight\b"
    rf"|the\s+day\s+after\s+tomorrow\b|the\s+(?:following|next)\s+day\b|(?:the\s+)?next\s+(?:business"
    rf"|working)\s+day\b"
    rf"|{_ONE_DAY}|(?<=first thing in the )morning\b|in\s+the\s+morning\b"
)
"""A pattern (for `re.IGNORECASE`) of every day that `day_of` reads."""


def day_of(words: str, local: datetime, clock: time) -> date:
    """The date meant by ``words`` at ``local``; ``clock`` is the time said with it.

    Raises ValueError for a date the calendar does not have.
    """
    lower, today = words.lower(), local.date()
    if match := re.search(r"\d{4}-\d\d-\d\d", lower):
        return date.fromisoformat(match[0])
    if match := re.search(r"(\d{1,2})/(\d{1,2})(?:/(20\d\d))?", lower):
        return _slashed(int(match[1]), int(match[2]), match[3], local)
    if "next week" in lower and (match := re.search(WEEKDAY, lower)):
        return today + timedelta(days=7 - today.weekday() + _WEEKDAYS.index(match[0][:3]))
    if re.search(r"\d", lower):
        return _calendar_day(lower, today)
    if (apart := _days_apart(lower, today)) is not None:
        return today + timedelta(days=apart)
    if match := re.search(rf"\b({'|'.join(_WEEKDAYS)})(?!th)[a-z]*$", lower):
        return _weekday(_WEEKDAYS.index(match[1]), lower, local, clock)
    if lower.endswith("month"):
        first_of_next = (today.replace(day=1) + timedelta(days=32)).replace(day=1)
        return first_of_next - timedelta(days=1)
    return _in_week(lower, today)


def _days_apart(lower: str, today: date) -> int | None:
    if "after tomorrow" in lower:
        return 2
    if lower.endswith(("tomorrow", "following day", "next day", "in the morning")) or lower == "morning":
        return 1
    if lower.endswith(("business day", "working day")) and "next" in lower:
        return {4: 3, 5: 2}.get(today.weekday(), 1)
    is_today = ("today", "tonight", "day", "eod", "eob", "cob", "business", "play", "morning", "afternoon",
                "evening", "overnight")  # fmt: skip
    if lower.endswith(is_today) and not re.search(rf"\b{WEEKDAY}$", lower):
        return 0
    return None


def _in_week(lower: str, today: date) -> date:
    """A day of this week or the next one: its Friday unless the words say early, middle or weekend."""
    wanted = _FRIDAY
    if "weekend" in lower:
        wanted = _SUNDAY
    elif "early" in lower or "earlier" in lower:
        wanted = 1
    elif "mid" in lower:
        wanted = 2
    if "next" in lower:
        return today + timedelta(days=7 - today.weekday() + wanted)
    return today + timedelta(days=(wanted - today.weekday()) % 7)


def _weekday(wanted: int, lower: str, local: datetime, clock: time) -> date:
    ahead = (wanted - local.weekday()) % 7
    over = ahead == 0 and datetime.combine(local.date(), clock, local.tzinfo) <= local
    if over or (ahead == 0 and lower.startswith("next")):
        ahead = 7
    return local.date() + timedelta(days=ahead)


def _calendar_day(lower: str, today: date) -> date:
    number = int(re.search(r"\b(\d{1,2})(?:st|nd|rd|th)?\b", lower)[1])  # type: ignore[index]
    month = re.search(rf"\b({'|'.join(_MONTHS)})(?!day)", re.sub(rf"^{WEEKDAY},?\s", "", lower))
    year = re.search(r"\b20\d\d\b", lower)
    if month is None:
        this = today.replace(day=number)
        return this if this >= today else (today.replace(day=1) + timedelta(days=32)).replace(day=number)
    spoken = date(int(year[0]) if year else today.year, _MONTHS.index(month[1]) + 1, number)
    return spoken if year or spoken >= today else spoken.replace(year=spoken.year + 1)


def _slashed(first: int, second: int, year: str | None, local: datetime) -> date:
    """``3/15`` and ``15/3``: month first where the writer is in North America or nothing else is possible."""
    zone = getattr(local.tzinfo, "key", "")
    month_first = second > _MONTHS_OF_A_YEAR or (first <= _MONTHS_OF_A_YEAR and zone.startswith("America/"))
    month, day = (first, second) if month_first else (second, first)
    spoken = date(int(year) if year else local.year, month, day)
    return spoken if year or spoken >= local.date() else spoken.replace(year=spoken.year + 1)
