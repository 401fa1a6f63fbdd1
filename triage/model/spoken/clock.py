"""Times of day as people write them: "16:00", "4 p.m.", "16h30", "half past five", "noon", "by nine"."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import time

from triage.model.spoken.zone import ZONE

NOON = time(12, 0)
_NIGHT_IS_OVER = 6
_FIRST_OF_EVENING = 4
"""A bare hour below this said of a night is one of its small hours: "tonight at 2"."""
_FIRST_HOURS = 7
"""A bare hour below this is one of the afternoon: "by 4" is said at work."""
_WORDS: Mapping[str, int] = {
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9,
    "ten": 10, "eleven": 11, "twelve": 12,
}  # fmt: skip
STEPS: Mapping[str, int] = {"five": 5, "ten": 10, "quarter": 15, "twenty": 20, "twenty-five": 25, "half": 30}
"""Minutes before or after an hour: "ten past", "quarter to"."""
_HOUR_WORDS = "|".join(_WORDS)
_HOUR = r"(?:[01]?\d|2[0-3])"
_SMALL = rf"(?:1[0-2]|[1-9]|{_HOUR_WORDS})"
_HALF_DAY = r"\s?[ap]\.?m\b\.?"
_LED = "(?:" + "|".join(
    rf"(?<=\b{lead} )" for lead in ("by", "at", "before", "until", "till", "around", "about", "than", "after",
                                    "and", "to", "between", "from")
) + r"|(?<=[@~]))"  # fmt: skip
_SURE_LED = "(?:" + "|".join(
    rf"(?<=\b{lead} )" for lead in ("by", "at", "before", "until", "till", "around", "about", "after",
                                    "today", "tomorrow", "tmrw", "tmw", "say")
) + ")"  # fmt: skip
_AFTER_BARE = (
    r"(?=\s*(?:[.,;!?)]|$|-(?=\s)|–)"
    r"|\s+(?:today|tomorrow|tonight|this|in\s+the|your|my|our|his|her|their|the|and|or|but|at|on|to(?!\s+\d)"
    r"|for|with|if|so|as|then|when|because|is|it|we|i|you|that|from|until|via|by|sharp|latest|local|max"
    r"|either|regardless|whatever|anyway"
    r"|again|instead|too|exactly|no\\s+matter|before|after|once|while|during|unless|where|which|who|not"
    rf"|{ZONE}|local\s+time"
    r"|(?:mon|tue|wed|thu|fri|sat|sun)\w*)\b)(?![.,:]\d)"
)
"""A bare hour counts only where no noun follows that it could be a number of."""
_ONE = (
    rf"(?:{_HOUR}:[0-5]\d(?::[0-5]\d)?(?:{_HALF_DAY})?"
    rf"|(?:1[0-2]|0?[1-9])(?:\.[0-5]\d)?{_HALF_DAY}|(?:{_HOUR_WORDS})\s[ap]\.?m\b\.?"
    r"|(?:[01]\d|2[0-3])[0-5]\d(?=\s*(?:h(?:rs|ours)?\b|utc\b|gmt\b|z\b|c?es?t\b|cet\b|[mp][sd]?t\b|ist\b))"
    rf"|{_HOUR}h[0-5]\d\b|{_SURE_LED}(?<!around )(?<!about )(?<!after ){_HOUR}\s?(?:h|hrs|hours)\b"
    rf"|{_SURE_LED}{_HOUR}\.(?:00|15|30|45)\b"
    rf"|(?:{_HOUR}|{_HOUR_WORDS})\s+o['’]?clock\b"
    rf"|(?:half|(?:a\s+)?quarter|five|ten|twenty|twenty-five)\s+(?:past|to)\s+{_SMALL}\b"
    rf"|{_SURE_LED}half\s+(?:{_HOUR_WORDS})\b"
    r"|12\s+noon\b|12\s+midnight\b|noon\b|midnight\b|midday\b)"
)
_BARE = rf"(?:{_HOUR}|{_HOUR_WORDS})"
CLOCK = (
    rf"(?:\bbetween\s+now\s+and\s+|(?:{_LED}|\b){_BARE}(?::[0-5]\d)?(?:{_HALF_DAY})?\s*(?:-|–|\bto\b"
    rf"|\band\b)\s*)?{_ONE}(?:ish\b)?"
    rf"|(?<=\bbetween ){_BARE}\s+and\s+{_BARE}{_AFTER_BARE}"
    rf"|(?:(?<=\bbetween )|(?<=\bfrom )){_BARE}\s?(?:h|hrs|hours)?\s*(?:-|–|\band\b"
    rf"|\bto\b)\s*{_BARE}\s?(?:h|hrs|hours)\b"
    rf"|{_SURE_LED}{_BARE}(?:ish\b)?{_AFTER_BARE}"
)
"""A pattern (for `re.IGNORECASE`) of every time of day that `clock_time` reads; of a range the end counts."""


def clock_time(words: str, part: str = "", *, zoned: bool = False) -> tuple[time, bool]:
    """The time of day of ``words``, and whether it is the midnight that ends the day.

    ``part`` is the part of the day said with it: "at 9 in the evening"; ``zoned`` says that a zone was named,
    so that "2:00" is one of the night and not "2:00" at work. Raises ValueError for no such time.
    """
    lower = _end_of_range(" ".join(words.lower().split()))
    if "noon" in lower or "midday" in lower:
        return NOON, False
    if "midnight" in lower:
        return time(0), True
    if spoken := re.match(r"(?:a )?(half|quarter|five|ten|twenty(?:-five)?) (?:(past|to) )?(.+)", lower):
        return _in_steps(*spoken.groups())
    told = _told(lower, part.lower(), zoned)
    return told, "night" in part.lower() and told.hour < _NIGHT_IS_OVER


def _end_of_range(lower: str) -> str:
    if re.match(rf"(?:a )?(?:half|(?:{'|'.join(STEPS)}) (?:past|to))\b", lower):
        return lower
    return re.split(r"\s*(?:-|–|\band\b|\bto\b)\s*", lower)[-1]


def _told(lower: str, part: str, zoned: bool) -> time:
    plain = re.sub(r"\s|ish$|o['’]?clock|sharp|h(?:ou)?rs?$", "", lower)
    half = plain.replace(".", "")[-2:] if plain.rstrip(".").endswith("m") else ""
    hour, _, minute = re.sub(r"[.h]", ":", re.sub(r"[ap]\.?m\.?$", "", plain)).partition(":")
    if not minute and hour.isdigit() and len(hour) > 2:
        hour, minute = hour[:-2], hour[-2:]
    hours = int(hour) if hour.isdigit() else _WORDS[hour]
    if (
        "night" in part
        and not half
        and 0 < hours < _NIGHT_IS_OVER
        and (plain.startswith("0") or hours < _FIRST_OF_EVENING)
    ):
        return time(hours, int(minute[:2] or 0))
    late = any(name in part for name in ("afternoon", "evening", "night"))
    if half:
        hours = hours % 12 + (12 if half == "pm" else 0)
    elif (late and 1 <= hours < NOON.hour) or _is_of_the_afternoon(plain, hours, part, zoned):
        hours += 12
    return time(hours, int(minute[:2] or 0))


def _is_of_the_afternoon(plain: str, hours: int, part: str, zoned: bool) -> bool:
    """Whether "4" or "4:30" was said of 16:00 or 16:30; "04:30" and "4h" were not."""
    if plain.startswith("0") or "h" in plain or "morning" in part or (zoned and ":" in plain):
        return False
    return 1 <= hours < _FIRST_HOURS


def _in_steps(step: str, side: str | None, hour: str) -> tuple[time, bool]:
    """ "half past two", "quarter to nine" and "half five", at working hours."""
    hours = int(hour) if hour.isdigit() else _WORDS[hour]
    hours += NOON.hour if hours < _FIRST_HOURS else 0
    minutes = hours * 60 + STEPS[step] * (-1 if side == "to" else 1)
    return time(minutes // 60 % 24, minutes % 60), False
