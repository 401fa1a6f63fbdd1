"""Days as people name them: "tomorrow", "next Tuesday", "Friday, 20 March", "end of next week", "mid-May"."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta

_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_ORDINALS = ("first", "second", "third")
_TUESDAY, _WEDNESDAY, _FRIDAY, _SUNDAY = 1, 2, 4, 6
_MONTHS_OF_A_YEAR = 12

WEEKDAY = r"(?:mon|tues?|wed(?:nes)?|thu(?:rs?)?|fri|sat(?:ur)?|sun)(?:day)?\b\.?"
_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?"
    r"|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\b\.?"
)
_YEAR = r"(?:,?[\s-]+20\d\d\b)?"
_NUMBER = r"\d{1,2}(?:st|nd|rd|th)?"
_DATE = (
    r"(?:20\d\d-\d\d-\d\d(?=t\d|\b)"
    rf"|(?:the\s+)?(?:{_NUMBER}|{'|'.join(_ORDINALS)})(?:\s+(?:of\s+)?|-){_MONTH}{_YEAR}"
    rf"|{_NUMBER}(?:/|\s+and\s+|\s?[-–]\s?){_NUMBER}\s+(?:of\s+)?{_MONTH}{_YEAR}"
    rf"|{_MONTH}\s+(?:the\s+)?{_NUMBER}\b(?!:){_YEAR}"
    rf"|{WEEKDAY},?\s+(?:the\s+)?\d{{1,2}}(?:st|nd|rd|th)\b(?!\s+(?:of\s+)?{_MONTH})"
    rf"|{WEEKDAY},?\s+(?:[12]?\d|3[01])(?=\s*(?:[.,;!?)(]|$)|\s+(?:is|works|in|at|before|between|from|for|it|suits|sounds|morning|afternoon|evening)\b)(?![.:]\d)"
    r"|(?<!be on )(?<!version )(?<!release )\d{1,2}\.\d{1,2}\.(?:20\d\d\b)?|\d{1,2}/\d{1,2}(?:/20\d\d)?\b"
    r"|the\s+\d{1,2}(?:st|nd|rd|th)\b(?:\s+of\s+this\s+month\b)?)"
)
_NAMED_DAY = (
    rf"(?:{WEEKDAY}\s+(?:of\s+)?next\s+week\b|next\s+week\s+(?:on\s+)?{WEEKDAY}|{WEEKDAY}\s+week\b"
    rf"|a\s+week\s+(?:from|on)\s+{WEEKDAY}|a\s+week\s+(?:from\s+)?tomorrow\b|a\s+week\s+today\b"
    rf"|(?:(?:this|next|coming|the\s+following)\s+)?(?:coming\s+)?{WEEKDAY}(?:\s+(?:or|and)\s+{WEEKDAY})?"
    r"|the\s+day\s+after\s+tomorrow\b|today\b|tonight\b|tomorrow\b|tmr?w\b|tomoz\b|2mor(?:o|row)\b|this\s+day\b"
    r"|(?:the\s+)?(?:following|next)\s+(?:(?:business|working)\s+)?day\b)"
)
_PERIOD = rf"(?:(?:(?:the|this|next|our|your|my)\s+)*(?:week(?:end)?|month|quarter|year)\b|{_MONTH})"
_IN_PERIOD = (
    rf"(?:(?:the\s+)?(?:end|close|beginning|start|middle|course)\s+of\s+{_PERIOD}"
    rf"|(?:early|late|mid|end)[\s-]+(?:in\s+|of\s+)?(?:next\s+|this\s+|the\s+)?(?:week\b|month\b|{_MONTH})"
    r"|(?:later|earlier|mid(?:dle\s+of)?)\s+(?:this|next)\s+(?:week|month)\b"
    r"|(?:the|this)\s+(?:week|month|quarter|year)\s+(?:is\s+(?:out|over)|ends|closes)\b|eow\b"
    r"|(?:month|quarter|year)[- ]end\b|(?:the\s+|this\s+)?weekend\b(?!\s+of\b)"
    rf"|(?:this|next)\s+week\b(?!\s+(?:on\s+)?{WEEKDAY})"
    rf"|(?:the\s+)?week(?:end)?\s+of\s+(?:the\s+)?{_DATE}|(?:cw|kw|calendar\s+week)\s?\d\d?\b)"
)
DAY = rf"(?:{_IN_PERIOD}|{_DATE}|{_NAMED_DAY})"
"""A pattern (for `re.IGNORECASE`) of every day that `day_of` reads."""
_FIRST_OF_TWO = re.compile(
    rf"\d{{1,2}}(?:st|nd|rd|th)?(?:/|\s+and\s+|\s?[-–]\s?)(?={_NUMBER}\s+(?:of\s+)?{_MONTH})", re.IGNORECASE
)
"""The first of two days of a month: "3/4 October" means the second."""
IS_DATE = re.compile(r"^(?!.*w\w*\s?\d\d?$).*\d", re.IGNORECASE)
IS_WEEKDAY = re.compile(rf"^(?:(?:this|next|coming)\s+)?{WEEKDAY}$", re.IGNORECASE)


def day_of(words: str, local: datetime, clock: time) -> date:
    """The date meant by ``words`` at ``local``; ``clock`` is the time said with it.

    Raises ValueError for a date the calendar does not have.
    """
    lower, today = " ".join(words.lower().split()), local.date()
    lower = re.sub(r"\b(?:tmr?w|tomoz|2mor(?:o|row))\b", "tomorrow", _FIRST_OF_TWO.sub("", lower))
    if lower.startswith(("the week", "week", "cw", "kw", "calendar")) and re.search(r"\d", lower):
        return _end_of_week(lower, today)
    if (numbered := _in_numbers(lower, local)) is not None:
        return numbered
    if "week" in lower and (match := re.search(WEEKDAY, lower)):
        return _weekday_in_weeks(match[0][:3], lower, local, clock)
    if (apart := _days_apart(lower, today)) is not None:
        return today + timedelta(days=apart)
    if match := re.search(rf"\b({'|'.join(_WEEKDAYS)})(?!th)[a-z]*\.?$", lower):
        return _weekday(_WEEKDAYS.index(match[1]), lower, local, clock)
    if re.search(rf"month|quarter|year|\b(?:{'|'.join(_MONTHS)})", lower):
        return _in_long_period(lower, today)
    return _in_week(lower, today)


def is_that_day(weekday: str, number: int, today: date) -> bool:
    """Whether the coming ``number``-th of a month falls on ``weekday``."""
    try:
        return _calendar_day(str(number), today).weekday() == _WEEKDAYS.index(weekday[:3].lower())
    except ValueError:
        return False


def _in_numbers(lower: str, local: datetime) -> date | None:
    if match := re.search(r"\d{4}-\d\d-\d\d", lower):
        return date.fromisoformat(match[0])
    if match := re.search(r"(\d{1,2})/(\d{1,2})(?:/(20\d\d))?", lower):
        return _slashed(int(match[1]), int(match[2]), match[3], local)
    if match := re.search(r"(\d{1,2})\.(\d{1,2})\.(20\d\d)?", lower):
        return _not_over(int(match[2]), int(match[1]), match[3], local.date())
    for number, word in enumerate(_ORDINALS, 1):
        lower = re.sub(rf"\b{word}\b", str(number), lower)
    return _calendar_day(lower, local.date()) if re.search(r"\d", lower) else None


def _days_apart(lower: str, today: date) -> int | None:
    if "after tomorrow" in lower:
        return 2
    if lower.startswith("a week") and not re.search(WEEKDAY, lower):
        return 8 if lower.endswith("tomorrow") else 7
    if lower.endswith(("tomorrow", "following day", "next day")):
        return 1
    if lower.endswith(("business day", "working day")):
        return {4: 3, 5: 2}.get(today.weekday(), 1)
    return 0 if lower in ("", "today", "tonight", "this day") else None


def _in_week(lower: str, today: date) -> date:
    """A day of this week or the next one: its Friday unless the words say early, middle or weekend."""
    wanted = _FRIDAY
    if "weekend" in lower:
        wanted = _SUNDAY
    elif re.search(r"\bearl|beginning|start", lower):
        wanted = _TUESDAY
    elif "mid" in lower:
        wanted = _WEDNESDAY
    if "next" in lower:
        return today + timedelta(days=7 - today.weekday() + wanted)
    return today + timedelta(days=(wanted - today.weekday()) % 7)


def _in_long_period(lower: str, today: date) -> date:
    """A day of a month, a quarter or a year: its last unless the words say early or middle."""
    month = re.search(rf"\b({'|'.join(_MONTHS)})", lower)
    first = today.replace(day=1)
    if month:
        first = date(today.year, _MONTHS.index(month[1]) + 1, 1)
        first = first if _last_of(first) >= today else first.replace(year=first.year + 1)
    elif "quarter" in lower:
        first = first.replace(month=(first.month + 2) // 3 * 3)
    elif "year" in lower:
        first = first.replace(month=_MONTHS_OF_A_YEAR)
    elif "next" in lower:
        first = _last_of(first) + timedelta(days=1)
    if re.search(r"\bearl|beginning|start", lower):
        return first + timedelta(days=6)
    return first.replace(day=15) if "mid" in lower else _last_of(first)


def _last_of(first: date) -> date:
    return (first + timedelta(days=32)).replace(day=1) - timedelta(days=1)


def _end_of_week(lower: str, today: date) -> date:
    """The Friday of a week told by its number or by one of its days, the Sunday of a weekend told so."""
    if match := re.search(r"w(?:eek)?\s?(\d\d?)$", lower):
        friday = date.fromisocalendar(today.year, int(match[1]), _FRIDAY + 1)
        return friday if friday >= today else date.fromisocalendar(today.year + 1, int(match[1]), _FRIDAY + 1)
    day = _in_numbers(lower, datetime.combine(today, time(0)))
    assert day is not None  # noqa: S101 - the pattern has a number in it
    last = _SUNDAY if "weekend" in lower else _FRIDAY
    return day + timedelta(days=(last - day.weekday()) % 7)


def _weekday_in_weeks(name: str, lower: str, local: datetime, clock: time) -> date:
    """ "Wednesday next week", and "Thursday week", which is seven days after the coming Thursday."""
    wanted = _WEEKDAYS.index(name)
    if "next week" in lower:
        return local.date() + timedelta(days=7 - local.weekday() + wanted)
    return _weekday(wanted, "", local, clock) + timedelta(days=7)


def _weekday(wanted: int, lower: str, local: datetime, clock: time) -> date:
    if lower.startswith("next"):
        return local.date() + timedelta(days=7 - local.weekday() + wanted)
    ahead = (wanted - local.weekday()) % 7
    over = ahead == 0 and datetime.combine(local.date(), clock, local.tzinfo) <= local
    return local.date() + timedelta(days=7 if over else ahead)


def _calendar_day(lower: str, today: date) -> date:
    number = int(re.search(r"\b(\d{1,2})(?:st|nd|rd|th)?\b", lower)[1])  # type: ignore[index]
    month = re.search(rf"\b({'|'.join(_MONTHS)})(?!day)", re.sub(rf"^{WEEKDAY},?\s", "", lower))
    year = re.search(r"\b20\d\d\b", lower)
    if month is None:
        this = today.replace(day=number)
        return this if this >= today else (today.replace(day=1) + timedelta(days=32)).replace(day=number)
    return _not_over(_MONTHS.index(month[1]) + 1, number, year and year[0], today)


def _not_over(month: int, day: int, year: str | None, today: date) -> date:
    spoken = date(int(year) if year else today.year, month, day)
    return spoken if year or spoken >= today else spoken.replace(year=spoken.year + 1)


def _slashed(first: int, second: int, year: str | None, local: datetime) -> date:
    """``3/15`` and ``15/3``: month first where the writer is in North America or nothing else is possible."""
    zone = getattr(local.tzinfo, "key", "")
    month_first = second > _MONTHS_OF_A_YEAR or (first <= _MONTHS_OF_A_YEAR and zone.startswith("America/"))
    month, day = (first, second) if month_first else (second, first)
    return _not_over(month, day, year, local.date())
