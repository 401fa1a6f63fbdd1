"""One field for one answer, by the type that is asked for.

Every field speaks the same four words: `value` (or `NotAnswered` with one line), `draft` and `restore`
for what was typed and not yet given, and the message `AnswerForm.Submitted` when Enter means done.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Literal, TypeAlias

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Input, Static

from triage.model.clean_text import clean, clean_line
from triage.model.json_value import Json
from triage.model.run import Option
from triage.tui.safe_text import content
from triage.tui.widgets.pick_list import PickList
from triage.tui.widgets.wording_area import WordingArea

AskType: TypeAlias = Literal[
    "text", "lines", "choice", "multi", "number", "bool", "datetime", "duration", "contact"
]
YES_NO: tuple[Option, ...] = (Option("yes", "yes", "y"), Option("no", "no", "n"))

_DURATION = re.compile(r"(\d+(?:\.\d+)?)\s*([smhdw])", re.IGNORECASE)
_STAMP = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}.*(Z|[+-]\d{2}:\d{2})$")
_CLOCK = re.compile(r"(\d{1,2}):(\d{2})$")


class NotAnswered(Exception):
    """What stands in the field is no answer yet; the text says in one line what is missing."""


def parse_time(text: str, now: datetime, zone: tzinfo | None) -> datetime:
    """The UTC time that ``text`` means: ``now``, ``18:42`` (today, local), a date and time, or ISO 8601.

    Raises `NotAnswered`.
    """
    typed = text.strip()
    if typed.lower() == "now":
        return now
    local = now.astimezone(zone)
    if match := _CLOCK.match(typed):
        hour, minute = int(match[1]), int(match[2])
        if hour < 24 and minute < 60:
            return local.replace(hour=hour, minute=minute, second=0, microsecond=0).astimezone(UTC)
    try:
        parsed = datetime.fromisoformat(typed)
    except ValueError:
        raise NotAnswered("A time looks like 18:42, 2026-03-10 18:42, or now.") from None
    if parsed.tzinfo is None:
        parsed = parsed.replace(tzinfo=zone) if zone else parsed.astimezone()
    return parsed.astimezone(UTC)


def shown_time(text: str, zone: tzinfo | None) -> str:
    """An ISO 8601 time with a zone as local day and minute; any other text as it is."""
    if not _STAMP.match(text):
        return text
    try:
        return f"{datetime.fromisoformat(text).astimezone(zone):%d %b %H:%M}"
    except ValueError:
        return text


def parse_duration(text: str) -> timedelta:
    """The length that ``text`` means: ``45m``, ``1h 30m``, ``2d``. Raises `NotAnswered`."""
    units = {"s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0, "w": 604800.0}
    found = _DURATION.findall(text)
    if not found or _DURATION.sub("", text).strip():
        raise NotAnswered("A length of time looks like 45m, 1h 30m or 2d.")
    return timedelta(seconds=sum(float(number) * units[unit.lower()] for number, unit in found))


def parse_number(text: str) -> int | float:
    """The number that ``text`` means, with blanks or commas between thousands. Raises `NotAnswered`."""
    plain = text.strip().replace(" ", "").replace(",", "").replace("_", "")
    try:
        return int(plain)
    except ValueError:
        pass
    try:
        number = float(plain)
    except ValueError:
        raise NotAnswered("A number is needed here.") from None
    if not math.isfinite(number):
        raise NotAnswered("A number is needed here.")
    return number


class AnswerForm(Vertical):
    """The field for one question."""

    @dataclass
    class Submitted(Message):
        """Enter said that the answer is complete."""

    @dataclass
    class Typed(Message):
        """Something in the field changed by hand."""

        draft: str

    def __init__(
        self,
        kind: AskType,
        *,
        options: Sequence[Option] = (),
        start: Json = None,
        unit: str = "",
        zone: tzinfo | None = None,
        clock: Callable[[], datetime],
        asks_first: bool = False,
        widget_id: str | None = None,
    ) -> None:
        """``asks_first``: Enter does not accept a text that nobody typed here; `WordingArea` tells it."""
        super().__init__(id=widget_id)
        self.kind = kind
        self.asks_first = asks_first
        self.options = YES_NO if kind == "bool" else tuple(options)
        self.start = start
        self.unit = unit
        self.zone = zone
        self.clock = clock
        self._restored = False

    def compose(self) -> ComposeResult:
        """The one widget of this type, and a line under it that says how it is read."""
        if self.kind in ("choice", "multi", "bool"):
            yield PickList(self.options, many=self.kind == "multi", picked=_values(self.start))
        elif self.kind in ("text", "lines"):
            area = WordingArea(sentence=self.kind == "text", asks_first=self.asks_first)
            area.begin(as_text(self.start))
            yield area
        else:
            yield Input(value=clean_line(as_text(self.start)), placeholder=self._placeholder(), compact=True)
            yield Static(classes="read-as")

    def _placeholder(self) -> str:
        if self.kind == "number":
            return clean_line(self.unit) or "a number"
        return {"datetime": "18:42, 2026-03-10 18:42, now", "duration": "45m, 1h 30m, 2d"}.get(self.kind, "")

    @property
    def touched(self) -> bool:
        """Whether what stands there is not what it began with, or is a draft that was put back."""
        if self._restored or not self.is_mounted:
            return self._restored
        if self.kind in ("choice", "multi", "bool"):
            return self.query_one(PickList).picked != [
                value for value in _values(self.start) if value in {one.value for one in self.options}
            ]
        if self.kind in ("text", "lines"):
            return self.query_one(WordingArea).touched
        return self.query_one(Input).value != clean_line(as_text(self.start))

    def focus_field(self) -> None:
        """Put the cursor where the answer goes."""
        field = self.query("PickList, WordingArea, Input").first()
        field.focus()

    def value(self) -> Json:
        """The answer that stands in the field, in the form the desk takes it. Raises `NotAnswered`."""
        if self.kind in ("choice", "multi", "bool"):
            return self._picked()
        if self.kind in ("text", "lines"):
            return self._written()
        typed = self.query_one(Input).value.strip()
        if not typed:
            raise NotAnswered("Nothing is written here yet.")
        if self.kind == "number":
            return parse_number(typed)
        if self.kind == "datetime":
            return parse_time(typed, self.clock(), self.zone).isoformat()
        if self.kind == "duration":
            parse_duration(typed)
        return typed

    def _picked(self) -> Json:
        picked = self.query_one(PickList).picked
        if self.kind == "multi":
            return list(picked)
        if not picked:
            raise NotAnswered("Pick one.")
        return picked[0] == "yes" if self.kind == "bool" else picked[0]

    def _written(self) -> Json:
        text = self.query_one(WordingArea).text.strip()
        if not text:
            raise NotAnswered("Nothing is written here yet.")
        return text

    def draft(self) -> str:
        """What stands in the field, for keeping until it is given as an answer."""
        if self.kind in ("choice", "multi", "bool"):
            return json.dumps(self.query_one(PickList).picked)
        if self.kind in ("text", "lines"):
            return self.query_one(WordingArea).text
        return self.query_one(Input).value

    def restore(self, draft: str) -> None:
        """Put back what `draft` kept; what cannot be read is left out."""
        if not draft:
            return
        self._restored = True
        if self.kind in ("text", "lines"):
            self.query_one(WordingArea).begin(draft, start=as_text(self.start))
        elif self.kind in ("choice", "multi", "bool"):
            try:
                kept = json.loads(draft)
            except ValueError:
                return
            self.query_one(PickList).pick(_values(kept))
        else:
            self.query_one(Input).value = clean_line(draft)

    @on(Input.Changed)
    def _changed(self, event: Input.Changed) -> None:
        event.stop()
        if event.value != clean_line(as_text(self.start)):
            self._typed()
        self.query_one(".read-as", Static).update(self._read_as(event.value))

    def _read_as(self, typed: str) -> Content:
        if self.kind == "number" and self.unit:
            return content((clean_line(self.unit), "muted"))
        if self.kind != "datetime" or not typed.strip():
            return content()
        try:
            at = parse_time(typed, self.clock(), self.zone)
        except NotAnswered as missing:
            return content((str(missing), "muted"))
        return content(
            (f"= {at.astimezone(self.zone):%a %d %b %Y %H:%M %Z}", "strong"), (f" · {at:%H:%M} UTC", "muted")
        )

    @on(WordingArea.Changed)
    def _written_on(self, event: WordingArea.Changed) -> None:
        if isinstance(event.text_area, WordingArea) and (event.text_area.touched or self._restored):
            self._typed()

    @on(PickList.Ticked)
    def _ticked(self, event: PickList.Ticked) -> None:
        event.stop()
        self._typed()

    def _typed(self) -> None:
        self.post_message(self.Typed(self.draft()))

    @on(Input.Submitted)
    @on(WordingArea.Accepted)
    @on(PickList.Done)
    def _done(self, event: Message) -> None:
        event.stop()
        self.post_message(self.Submitted())


def as_text(value: Json) -> str:
    """A value as a person would have typed it."""
    if value is None:
        return ""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, (int, float)):
        return str(value)
    if isinstance(value, Sequence) and all(isinstance(one, str) for one in value):
        return "\n".join(clean(str(one)) for one in value)
    return json.dumps(value, ensure_ascii=False, indent=1)


def _values(value: Json) -> list[str]:
    if value is None or value == "":
        return []
    if isinstance(value, bool):
        return ["yes" if value else "no"]
    if isinstance(value, (str, int, float)):
        return [str(value)]
    return [str(one) for one in value]
