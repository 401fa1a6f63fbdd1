"""The clauses of a sentence, and how much each promises about a time that stands in it.

A sentence is cut at commas, brackets, colons, "and" and the words that open a subordinate clause. A clause
without a verb of its own leans on the clause before it ("I will test it and, by 16:00, write to you").
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise

from triage.model.promises_in_text import cues
from triage.model.promises_in_text.heading import announces
from triage.model.promises_in_text.mood import BLOCKING, Mark, governing, marks
from triage.model.promises_in_text.words import TIME
from triage.model.spoken.time import SpokenTime

_FEW_WORDS = 3


@dataclass(frozen=True, slots=True)
class Clause:
    """Where a clause stands in its sentence."""

    start: int
    end: int
    marks: tuple[Mark, ...]
    """What its verbs do; places counted from the start of the sentence."""
    words: str

    def text(self, sentence: str) -> str:
        """The clause itself."""
        return sentence[self.start : self.end]


def clauses_of(sentence: str, outside: re.Pattern[str] | None = None) -> list[Clause]:
    """The clauses of a sentence in which times are masked; ``outside`` is how others are named in it."""
    cuts = [
        (0, 0),
        *((one.start(), one.end()) for one in cues.CUT.finditer(sentence)),
        (len(sentence), len(sentence)),
    ]
    found: list[Clause] = []
    for (_, start), (end, _) in pairwise(cuts):
        if start < end:
            words = sentence[start:end]
            promised = any(one.mood in ("firm", "planned", "held") for part in found for one in part.marks)
            here = tuple(
                replace(one, start=one.start + start, end=one.end + start)
                for one in marks(
                    words, goes_on=promised, said_of=found[-1].words if found else "", outside=outside
                )
            )
            found.append(Clause(start, end, here, words))
    return found


def waits(parts: list[Clause], at: int) -> bool:
    """Whether something comes before a length of time at ``at``: "once it is built, we call within 1 hour".

    What is told behind another deed ("… within the hour, and tell you when it is through") is no such thing.
    """
    here = next((number for number, one in enumerate(parts) if one.start <= at < one.end), 0)
    return any(
        cues.UPON.match(one.words)
        and not re.match(r"\W*(?:until|till|while|since)", one.words, re.IGNORECASE)
        for one in parts[: here + 2]
    )


def starts_after(sentence: str, at: int) -> bool:
    """Whether a time only says when something begins: "after lunch", "from Monday on"."""
    return re.search(r"\b(?:after|from|starting)\s+(?:the\s+)?$", sentence[:at], re.IGNORECASE) is not None


def lasts(sentence: str, at: int) -> bool:
    """Whether a time says in which stretch something is worked on: "over the weekend"."""
    return cues.DURING.search(sentence[:at]) is not None


def sharpens(sentence: str, told: date, closest: date | None) -> bool:
    """Whether a sentence only says more closely when on the day ``told`` before it something comes."""
    return told == closest and cues.SHARPENS.match(sentence) is not None


def looks_ahead(sentence: str, at: int) -> bool:
    """Whether a bare clock time at ``at`` is told as a time to come."""
    return cues.AHEAD.search(sentence[:at]) is not None


def is_heading(parts: list[Clause], at: int) -> bool:
    """Whether a time at ``at`` stands behind a heading and not behind a verb."""
    return not any(
        one.mood == "firm" and (one.start < at or part.start == at) for part in parts for one in part.marks
    )


def is_stretch_of_works(sentence: str, time: SpokenTime) -> bool:
    """Whether ``time`` is an end of the stretch that announced works last."""
    if not cues.WORKS.search(sentence):
        return False
    return time.is_stretch or bool(
        cues.FROM.search(sentence[: time.start]) or cues.TO.match(sentence[time.end :])
    )


def replaces(sentence: str, at: int) -> bool:
    """Whether a time only says more closely what was said before it: "…, that is by 16 December"."""
    return cues.MORE_CLOSELY.search(sentence[:at]) is not None


def with_days(times: list[SpokenTime], sentence: str) -> Iterator[SpokenTime]:
    """``times``, where a bare clock time takes the day named before it in the sentence.

    "Tomorrow I will check the export, then call you at 9:30" is one promise, for 9:30 tomorrow. An article is
    left out of its time: it may belong to a noun behind it ("the weekend crew").
    """
    day: SpokenTime | None = None
    for at, one in enumerate(times):
        if one.is_bare_clock and day is not None and not day.from_told:
            yield replace(one, day=day.day, zone=one.zone or day.zone)
            continue
        day = one if one.day else day
        later = times[at + 1] if at + 1 < len(times) else None
        if not (one.day and not one.clock and not one.part and later is not None and later.is_bare_clock):
            article = 4 if sentence[one.start : one.start + 4].lower() == "the " else 0
            yield replace(one, start=one.start + article)


def weight_of(sentence: str, parts: list[Clause], start: int, end: int) -> int | None:
    """How much a sentence promises of the time from ``start`` to ``end``.

    2 promised, 1 planned, 0 only told of, None where nothing may lean on it either.
    """
    at = next((number for number, one in enumerate(parts) if one.start <= start < one.end), None)
    if at is None:
        return None
    if _is_on_its_way(sentence, parts, at, start):
        return 2
    if _is_of_something_else(sentence, parts[at], start, end):
        return None
    if _is_of_an_event(sentence[:start]):
        return 0
    here = parts[at]
    if _is_confirmed(sentence, parts, at, start) or _is_told_of_next(sentence, parts, at, end):
        return 2
    told_by_another = cues.THAT.match(here.words) or cues.EMBEDDED.match(here.words)
    if at and told_by_another and _takes_back(parts[at - 1]):
        return None
    if (
        at
        and cues.EMBEDDED.match(here.words)
        and not any(one.mood in ("firm", *BLOCKING) for one in here.marks)
    ):
        return weight_of(sentence, [*parts[: at - 1], replace(parts[at - 1], end=here.end)], start, end)
    if _is_agreed_to(parts, at) or (cues.ISSUED_THEN.match(here.words) and _promises(parts[:at])):
        return 2
    if cues.BACK.match(here.words) and cues.ABSENT.search(sentence[: here.start]):
        return 0
    mark = governing(list(here.marks), start)
    if mark is None or (
        mark.start > start and mark.mood != "past" and announces(sentence[here.start : start])
    ):
        return _without_verb(sentence, parts, at, start, end)
    if _is_subordinate(here, mark) and not (mark.mood == "firm" and cues.LATEST.match(sentence[end:])):
        return None if mark.mood in BLOCKING else 0
    weight = _weight(mark, sentence, here, start, end)
    if weight == 0 and mark.mood == "state" and at + 1 < len(parts) and cues.OUR_CLAUSE.match(here.words):
        return 1 if _acts_then(parts[at + 1]) else 0
    return weight


def is_counted_from_elsewhere(sentence: str, end: int) -> bool:
    """Whether a length of time that ends there is counted from something yet to come."""
    return cues.COUNTED.match(sentence[end:]) is not None


def _is_confirmed(sentence: str, parts: list[Clause], at: int, start: int) -> bool:
    """Whether "noted", "booked" stands right before a clause of hardly more than a time."""
    here = parts[at]
    if not at or here.marks or len(sentence[here.start : start].split()) > _FEW_WORDS:
        return False
    return cues.CONFIRMS.search(parts[at - 1].words) is not None


def _is_agreed_to(parts: list[Clause], at: int) -> bool:
    """Whether a time found good is that of a deed told right behind: "Thursday 10 is good, I'll ring you"."""
    if not cues.SUITS.match(parts[at].words) or at + 1 == len(parts):
        return False
    behind = parts[at + 1]
    firm = bool(behind.marks) and behind.marks[0].mood in ("firm", "planned")
    return firm and TIME not in behind.words and bool(cues.OUR_CLAUSE.match(behind.words))


def _is_on_its_way(sentence: str, parts: list[Clause], at: int, start: int) -> bool:
    """Whether a time is when that comes which was just told to be under way: "out for delivery, due by 3"."""
    if not at or not cues.THERE_BY.match(sentence[parts[at].start : start]):
        return False
    return bool(cues.ON_ITS_WAY.search(parts[at - 1].words)) and not _takes_back(parts[at - 1])


def _promises(parts: list[Clause]) -> bool:
    """Whether the clause told last promises something without a time."""
    if not parts or not parts[-1].marks:
        return False
    return _last(parts[-1]).mood == "firm" and TIME not in parts[-1].words


def _is_told_of_next(sentence: str, parts: list[Clause], at: int, end: int) -> bool:
    """Whether the clause behind says what comes at that time: "use the old one until Friday, when …"."""
    if at + 1 == len(parts) or sentence[end : parts[at + 1].start].strip() != ",":
        return False
    firm = any(one.mood == "firm" for one in parts[at + 1].marks)
    return firm and bool(cues.WHEN_IT_IS.match(parts[at + 1].words))


def _is_of_an_event(ahead: str) -> bool:
    """Whether a time behind ``ahead`` is that of a date of theirs, or of a meeting of ours."""
    theirs = cues.THEIR_EVENT.search(ahead) and not cues.ARRANGING.search(ahead)
    return bool(theirs or cues.AT_AN_EVENT.search(ahead))


def _takes_back(part: Clause) -> bool:
    return any(one.mood in BLOCKING for one in part.marks)


def _acts_then(part: Clause) -> bool:
    """Whether a clause says what is done at the time told before it: "and we will make it"."""
    firm = any(one.mood == "firm" for one in part.marks) and _last(part).mood not in BLOCKING
    return firm and TIME not in part.words and bool(cues.AND.match(part.words))


def _weight(mark: Mark, sentence: str, here: Clause, start: int, end: int) -> int | None:
    if mark.mood in BLOCKING:
        return None
    if mark.mood == "past":
        return None
    if mark.mood in ("theirs", "held"):
        return 0
    if mark.mood == "state":
        ahead = sentence[here.start : start]
        by = re.search(r"\b(?:by|before|no\s+later\s+than)\s+(?:the\s+)?$", ahead, re.IGNORECASE)
        return 1 if by and cues.DONE.search(ahead) and not cues.HABIT.search(sentence) else 0
    habit = cues.HABIT.search(cues.HABIT_ASIDE.sub("", sentence))
    if habit or (mark.mood == "planned" and cues.EVERY.search(sentence[:start])):
        return None
    if mark.mood == "firm" and start < here.end and cues.AMONG_US.match(sentence[mark.end : here.end]):
        return 0
    return 2 if mark.mood == "firm" or cues.REACHES_THEM.search(sentence[here.start : here.end]) else 1


def _without_verb(sentence: str, parts: list[Clause], at: int, start: int, end: int) -> int | None:
    """A time in a clause without a verb: a heading announces it, or it leans on its neighbours."""
    here = parts[at]
    if cues.RELATIVE.match(here.words) or cues.SOCIAL.search(here.words):
        return None
    if cues.UPON.match(here.words):
        return 0 if cues.AFTER.match(here.words) else None
    ahead = sentence[here.start : start]
    if announces(ahead):
        return 2
    before = [one for one in parts[:at] if one.marks and not _is_aside(one)]
    if at and not before and announces(parts[at - 1].words):
        return 2
    if cues.LATEST.match(sentence[end:]) and cues.OPENS.match(ahead):
        return None if before and _last(before[-1]).mood in BLOCKING else 2
    alone = bool(cues.OPENS.match(ahead)) and not re.search(r"\w", sentence[end : here.end].replace(TIME, ""))
    if before and _last(before[-1]).mood == "held":
        return 2 if cues.DOES_TOO.match(here.words) else 0
    if before:
        weight = _weight(_last(before[-1]), sentence, before[-1], start, end)
        if weight or not alone:
            return weight if alone or _goes_on(here) else 0
    if alone and at + 1 < len(parts) and ")" not in sentence[here.end : parts[at + 1].start]:
        return _from_behind(sentence, parts[at + 1], start, end)
    return None if before and _last(before[-1]).mood in BLOCKING else 0


def _is_subordinate(part: Clause, mark: Mark | None = None) -> bool:
    """Whether a clause only says when or which; "once it is built we will ship" has its main clause in it."""
    mark = mark or next((one for one in part.marks if one.mood == "firm"), None)
    if mark is not None and mark.mood == "firm" and cues.WE.search(part.words[: mark.start - part.start]):
        return False
    return bool(cues.UPON.match(part.words))


def _is_aside(part: Clause) -> bool:
    """Whether a clause only tells more of another, so that nothing leans on it."""
    return _is_subordinate(part) or any(
        one.match(part.words) for one in (cues.RELATIVE, cues.EMBEDDED, cues.PURPOSE)
    )


def _last(part: Clause) -> Mark:
    """The mark that rules what follows a clause: one that takes a promise back, else its last."""
    return next((one for one in part.marks if one.mood in BLOCKING), part.marks[-1])


def _from_behind(sentence: str, behind: Clause, start: int, end: int) -> int | None:
    """What the clause behind a time says of it: "By Friday noon, we will have it"."""
    mark = governing(list(behind.marks), behind.start)
    if mark is None or cues.UPON.match(behind.words):
        return 0
    return None if _last(behind).mood in BLOCKING else _weight(mark, sentence, behind, start, end)


def _goes_on(part: Clause) -> bool:
    """Whether a clause without a subject goes on with the deed before it: "and call you by 5"."""
    return not re.match(
        r"\W*(?:and\s+|or\s+|but\s+)?(?:close\s+(?:it|this|the)|you|they|he|she|your|customers?|the\s+customer)\b",
        part.words,
        re.IGNORECASE,
    )


def _is_of_something_else(sentence: str, here: Clause, start: int, end: int) -> bool:
    """Whether a time only says which run, mail or meeting is meant: "the 16:00 run", "since Monday"."""
    ahead = sentence[:start]
    if cues.BACKWARDS.search(ahead) or cues.THING_FROM.search(ahead):
        return True
    if cues.AWAY_FROM.search(ahead) and not any(one.mood == "firm" for one in here.marks):
        return True
    if cues.EVERY_OTHER.search(ahead) and not here.marks:
        return True
    if cues.UPON_RECEIPT.match(sentence[end:]) or cues.PAYABLE.match(here.words):
        return True
    return bool(
        cues.NOUN_AHEAD.search(ahead)
        and cues.OF_A_NOUN.match(sentence[end:])
        and not cues.OF_OURS.match(sentence[end:])
        and not (cues.CARRIED.search(ahead) and cues.CARRIER.match(sentence[end:]))
    )


def is_due_by_then(part: Clause) -> bool:
    """Whether a clause promises something by the time at which they were asked to look again."""
    return leans_back(part) and bool(cues.BY_THEN.search(part.words))


def may_lean_back(sentence: str) -> bool:
    """Whether a sentence points back to a time told before it at all."""
    return cues.LEANS.search(sentence) is not None


def leans_back(part: Clause) -> bool:
    """Whether a clause promises something for a time that was named before it."""
    if TIME in part.words or cues.UPON.match(part.words):
        return False
    if cues.THEN_DOES.match(part.words):
        return not any(one.mood in BLOCKING for one in part.marks)
    return (
        bool(cues.LEANS.search(part.words) and cues.SOMEBODY.search(part.words))
        and any(one.mood in ("firm", "planned") for one in part.marks)
        and not any(one.mood in BLOCKING for one in part.marks)
    )
