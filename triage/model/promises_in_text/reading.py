"""Promises read from what we wrote to a customer.

A message is read line by line and clause by clause. A time that lies ahead is a promise where the verb that
governs it commits our side ("I will …", "you will hear …", "the patch ships …") or where a heading announces
it ("Next update 17:00"). A time beside a condition, a question, a request, a refusal, a doubt, the past or
the customer's own plans is none. English only; a guess is shown as a guess until a person confirms it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta, tzinfo

from triage.model.promise import PromiseKind
from triage.model.promises_in_text import clause as clauses
from triage.model.promises_in_text import heading, question
from triage.model.promises_in_text.clause import Clause
from triage.model.promises_in_text.kind import kind_of
from triage.model.promises_in_text.party import subjects_outside
from triage.model.promises_in_text.prose import own_words, sentences
from triage.model.promises_in_text.words import TIME, pattern
from triage.model.spoken.time import SpokenTime, find_times

READ_LIMIT = 20_000
"""Characters of one message that are read: promises stand in prose, not in a pasted log."""
SENTENCE_LIMIT = 600
_REMEMBERED = 300
"""Characters before a sentence in which those are named whom it calls "they"."""
ANSWER_SENTENCES = 3
"""Sentences of a message short enough that a time alone in one of them answers a question."""
_MOST_TIMES = 8
"""In one sentence; more are a time-table or a log."""
_FURTHEST = timedelta(days=330)
"""Nobody is told "by 31 October" in November: a date that far ahead lies behind us."""
_LATE_WRAP = timedelta(hours=12)
"""A bare clock time without "by" or "next" that would be this far ahead was meant for the past …"""
_SOON_AFTER = timedelta(days=3)
"""What is worked on "over the weekend" is there so soon after it."""
_FIRM_WRAP = timedelta(hours=20)
"""… and this far ahead where the sentence says "will"."""


_DAY_OF_WORKS = pattern(
    r"\b(?:maintenance|migration|upgrade|swap|repair|fitting|fixed for|cut-?over|deployment|window"
    r"|installs?|installation|visit|slot|it is"
    r"|switch-?over|works?|in place|all set|scheduled|booked|planned)\b[^.!?\n]*[.!?;\n]?\s*$",
)
"""A clock time right behind a sentence on works of ours is one of their day, when that is named there."""


_ENDS_WITH_A_DAY = pattern(
    r"\b(?:tomorrow|(?:on |next |this )(?:mon|tues|wednes|thurs|fri|satur|sun)day)[.;!]?\s*$"
)
_HEAD = 10
"""Characters before a clock time that opens its sentence: "Between …". Behind a day it is one of that day."""


@dataclass(frozen=True, slots=True)
class PromiseGuess:
    """A promise as the text seems to make it."""

    kind: PromiseKind
    due: datetime
    """UTC."""
    quote: str
    """The sentence it was read from."""
    start: int
    end: int
    """Where the quote stands in the text."""


@dataclass(frozen=True, slots=True)
class _Reading:
    """One time of a sentence: when it is, and how much it promises."""

    due: datetime
    weight: int
    """2 promised, 1 planned, 0 only told: something may lean on it ("… and I will write right after")."""
    opens: bool = False
    """Whether it only says when something begins: "after 15:00"."""
    lasts: bool = False
    """Whether it says in which time something is worked on: "over the weekend"."""
    day: date | None = None
    """The day where nothing but a day was named."""
    closest: date | None = None
    """The day where more than a day was named."""
    narrows: datetime | None = None
    """When the day named in the sentence before was read to end, where this is a time of it."""

    def is_closed_by(self, other: _Reading) -> bool:
        """Whether ``other`` tells when what begins here is over: "after 15:00, by 17:00"."""
        ahead = other.due - self.due
        if other.weight <= 0 or ahead <= timedelta(0):
            return False
        return (self.opens and ahead < _LATE_WRAP) or (self.lasts and ahead < _SOON_AFTER)

    def is_narrowed_by(self, other: _Reading) -> bool:
        """Whether ``other`` names a time of this day: "with Tuesday's release, so Tuesday evening"."""
        return self.day is not None and self.day == other.closest and other.weight > 0


@dataclass(frozen=True, slots=True)
class _Message:
    """When and where a message was written."""

    said_at: datetime
    zone: tzinfo
    is_short: bool
    """So short that a time alone answers a question."""


def find_promises(text: str, said_at: datetime, zone: tzinfo) -> tuple[PromiseGuess, ...]:
    """The promises that ``text``, written by our side at ``said_at``, seems to make.

    Clock times are read in ``zone`` unless the text names another; every ``due`` is UTC and later than
    ``said_at``.
    """
    if not _may_promise(text[:READ_LIMIT]):
        return ()
    readable = own_words(text[:READ_LIMIT])
    found: dict[datetime, PromiseGuess] = {}
    spans = list(sentences(readable))
    message = _Message(said_at, zone, is_short=len(spans) <= ANSWER_SENTENCES)
    before = ""
    told: tuple[_Reading, ...] = ()
    for start, end in spans:
        sentence = readable[start:end]
        told = tuple(_read(sentence, readable[max(0, start - _REMEMBERED) : start], told, message))
        for one in told:
            if one.weight:
                if one.narrows is not None:
                    found.pop(one.narrows, None)
                found.setdefault(one.due, _guess(sentence, before, start, one.due))
        before = sentence
    return tuple(found.values())


_TIME_SIGN = re.compile(
    r"\d|arvo\b|day\b|days\b|tomorrow|tomoz|night|noon|lunch|morning|evening|hour|minute|\bmins?\b|week"
    r"|month|year|quarter"
    r"|first\s+thing|tmr?w\b|fortnight|past\b|o['’]?clock|\bhalf\b|business|play\b"
    r"|\b(?:eo[bdw]|cob|mon|tues?|weds?|thu|thurs?|fri|sat|sun|january|february|march|april|may|june|july"
    r"|august"
    r"|september|october|november|december)\b"
    r"|\b(?:by|at|before|until|till|in|after|around|about|me|us|gimme) (?:one|two|three|four|five|six|seven"
    r"|eight|nine|ten|eleven|twelve|fifteen|twenty|thirty)\b"
)
"""Of a text in small letters, which is searched faster than one in both."""


def _may_promise(text: str) -> bool:
    return _TIME_SIGN.search(text.lower()) is not None


def _read(sentence: str, earlier: str, told: tuple[_Reading, ...], message: _Message) -> Iterator[_Reading]:
    """What one sentence says of times; ``told`` is what the sentence before it said of them."""
    if len(sentence) > SENTENCE_LIMIT or question.is_question(sentence):
        return
    times = list(clauses.with_days(list(find_times(sentence)), sentence)) if _may_promise(sentence) else []
    if not times:
        if told and clauses.may_lean_back(sentence):
            outside = subjects_outside(earlier, sentence)
            yield from _leaning(clauses.clauses_of(sentence, outside), told)
        return
    if len(times) > _MOST_TIMES:
        return
    masked = _masked(sentence, times)
    if not question.is_conditional(masked):
        parts = clauses.clauses_of(masked, subjects_outside(earlier, sentence))
        yield from _strongest(_weighed_all(masked, parts, times, told, message, earlier), masked, parts, told)


def _weighed_all(
    masked: str,
    parts: list[Clause],
    times: list[SpokenTime],
    told: tuple[_Reading, ...],
    message: _Message,
    earlier: str,
) -> list[_Reading]:
    """What a sentence says of its own times; where all were asked for, what shall be there by then."""
    read: list[_Reading] = []
    named: list[_Reading] = []
    for spoken in times:
        time, due = _placed(spoken, named, told, message, earlier)
        if due is None or not message.said_at < due < message.said_at + _FURTHEST:
            continue
        if not time.is_bare_clock or due - message.said_at <= _LATE_WRAP:
            named.append(_Reading(due, 0))
        if one := _weighed(masked, parts, time, due, message, earlier):
            if (
                told
                and told[-1].day
                and (time.is_placed(spoken) or clauses.sharpens(masked, told[-1].day, one.closest))
            ):
                one = replace(one, narrows=told[-1].due)
            read = [] if one.weight and clauses.replaces(masked, time.start) else read
            read.append(one)
    return named if not read and any(clauses.is_due_by_then(one) for one in parts) else read


def _strongest(
    read: list[_Reading], masked: str, parts: list[Clause], told: tuple[_Reading, ...]
) -> Iterator[_Reading]:
    """What is promised most firmly, and what is only told."""
    timeless = [one for one in parts if TIME not in one.text(masked)]
    read = [_with_the_weight_of_the_day(one, read) for one in read]
    both = [*read, *_leaning(timeless, read or told)]
    strongest = max((one.weight for one in both), default=0)
    for one in both:
        vague = any(one.is_closed_by(other) or one.is_narrowed_by(other) for other in read)
        if one.weight in (0, strongest) and not vague:
            yield one


def _with_the_weight_of_the_day(one: _Reading, read: list[_Reading]) -> _Reading:
    """``one``, as firm as the day it is a time of: "rebooked for Wednesday, arriving at 1pm"."""
    days = [day.weight for day in read if day.is_narrowed_by(one)]
    return replace(one, weight=max(one.weight, *days)) if days else one


def _masked(sentence: str, times: list[SpokenTime]) -> str:
    for one in times:
        sentence = sentence[: one.start] + TIME * (one.end - one.start) + sentence[one.end :]
    return sentence


def _weighed(
    masked: str, parts: list[Clause], time: SpokenTime, due: datetime, message: _Message, earlier: str
) -> _Reading | None:
    is_length = bool(time.after or time.working_days)
    if is_length and (
        clauses.waits(parts, time.start) or clauses.is_counted_from_elsewhere(masked, time.end)
    ):
        return None
    if clauses.is_stretch_of_works(masked, time):
        return _Reading(due, 0)
    weight = clauses.weight_of(masked, parts, time.start, time.end)
    answers = message.is_short and heading.is_bare_answer(masked, time)
    if not weight and (answers or (time.day and time.clock and heading.is_confirmed(earlier, masked, time))):
        weight = 2
    wrapped = _LATE_WRAP if weight != 2 or clauses.is_heading(parts, time.start) else _FIRM_WRAP
    if time.is_bare_clock and due - message.said_at > wrapped and not clauses.looks_ahead(masked, time.start):
        return None
    opens = clauses.starts_after(masked, time.start)
    if weight == 2 and opens and not time.clock:
        weight = 1
    if weight is None:
        return None
    day = due.astimezone(message.zone).date() if time.day and not time.from_told else None
    sharp = bool(time.clock or time.part)
    lasts = clauses.lasts(masked, time.start)
    return _Reading(due, weight, opens, lasts, day=None if sharp else day, closest=day if sharp else None)


def _leaning(parts: list[Clause], told: Sequence[_Reading]) -> Iterator[_Reading]:
    """A promise for a time named before it: "The board meets at 13:00, I will write right after"."""
    if told and any(clauses.leans_back(one) for one in parts):
        yield _Reading(max(one.due for one in told), 2)


def _placed(
    time: SpokenTime, named: list[_Reading], told: tuple[_Reading, ...], message: _Message, earlier: str
) -> tuple[SpokenTime, datetime | None]:
    """``time`` and when it is; ``named`` are the times before it in its sentence."""
    if time.is_next_day and (named or told):
        time = replace(time, day="day after", from_told=True)
    due = time.due(message.said_at, message.zone, _last_told(named or told))
    opens = time.start <= _HEAD and _ENDS_WITH_A_DAY.search(earlier)
    of_the_day = time.is_clock_alone and (opens or _DAY_OF_WORKS.search(earlier))
    if due is None or named or not told or not of_the_day:
        return time, due
    there = _on_the_day_told(due, told[-1], message)
    on_that_day = there.astimezone(message.zone).date() == (told[-1].day or told[-1].closest)
    return (replace(time, day="that day") if on_that_day else time), there


def _on_the_day_told(due: datetime, told: _Reading, message: _Message) -> datetime:
    """A clock time on the day named in the sentence before: "We start tomorrow. You hear of us at 20:00"."""
    day, local = told.day or told.closest, due.astimezone(message.zone)
    if day is None or day <= message.said_at.astimezone(message.zone).date():
        return due
    there = datetime.combine(day, local.timetz()).astimezone(UTC)
    return there + timedelta(days=1) if told.closest and there < told.due else there


def _last_told(told: Sequence[_Reading]) -> datetime | None:
    return told[-1].due if told else None


def _guess(sentence: str, before: str, offset: int, due: datetime) -> PromiseGuess:
    quote = sentence.strip()
    start = offset + sentence.index(quote)
    return PromiseGuess(kind_of(quote, before), due, quote, start, start + len(quote))
