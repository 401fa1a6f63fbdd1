"""The signs on the screen. Each stands beside a word or a colour that says the same."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping


class Glyphs:
    """One set of signs; every sign has its meaning as name.

    A plain class: a dataclass of this many fields would cost the first frame a millisecond.
    """

    urgent: str = "●"
    high: str = "◐"
    normal: str = "○"
    low: str = "·"
    due: str = "⏰"
    broken: str = "✗"
    kept: str = "✓"
    public: str = "✉"
    internal: str = "▪"
    to_send: str = "⇡"
    marked: str = "⚑"
    owed: str = "§"
    syncing: str = "⟳"
    cursor: str = "▌"
    new: str = "+"
    changed: str = "·"
    moved: str = "↗"
    silence: str = "·"
    rule: str = "─"
    bar: str = "▏"
    cut: str = "…"
    arrow: str = "→"


class PlainGlyphs(Glyphs):
    """For terminals without Unicode, or when ``TRIAGE_ASCII`` is set."""

    urgent: str = "!"
    high: str = "^"
    normal: str = "-"
    low: str = "."
    due: str = "T"
    broken: str = "X"
    kept: str = "v"
    public: str = "P"
    internal: str = "i"
    to_send: str = "^"
    marked: str = "*"
    owed: str = "R"
    syncing: str = "~"
    cursor: str = ">"
    changed: str = "~"
    moved: str = "/"
    silence: str = "."
    rule: str = "-"
    bar: str = "|"
    cut: str = "~"
    arrow: str = "->"


def choose(environ: Mapping[str, str], encoding: str) -> Glyphs:
    """The set that the terminal can show."""
    plain = environ.get("TRIAGE_ASCII", "") not in ("", "0") or "utf" not in encoding.casefold()
    return PlainGlyphs() if plain else Glyphs()


SIGN = choose(os.environ, getattr(sys.stdout, "encoding", None) or "utf-8")
"""The signs of this process."""

MEANINGS: tuple[tuple[str, str], ...] = (
    ("urgent", "urgent"),
    ("high", "high"),
    ("normal", "normal"),
    ("due", "a promise is due"),
    ("broken", "a promise is broken"),
    ("public", "public: the customer sees it"),
    ("internal", "internal: agents only"),
    ("to_send", "waits to be sent"),
    ("marked", "marked by you"),
    ("owed", "recommendations that are late"),
    ("new", "new since you last looked"),
    ("changed", "changed since you last looked"),
)
"""Glyph name and what it says, for the help page."""
