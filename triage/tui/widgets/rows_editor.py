"""A table that a person fills row by row: a list to look at, a form to write in.

`RowForm` is one row with a field for each column; `RowsEditor` is the list of rows around it. Columns that
hold events of the case take an event id from the citing key instead of text.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import TYPE_CHECKING, cast

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.css.query import DOMQuery
from textual.message import Message
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option as ListOption

from triage.model.clean_text import clean_line
from triage.model.investigation import PromptColumn
from triage.model.json_value import Json
from triage.tui.safe_text import content
from triage.tui.widgets.answer_form import NotAnswered, as_text
from triage.tui.widgets.early_key import hand_on
from triage.tui.widgets.row_form import Row, RowForm
from triage.tui.widgets.row_list import RowList, row_text

if TYPE_CHECKING:
    from triage.tui.shell import Shell


class RowsEditor(Vertical):
    """The rows of one prompt. With ``single`` there is one row and only its form is shown."""

    @dataclass
    class Typed(Message):
        """Something changed by hand."""

        draft: str

    @dataclass
    class Submitted(Message):
        """The one row of a ``single`` editor is done."""

    def __init__(
        self,
        columns: Sequence[PromptColumn],
        rows: Sequence[Mapping[str, Json]],
        *,
        single: bool = False,
        names_dropped: bool = False,
        clock: Callable[[], datetime],
        zone: tzinfo | None = None,
        widget_id: str | None = None,
    ) -> None:
        super().__init__(id=widget_id)
        self.columns = tuple(columns)
        self.rows: list[Row] = [dict(row) for row in rows]
        self.single = single
        self.names_dropped = names_dropped
        """Whether a row taken out is given as ``{"id": …, "drop": true}``."""
        self.clock = clock
        self.zone = zone
        self.editing: int | None = None
        self.touched = False
        self.warned = False
        """Whether a person was told that the open row would be dropped."""
        self._deleted: list[tuple[int, Row]] = []
        self._settled = False

    def compose(self) -> ComposeResult:
        """The list, or the one form."""
        if self.single:
            yield RowForm(self.columns, self.rows[0] if self.rows else {}, clock=self.clock, zone=self.zone)
        else:
            yield RowList()
            yield Static(
                content(("a add · enter change · d delete · z put back", "muted")), classes="row-keys"
            )

    def on_mount(self) -> None:
        """Draw the rows; what the fields say while they are filled is not a person's typing."""
        self._draw()
        self.call_after_refresh(self._settle)

    def on_resize(self, _: events.Resize) -> None:
        """Rows are cut to the width there is."""
        for listing in self.query(RowList):
            self._draw(listing.highlighted)

    def _settle(self) -> None:
        self._settled = True

    def _draw(self, at: int | None = None) -> None:
        if self.single:
            return
        listing = self.query_one(RowList)
        listing.clear_options()
        for number, row in enumerate(self.rows, start=1):
            listing.add_option(
                ListOption(
                    content((f"{number} ", "muted"))
                    + row_text(self.columns, row, self.zone, self.size.width or 80)
                )
            )
        if not self.rows:
            listing.add_option(
                ListOption(content(("Nothing here yet. a adds the first.", "muted")), disabled=True)
            )
        elif at is not None:
            listing.highlighted = min(at, len(self.rows) - 1)
        else:
            listing.highlighted = 0

    def focus_field(self) -> None:
        """Put the cursor where work goes on."""
        if forms := self.query(RowForm):
            forms.first().focus_field()
        else:
            self.query_one(RowList).focus()

    @property
    def form(self) -> RowForm | None:
        """The open form."""
        forms = self.query(RowForm)
        return forms.first() if forms else None

    def words(self) -> str:
        """The words of the open form, or of all rows."""
        if self.form is not None:
            return self.form.words()
        names = [column.name for column in self.columns if column.type == "text" and column.name != "id"]
        texts = [as_text(row.get(name)) for row in self.rows for name in names]
        return "\n".join(text for text in texts if text)

    def value(self) -> Json:
        """All rows. Raises `NotAnswered` while an open form cannot be read."""
        if forms := self.query(RowForm):
            row = forms.first().row()
            if self.single:
                return [row] if any(value not in (None, "", []) for value in row.values()) else []
            return [*(dict(one) for one in self._with(row)), *self._dropped()]
        return [*(dict(one) for one in self.rows), *self._dropped()]

    def _dropped(self) -> list[Row]:
        if not self.names_dropped:
            return []
        return [{"id": row["id"], "drop": True} for _, row in self._deleted if row.get("id")]

    @property
    def _withdraws(self) -> bool:
        """Whether rows are struck out and stay, as promises are."""
        return any(column.name == "withdrawn" for column in self.columns)

    def _take_out(self, at: int) -> None:
        row = self.rows[at]
        self._deleted.append((at, row))
        if self._withdraws:
            self.rows[at] = {**row, "withdrawn": True}
        else:
            self.rows.pop(at)

    def _with(self, row: Row) -> list[Row]:
        if self.editing is None or self.editing >= len(self.rows):
            return [*self.rows, row]
        return [row if at == self.editing else one for at, one in enumerate(self.rows)]

    async def open_lacking(self) -> str:
        """Open the first row that lacks what it must have, the cursor where it lacks; the label, or nothing.

        An open row that is complete is kept. Raises `NotAnswered` while it is not.
        """
        if self.single:
            return ""
        open_row = self.form.row() if self.form is not None else None
        rows = self.rows if open_row is None else self._with(open_row)
        for at, row in enumerate(rows):
            for column in self.columns:
                if column.required and row.get(column.name) in (None, "", []) and column.name != "id":
                    self.rows = list(rows)
                    await self._open(at, row)
                    if self.form is not None:
                        self.form.focus_column(column.name)
                    return f"Row {at + 1}: {clean_line(column.label or column.name)}"
        return ""

    def draft(self) -> str:
        """Rows and the open form, for keeping until they are given as an answer."""
        forms = self.query(RowForm)
        open_row = forms.first().raw() if forms else None
        kept = {"rows": self.rows, "editing": self.editing, "open": open_row, "out": self._deleted}
        return json.dumps(kept, ensure_ascii=False)

    async def restore(self, draft: str) -> None:
        """Put back what `draft` kept; what cannot be read is left out."""
        try:
            kept = json.loads(draft)
        except ValueError:
            return
        if not isinstance(kept, dict):
            return
        rows = kept.get("rows")
        self.rows = (
            [dict(row) for row in rows if isinstance(row, dict)] if isinstance(rows, list) else self.rows
        )
        out = kept.get("out")
        if isinstance(out, list):
            self._deleted = [(int(at), dict(row)) for at, row in out]
        self.touched = True
        open_row = kept.get("open")
        self._draw()
        if isinstance(open_row, dict):
            editing = kept.get("editing")
            await self._open(editing if isinstance(editing, int) else None, open_row)

    async def _open(self, at: int | None, row: Row) -> None:
        self.editing = at
        await self._take_away(self.query(RowForm))
        form = RowForm(self.columns, row, clock=self.clock, zone=self.zone)
        self._settled = False
        for part in self.query("RowList, .row-keys"):
            part.display = False
        await self.mount(form)
        form.focus_field()
        if (field := self.screen.focused) is not None:
            hand_on(field, [key for listing in self.query(RowList) for key in listing.release()])
        self.call_after_refresh(self._settle)

    async def _take_away(self, forms: DOMQuery[RowForm]) -> None:
        """Nothing is drawn before they are gone: a field that has ended has no styles to be drawn with."""
        with self.app.batch_update():
            await forms.remove()

    async def close_form(self, *, keep: bool) -> bool:
        """Back to the list, with the form's row or without; False when there is no form to close.

        Raises `NotAnswered` when ``keep`` and the row is not complete.
        """
        forms = self.query(RowForm)
        if self.single or not forms:
            return False
        if keep:
            self.rows = self._with(forms.first().row())
        elif any(value not in (None, "", []) for value in forms.first().raw().values()):
            self._deleted.append((len(self.rows), forms.first().raw()))
        at = self.editing if self.editing is not None else len(self.rows) - 1
        self.editing = None
        self.warned = False
        await self._take_away(forms)
        for part in self.query("RowList, .row-keys"):
            part.display = True
        self._draw(at)
        self.query_one(RowList).focus()
        self._say_typed()
        return True

    @on(RowForm.Typed)
    def _form_typed(self, event: RowForm.Typed) -> None:
        event.stop()
        if self._settled:
            self._say_typed()

    def _say_typed(self) -> None:
        self.touched = True
        self.post_message(self.Typed(self.draft()))

    @on(RowForm.Done)
    async def _form_done(self, event: RowForm.Done) -> None:
        event.stop()
        if self.single:
            self.post_message(self.Submitted())
            return
        try:
            await self.close_form(keep=True)
        except NotAnswered as missing:
            cast("Shell", self.app).say(str(missing), severity="warning")

    @on(OptionList.OptionSelected)
    async def _change(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        if self.rows:
            await self._open(event.option_index, self.rows[event.option_index])
        else:
            self.query_one(RowList).release()

    @on(RowList.Asked)
    async def _asked(self, event: RowList.Asked) -> None:
        event.stop()
        at = self.query_one(RowList).highlighted
        if event.verb == "add":
            await self._open(None, {})
        elif event.verb == "delete" and at is not None and self.rows:
            self._take_out(at)
            self._draw(at)
            self._say_typed()
        elif event.verb == "undelete" and self._deleted:
            at, row = self._deleted.pop()
            if self._withdraws:
                self.rows[at] = row
            else:
                self.rows.insert(at, row)
            self._draw(at)
            self._say_typed()
