"""One row of a table as a form: a labelled field for each column."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, tzinfo

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.message import Message
from textual.widgets import Input

from triage.model.investigation import PromptColumn
from triage.model.json_value import Json
from triage.tui.widgets.answer_form import NotAnswered
from triage.tui.widgets.choice_line import ChoiceLine
from triage.tui.widgets.column_field import ColumnField
from triage.tui.widgets.wording_area import WordingArea

Row = dict[str, Json]


class RowForm(Vertical):
    """One row as a form. Enter in the last field means done."""

    @dataclass
    class Typed(Message):
        """A field changed by hand."""

    @dataclass
    class Done(Message):
        """Enter in the last field."""

    def __init__(
        self,
        columns: Sequence[PromptColumn],
        row: Mapping[str, Json],
        *,
        clock: Callable[[], datetime],
        zone: tzinfo | None,
        widget_id: str | None = None,
    ) -> None:
        super().__init__(id=widget_id)
        self.columns = tuple(columns)
        self.start = dict(row)
        self.clock = clock
        self.zone = zone

    def compose(self) -> ComposeResult:
        """One field for each column."""
        for column in self.columns:
            if column.name == "id":
                continue
            yield ColumnField(column, self.start.get(column.name), clock=self.clock, zone=self.zone)

    def on_mount(self) -> None:
        """Enter moves the cursor at once, before the key that follows it; so does a sentence."""
        for field in self.fields():
            field.field.onward = self._onward
            if isinstance(field.field, ChoiceLine):
                field.field.words_field = self._words_field

    def _onward(self) -> bool:
        fields = self.fields()
        at = next((at for at, one in enumerate(fields) if one.field is self.screen.focused), len(fields))
        if at + 1 < len(fields):
            fields[at + 1].focus_field()
            return True
        if at < len(fields) and not isinstance(fields[at].field, ChoiceLine):
            # Enter in the last one: the key behind it is meant for the column that lacks something.
            with suppress(NotAnswered):
                self.row()
        return False

    def _words_field(self) -> WordingArea | None:
        """Moves the cursor to the next field for words."""
        fields = self.fields()
        at = next((at for at, one in enumerate(fields) if one.field is self.screen.focused), len(fields))
        found = next((one.field for one in fields[at:] if isinstance(one.field, WordingArea)), None)
        if found is not None:
            self.screen.set_focus(found)
        return found

    def fields(self) -> list[ColumnField]:
        """The fields in the order of the columns."""
        return list(self.query(ColumnField))

    def focus_field(self) -> None:
        """Put the cursor into the first field."""
        self.fields()[0].focus_field()

    def focus_column(self, name: str) -> None:
        """Put the cursor into the field of one column."""
        for field in self.fields():
            if field.column.name == name:
                field.focus_field()

    def row(self) -> Row:
        """The row; columns that the form does not show keep their values.

        Raises `NotAnswered`, and the cursor is in the first column that is not answered: what is typed next
        is meant for it.
        """
        row = dict(self.start)
        for field in self.fields():
            try:
                value = field.value()
            except NotAnswered:
                field.focus_field()
                raise
            if value in (None, "", []):
                row.pop(field.column.name, None)
            else:
                row[field.column.name] = value
        return row

    def raw(self) -> Row:
        """Everything in the fields, for a draft, whether it can be read or not."""
        shown: Row = {}
        for field in self.fields():
            raw = field.raw()
            single = isinstance(raw, list) and field.column.type != "multi"
            shown[field.column.name] = (raw[0] if raw else None) if single and isinstance(raw, list) else raw
        return {**self.start, **shown}

    def field_in_hand(self) -> ColumnField | None:
        """The field with the cursor."""
        return next((field for field in self.fields() if field.has_focus_within), None)

    def words(self) -> str:
        """Everything written in the fields for words."""
        areas = [area.text for area in self.query(WordingArea)]
        return "\n".join(text for text in areas if text.strip())

    @on(ChoiceLine.Left)
    @on(WordingArea.Accepted)
    @on(Input.Submitted)
    def _last(self, event: Message) -> None:
        event.stop()
        if not (isinstance(event, ChoiceLine.Left) and event.named):
            self.post_message(self.Done())

    @on(ChoiceLine.Changed)
    @on(WordingArea.Changed)
    @on(Input.Changed)
    def _changed(self, event: Message) -> None:
        event.stop()
        self.post_message(self.Typed())
