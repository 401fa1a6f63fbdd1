"""The clauses of a sentence, and how much each promises about a time that stands in it.

A sentence is cut at commas, brackets, colons, "and" and the words that open a subordinate clause. A clause
without a verb of its own leans on the clause before it ("I will test it and, by 16:00, write to you").
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise

from triage.model.promises_in_text.heading import announces
from triage.model.promises_in_text.mood import BLOCKING, TIME, Mark, governing, marks
from triage.model.spoken.time import SpokenTime


def _any(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(patterns), re.IGNORECASE)


_CUT = _any(
    r"\s*(?:,(?!\d\d\d\b)|:(?!\d)|[()\[\]])\s*",
    r"\s+[–—-]\s+",
    r"\s+(?=(?:and|or(?!\s+(?:before|earlier|sooner|so\b))|but|so"
    r"|(?<!will )(?<!shall )(?<!ll )then(?!\W*$)|while|although|though"
    r"|because|whereas|as\s+soon\s+as|once(?!\s+(?:per|more|again|every)\b)|when|whenever|who|which"
    r"|whether|(?<!after )(?<!before )(?<!by )(?<!like )(?<!of )that(?=\s+(?:i|we|you|he|she|it|they"
    r"|there|the|an?|our|your|his|their|this|no|will|are|was|were|has|have|had|can|should|could|would|may"
    r"|might|\w+ed|\w+s|\w+\s+(?:will|is|are|was|were|has|have|can))\b)(?!\s+(?:is|day|same|time|week"
    r"|by)\b)|why|how|where|what)\b)",
    rf"(?<!right)(?<!straight)(?<!directly)(?<!shortly)(?<!immediately)(?<!soon)\s+(?=(?:after(?!\s+(?:that|it|this)\b)|since|until|till)\b(?!\s+(?:the\s+)?{TIME}))",
    rf"^\s*(?=(?:once|when|after|as\s+soon\s+as)\b(?!\s+(?:the\s+)?{TIME}))",
)  # fmt: skip
_UPON = _any(
    rf"^\W*(?:as\s+soon\s+as|once|when|whenever|after|since|until|till|while)\b(?!\s+(?:the\s+)?{TIME})"
)
_EMBEDDED = _any(r"^\W*(?:where|whether|why|how|what|who|if)\b")
"""An object clause: "I will tell you where we stand tomorrow" tells tomorrow."""
_THAT = _any(r"^\W*that\b")
_RELATIVE = _any(r"^\W*(?:who|which|that|because)\b")
_OPENS = _any(r"^\W*(?:(?:so|and|then|now|well|ok|okay|yes|no|sure|not|first|by|on|at|before|in|from"
r"|until|till|around|about|within|over|the|latest|no\s+later\s+than|or|again|hi|hey|thanks|sorry|later"
r"|early|some\s?time|starting|as\s+of|after)\b\W*)*$")  # fmt: skip
_SOCIAL = _any(r"\b(?:thanks|thank|sorry|apologi[sz]e|apologies|happy|enjoy|congratulations|welcome|good)\b")
_BACKWARDS = _any(
    r"\blast\s*$",
    r"\b(?:since|as\s+of|dated|of"
    r"|(?<!valid )(?<!active )(?<!effective )(?<!live )from\s+(?:the|our|your|my)?)\s*(?:the\s+|last\s+)?$",
    r"(?<!next )\b(?:outage|incident|failure|crash|log|logs|batch|job|attempt|retry|backup|mail|message|note"
    r"|error|errors|spike|deploy|alert|dump"
    r"|trace|run|letter|email|screenshot)s?\s+(?:of|from|on|at|around)\s*(?:the\s+)?$",
)
_THEIR_EVENT = _any(
    r"\b(?:your|their|customer['’]?s?)\s+(?:[\w-]+\s+){0,3}(?:deadline|due\s+date|renewal|trial|contract"
    r"|launch|go-?live|cut-?over|meeting|deadline|release|demo|audit|window|event"
    r"|presentation)\s+(?:is\s+|on\s+|at\s+|of\s+|for\s+|in\s+)*$",
    r"\bdeadline\s+(?:is\s+|on\s+|at\s+|of\s+)*$",
)
_ARRANGING = _any(r"(?<!you )\b(?:scheduled|booked|arranged|moved|postponed|rescheduled)\s+your\b")
_AMONG_US = _any(
    r"^\W*(?:\w+ly\s+|also\s+|then\s+|now\s+|just\s+)*(?:meet|discuss|sit\s+down|huddle|get\s+together"
    r"|convene|debrief|be\s+meeting|be\s+discussing"
    r"|(?:call|ring|phone|ask|chase|ping)\s+(?:them|him|her)|(?:talk|speak)\s+(?:to"
    r"|with)\s+(?!you)\w+)\b(?!.*\byou\b)"
)
"""Talks among ourselves: the customer hears of them later."""
_AT_AN_EVENT = _any(
    r"\b(?:in|at|during|after|before|for)\s+(?:the|our|a|my)\s+(?:[\w-]+\s+){0,2}(?:call|meeting"
    r"|stand-?up|sync|review"
    r"|board|committee|session|conference|workshop|planning)\s+(?:on|at)\s+(?:the\s+)?$"
)
"""A time that only says which of our meetings is meant."""
_WORKS = _any(
    r"\b(?:maintenance|downtime|interruptions?|patching|read[- ]only|restarts|outages?"
    r"|fail-?over\s+test|works?\s+window"
    r"|(?:planned|scheduled|routine)\s+(?:\w+\s+)?works?|unreachable|unavailab\w+"
    r"|not\s+(?:be\s+)?(?:available|reachable))\b",
    r"\b(?:performing|perform|carrying\s+out|carry\s+out|degraded)\b",
    r"\b(?:takes?|taking)\s+place\b|\b(?:undergo|be\s+(?:carried\s+out|performed))\b"
    r"|\b(?:is|are)\s+(?:\w+ly\s+)?(?:planned|scheduled)\b",
)
"""Works announced: from when to when they last is a fact, and no word to the customer."""
_FROM = _any(rf"{TIME}\s*(?:to|until|till|-|–|and)\s*(?:the\s+)?$")
_TO = _any(rf"^\s*(?:to|until|till|-|–)\s*(?:the\s+)?{TIME}")
_OF_A_NOUN = _any(r"^\s+(?!(?:and|or|but|so|at|by|on|in|to|with|for|as|your|our|my|the|via|from|if|when"
r"|then|is|are|will|latest|max|sharp|local|we|i|you|it|they|once|after|before|until|because|for|works|at"
r"|again|instead|too|onwards?|please|already|which|that|who)\b)\w")  # fmt: skip
_OF_OURS = _any(r"^\s+(?:bridge|call|sync|slot|train|stand-?up|checkpoint|update)\b")
_NOUN_AHEAD = _any(r"\b(?:the|a|an|your|this|that|last|each|every)\s+$")
_HABIT = _any(
    r"\b(?:usually|always|normally|typically|generally|(?<!\ba )(?<!the )nightly"
    r"(?!\s+(?:build|image|release))|often|whenever|by\s+default|as\s+a\s+rule"
    r"|on\s+average|in\s+most\s+cases|as\s+usual)\b"
)
_EVERY = _any(r"\b(?:every|each)\s+$", r"^\W*(?:each|every|any)\s+\w+")
_BACK = _any(r"^\W*(?:and\s+)?(?:i(?:['’]m|\s+am)\s+)?back\b(?!\s+(?:to|with)\b)")
_ABSENT = _any(
    r"\b(?:in\s+(?:an?\s+)?(?:\w+\s+)?(?:training|meetings?|transit|workshops?)|on\s+(?:leave|holidays?"
    r"|vacation|pto"
    r"|a\s+(?:plane|course))|out|away|off|travell?ing|at\s+a\s+(?:conference|fair)|not\s+(?:in|at|here))\b"
)
"""One who is away and comes back promises nothing."""
_PURPOSE = _any(r"^\W*so\s+(?:that\s+)?(?!i\b|we\b|far\b)\w+")
"""What a deed is for: "I will start it tonight, so your users are not touched"."""
_WE = _any(r"\b(?:i|we)\s*$")
_OUR_CLAUSE = _any(
    r"^\W*(?:and\s+|on\s+\ue000+\s+)?(?:i|we|he|she|our|my|deadline|the\s+(?:team|board"
    r"|committee|crew))\b"
)
_AND = _any(r"^\W*(?:and|so|then)\b")
_LATEST = _any(r"^\W*(?:(?:at\s+the|the)\s+(?:very\s+)?(?:latest|outside|longest)|latest|max\b|tops\b)")
_AHEAD = _any(r"\bnext\b", r"\b(?:by|until|till|before|than|eta\W*(?:is)?|etr\W*)\s*$")
_MORE_CLOSELY = _any(
    r"\b(?:let['’]?s\s+(?:say|make\s+it|call\s+it)|make\s+(?:it|that)|or\s+rather|that\s+is|i\.e\."
    r"|namely|in\s+other\s+words|which\s+is|meaning|latest|no\s+later\s+than"
    r"|the\s+(?:first|next)(?:\s+one)?)(?:\s+\w+){0,2}\s+$"
)
_LEANS = _any(
    r"\b(?:right|straight|directly|immediately|shortly|soon)\s+after(?:wards?)?\b(?!\s+\w+ing)",
    r"\bafterwards?\b",
    r"\b(?:after|before)\s+(?:that|it|this)\b",
    r"\b(?:i|we|he|she|they|you)(?:['’]ll|\s+will)?\s+then\b",
    r"\bby\s+then\b",
    r"(?<!until )(?<!from )\bthen\W*$",
)  # fmt: skip


_BY_THEN = _any(r"\bby\s+then\b")
_SOMEBODY = _any(
    r"\b(?:i|we|you|he|she|they|our|my|let['’]s|colleagues?|team)\b",
    r"\bwill\s+(?:have\s+been|be)\s+\w+",
    r"(?-i:\b[A-Z][a-z]+\s+(?:will|is)\b)",
)


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
        *((one.start(), one.end()) for one in _CUT.finditer(sentence)),
        (len(sentence), len(sentence)),
    ]
    found: list[Clause] = []
    for (_, start), (end, _) in pairwise(cuts):
        if start < end:
            words = sentence[start:end]
            promised = any(one.mood in ("firm", "planned") for part in found for one in part.marks)
            here = tuple(
                replace(one, start=one.start + start, end=one.end + start)
                for one in marks(
                    words, goes_on=promised, said_of=found[-1].words if found else "", outside=outside
                )
            )
            found.append(Clause(start, end, here, words))
    return found


def waits(parts: list[Clause]) -> bool:
    """Whether something else has to happen first: "once it is built, we will call within two hours"."""
    return any(
        _UPON.match(one.words) and not re.match(r"\W*(?:until|till|while|since)", one.words, re.IGNORECASE)
        for one in parts
    )


def starts_after(sentence: str, at: int) -> bool:
    """Whether a time only says when something begins: "after lunch", "from Monday on"."""
    return re.search(r"\b(?:after|from|starting)\s+(?:the\s+)?$", sentence[:at], re.IGNORECASE) is not None


def looks_ahead(sentence: str, at: int) -> bool:
    """Whether a bare clock time at ``at`` is told as a time to come."""
    return _AHEAD.search(sentence[:at]) is not None


def is_heading(parts: list[Clause], at: int) -> bool:
    """Whether a time at ``at`` stands behind a heading and not behind a verb."""
    return not any(one.mood == "firm" and one.start < at for part in parts for one in part.marks)


def is_stretch_of_works(sentence: str, time: SpokenTime) -> bool:
    """Whether ``time`` is an end of the stretch that announced works last."""
    if not _WORKS.search(sentence):
        return False
    return time.is_stretch or bool(_FROM.search(sentence[: time.start]) or _TO.match(sentence[time.end :]))


def replaces(sentence: str, at: int) -> bool:
    """Whether a time only says more closely what was said before it: "…, that is by 16 December"."""
    return _MORE_CLOSELY.search(sentence[:at]) is not None


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
    if at is None or _is_of_something_else(sentence, start, end):
        return None
    if (
        _THEIR_EVENT.search(sentence[:start]) and not _ARRANGING.search(sentence[:start])
    ) or _AT_AN_EVENT.search(sentence[:start]):
        return 0
    here = parts[at]
    if at and _THAT.match(here.words) and _takes_back(parts[at - 1]):
        return None
    if at and _EMBEDDED.match(here.words) and _takes_back(parts[at - 1]):
        return None
    if at and _EMBEDDED.match(here.words) and not any(one.mood in ("firm", *BLOCKING) for one in here.marks):
        return weight_of(sentence, [*parts[: at - 1], replace(parts[at - 1], end=here.end)], start, end)
    if _BACK.match(here.words) and _ABSENT.search(sentence[: here.start]):
        return 0
    mark = governing(list(here.marks), start)
    if mark is None or (
        mark.start > start and mark.mood != "past" and announces(sentence[here.start : start])
    ):
        return _without_verb(sentence, parts, at, start, end)
    if _is_subordinate(here, mark) and not (mark.mood == "firm" and _LATEST.match(sentence[end:])):
        return None if mark.mood in BLOCKING else 0
    weight = _weight(mark, sentence, here, start, end)
    if weight == 0 and mark.mood == "state" and at + 1 < len(parts) and _OUR_CLAUSE.match(here.words):
        return 1 if _acts_then(parts[at + 1]) else 0
    return weight


def _takes_back(part: Clause) -> bool:
    return any(one.mood in BLOCKING for one in part.marks)


def _acts_then(part: Clause) -> bool:
    """Whether a clause says what is done at the time told before it: "and we will make it"."""
    firm = any(one.mood == "firm" for one in part.marks) and _last(part).mood not in BLOCKING
    return firm and TIME not in part.words and bool(_AND.match(part.words))


def _weight(mark: Mark, sentence: str, here: Clause, start: int, end: int) -> int | None:
    if mark.mood in BLOCKING:
        return None
    if mark.mood == "past":
        return None
    if mark.mood == "theirs":
        return 0
    if mark.mood == "state":
        ahead = sentence[here.start : start]
        by = re.search(r"\b(?:by|before|no\s+later\s+than)\s+(?:the\s+)?$", ahead, re.IGNORECASE)
        return 1 if by and _DONE.search(ahead) and not _HABIT.search(sentence) else 0
    if _HABIT.search(sentence) or (mark.mood == "planned" and _EVERY.search(sentence[:start])):
        return None
    if mark.mood == "firm" and start < here.end and _AMONG_US.match(sentence[mark.end : here.end]):
        return 0
    return 2 if mark.mood == "firm" else 1


_DONE = _any(
    r"^(?!.*\b(?:your|customers?|users?)\s+[\w\s-]{1,30}(?:is|are)\s+(?!done|back|ready|live|up|whole"
    r"|fixed))(?!.*\b(?:payable|required|needed|expired)\b).*(?:\b(?:is|are)|['’](?:s|re))\s+(?:(?!open"
    r"|available|free|closed|valid|due|kept|on\s+call|here|there|in\s+the\s+office)\w+)"
)


def _without_verb(sentence: str, parts: list[Clause], at: int, start: int, end: int) -> int | None:
    """A time in a clause without a verb: a heading announces it, or it leans on its neighbours."""
    here = parts[at]
    if _RELATIVE.match(here.words) or _UPON.match(here.words) or _SOCIAL.search(here.words):
        return None
    ahead = sentence[here.start : start]
    if announces(ahead):
        return 2
    before = [one for one in parts[:at] if one.marks and not _is_aside(one)]
    if at and not before and announces(parts[at - 1].words):
        return 2
    alone = bool(_OPENS.match(ahead)) and not re.search(r"\w", sentence[end : here.end].replace(TIME, ""))
    if before:
        weight = _weight(_last(before[-1]), sentence, before[-1], start, end)
        if weight or not alone:
            return weight if alone or _goes_on(here) else 0
    if alone and at + 1 < len(parts):
        return _from_behind(sentence, parts[at + 1], start, end)
    return None if before and _last(before[-1]).mood in BLOCKING else 0


def _is_subordinate(part: Clause, mark: Mark | None = None) -> bool:
    """Whether a clause only says when or which; "once it is built we will ship" has its main clause in it."""
    mark = mark or next((one for one in part.marks if one.mood == "firm"), None)
    if mark is not None and mark.mood == "firm" and _WE.search(part.words[: mark.start - part.start]):
        return False
    return bool(_UPON.match(part.words))


def _is_aside(part: Clause) -> bool:
    """Whether a clause only tells more of another, so that nothing leans on it."""
    return _is_subordinate(part) or any(one.match(part.words) for one in (_RELATIVE, _EMBEDDED, _PURPOSE))


def _last(part: Clause) -> Mark:
    """The mark that rules what follows a clause: one that takes a promise back, else its last."""
    return next((one for one in part.marks if one.mood in BLOCKING), part.marks[-1])


def _from_behind(sentence: str, behind: Clause, start: int, end: int) -> int | None:
    """What the clause behind a time says of it: "By Friday noon, we will have it"."""
    mark = governing(list(behind.marks), behind.start)
    if mark is None or _UPON.match(behind.words):
        return 0
    return None if _last(behind).mood in BLOCKING else _weight(mark, sentence, behind, start, end)


def _goes_on(part: Clause) -> bool:
    """Whether a clause without a subject goes on with the deed before it: "and call you by 5"."""
    return not re.match(
        r"\W*(?:and\s+|or\s+|but\s+)?(?:you|they|he|she|your|customers?|the\s+customer)\b",
        part.words,
        re.IGNORECASE,
    )


def _is_of_something_else(sentence: str, start: int, end: int) -> bool:
    """Whether a time only says which run, mail or meeting is meant: "the 16:00 run", "since Monday"."""
    ahead = sentence[:start]
    if _BACKWARDS.search(ahead):
        return True
    return bool(
        _NOUN_AHEAD.search(ahead) and _OF_A_NOUN.match(sentence[end:]) and not _OF_OURS.match(sentence[end:])
    )


def is_due_by_then(part: Clause) -> bool:
    """Whether a clause promises something by the time at which they were asked to look again."""
    return leans_back(part) and bool(_BY_THEN.search(part.words))


def may_lean_back(sentence: str) -> bool:
    """Whether a sentence points back to a time told before it at all."""
    return _LEANS.search(sentence) is not None


def leans_back(part: Clause) -> bool:
    """Whether a clause promises something for a time that was named before it."""
    if TIME in part.words or _UPON.match(part.words):
        return False
    return (
        bool(_LEANS.search(part.words) and _SOMEBODY.search(part.words))
        and any(one.mood in ("firm", "planned") for one in part.marks)
        and not any(one.mood in BLOCKING for one in part.marks)
    )
