"""What each class of step looks like in a drawing: a glyph beside a colour, never a colour alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from triage.model.run import StepClass


class Look(NamedTuple):
    """One class on paper and on a dark screen."""

    glyph: str
    light: str
    """Border on a white ground; at least 4.5 to 1 against it (WCAG 2.2, 1.4.3)."""
    dark: str
    """The same on a dark ground."""


LOOKS: Mapping[StepClass, Look] = {
    "read": Look("·", "#57606a", "#9aa5b1"),
    "ask": Look("?", "#0550ae", "#79b8ff"),
    "check": Look("▷", "#116329", "#56d364"),
    "change": Look("△", "#8a4600", "#f0a94a"),
    "destructive": Look("▲", "#a40e26", "#ff7b72"),
    "decide": Look("◇", "#6639ba", "#c4a1ff"),
    "talk": Look("✎", "#0f6674", "#56d4dd"),
}
