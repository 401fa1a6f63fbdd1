"""Promises read from what we wrote to a customer.

A guess needs two things in one clause: a time that lies ahead, and a commitment of our side ("I will …",
"Next update …", "View by …") or at least a plan told in the present tense ("the disk arrives on Friday").
Quoted text, signatures, conditions, questions, the past, refusals, habits, absences and the customer's own
deadlines are left alone. English only; a guess is shown as a guess until a person confirms it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, tzinfo

from triage.model import promise_words as words
from triage.model.promise import PromiseKind
from triage.model.spoken_time import SpokenTime, find_times

READ_LIMIT = 20_000
"""Characters of one message that are read: promises stand in prose, not in a pasted log."""
FRAGMENT_WORDS = 5
"""Words before the time in a promise without a verb: "View by 13 May", "Next update 17:00"."""
TIME_FIRST_WORDS = 3
"""Words before a time that opens its clause: "Tomorrow by noon we will …"."""
CLAUSE_LIMIT = 600
ANSWER_CLAUSES = 3
"""Clauses of a message short enough that a time alone in one of them answers a question."""
_ENDS = ("", ",", ".", ";", "!", ")")
"""What may follow a time that ends its fragment."""
_FURTHEST = timedelta(days=330)
"""Nobody is told "by 31 October" in November: a date that far ahead lies behind us."""
_LATE_WRAP = timedelta(hours=12)
"""A bare clock time without "will" that would be this far ahead was meant for the past."""


@dataclass(frozen=True, slots=True)
class PromiseGuess:
    """A promise as the text seems to make it."""

    kind: PromiseKind
    due: datetime
    """UTC."""
    quote: str
    """The clause it was read from."""
    start: int
    end: int
    """Where the quote stands in the text."""


def find_promises(text: str, said_at: datetime, zone: tzinfo) -> tuple[PromiseGuess, ...]:
    """The promises that ``text``, written by our side at ``said_at``, seems to make.

    Clock times are read in ``zone`` unless the text names another; every ``due`` is UTC and later than
    ``said_at``.
    """
    if not _may_promise(text[:READ_LIMIT].lower()):
        return ()
    readable = _without_quotes(text[:READ_LIMIT])
    found: dict[datetime, PromiseGuess] = {}
    before = ""
    clauses = list(_clauses(readable))
    read = _read_answering if len(clauses) <= ANSWER_CLAUSES else _read
    for start, end in clauses:
        clause = readable[start:end]
        if _may_promise(clause.lower()):
            for guess in read(clause, before, start, said_at, zone):
                found.setdefault(guess.due, guess)
        before = clause
    return tuple(found.values())


def _may_promise(lower: str) -> bool:
    return any(word in lower for word in words.TIME_WORDS) or words.TIME_DIGITS.search(lower) is not None


def _without_quotes(text: str) -> str:
    """``text`` with quoted stretches blanked, every other character in its place."""
    if below := words.REPLY_BELOW.search(text):
        text = text[: below.start()]
    return words.QUOTED.sub(lambda quoted: " " * len(quoted[0]), text)


def _clauses(text: str) -> Iterator[tuple[int, int]]:
    start = 0
    for gap in words.CLAUSE_END.finditer(text):
        yield start, gap.start()
        start = gap.end()
    yield start, len(text)


def _read(clause: str, before: str, offset: int, said_at: datetime, zone: tzinfo) -> Iterator[PromiseGuess]:
    if len(clause) > CLAUSE_LIMIT or clause.rstrip().endswith("?") or words.CONDITION.search(clause):
        return
    for spoken in _joined(list(find_times(clause))):
        due = spoken.due(said_at, zone)
        if due is None or not said_at < due < said_at + _FURTHEST:
            continue
        by_verb = _commits(clause, spoken)
        if by_verb or (_is_fragment(clause, spoken) and not _is_past(clause, spoken, due - said_at)):
            yield _guess(clause, before, offset, due)


def _read_answering(
    clause: str, before: str, offset: int, said_at: datetime, zone: tzinfo
) -> Iterator[PromiseGuess]:
    """As `_read` for a message so short that a bare time answers a question: "By 16:00 CEST."."""
    yield from _read(clause, before, offset, said_at, zone)
    for spoken in find_times(clause) if not clause.rstrip().endswith("?") else ():
        beside = clause[: spoken.start], clause[spoken.end :]
        due = spoken.due(said_at, zone)
        if due is None or due <= said_at or not all(words.ONLY_TIME.match(one) for one in beside):
            continue
        if (spoken.day and spoken.clock) or words.SURE.search(clause):
            yield _guess(clause, before, offset, due)


def _joined(times: list[SpokenTime]) -> Iterator[SpokenTime]:
    """``times`` of one clause, where a bare clock time takes the day named before it.

    "Tomorrow I will check the export, then call you at 9:30" is one promise, for 9:30 tomorrow.
    """
    day: SpokenTime | None = None
    for at, one in enumerate(times):
        if one.is_bare_clock and day is not None:
            yield replace(one, day=day.day, zone=one.zone or day.zone)
            continue
        day = one if one.day else day
        later = times[at + 1] if at + 1 < len(times) else None
        if not (one.day and not one.clock and later is not None and later.is_bare_clock):
            yield one


def _is_past(clause: str, spoken: SpokenTime, ahead: timedelta) -> bool:
    """Whether a bare clock time told of today ("Fixed at 09:45") and not of tomorrow."""
    if not spoken.is_bare_clock or ahead <= _LATE_WRAP:
        return False
    return words.AHEAD.search(clause[: spoken.start]) is None


def _commits(clause: str, spoken: SpokenTime) -> bool:
    """Whether a commitment of ours stands before the time, or right behind a time that comes first."""
    ahead = clause[: spoken.start]
    if words.NO_LATER.match(clause[spoken.end :]) and words.WILL.search(ahead):
        return not words.REFUSAL.search(ahead)
    if any(no.search(ahead) for no in (words.CONDITION_BEFORE, words.TO_THEM, words.CLOCK_ON_THEM)):
        return bool(words.ASKED_FOR_TIME.search(ahead))
    if words.TOLD_OF_THE_PAST.search(ahead) or words.PAST_AFTER.search(clause[spoken.end :]):
        return False
    if words.EVERY.match(clause, spoken.start) and not words.UPDATE.search(clause):
        return False
    opens = len(ahead.split()) <= TIME_FIRST_WORDS and (bool(ahead.strip()) or not spoken.is_bare_clock)
    marks = [one for one in _commitments(clause) if one.start() < spoken.start or opens]
    if not marks:
        return _is_plan(clause, spoken)
    before = [one for one in marks if one.start() < spoken.start]
    mark = before[-1] if before else marks[0]
    if words.PAST.search(clause[: mark.start()]) or words.HOLDS.search(clause[mark.end() : spoken.start]):
        return False
    return not words.REFUSAL.search(clause, max(0, mark.start() - 4), max(spoken.start, mark.end() + 6))


def _is_plan(clause: str, spoken: SpokenTime) -> bool:
    """Whether a clause without a word of promising tells a plan: "the disk is in the rack by 10:00".

    What our side writes to a customer about a time ahead is a plan unless some word says that it is not.
    """
    ahead, after = clause[: spoken.start], clause[spoken.end :]
    if len(ahead.split()) <= TIME_FIRST_WORDS or not words.SAYS_SOMETHING.search(ahead):
        return False
    said = clause[spoken.start : spoken.end]
    if not (words.TIME_LEADS.search(ahead) or words.DAY_OPENS.match(said)):
        return False
    if not (
        spoken.day or spoken.after or spoken.working_days or re.search(r"[:m]", spoken.clock, re.IGNORECASE)
    ):
        return False
    return not any(no.search(ahead) or no.search(after) for no in (words.NO_PLAN, words.REFUSAL, words.HABIT))


def _commitments(clause: str) -> list[re.Match[str]]:
    """Every place where something is promised, left to right."""
    wills = words.WILL.finditer(clause)
    found = [one for one in wills if _will_do(clause[: one.start()], clause[one.end() :])]
    found += words.OUR_WORDS.finditer(clause)
    if not words.HABIT.search(clause):
        found += words.SOON.finditer(clause)
    return sorted(found, key=lambda one: one.start())


def _will_do(subject: str, deed: str) -> bool:
    """Whether "will" between ``subject`` and ``deed`` is a deed of ours, or what they get from one."""
    if words.NO_DEED.match(deed) or words.SAID_OF_NOBODY.search(subject):
        return False
    if words.SAID_OF_YOU.search(subject):
        return bool(words.GETS.match(deed))
    if words.SAID_OF_THEIRS.search(subject) and not words.SAID_OF_US.search(subject):
        return bool(words.MENDED.match(deed))
    return True


def _is_fragment(clause: str, spoken: SpokenTime) -> bool:
    """A heading word, then the time: ``Next update 17:00.``, ``View by 13 May``, ``new ETA is 16:00``."""
    ahead, after = clause[: spoken.start], clause[spoken.end :]
    if words.PAST_AFTER.search(after):
        return False
    if words.SET_FOR.search(ahead):
        return not any(no.search(ahead) for no in (words.CONDITION_BEFORE, words.REFUSAL, words.PAST))
    if words.PLAN.match(ahead):
        return bool(spoken.clock)
    heading = ahead if words.FRAGMENT.match(ahead) else re.split(r"[:,]\s+", ahead)[-1]
    if not words.FRAGMENT.match(heading) or words.VERB.search(heading):
        return False
    if len(heading.split()) > FRAGMENT_WORDS or words.VERB.match(after.lstrip()):
        return False
    return bool(
        words.NEXT_UPDATE.match(heading) or words.LEAD_IN.search(heading) or after.lstrip()[:1] in _ENDS
    )


def _guess(clause: str, before: str, offset: int, due: datetime) -> PromiseGuess:
    quote = clause.strip()
    start = offset + clause.index(quote)
    return PromiseGuess(_kind(quote, before), due, quote, start, start + len(quote))


def _kind(clause: str, before: str) -> PromiseKind:
    """What is promised; ``before`` is the clause it leans on ("I cannot promise one; I will tell you …")."""
    if words.NEXT_UPDATE.match(clause):
        return "next_update"
    if words.DECISION.search(clause) and (words.CANNOT.search(clause) or words.CANNOT.search(before)):
        return "cannot_solve_notice"
    if words.ANSWER.search(clause) and not words.A_WORD.search(clause):
        return "answer"
    if words.UPDATE.search(clause):
        return "next_update"
    return "fix_eta" if words.FIX.search(clause) else "next_update"
