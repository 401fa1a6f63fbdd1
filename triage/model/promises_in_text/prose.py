"""The writer's own words in a message, and the sentences they make.

Quotations, quoted mails, signatures, code and pasted logs are somebody else's words, or nobody's.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from triage.model.spoken.zone import ZONE


def _any(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(patterns), re.IGNORECASE | re.MULTILINE)


_QUOTED = _any(
    r"“[^”]{0,400}”", r"\"[^\"\n]{0,400}\"", r"«[^»]{0,400}»", r"„[^“”]{0,400}[“”]",
    r"(?<!\w)'(?=\w)[^'\n]{8,300}[\w.!?]'(?!\w)", r"^```[^`]*^```[ \t]*$", r"`[^`\n]+`", r"^[ \t]*(?:>"
    r"|&gt;).*$",
    r"^[ \t]*\[?20\d\d-\d\d-\d\d[t ]\d\d:\d\d:\d\d.*$", r"^[ \t]*\[?\d\d:\d\d:\d\d[.,\]\s].*$",
    r"^[ \t]*[\w.-]+_[\w.-]+\s*[:=].*$",
)  # fmt: skip
_REPLY_BELOW = _any(
    r"^[-=*_]{2,} ?(?:original|forwarded|fwd|quoted|message from|reply from|begin forwarded|start of).*",
    r"^(?:begin )?forwarded message\b.*", r"^on .{5,120}\bwrote:\s*$",
    r"^on .{5,80}\bwrote:", r"^from: .*\n(?:sent|date|to): ", r"^-- ?$", r"^_{10,}\s*$", r"^sent from my\b.*",
)  # fmt: skip
"""What begins a quoted mail or a signature."""
_CLOSING = _any(
    r"^[ \t]*(?:(?:with\s+)?(?:kind|best|warm|many)\s+(?:regards|wishes|thanks)|regards|sincerely"
    r"|yours\s+(?:sincerely|faithfully"
    r"|truly)|cheers|mit\s+freundlichen)\b[^\n]{0,80}$(?:\n(?!\s*p\.?\s?s\b)[^\n]{0,120}$){0,8}"
)
_WRAPPED = re.compile(r"(?<=[a-z0-9,])\n(?=[a-z0-9(])(?!\d+[.)]\s)")
_LONG_LINE = 45
"""A line at least this long that does not end a sentence was broken by a mail program."""
_ABBREVIATIONS = (
    "mr", "ms", "mrs", "dr", "st", "no", "vs", "e.g", "i.e", "approx", "max", "min", "jan", "feb", "apr",
    "aug", "sept", "oct", "nov", "dec", "mon", "tue", "wed", "thu", "fri",
)  # fmt: skip
_ABBREVIATED = "".join(rf"(?<!\b{one}\.)" for one in _ABBREVIATIONS)
# What begins with blanks begins with the first of them: quotations leave long runs, and each is walked once.
_END = re.compile(
    rf"(?<=[.!?;])(?<![ap]\.m\.)(?<!\d\.){_ABBREVIATED}\s+|(?<=[ap]\.m\.)\s+(?=[A-Z])(?!Mon|Tue|Wed|Thu"
    rf"|Fri|Sat|Sun|[A-Z]{{2,4}}\b|(?i:{ZONE})\b)"
    r"|(?<=\d\.)\s+(?=[A-Z])(?!(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec))|\n+|;\s*"
    r"|(?<![\d\s])\s+[—–]\s+|(?<!\s)\s+[—–]\s+(?!\d)"
    r"|(?<!\s)\s+--?\s+(?=\D)"
    r"|(?:,|(?<![\s,]))\s+(?=(?i:but)\s+(?:\S+\s+){1,3}(?:will|can)\b)|,\s+(?=but\b)|,\s+so\s+(?=(?i:i|we|you)\b)",
)


def own_words(text: str) -> str:
    """``text`` with everything blanked that its writer did not say; every other character in its place."""
    if below := _REPLY_BELOW.search(text):
        text = text[: below.start()]
    text = _QUOTED.sub(lambda quoted: re.sub(r"[^\n]", " ", quoted[0]), text)
    text = _CLOSING.sub(lambda closing: re.sub(r"[^\n]", " ", closing[0]), text)
    return _WRAPPED.sub(lambda gap: _unwrapped(text, gap.start()), text)


def _unwrapped(text: str, at: int) -> str:
    return " " if at - (text.rfind("\n", 0, at) + 1) >= _LONG_LINE else "\n"


def sentences(text: str) -> Iterator[tuple[int, int]]:
    """Where the sentences of ``text`` begin and end; a line, a dash and a "but" end one too."""
    start = 0
    for gap in _END.finditer(text):
        yield start, gap.start()
        start = gap.end()
    yield start, len(text)
