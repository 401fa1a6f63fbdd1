"""The line in which a filter is typed."""

from __future__ import annotations

from textual.widgets import Input


class FilterInput(Input):
    """One borderless row; Enter keeps the filter, Escape clears it."""

    DEFAULT_CSS = """
    FilterInput, FilterInput.-textual-compact {
        layer: above; dock: top; offset: 0 1;
        height: 1; border: none; padding: 0 1; background: $panel; color: $accent;
    }
    FilterInput:focus, FilterInput.-textual-compact:focus { border: none; padding: 0 1; }
    """

    def __init__(self, value: str, *, hint: str = "words · !without · customer:name · is:broken") -> None:
        super().__init__(value, placeholder=hint, compact=True)
