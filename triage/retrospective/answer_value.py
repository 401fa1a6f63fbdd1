"""An answer as given (by keys, by number, from a file) made into the one form the docket keeps.

Options may be named by value, hotkey, label or number; rows are mappings of column to value; times and events
may be named as in `triage.retrospective.references`. Whatever cannot be read is one `Invalid` line that says
where and what would do.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from triage.model.errors import Invalid
from triage.model.investigation import PromptColumn
from triage.model.json_value import Json
from triage.model.run import Option
from triage.retrospective.references import References, said_short
from triage.retrospective.script import Prompt

Row: TypeAlias = "dict[str, Any]"
NOTHING_WORDS = frozenset({"", "n", "none", "nothing", "no", "-"})
_SEPARATOR = re.compile(r"\s*[,;\s]\s*")


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads answers to one prompt."""

    prompt: Prompt
    references: References

    def read(self, value: Json) -> Json:
        """``value`` in its kept form. Raises `Invalid`."""
        return _READERS[self.prompt.type](self, value)

    def fail(self, what: str, do: str = "", where: str = "") -> Invalid:
        """An error about this answer."""
        return Invalid(what, where=f"{self.prompt.id}{where}", do=do)

    def text(self, value: Json) -> Json:
        """One text; numbers are taken as written."""
        if isinstance(value, bool | Mapping | list | tuple):
            raise self.fail(f"a text is wanted, not {_kind(value)}", f"For example: {self.prompt.example}")
        text = "" if value is None else str(value).strip()
        if self.prompt.required and not text:
            raise self.fail("an answer is wanted", f"For example: {self.prompt.example}")
        return text

    def lines(self, value: Json) -> Json:
        """A list of lines, or one text with line breaks."""
        if isinstance(value, Mapping | bool):
            raise self.fail(f"lines are wanted, not {_kind(value)}")
        if isinstance(value, str) and value.strip().lower() in NOTHING_WORDS:
            return []
        raw: Iterable[Json] = value if isinstance(value, list | tuple) else str(value or "").splitlines()
        return [str(one).strip() for one in raw if str(one).strip()]

    def choice(self, value: Json) -> Json:
        """One option."""
        return self.option(value, self.prompt.options, "")

    def multi(self, value: Json) -> Json:
        """Several options; a prompt about earlier cases takes their keys as well."""
        values = self._several(value, "")
        if self.prompt.required and not values:
            raise self.fail("at least one is wanted", f"For example: {self.prompt.example}")
        if self.prompt.writes != "recurrence":
            return [self.option(one, self.prompt.options, "") for one in values]
        known = {one.value.lower(): one.value for one in self.prompt.options}
        return [known.get(one.lower(), one) for one in values]

    def number(self, value: Json) -> Json:
        """A number."""
        return self._number(value, "")

    def time(self, value: Json) -> Json:
        """A time, as ISO text."""
        return self.references.moment(str(value), where=self.prompt.id)[0].isoformat()

    def confirm(self, value: Json) -> Json:
        """Only yes can be answered; whoever means no leaves it open."""
        if value is True or str(value).strip().lower() in {"yes", "y", "true", "ok", "1"}:
            return True
        raise self.fail("it is confirmed with yes", "Leave it open until then")

    def rows(self, value: Json) -> Json:
        """Rows; ``nothing`` is no row."""
        if value is None or (isinstance(value, str) and value.strip().lower() in NOTHING_WORDS):
            value = []
        if isinstance(value, Mapping):
            value = [value]
        if not isinstance(value, list | tuple):
            columns = ", ".join(one.name for one in self.prompt.columns)
            raise self.fail(f"rows are wanted, not {_kind(value)}", f"Each row may have: {columns}")
        rows: list[Json] = [self._row(number, row) for number, row in enumerate(value, start=1)]
        if self.prompt.required and self.prompt.rows_min and not rows:
            raise self.fail("at least one row is wanted", f"For example: {self.prompt.example}")
        return rows

    def _row(self, number: int, row: Json) -> Row:
        if not isinstance(row, Mapping):
            raise self.fail(f"a row is a mapping of columns, not {_kind(row)}", where=f" row {number}")
        columns = {one.name: one for one in self.prompt.columns}
        kept: Row = {}
        for name, value in row.items():
            if name in _KEPT_BESIDE.get(self.prompt.writes, ()):
                kept[name] = value
                continue
            if name not in columns:
                near = difflib.get_close_matches(name, columns, 1, 0.4)
                do = f"Did you mean {near[0]}?" if near else f"Columns are {', '.join(columns)}"
                raise self.fail(f"there is no column {name!r}", do, f" row {number}")
            if value is not None and value != "":
                kept[name] = self._cell(columns[name], value, f" row {number}, {name}")
        return kept

    def require(self, number: int, row: Row) -> None:
        """Every required column of ``row`` is filled. Raises `Invalid`."""
        for column in self.prompt.columns:
            if column.required and not row.get(column.name):
                raise self.fail(f"{column.label!r} is missing", f"Fill {column.name}", f" row {number}")

    def _cell(self, column: PromptColumn, value: Json, where: str) -> Json:
        match column.type:
            case "choice":
                return self.option(value, column.options, where)
            case "multi":
                several = self._several(value, where)
                return (
                    [self.option(one, column.options, where) for one in several]
                    if column.options
                    else [*several]
                )
            case "number":
                return self._number(value, where)
            case "bool":
                return _truth(value)
            case "time":
                if isinstance(value, str):
                    return value.strip()
                raise self.fail(f"a time is wanted, not {_kind(value)}", where=where)
            case "date":
                return self.references.day(str(value), where=f"{self.prompt.id}{where}").isoformat()
        if isinstance(value, Mapping | list | tuple):
            raise self.fail(f"a text is wanted, not {_kind(value)}", where=where)
        return str(value).strip()

    def option(self, value: Json, options: Sequence[Option], where: str) -> str:
        """The option named by value, hotkey, label or number. Raises `Invalid` with the nearest."""
        said = _option_word(value)
        for matches in (
            [one for one in options if one.value == said],
            [one for one in options if one.value.lower() == said.lower()],
            [one for one in options if one.hotkey and one.hotkey == said],
            [one for one in options if one.label.lower() == said.lower()],
        ):
            if matches:
                return matches[0].value
        if said.isdecimal() and len(said) < 5 and 0 < int(said) <= len(options):
            return options[int(said) - 1].value
        near = difflib.get_close_matches(said, [one.value for one in options], 1, 0.4)
        do = f"Did you mean {near[0]}?" if near else f"Options are {', '.join(one.value for one in options)}"
        raise self.fail(f"there is no option {said_short(said)!r}", do, where)

    def _several(self, value: Json, where: str) -> list[str]:
        if isinstance(value, Mapping):
            raise self.fail("a list is wanted, not a mapping", where=where)
        if isinstance(value, list | tuple):
            return [str(one).strip() for one in value if str(one).strip()]
        text = str("" if value is None or value is False else value).strip()
        return [] if text.lower() in NOTHING_WORDS else [one for one in _SEPARATOR.split(text) if one]

    def _number(self, value: Json, where: str) -> Json:
        if isinstance(value, int | float) and not isinstance(value, bool):
            return value
        plain = str(value).strip().replace(",", "").replace(" ", "")
        if re.fullmatch(r"-?\d{1,30}(\.\d{1,30})?", plain):
            return float(plain) if "." in plain else int(plain)
        raise self.fail(f"{said_short(str(value))!r} is no number", where=where)


_READERS: Mapping[str, Callable[[Reader, Json], Json]] = {
    "text": Reader.text,
    "lines": Reader.lines,
    "choice": Reader.choice,
    "multi": Reader.multi,
    "number": Reader.number,
    "time": Reader.time,
    "confirm": Reader.confirm,
    "rows": Reader.rows,
}
_KEPT_BESIDE: Mapping[str, frozenset[str]] = {
    "timeline": frozenset({"imported", "after_lock", "original", "drop"}),
}
"""Keys that a row may carry beside its columns: what the prefilled rows bring along, and ``drop``."""


def _kind(value: Json) -> str:
    if isinstance(value, Mapping):
        return "a mapping"
    if isinstance(value, list | tuple):
        return "a list"
    return "yes or no" if isinstance(value, bool) else f"{said_short(str(value))!r}"


def _option_word(value: Json) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str("" if value is None else value).strip()


def _truth(value: Json) -> bool:
    return value is True or str(value).strip().lower() in {"yes", "y", "true", "1", "x"}
