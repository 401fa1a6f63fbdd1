"""A table as plain lines: shown with numbers, changed row by row, kept as the draft that the screen keeps."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import yaml

from triage.model.errors import Invalid
from triage.model.investigation import PromptColumn, PromptView

EMPTY = "-"
"""Typed for a column: nothing in it."""
ROW_COMMANDS = (
    "add: one more row. edit N: change row N. drop N: take it out. n: no rows. Enter gives the table."
)
Row = dict[str, Any]


def held_rows(prompt: PromptView) -> list[Row]:
    """The rows in hand: those of the draft, else the answer given, else what the ticket offers."""
    try:
        kept = json.loads(prompt.draft)["rows"] if prompt.draft else None
    except (ValueError, TypeError, KeyError):
        kept = None
    held = kept if isinstance(kept, list) else prompt.value if prompt.value is not None else prompt.prefill
    return [dict(one) for one in held if isinstance(one, Mapping)] if isinstance(held, (list, tuple)) else []


def draft_of(rows: list[Row]) -> str:
    """``rows`` as the draft of a table."""
    return json.dumps({"rows": rows, "editing": None, "open": None, "out": []}, ensure_ascii=False)


def as_text(rows: list[Row]) -> str:
    """``rows`` for an editor."""
    return yaml.safe_dump(rows, allow_unicode=True, sort_keys=False, width=100) if rows else "[]\n"


def from_text(text: str, where: str) -> list[Row]:
    """The rows written in an editor. Raises `Invalid` with the line."""
    try:
        read = yaml.load(text, Loader=yaml.BaseLoader)  # noqa: S506 - the loader that knows only text
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise Invalid(f"the table cannot be read: {error.problem}", where=f"{where}:{line}") from error
    rows = [] if read in (None, "") else read
    if not isinstance(rows, list) or not all(isinstance(one, dict) for one in rows):
        raise Invalid("a table is a list of rows, each column: value", where=where)
    return rows


@dataclass(slots=True)
class RowTyping:
    """Asks for one row, column by column."""

    prompt: PromptView
    read: Callable[[], str]
    say: Callable[[str], None]
    rows: list[Row]
    """The table, with the row that is being typed as far as it goes."""

    def change(self, line: str) -> None:
        """Change the table by ``add``, ``edit N``, ``drop N`` or a row's first words. Raises `Invalid`."""
        word, _, rest = line.partition(" ")
        if word == "drop":
            del self.rows[self._number(rest)]
        elif word == "edit" or line.isdigit():
            self._type(self.rows[self._number(rest or line)], "")
        else:
            self.rows.append({})
            self._type(self.rows[-1], "" if line == "add" else line)

    def _number(self, text: str) -> int:
        if text.strip().isdigit() and 1 <= int(text) <= len(self.rows):
            return int(text) - 1
        raise Invalid(
            f"there is no row {text.strip() or '(none named)'}", do=f"Rows are 1 to {len(self.rows)}"
        )

    def _type(self, row: Row, first: str) -> None:
        """Ask for ``row``; ``first`` fills the first text column. Enter keeps what is there."""
        for column in self.prompt.columns:
            if first and column.type == "text" and column.name != "id":
                row[column.name], first = first, ""
                continue
            self.say(f"  {column.label}{_choices(column)}{_needed(column)}{_now(row.get(column.name))}:")
            while (value := _value(column, self.read())) is None:
                self.say(f"! one of: {', '.join(one.value for one in column.options)}")
            if value == EMPTY:
                row.pop(column.name, None)
            elif value:
                row[column.name] = value


def _value(column: PromptColumn, typed: str) -> str | None:
    """What was typed for ``column``, an option by its number or word; None for no option of it."""
    if column.type != "choice" or typed in {"", EMPTY}:
        return typed
    if typed.isdigit() and 1 <= int(typed) <= len(column.options):
        return column.options[int(typed) - 1].value
    named = {
        word.lower(): one.value
        for one in column.options
        for word in (one.value, one.label, one.hotkey)
        if word
    }
    return named.get(typed.lower())


def _choices(column: PromptColumn) -> str:
    if not column.options:
        return ""
    named = [f"{number} {one.value}" for number, one in enumerate(column.options, start=1)]
    return f" [{', '.join(named)}]"


def _needed(column: PromptColumn) -> str:
    return " (required)" if column.required else ""


def _now(value: object) -> str:
    if value in (None, "", []):
        return ""
    shown = " ".join(map(str, value)) if isinstance(value, (list, tuple)) else str(value)
    return f", now: {shown}"
