"""The signs on the screen. Each stands beside a word or a colour that says the same."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Glyphs:
    """One set of signs; every sign has its meaning as name."""

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


PLAIN = Glyphs(
    urgent="!",
    high="^",
    normal="-",
    low=".",
    due="T",
    broken="X",
    kept="v",
    public="P",
    internal="i",
    to_send="^",
    marked="*",
    syncing="~",
    cursor=">",
    changed="~",
    moved="/",
    silence=".",
    rule="-",
    bar="|",
    cut="~",
    arrow="->",
)
"""For terminals without Unicode, or when ``TRIAGE_ASCII`` is set."""


def choose(environ: Mapping[str, str], encoding: str) -> Glyphs:
    """The set that the terminal can show."""
    plain = environ.get("TRIAGE_ASCII", "") not in ("", "0") or "utf" not in encoding.casefold()
    return PLAIN if plain else Glyphs()


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
    ("new", "new since you last looked"),
    ("changed", "changed since you last looked"),
)
"""Glyph name and what it says, for the help page."""
