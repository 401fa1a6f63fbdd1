"""Long text as rows of at most a given width. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from rich.cells import cell_len, chop_cells

from triage.model.clean_text import clean


def wrapped(text: str, width: int, limit: int) -> tuple[list[str], int]:
    """The first ``limit`` rows of ``text``, cleaned and broken at blanks, and how many rows were left out.

    What is left out is counted by its own line breaks, not drawn, so that a megabyte costs little.
    """
    rows: list[str] = []
    lines = clean(text).expandtabs(4).strip("\n").split("\n")
    for number, raw in enumerate(lines):
        for row in _broken(raw.rstrip(), max(8, width), limit):
            if len(rows) >= limit:
                rest = len(lines) - number
                return rows, max(1, rest)
            rows.append(row)
    return rows, 0


def _broken(raw: str, width: int, limit: int) -> Iterator[str]:
    raw = raw[: width * (limit + 1)]
    # What is cleaned and ASCII takes one cell a sign; measuring it sign by sign costs most of a case's rows.
    cells = len if raw.isascii() else cell_len
    if cells(raw) <= width:
        yield raw
        return
    indent = raw[: min(len(raw) - len(raw.lstrip()), width // 2)]
    row, empty = indent, True
    for word in raw.strip().split(" "):
        joined = row + word if empty else f"{row} {word}"
        if cells(joined) <= width:
            row, empty = joined, False
            continue
        if not empty:
            yield row
        *whole, row = chop_cells(word, width) or [""]
        yield from whole
        empty = False
    if not empty:
        yield row


def looks_like_log(text: str) -> bool:
    """Whether most lines begin like a machine wrote them: a stamp, a bracket, a frame, an angle."""
    lines = [raw.lstrip() for raw in text.splitlines() if raw.strip()]
    if len(lines) < 4:
        return False
    machine = sum(
        line[:1] in "[{<|" or line[:4].isdigit() or line.startswith(("at ", "File ")) for line in lines
    )
    return machine * 2 >= len(lines)
