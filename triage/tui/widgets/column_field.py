"""One column of one row in a form: its label, its field, and how what is typed there is read."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta, tzinfo

from textual import events
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Input, Static

from triage.model.clean_text import clean_line
from triage.model.investigation import PromptColumn
from triage.model.json_value import Json
from triage.tui.safe_text import content
from triage.tui.widgets.answer_form import (
    YES_NO,
    NotAnswered,
    as_text,
    parse_duration,
    parse_number,
    parse_time,
)
from triage.tui.widgets.choice_line import ChoiceLine
from triage.tui.widgets.early_key import passed_on, walked
from triage.tui.widgets.wording_area import WordingArea

EVENT_COLUMNS = frozenset({"evidence", "cites", "at_event", "event", "events", "ref_event"})
"""Columns whose values are event ids, whatever their type."""


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


class LineInput(Input):
    """A line of text in a form."""

    def __init__(self, value: str, placeholder: str) -> None:
        super().__init__(value=value, placeholder=placeholder, compact=True)
        self.onward: Callable[[], bool] | None = None
        """Moves the cursor to the next field at once; False where there is none."""

    async def _on_key(self, event: events.Key) -> None:
        if passed_on(self, event) or walked(self, event):
            return
        if event.key == "enter" and self.onward is not None and self.onward():
            event.stop()
            event.prevent_default()
            return
        await super()._on_key(event)


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
            yield LineInput(self._shown(), self._placeholder())

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

    @property
    def field(self) -> ChoiceLine | WordingArea | LineInput:
        """What takes the keys."""
        found: list[ChoiceLine | WordingArea | LineInput] = [
            *self.query(ChoiceLine),
            *self.query(WordingArea),
            *self.query(LineInput),
        ]
        return found[0]

    def focus_field(self) -> None:
        """Put the cursor into the field, at once: the next key is meant for it."""
        self.screen.set_focus(self.field)

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
