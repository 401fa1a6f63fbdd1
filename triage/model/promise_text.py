"""Promises read from what we wrote to a customer.

A guess needs two things in one clause: a time that lies ahead, and a commitment of our side ("I will …",
"Next update …", "View by …"). Quoted text, conditions, questions, the past, refusals and the customer's own
deadlines are left alone. English only; a guess is shown as a guess until a person confirms it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, tzinfo

from triage.model.promise import PromiseKind
from triage.model.spoken_time import SpokenTime, find_times

READ_LIMIT = 20_000
"""Characters of one message that are read: promises stand in prose, not in a pasted log."""
FRAGMENT_WORDS = 5
"""Words before the time in a promise without a verb: "View by 13 May", "Next update 17:00"."""
TIME_FIRST_WORDS = 2
"""Words before a time that opens its clause: "Tomorrow by noon we will …"."""
CLAUSE_LIMIT = 600


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


_TIME_WORDS = (
    "today", "tomorrow", "tonight", "midnight", "noon", "onday", "sday", "friday", "saturday",
    "sunday", " hour", "two days", "three days", "two weeks", "end of day", "end of the day", "end of to",
    "end of week", "end of the week", "end of this", "end of month", "end of the month", "end of my",
    "end of business", "end of our", "end of your", "close of", "eod", "eob", "cob", "eow", " mon ",
    " tue ", " wed ", " thu ", " fri ", "business day", "working day",
)  # fmt: skip
_MONTH = "(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)"
_TIME_DIGITS = re.compile(
    r"\d(?::[0-5]\d| ?(?:[ap]\.?m\b|min|h(?:ou)?rs?\b|days?\b|weeks?\b|business|working)"
    rf"|(?:st|nd|rd|th)?(?: of)? {_MONTH}|(?:st|nd|rd|th)\b|-\d\d-\d)"
)
_MONTHS = (" jan", " feb", " mar", " apr", " may", " jun", " jul", " aug", " sep", " oct", " nov", " dec")
_MONTH_DAY = re.compile(rf" {_MONTH}[a-z]*\.? \d")
"""Like the two above asked of lower-case text: nearly every message ends its reading here."""
_COMMIT_WORDS = (
    "will", "'ll", "’ll", "update", "shall", "by ", "going to", "let ", "back", "expect", "promise", "eta",
    "next", "fix",
)  # fmt: skip
_QUOTED = re.compile(
    r"“[^”]{0,400}”|\"[^\"\n]{0,400}\"|«[^»]{0,400}»|`[^`\n]{0,400}`|^[ \t]*>.*$", re.MULTILINE
)
_REPLY_BELOW = re.compile(
    r"^-{2,} ?(?:original message|forwarded message).*|^on .{5,120}\bwrote:\s*$|^from: .*\n(?:sent|date): ",
    re.IGNORECASE | re.MULTILINE,
)
_CLAUSE_END = re.compile(r"(?<=[.!?;])(?<![ap]\.m\.)\s+|\n+|;\s*|\s+[—–]\s+")

_WE_WILL = re.compile(
    r"\b(?:i|we)(?:['’]ll|\s+(?:will|shall))\b|\b(?:i\s+am|i['’]m|we\s+are|we['’]re)\s+going\s+to\b"
    r"|\b(?:i|we)\s+(?:promise|commit)\b|\blet\s+(?:me|us)\s+(?:get|come|write)\b|^\W*will\b"
    r"|\byou(?:['’]ll|\s+will)\s+(?:have|get|hear|receive)\b|\byou\s+can\s+expect\b|^\W*expect\b"
    r"|\b(?:fix|patch|hotfix|workaround|view|build|update|answer|explanation|report|\w+\s+lead)"
    r"\s+(?:will|shall|['’]ll)\s+(?!see\b|need\b)|\bi(?:\s+am|['’]m)\s+back\b",
    re.IGNORECASE,
)
_FRAGMENT = re.compile(
    r"^\W*(?:(?:our|the|your|my)\s+)?(?:next|further|another|an?)?\s*"
    r"(?:update|news|word|answer|view|fix|hotfix|patch|workaround|explanation|report|reply|eta|build|more|back|call|result)s?\b",
    re.IGNORECASE,
)
_VERB = re.compile(
    r"\b(?:is|was|were|are|am|be|been|has|had|have|due|need(?:s|ed)?|must|can|do|does|did|please|send|sent|failed"
    r"|fails|stopped|expired?s?|happens?|happened|came|arrived|started|ran|runs)\b",
    re.IGNORECASE,
)
_LEAD_IN = re.compile(
    r"(?:\b(?:by|until|till|before|than|at|on|for|around|about|in|within|latest|again)\b|[:,(–-])\W*$",
    re.IGNORECASE,
)
_CONDITION_BEFORE = re.compile(
    r"\b(?:once|as\s+soon\s+as|after|when(?:ever)?|would|could|might|may|hope|try)\b", re.IGNORECASE
)
_CONDITION = re.compile(r"(?<!even )\b(?:if|unless|provided|assuming|depending)\b", re.IGNORECASE)
_PAST = re.compile(r"\b(?:said|promised|told|wrote|was|were|had)\b[^,]*$", re.IGNORECASE)
_REFUSAL = re.compile(
    r"\b(?:will|shall|can|am|are|could)\s*(?:not|n['’]t)\b|\bwon['’]t\b|\bcan(?:no|['’])t\b|\bunable\b|\bnever\b",
    re.IGNORECASE,
)
_TO_THEM = re.compile(
    r"^\W*(?:please|kindly|could\s+you|can\s+you|would\s+you)\b|\bplease\b|\b(?:your|the|its?)\s+(?:\w+\s+){0,3}"
    r"(?:deadline|due|return|renewal|trial|contract|licen[cs]e|go-live|launch|cut-?over)\b[^,]*$|\bdeadline\b[^,]*$",
    re.IGNORECASE,
)
_CLOCK_ON_THEM = re.compile(
    r"\byou\s+(?:should|must|need\s+to|have\s+to|can(?!\s+expect))\b[^,]*$", re.IGNORECASE
)

_CANNOT = re.compile(
    r"\bcan(?:no|['’])t\s+(?:promise|solve|offer|give|do|fix|provide)\b|\bnot\s+(?:possible|supported)\b"
    r"|\bwill\s+not\s+be\s+able\b|\bno\s+(?:supported|safe)\s+way\b|\bdoes\s+not\s+exist\b|\bunable\s+to\b",
    re.IGNORECASE,
)
_DECISION = re.compile(
    r"\bwhat\b|\bwhether\b|\bdecides?\b|\bdecision\b|\bpossible\b|\blet\s+you\s+know\b|\btell\s+you\b",
    re.IGNORECASE,
)
_ANSWER = re.compile(
    r"\bwhat\s+(?:has\s+)?happened\b|\bexplanation\b|\bexplain\b|\broot\s+cause\b|\breport\b|\banswer\b|\bfindings\b"
    r"|\banalysis\b|\bwhy\b|\bthe\s+cause\b|\bsummary\b|\bresults?\b",
    re.IGNORECASE,
)
_UPDATE = re.compile(
    r"\bupdate\b|\bback\b|\bwrite\b|\bcall\b|\blet\s+you\s+know\b|\btell\b|\bkeep\s+you\b|\bhear\b|\bnews\b|\bcontact\b"
    r"|\bping\b|\breply\b|\breport\s+back\b|\btouch\b",
    re.IGNORECASE,
)
_FIX = re.compile(
    r"\bfix(?:ed)?\b|\bpatch\b|\bhotfix\b|\bworkaround\b|\bview\b|\bdeploy(?:ed)?\b|\brelease[ds]?\b|\bbuild\b|\bready\b"
    r"|\bin\s+place\b|\bresolved?\b|\brestored?\b|\bavailable\b|\bship(?:ped)?\b|\bdeliver(?:ed)?\b|\broll(?:ed)?\s+out\b"
    r"|\brepair(?:ed)?\b|\beta\b|\bgive\s+you\b|\bback\s+(?:up|online)\b",
    re.IGNORECASE,
)


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
    for start, end in _clauses(readable):
        clause = readable[start:end]
        if _may_promise(clause.lower()):
            for guess in _read(clause, before, start, said_at, zone):
                found.setdefault(guess.due, guess)
        before = clause
    return tuple(found.values())


def _may_promise(lower: str) -> bool:
    if not any(word in lower for word in _COMMIT_WORDS):
        return False
    return (
        _TIME_DIGITS.search(lower) is not None
        or any(word in lower for word in _TIME_WORDS)
        or (any(month in lower for month in _MONTHS) and _MONTH_DAY.search(lower) is not None)
    )


def _without_quotes(text: str) -> str:
    """``text`` with quoted stretches blanked, every other character in its place."""
    if below := _REPLY_BELOW.search(text):
        text = text[: below.start()]
    return _QUOTED.sub(lambda quoted: " " * len(quoted[0]), text)


def _clauses(text: str) -> Iterator[tuple[int, int]]:
    start = 0
    for gap in _CLAUSE_END.finditer(text):
        yield start, gap.start()
        start = gap.end()
    yield start, len(text)


def _read(clause: str, before: str, offset: int, said_at: datetime, zone: tzinfo) -> Iterator[PromiseGuess]:
    if len(clause) > CLAUSE_LIMIT or clause.rstrip().endswith("?") or _CONDITION.search(clause):
        return
    for spoken in find_times(clause):
        if not _commits(clause, spoken):
            continue
        due = spoken.due(said_at, zone)
        if due is not None and due > said_at:
            yield _guess(clause, before, offset, due)


def _commits(clause: str, spoken: SpokenTime) -> bool:
    """Whether the words around the time make it a promise of ours."""
    ahead = clause[: spoken.start]
    if _CONDITION_BEFORE.search(ahead) or _TO_THEM.search(ahead) or _CLOCK_ON_THEM.search(ahead):
        return False
    will = _WE_WILL.search(clause)
    if will is None or (will.start() > spoken.start and len(ahead.split()) > TIME_FIRST_WORDS):
        return _is_fragment(ahead, clause[spoken.end :])
    if _PAST.search(clause[: will.start()]):
        return False
    return not _REFUSAL.search(clause, will.start(), max(spoken.start, will.end() + 6))


def _is_fragment(ahead: str, after: str) -> bool:
    """``Next update 17:00.``, ``View by 13 May 12:00.``: a heading word, then the time, and no verb."""
    if not _FRAGMENT.match(ahead) or _VERB.search(ahead) or len(ahead.split()) > FRAGMENT_WORDS:
        return False
    next_one = re.match(r"\W*(?:our\s+|the\s+)?next\s+update", ahead, re.IGNORECASE)
    return bool(next_one or _LEAD_IN.search(ahead) or not after.strip(" .!)")) and not _VERB.match(
        after.lstrip()
    )


def _guess(clause: str, before: str, offset: int, due: datetime) -> PromiseGuess:
    quote = clause.strip()
    start = offset + clause.index(quote)
    return PromiseGuess(_kind(quote, before), due, quote, start, start + len(quote))


def _kind(clause: str, before: str) -> PromiseKind:
    """What is promised; ``before`` is the clause it leans on ("I cannot promise one; I will tell you …")."""
    if re.match(r"\W*(?:our\s+|the\s+)?next\s+update", clause, re.IGNORECASE):
        return "next_update"
    if _DECISION.search(clause) and (_CANNOT.search(clause) or _CANNOT.search(before)):
        return "cannot_solve_notice"
    if _ANSWER.search(clause) and not re.search(r"\bupdate\b", clause, re.IGNORECASE):
        return "answer"
    if _UPDATE.search(clause):
        return "next_update"
    return "fix_eta" if _FIX.search(clause) else "next_update"
