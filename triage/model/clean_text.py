"""Text from outside made harmless and visible.

A ticket may carry terminal escapes, bidirectional overrides and invisible characters. The mirror keeps
them; everything that shows, prints, logs or exports text passes here first. Control characters become
their Unicode control pictures, so a reader sees that something was there (Trojan Source,
CVE-2021-42574, is why bidirectional controls are named too).
"""

from __future__ import annotations

import re

SHOWN_LIMIT = 1_048_576
"""Characters of one body that are ever shown; the rest is counted, not drawn."""

COMBINING_LIMIT = 8
"""Combining marks kept in a row: enough for every living script, too few to smear a screen."""

_HOSTILE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
    "\u2028\u2029\ufeff\u00ad\u200b\u2060-\u2064\U000e0000-\U000e007f]"
)
_COMBINING = re.compile(
    f"([\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]{{{COMBINING_LIMIT}}})[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]+"
)
_BIDI = {
    "\u061c": "ALM", "\u200e": "LRM", "\u200f": "RLM", "\u202a": "LRE", "\u202b": "RLE", "\u202c": "PDF",
    "\u202d": "LRO", "\u202e": "RLO", "\u2066": "LRI", "\u2067": "RLI", "\u2068": "FSI", "\u2069": "PDI",
}  # fmt: skip


def _picture(match: re.Match[str]) -> str:
    char = match.group()
    code = ord(char)
    if code < 0x20:
        return chr(0x2400 + code)
    if code == 0x7F:
        return "\u2421"
    if char in _BIDI:
        return f"⟪{_BIDI[char]}⟫"
    if char in "\u2028\u2029":
        return "\n"
    if 0xD800 <= code <= 0xDFFF:
        return "\ufffd"
    if code < 0xA0:
        return f"⟪{code:02X}⟫"
    return ""


def clean(text: str) -> str:
    """``text`` with line breaks unified and every hostile character replaced by something visible.

    Newlines and tabs stay. The result never holds C0 (but ``\\n`` and ``\\t``), C1, DEL, surrogates or
    bidirectional controls, and is at most `SHOWN_LIMIT` characters plus one line saying what was cut.
    """
    cut = ""
    if len(text) > SHOWN_LIMIT:
        cut = f"\n[… {len(text) - SHOWN_LIMIT:,} characters not shown]"
        text = text[:SHOWN_LIMIT]
    if "\r" in text:
        text = text.replace("\r\n", "\n")
    text = _HOSTILE.sub(_picture, text)
    return _COMBINING.sub(r"\1", text) + cut


def as_compared(text: str) -> str:
    """``text`` without what a helpdesk may change in keeping it: the kind of line breaks, outer blanks.

    A lone carriage return is left out, as Request Tracker does.
    """
    return text.replace("\r", "").strip()


def clean_line(text: str) -> str:
    """`clean` for one row of a list: line breaks and tabs become single spaces."""
    return " ".join(clean(text).split())
