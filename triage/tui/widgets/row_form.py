"""One row of a table as a form: a labelled field for each column."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.geometry import Size
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Input, Static

from triage.model.clean_text import clean_line
from triage.model.investigation import PromptColumn
from triage.model.json_value import Json
from triage.model.run import Option
from triage.tui.safe_text import content
from triage.tui.widgets.answer_form import (
    YES_NO,
    NotAnswered,
    as_text,
    parse_duration,
    parse_number,
    parse_time,
)
from triage.tui.widgets.wording_area import WordingArea

EVENT_COLUMNS = frozenset({"evidence", "cites", "at_event", "event", "events", "ref_event"})
"""Columns whose values are event ids, whatever their type."""

Row = dict[str, Json]
GAP = 3
"""Cells between two options side by side."""


def parse_date(text: str, today: date) -> date:
    """The day that ``text`` means: ``2026-03-31``, ``today``, ``+14d``, ``+2w``. Raises `NotAnswered`."""
    typed = text.strip().lower()
    if typed == "today":
        return today
    if typed.startswith("+"):
        return today + timedelta(days=parse_duration(typed[1:]).days)
    try:
        return date.fromisoformat(typed)
    except ValueError:
        raise NotAnswered("A day looks like 2026-03-31, +14d or +2w.") from None


class ChoiceLine(Widget, can_focus=True):
    """Options side by side, picked by arrows, number, hotkey or mouse; with ``many`` each is a tick."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "move(-1)", "before", show=False),
        Binding("right", "move(1)", "after", show=False),
        Binding("space", "tick", "pick", show=False),
        Binding("enter", "leave", "next", show=False),
    ]

    @dataclass
    class Changed(Message):
        """Another option is picked."""

        line: ChoiceLine

    @dataclass
    class Left(Message):
        """Enter, or an option named by its key: on to the next field."""

        named: bool = False

    def __init__(self, options: Sequence[Option], *, many: bool = False, picked: Sequence[str] = ()) -> None:
        super().__init__()
        self.options = tuple(options)
        self.many = many
        self.picked = [one.value for one in self.options if one.value in picked]
        self._at = next((at for at, one in enumerate(self.options) if one.value in picked), 0)

    def _laid_out(self, width: int) -> list[list[int]]:
        """Which options stand on which row, whole ones only."""
        rows: list[list[int]] = [[]]
        used = 0
        for at in range(len(self.options)):
            size = self._part(at).cell_length + GAP
            if rows[-1] and used + size - GAP > width:
                rows.append([])
                used = 0
            rows[-1].append(at)
            used += size
        return rows

    def _part(self, at: int) -> Content:
        one = self.options[at]
        taken = one.value in self.picked
        mark = ("[x]" if taken else "[ ]") if self.many else ("●" if taken else "○")
        number = f"{at + 1} " if at < 9 else ""
        label = clean_line(one.label or one.value)
        part = content((number, "muted"), (f"{mark} {label}", "strong-accent" if taken else ""))
        return part.stylize("underline") if self.has_focus and at == self._at else part

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """As many rows as the options need at ``width``."""
        return len(self._laid_out(width))

    def render(self) -> Content:
        """Every option with its mark; the cursor's one is underlined while the field has the focus."""
        rows = self._laid_out(self.size.width)
        gap = content((" " * GAP, ""))
        return Content("\n").join(gap.join(self._part(at) for at in row) for row in rows)

    def on_key(self, event: events.Key) -> None:
        """A digit or hotkey names the option."""
        character = event.character or ""
        named = [at for at, one in enumerate(self.options) if character and one.hotkey == character]
        if not named and character.isdecimal() and 0 < int(character) <= len(self.options):
            named = [int(character) - 1]
        if named:
            event.stop()
            event.prevent_default()
            self._at = named[0]
            self._take()
            if not self.many:
                self.post_message(self.Left(named=True))

    def pick(self, values: Sequence[str]) -> None:
        """Pick ``values`` and draw them."""
        self.picked = [one.value for one in self.options if one.value in values]
        self.refresh(layout=True)

    def action_move(self, by: int) -> None:
        """Move the cursor; where only one may be picked, pick along."""
        if not self.options:
            return
        self._at = (self._at + by) % len(self.options)
        if self.many:
            self.refresh()
        else:
            self._take()

    def action_tick(self) -> None:
        """Pick or unpick the option at the cursor."""
        if self.options:
            self._take()

    def action_leave(self) -> None:
        """Go on to the next field."""
        self.post_message(self.Left())

    def on_click(self, event: events.Click) -> None:
        """A click picks the option under the mouse."""
        rows = self._laid_out(self.size.width)
        end = 0
        for at in rows[event.y] if event.y < len(rows) else ():
            end += self._part(at).cell_length
            if event.x < end:
                self._at = at
                self._take()
                return
            end += GAP

    def _take(self) -> None:
        value = self.options[self._at].value
        if not self.many:
            self.picked = [value]
        elif value in self.picked:
            self.picked.remove(value)
        else:
            self.picked.append(value)
        self.refresh(layout=True)
        self.post_message(self.Changed(self))


class ColumnField(Vertical):
    """One column of one row: its label and its field."""

    def __init__(
        self, column: PromptColumn, value: Json, *, clock: Callable[[], datetime], zone: tzinfo | None
    ) -> None:
        super().__init__(classes="column")
        self.column = column
        self.start = value
        self.clock = clock
        self.zone = zone

    @property
    def takes_events(self) -> bool:
        """Whether its values are event ids."""
        return self.column.name in EVENT_COLUMNS

    @property
    def picks(self) -> bool:
        """Whether its values come from a short list."""
        return self.column.type == "bool" or bool(self.column.options)

    def compose(self) -> ComposeResult:
        """Label and field."""
        must = " *" if self.column.required else ""
        yield Static(
            content((clean_line(self.column.label or self.column.name), ""), (must, "accent")),
            classes="label",
        )
        if self.picks:
            options = YES_NO if self.column.type == "bool" else self.column.options
            yield ChoiceLine(options, many=self.column.type == "multi", picked=_picked(self.start))
        elif self.column.type == "text" and not self.takes_events:
            area = WordingArea(sentence=True)
            area.begin(as_text(self.start))
            yield area
        else:
            yield Input(value=self._shown(), placeholder=self._placeholder(), compact=True)

    def _shown(self) -> str:
        if self.column.type == "time" and isinstance(self.start, str):
            return local_minute(self.start, self.zone)
        if isinstance(self.start, Sequence) and not isinstance(self.start, str):
            return ", ".join(clean_line(str(one)) for one in self.start)
        return clean_line(as_text(self.start))

    def _placeholder(self) -> str:
        if self.takes_events:
            return "F3 picks an event"
        return {"date": "2026-03-31, +14d", "time": "18:42, 2026-03-10 18:42", "number": "a number"}.get(
            self.column.type, ""
        )

    def focus_field(self) -> None:
        """Put the cursor into the field."""
        self.query("ChoiceLine, WordingArea, Input").first().focus()

    def cite(self, event_id: str) -> None:
        """Take an event id: into the list of ids, or as ``[E07]`` at the cursor of a text."""
        if areas := self.query(WordingArea):
            areas.first().cite(event_id)
        elif self.column.type in ("multi", "text") and (inputs := self.query(Input)):
            field = inputs.first()
            ids = [one.strip() for one in field.value.split(",") if one.strip()]
            single = self.column.name in ("at_event", "event")
            field.value = (
                event_id if single else ", ".join([*(one for one in ids if one != event_id), event_id])
            )
            field.cursor_position = len(field.value)

    def put(self, text: str) -> None:
        """Replace what stands in a text field."""
        if areas := self.query(WordingArea):
            areas.first().load_text(clean_line(text))
        elif inputs := self.query(Input):
            inputs.first().value = clean_line(text)

    def raw(self) -> Json:
        """What stands in the field, for a draft."""
        if self.picks:
            return list(self.query_one(ChoiceLine).picked)
        if areas := self.query(WordingArea):
            return areas.first().text
        return self.query_one(Input).value

    def value(self) -> Json:
        """The value of this column; None when empty. Raises `NotAnswered`."""
        found = self._read()
        if self.column.required and found in (None, "", []):
            raise NotAnswered(f"{clean_line(self.column.label or self.column.name)} is still empty.")
        return found

    def _read(self) -> Json:
        if self.picks:
            picked = self.query_one(ChoiceLine).picked
            if self.column.type == "multi":
                return list(picked)
            if not picked:
                return None
            return picked[0] == "yes" if self.column.type == "bool" else picked[0]
        if areas := self.query(WordingArea):
            return areas.first().text.strip() or None
        return self._typed(self.query_one(Input).value.strip())

    def _typed(self, typed: str) -> Json:
        if self.column.type == "multi":
            return [one.strip().strip("[]") for one in typed.split(",") if one.strip()]
        if not typed:
            return None
        if self.column.type == "number":
            return parse_number(typed)
        if self.column.type == "time":
            return self._time(typed)
        if self.column.type == "date":
            return parse_date(typed, self.clock().astimezone(self.zone).date()).isoformat()
        return typed

    def _time(self, typed: str) -> str:
        if isinstance(self.start, str) and typed == self._shown():
            return self.start
        return parse_time(typed, self.clock(), self.zone).isoformat()


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

    def fields(self) -> list[ColumnField]:
        """The fields in the order of the columns."""
        return list(self.query(ColumnField))

    def focus_field(self) -> None:
        """Put the cursor into the first field."""
        self.fields()[0].focus_field()

    def row(self) -> Row:
        """The row; columns that the form does not show keep their values. Raises `NotAnswered`."""
        row = dict(self.start)
        for field in self.fields():
            value = field.value()
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
    def _next(self, event: Message) -> None:
        event.stop()
        fields = self.fields()
        at = next((at for at, field in enumerate(fields) if field.has_focus_within), len(fields) - 1)
        if at + 1 < len(fields):
            fields[at + 1].focus_field()
        elif not (isinstance(event, ChoiceLine.Left) and event.named):
            self.post_message(self.Done())

    @on(ChoiceLine.Changed)
    @on(WordingArea.Changed)
    @on(Input.Changed)
    def _changed(self, event: Message) -> None:
        event.stop()
        self.post_message(self.Typed())


def local_minute(iso: str, zone: tzinfo | None) -> str:
    """A UTC stamp as local date and minute; unreadable text comes back cleaned."""
    try:
        at = datetime.fromisoformat(iso)
    except ValueError:
        return clean_line(iso)
    if at.tzinfo is None:
        at = at.replace(tzinfo=UTC)
    return f"{at.astimezone(zone):%Y-%m-%d %H:%M}"


def _picked(value: Json) -> list[str]:
    if value in (None, ""):
        return []
    if isinstance(value, bool):
        return ["yes" if value else "no"]
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [str(one) for one in value]
    return [str(value)]
