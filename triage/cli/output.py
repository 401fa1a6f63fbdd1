"""How the shell prints: JSON documents, NDJSON, aligned plain text; all of it cleaned."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Sequence
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from enum import Enum
from typing import Any
from unicodedata import east_asian_width

from triage.model.clean_text import clean, clean_line
from triage.model.errors import Invalid


def plain(value: Any) -> Any:
    """``value`` made of what JSON knows: dataclasses as objects, times in ISO 8601 with ``Z``."""
    if is_dataclass(value) and not isinstance(value, type):
        return {f.name: plain(getattr(value, f.name)) for f in fields(value)}
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Enum):
        return plain(value.value)
    if isinstance(value, dict) or hasattr(value, "items"):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [plain(v) for v in value]
    return value


def write(text: str) -> None:
    """Put ``text`` on standard output, whole. Raises `Invalid` where it is closed or its disk is full."""
    if sys.stdout is None:
        raise Invalid("standard output is closed", do="Give it somewhere to go")
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError:
        raise
    except OSError as problem:
        give_up_output()
        raise Invalid(f"cannot write the output: {problem.strerror}", where="standard output") from None


def give_up_output() -> None:
    """Send what is still buffered nowhere: Python would try again at its end, and end with 120."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def document(value: Any) -> None:
    """One JSON document on one line. Control characters leave escaped, never raw."""
    write(json.dumps(plain(value), ensure_ascii=True) + "\n")


def lines_of_json(values: Iterable[Any]) -> None:
    """NDJSON: one value a line."""
    for value in values:
        document(value)


def text(value: str) -> None:
    """Text for a person or a file, cleaned, with one newline at the end."""
    write(clean(value).rstrip("\n") + "\n")


def line(value: str) -> None:
    """One line, whatever line breaks ``value`` holds: a name cannot forge a line of ours."""
    write(clean_line(value) + "\n")


def narrate(value: str, *, quiet: bool = False) -> None:
    """A word about what is going on, on stderr."""
    if not quiet:
        sys.stderr.write(clean_line(value) + "\n")
        sys.stderr.flush()


def narrate_text(value: str, indent: str = "    ") -> None:
    """Words of several lines on stderr, line by line."""
    sys.stderr.write("".join(f"{indent}{line}".rstrip() + "\n" for line in clean(value).split("\n")))
    sys.stderr.flush()


def error(value: str) -> None:
    """The one line that says what went wrong."""
    sys.stderr.write(f"triage: {clean_line(value)}\n")


def width(value: str) -> int:
    """Columns ``value`` takes in a terminal, wide characters counted twice."""
    return sum(2 if east_asian_width(char) in "WF" else 1 for char in value)


def table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Aligned columns; on an empty list only the headings."""
    cleaned = [list(headings), *([clean_line(cell) for cell in row] for row in rows)]
    widths = [max(width(row[i]) for row in cleaned) for i in range(len(headings))]
    for row in cleaned:
        cells = [cell + " " * (widths[i] - width(cell)) for i, cell in enumerate(row)]
        write("  ".join(cells).rstrip() + "\n")
