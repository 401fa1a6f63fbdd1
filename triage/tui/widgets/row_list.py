"""Rows of a table as a list to look at: each with its short values, and its words under them."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.widgets import OptionList

from triage.model.clean_text import clean_line
from triage.model.investigation import PromptColumn
from triage.model.json_value import Json
from triage.tui.safe_text import content
from triage.tui.widgets.answer_form import as_text, shown_time
from triage.tui.widgets.column_field import EVENT_COLUMNS

SHORT = 40
"""Characters of a value on the first line of a row."""
WORDS_LINES = 2


def row_text(
    columns: Sequence[PromptColumn], row: Mapping[str, Json], zone: tzinfo | None, width: int
) -> Content:
    """A row for the list: its short values, and under them its words on at most `WORDS_LINES` lines."""
    main = main_column(columns)
    short: list[str] = [clean_line(str(row["id"]))] if row.get("id") else []
    for column in columns:
        shown = (
            "" if column.name in ("id", main) else _column_text(columns, column, row.get(column.name), zone)
        )
        if shown:
            short.append(shown if len(shown) <= SHORT else shown[: SHORT - 1] + "…")
    words = clean_line(as_text(row.get(main))) if main else ""
    lines = textwrap.wrap(words, max(width - 4, 20), max_lines=WORDS_LINES, placeholder=" …")
    return content((" · ".join(short), "muted"), *((f"\n  {line}", "") for line in lines))


def main_column(columns: Sequence[PromptColumn]) -> str:
    """The column that holds a row's words: the one called ``text``, else the first one for words."""
    names = [
        column.name
        for column in columns
        if column.type == "text" and column.name != "id" and column.name not in EVENT_COLUMNS
    ]
    return "text" if "text" in names else names[0] if names else ""


def _column_text(
    columns: Sequence[PromptColumn], column: PromptColumn, value: Json, zone: tzinfo | None
) -> str:
    """One value in words; where a bare value would not say what it is, its label stands before it."""
    if value in (None, "", [], False):
        return ""
    label = clean_line(column.label or column.name).lower()
    if column.type == "bool":
        return label
    if column.type == "time" and isinstance(value, str):
        several = sum(one.type == "time" for one in columns) > 1
        return f"{label} {shown_time(value, zone)}" if several else shown_time(value, zone)
    labels = {option.value: option.label for option in column.options}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return ", ".join(clean_line(labels.get(str(one)) or str(one)) for one in value)
    shown = clean_line(labels.get(str(value)) or as_text(value))
    return f"{label} {shown}" if column.type in ("number", "date") else shown


class RowList(OptionList):
    """The rows; ``a`` adds, Enter changes, ``d`` takes one out, ``z`` puts it back."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("a", "add", "add"),
        Binding("enter", "select", "change"),
        Binding("d", "delete", "delete"),
        Binding("z", "undelete", "put back"),
        Binding("j", "cursor_down", show=False),
        Binding("k", "cursor_up", show=False),
    ]

    @dataclass
    class Asked(Message):
        """Add, delete or put back."""

        verb: str

    def __init__(self) -> None:
        super().__init__()
        self._held: list[events.Key] | None = None

    def on_key(self, event: events.Key) -> None:
        """Between the key that opens a row and its form, keys are kept for the form: none deletes a row."""
        if self._held is not None:
            self._held.append(event)
        elif event.key == "a":
            self._held = []
            self.action_add()
        elif event.key == "enter" and self.highlighted is not None:
            self._held = []
            self.action_select()
        else:
            return
        event.stop()
        event.prevent_default()

    def release(self) -> list[events.Key]:
        """The keys that were kept; from now on none is."""
        held, self._held = self._held or [], None
        return held

    def action_add(self) -> None:
        """Ask for a new row."""
        self.post_message(self.Asked("add"))

    def action_delete(self) -> None:
        """Ask for the row at the cursor to go."""
        self.post_message(self.Asked("delete"))

    def action_undelete(self) -> None:
        """Ask for the row deleted last."""
        self.post_message(self.Asked("undelete"))
