"""Lengths of time from now, as people write them: "in 20 minutes", "within two business days", "hourly"."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta

WORKING_DAYS = 5
_COUNTS: Mapping[str, float] = {
    "a": 1, "an": 1, "the": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7,
    "eight": 8, "nine": 9, "ten": 10, "eleven": 11, "twelve": 12, "fifteen": 15, "twenty": 20, "thirty": 30,
    "forty-five": 45, "forty five": 45, "forty": 40, "sixty": 60, "ninety": 90, "half": 0.5, "couple": 2,
    "few": 3, "next": 1, "another": 1,
}  # fmt: skip
_SECONDS: Mapping[str, int] = {"m": 60, "h": 3600, "d": 86400, "w": 604800, "f": 1209600}
_NUMBER = (
    "one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|fifteen|twenty|thirty|forty[- ]five|forty"
    "|sixty|ninety"
)
_COUNT = (
    rf"(?:another\s+(?=\d|{_NUMBER}|an?\b|half|few|couple))?(?:\d{{1,3}}\s*(?:-|–|to"
    rf"|or)\s*)?(?:(?:{_NUMBER}|a|an)\s+(?:to|or)\s+)?(?:\d{{1,3}}(?:\.\d)?"
    rf"|half\s+an?|half(?=[\s-]hour)|a\s+couple(?:\s+of)?|couple(?:\s+of)?|an?\s+few|few"
    rf"|(?:{_NUMBER})\s+and\s+a\s+half"
    rf"|(?:{_NUMBER})|an?\s+half|an?|another|(?:(?<=within )|(?<=inside ))the|next)"
)
_UNIT = (
    r"(?:(?:(?:business|working|banking|work)\s+)?(?:min(?:ute)?s?|h(?:ou)?rs?|days?|weeks?)"
    r"|(?<=\d)\s?[mhd]|fortnight)\b"
)
_LENGTH = (
    rf"(?P<count>{_COUNT})(?:(?:\s+|-)(?:more\s+|full\s+|short\s+)?|(?<=\d))(?P<unit>{_UNIT})(?P<more>\s+or"
    r"\s+(?:two|so)|\s+and\s+a\s+(?:half|quarter))?(?:['’]s?\s+time\b|\s+time\b)?(?!\s+of\s+your)"
)
_ABOUT = (
    r"(?:(?:about|around|roughly|approximately|approx\.?|at\s+most|less\s+than|no\s+more\s+than|under|up\s+to"
    r"|(?:the\s+)?(?:next|coming|following)|the(?=\s+(?:next|coming))|max(?:imum)?\.?|just|only|say)\s+)*"
)
_INTO = (
    r"(?:(?:with)?in(?:side(?:\s+of)?)?\b|over(?=\s+the\s+(?:next|coming))|(?=another\b)"
    r"|(?:(?<=\bneed )|(?<=\bneeds ))(?=(?:a\b|an\b|\d|about|two\b|five\b|ten\b))"
    r"|every(?!\s+(?:\w+\s+)?(?:day|week|business|working|banking))"
    r"|(?<=give me )|(?<=give us )|(?<=allow )|(?<=allow us )|(?<=allow me )"
    r"|(?<=eta )|(?<=eta: )|(?<=eta is )|(?<=etr )|(?<=etr: )|(?<=etr is ))"
)


def _called(prefix: str) -> str:
    """`_LENGTH` with its groups renamed, so that it may stand twice in one expression."""
    return _LENGTH.replace("(?P<", f"(?P<{prefix}")


_MINUTES = r"(?:5|10|15|20|25|30|40|45|60|five|ten|fifteen|twenty|thirty)"
LENGTH = (
    rf"{_INTO}\s*{_ABOUT}{_LENGTH}"
    rf"|{_called('now_')}\s+(?:(?:from\s+(?:now|today)|out|away)\b)"
    rf"|(?:^\W*|(?<=\w, )[~≈]?\s?){_called('only_')}(?=\W*$|\s+and\s+(?:i|we|your?)\b)"
    rf"|(?:in\s+(?:about\s+)?|(?<=\bgive me )|(?<=\bgive us )|(?<=\bgimme ))"
    rf"(?P<minutes>{_MINUTES})(?=\s*(?:[.,;!)]|$)|\s+(?:max|tops)\b)"
    r"|(?:with)?in\s+(?:about\s+)?(?P<quarters>a\s+quarter|three[- ]quarters)\s+of\s+an\s+hour\b"
    r"|(?P<hourly>hourly\b|(?:on|at)\s+the\s+hour\b)"
)
"""A pattern (for `re.IGNORECASE`) of every length from now that `length_of` reads."""
LATER = (
    rf"(?:(?:with)?in\s+)?{_ABOUT}{_called('later_')}\s+(?:later|thereafter|(?:after|before)\s+(?:that"
    rf"|this|it)|afterwards"
    r"|of\s+(?:that|this|it)|after(?=\W*$))\b"
)
"""A pattern of every length counted from a time told before it: "an hour later", "two days after that"."""


def length_of(match: re.Match[str]) -> tuple[timedelta | None, int]:
    """What a match of `LENGTH` or `LATER` says: a length of time, or None and a number of working days."""
    said = {name: (words or "").lower() for name, words in match.groupdict().items()}
    if said["minutes"]:
        number = said["minutes"]
        return timedelta(minutes=int(number) if number.isdigit() else _COUNTS[number]), 0
    if said["quarters"]:
        return timedelta(minutes=15 if said["quarters"].startswith("a") else 45), 0
    if said["hourly"]:
        return timedelta(hours=1), 0
    kind = next(one for one in ("", "now_", "only_", "later_") if said[f"{one}unit"])
    number = _number(said[f"{kind}count"]) + _added(said[f"{kind}more"])
    unit = said[f"{kind}unit"].strip()
    if "day" in unit and unit.startswith(("business", "working", "banking", "work")):
        return None, max(1, round(number))
    bare = re.sub(r"^(?:business|working|banking|work)\s+", "", unit)[0]
    return timedelta(seconds=number * _SECONDS[bare]), 0


def _added(more: str) -> float:
    return 1.0 if "two" in more else 0.5 if "half" in more else 0.25 if "quarter" in more else 0.0


def _number(words: str) -> float:
    digits = re.findall(r"\d{1,3}(?:\.\d)?", words)
    if digits:
        return float(digits[-1])
    telling = [
        _COUNTS[" ".join(word.split())]
        for word in re.findall(rf"\b(?:{_NUMBER}|half|couple|few|an?|the|next|another)\b", words)
    ]
    if "and a half" in words:
        return telling[0] + 0.5
    telling = telling[1:] if words.startswith("another ") else telling
    return telling[-1] if len(telling) > 1 and "half" not in words else telling[0]


def working_days_after(moment: datetime, count: int) -> datetime:
    """``moment`` so many working days later, at the same time of day."""
    while count:
        moment = datetime.combine(moment.date() + timedelta(days=1), moment.timetz())
        count -= moment.weekday() < WORKING_DAYS
    return moment
