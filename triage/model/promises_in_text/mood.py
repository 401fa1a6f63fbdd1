"""What the verb of a clause does to a time beside it: promise it, ask for it, doubt it, look back on it.

A clause is read through its marks: auxiliary verbs, verbs of promising, of asking, of doubting, of the past.
Each mark has the one who acts before it, and one mark governs the time. Times stand in a clause as `TIME`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from triage.model.promises_in_text import agent, turns_against, turns_for
from triage.model.promises_in_text.turns_for import LISTS
from triage.model.promises_in_text.words import pattern, pattern_of

Mood = Literal["firm", "planned", "state", "past", "refused", "hedged", "asked", "told", "theirs", "held"]
"""``theirs``: a deed of others, that tells a time and promises nothing; ``held``: a state that we keep up,
which promises nothing, while the deed beside it is promised ("we watch it tonight and write by 9")."""
BLOCKING = frozenset({"refused", "hedged", "asked", "told"})


@dataclass(frozen=True, slots=True)
class Mark:
    """One verb or turn of phrase, and what it does."""

    mood: Mood
    start: int
    end: int


_COMMAND = pattern_of(turns_against.COMMANDED, LISTS)
_IN_ORDER: tuple[tuple[Mood, re.Pattern[str]], ...] = (
    ("refused", pattern_of(turns_against.REFUSED, LISTS)),
    ("told", pattern_of(turns_against.TOLD, LISTS)),
    ("asked", pattern_of(turns_against.ASKED, LISTS)),
    ("asked", _COMMAND),
    ("firm", pattern_of(turns_for.COMMITTED, LISTS)),
    ("hedged", pattern_of(turns_against.HEDGED, LISTS)),
    ("firm", pattern_of(turns_for.FIRM, LISTS)),
    ("planned", pattern_of(turns_for.PLANNED, LISTS)),
    ("past", pattern_of(turns_against.PAST, LISTS)),
    ("state", pattern_of(turns_against.STATE, LISTS)),
)
"""Where two turns overlap, the one asked first holds."""


_GROUP = pattern(
    r" (?:\w+ly |also |then |all )*(?:be|have|keep|get|leave|see)\b(?:(?: (?:you|it|this|them|him|her"
    r"|everything|everyone|(?:the|your|our|a|an)(?: [\w-]+){1,3}?))?(?: been)?(?: \w+ly)? <done_with>\b)?",
    done_with=LISTS["done_with"],
)  # fmt: skip
"""The rest of a verb group behind "will": "be sent", "have it fixed", "keep you posted"."""

_OWN_SUBJECT = pattern(r"^(?!\W*(?:and|or|but|then)?\W*(?:also |then )?$)")
_NAMES_ITS_SUBJECT = pattern(r"\W*(?:and |but |so )?(?:the|an?|our|i|we|he|she) \w")
_BARE = pattern(r"^\W*(?:and |or |then )*(?:have|keep|be)$")


def marks(
    clause: str, *, goes_on: bool = False, said_of: str = "", outside: re.Pattern[str] | None = None
) -> list[Mark]:
    """Every mark of a clause, left to right; where two overlap, the one that promises less holds.

    ``goes_on`` says that something was promised before it, so that a bare verb is no command; ``said_of`` is
    the clause before it, whose subject goes on acting in "and will …"; ``outside`` is what the subject looks
    like where others act.
    """
    found: list[Mark] = []
    for mood, turns in _IN_ORDER:
        if goes_on and turns is _COMMAND:
            continue
        for match in turns.finditer(clause):
            if goes_on and mood == "state" and _BARE.match(clause, 0, match.end()):
                continue
            start, end = match.start(), match.end()
            if not any(one.start < end and start < one.end for one in found):
                deed = _GROUP.match(clause, end) if mood == "firm" else None
                named = _OWN_SUBJECT.search(clause[:start]) or _NAMES_ITS_SUBJECT.match(match[0])
                acting = clause[:start] if named else agent.subject_of(said_of)
                mine = _by_agent(mood, acting, clause[start:end], clause[end:])
                ours = mood in ("firm", "planned") and not agent.pays_them(acting, clause[end:])
                if ours and outside and outside.search(acting):
                    mine = "theirs"
                found.append(Mark(mine, start, deed.end() if deed else end))
    return sorted(found, key=lambda one: one.start)


def _by_agent(mood: Mood, before: str, said: str, after: str) -> Mood:
    """``mood`` as it is when the one who acts is not ours, or the deed is none for the customer."""
    if mood not in ("firm", "planned"):
        return mood
    if agent.pays_them(before, after):
        return mood
    if agent.is_outside(before) or agent.waits_for_others(said, after):
        return "theirs"
    if agent.acts_for_them(before, said, after, firm=mood == "firm"):
        return mood
    return "held" if agent.holds(before, after) else "state"


def governing(found: list[Mark], at: int) -> Mark | None:
    """The mark of a clause that governs a time at ``at``: the last before it, else the first behind it."""
    before = [one for one in found if one.start < at]
    blocked = [one for one in before if one.mood in BLOCKING]
    if blocked:
        return blocked[-1]
    if not before:
        return found[0] if found else None
    promising = [one for one in before if one.mood in ("firm", "planned")]
    last = before[-1]
    if last.mood in ("state", "held") and promising:
        return promising[-1]
    if last.mood == "planned" and len(before) > 1 and last.start - before[-2].end <= 1:
        return before[-2] if before[-2].mood == "firm" else last
    return last
