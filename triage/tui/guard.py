"""The net under the gate: whatever reaches the last step before the terminal is harmless there too."""

from __future__ import annotations

import re
from functools import lru_cache

from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.filter import LineFilter

_FOREIGN = re.compile(
    "[\x00-\x1f\x7f-\x9f\ud800-\udfff\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
    "\u2028\u2029\ufeff\U000e0000-\U000e007f]"
)


@lru_cache(4096)
def _without_link(style: Style) -> Style:
    return style.update_link(None)


class Guard(LineFilter):
    """Drops control characters and live links from every line of every widget.

    A line is one row of cells, so not even a line break or a tab belongs in it.
    """

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """``segments`` with nothing in them that a terminal would obey."""
        if not any(
            (style is not None and style.link) or _FOREIGN.search(text) for text, style, _ in segments
        ):
            return segments
        return [
            Segment(
                _FOREIGN.sub("", text),
                _without_link(style) if style is not None and style.link else style,
                control,
            )
            for text, style, control in segments
        ]
