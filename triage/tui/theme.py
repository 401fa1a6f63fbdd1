"""The colours: one accent, one colour each for severity, promise and public; the rest is text.

A colour never speaks alone: a glyph or a word beside it says the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.style import Style as TextualStyle
from textual.theme import Theme

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rich.style import Style

TONES: dict[str, str] = {
    "muted": "$muted",
    "accent": "$accent",
    "severity": "$severity",
    "promise": "$promise",
    "public": "$public",
    "internal": "$internal",
    "good": "$good",
    "strong": "bold",
    "strong-accent": "bold $accent",
    "strong-public": "bold $public",
    "strong-promise": "bold $promise",
    "rule": "$rule",
}
"""Tone to Textual style. `triage.tui.safe_text.content` and the line widgets take these names."""

_NIGHT = {
    "muted": "#7d8794",
    "severity": "#e8a04c",
    "promise": "#ef6b6b",
    "public": "#c99bf0",
    "internal": "#8fb8a8",
    "good": "#7fbf8f",
    "rule": "#333b45",
    "cursor": "#24303d",
    "cursor-dim": "#1c232b",
}
_DAY = {
    "muted": "#667079",
    "severity": "#a35a00",
    "promise": "#b3261e",
    "public": "#7b2fb5",
    "internal": "#2f6b58",
    "good": "#2c7a41",
    "rule": "#c4cad0",
    "cursor": "#d5e4f3",
    "cursor-dim": "#e6ecf1",
}

NIGHT = Theme(
    name="triage-night",
    primary="#6cb0f0",
    secondary="#8fb8a8",
    accent="#6cb0f0",
    warning="#e8a04c",
    error="#ef6b6b",
    success="#7fbf8f",
    foreground="#d3d8df",
    background="#13161a",
    surface="#13161a",
    panel="#1b2026",
    variables={**_NIGHT, "border": "#333b45", "border-blurred": "#262c34"},
)
DAY = Theme(
    name="triage-day",
    primary="#1f5fa8",
    secondary="#2f6b58",
    accent="#1f5fa8",
    warning="#a35a00",
    error="#b3261e",
    success="#2c7a41",
    foreground="#22272d",
    background="#fbfbf9",
    surface="#fbfbf9",
    panel="#f0f1ef",
    dark=False,
    variables={**_DAY, "border": "#c4cad0", "border-blurred": "#dde1e4"},
)


def variable_defaults(*, dark: bool) -> dict[str, str]:
    """Our variables for a theme that does not know them, so that any Textual theme can be chosen."""
    return dict(_NIGHT if dark else _DAY)


def tone_styles(variables: Mapping[str, str]) -> dict[str, Style]:
    """Every tone as the style of a cell, for widgets that draw their own lines."""
    return {tone: TextualStyle.parse(style, dict(variables)).rich_style for tone, style in TONES.items()}
