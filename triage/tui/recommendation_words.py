"""The register of recommendations in rows: what is owed by whom, how late, how strong. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import lru_cache
from typing import NamedTuple

from triage.model.register_line import RegisterLine
from triage.tui.clock_words import rough
from triage.tui.glyphs import SIGN
from triage.tui.safe_text import Piece, fit
from triage.tui.wrapping import wrapped

SHORT_NAMES = {
    "OAR": "awaits answer",
    "ORR": "answer to judge",
    "OAA": "under way",
    "OAAR": "another way",
    "OUA": "answer refused",
    "CEX": "more than asked",
    "CAA": "done",
    "CAAA": "done another way",
    "CUA": "will not be done",
    "CUAN": "never answered",
    "CR": "reconsidered",
    "CNLA": "no longer applies",
    "CS": "superseded",
    "CAAS": "done, superseded",
    "CAAAS": "other way, superseded",
    "CUAS": "not done, superseded",
}
"""Each status code in the room of a column."""
STRENGTHS = {"strong": "strong", "intermediate": "medium", "weak": "weak"}
BEFORE_ROWS = 4
DUE_SOON = timedelta(days=7)
NEVER = datetime.min.replace(tzinfo=UTC)
SCOPES = ("open", "late", "closed", "all")
"""What the register shows, by turns."""


class Column(NamedTuple):
    """A column and its cells; 0 takes what is left."""

    name: str
    width: int


@lru_cache(8)
def columns(width: int) -> tuple[Column, ...]:
    """The columns for rows of ``width`` cells: what is owed is the last to shrink."""
    plan = {"NAME": 16, "CODE": 5, "DUE": 11, "TO": 14, "WHAT": 0}
    if width >= 96:
        plan = {"NAME": 16, "CODE": 5, "STANDS": 15, "DUE": 11, "AGE": 5, "STRENGTH": 8, "TO": 14, "WHAT": 0}
    if width >= 124:
        plan = {
            "NAME": 16, "CODE": 5, "STANDS": 20, "DUE": 11, "AGE": 5, "STRENGTH": 8, "TO": 22,
            "TICKET": 10, "WHAT": 0,
        }  # fmt: skip
    plan["WHAT"] = max(8, width - sum(plan.values()) - 2 * (len(plan) - 1) - 1)
    return tuple(Column(name, size) for name, size in plan.items())


def heading(width: int) -> list[Piece]:
    """The names of the columns."""
    return [("  " + "  ".join(fit(one.name, one.width) for one in columns(width)), "muted")]


def row(line: RegisterLine, width: int, *, now: datetime, zone: tzinfo) -> list[Piece]:
    """One recommendation on one line."""
    pieces: list[Piece] = [(" ", "")]
    for column in columns(width):
        text, tone = _cell(line, column.name, now, zone)
        pieces.append((fit(text, column.width) + "  ", tone))
    return pieces


def _cell(line: RegisterLine, name: str, now: datetime, zone: tzinfo) -> Piece:
    one = line.recommendation
    cells: dict[str, Piece] = {
        "NAME": (line.id, "" if line.open else "muted"),
        "CODE": (one.status, _tone(line)),
        "STANDS": (SHORT_NAMES.get(one.status, line.status_name), _tone(line)),
        "AGE": (age(line, now), "muted"),
        "STRENGTH": (STRENGTHS[one.strength], "muted" if one.strength == "weak" else ""),
        "TO": (one.addressee, ""),
        "TICKET": (line.ticket_key, "muted"),
        "WHAT": (one.text, "" if line.open else "muted"),
    }
    return cells[name] if name in cells else due(line, now, zone)


def _tone(line: RegisterLine) -> str:
    if not line.open:
        return "muted"
    return "accent" if line.recommendation.status == "ORR" else ""


def due(line: RegisterLine, now: datetime, zone: tzinfo) -> Piece:
    """How late it is, or when it is due; of a closed one, when it was closed."""
    if not line.open:
        return ("closed " + rough(now - line.closed_at) if line.closed_at else "closed", "muted")
    if line.overdue_days:
        return (f"{SIGN.broken} {line.overdue_days} d late", "strong-promise")
    day = line.recommendation.due
    if day is None:
        return ("no date", "severity")
    days = (day - now.date()).days
    if days <= DUE_SOON.days:
        return (f"{SIGN.due} today" if not days else f"{SIGN.due} in {days} d", "promise")
    return (f"{day.day} {day:%b}" + (f" {day.year}" if day.year != now.year else ""), "")


def age(line: RegisterLine, now: datetime) -> str:
    """How long ago it was issued."""
    return rough(now - line.issued_at) if line.issued_at else "-"


def in_scope(line: RegisterLine, scope: str) -> bool:
    """Whether the register shows it in ``scope``, one of `SCOPES`."""
    if scope == "late":
        return line.overdue_days > 0
    return scope == "all" or line.open == (scope == "open")


def matches(line: RegisterLine, typed: str) -> bool:
    """Whether every word of ``typed`` is in what the register knows of it; ``!word``: is not."""
    one = line.recommendation
    known = " ".join(
        [
            line.id, line.ticket_key, line.code, line.component, one.status, line.status_name, one.addressee,
            one.text, one.aim, one.strength, SHORT_NAMES.get(one.status, ""),
            "free" if one.zero_cost else "", "late" if line.overdue_days else "",
            "watched" if line.watched_until else "",
        ]
    ).casefold()  # fmt: skip
    return all(
        (word[1:] not in known) if word.startswith("!") and word[1:] else word in known
        for word in typed.casefold().split()
    )


def order(lines: Sequence[RegisterLine]) -> list[RegisterLine]:
    """The latest first, then by date; the closed ones last, the newest of them first."""
    still = sorted(
        (line for line in lines if line.open),
        key=lambda line: (
            -line.overdue_days, line.recommendation.due or date.max, line.id,
        ),
    )  # fmt: skip
    over = sorted(
        (line for line in lines if not line.open),
        key=lambda line: (line.closed_at or NEVER, line.id),
        reverse=True,
    )
    return [*still, *over]


def asked(line: RegisterLine | None, width: int, count: int) -> list[tuple[Piece, ...]]:
    """``count`` rows about one recommendation: how it stands, then the words of it."""
    if line is None:
        return [()] * count
    one = line.recommendation
    stands = ((f" {line.id} ", "strong"), (f"{line.status_name} · {one.addressee} · {one.strength}", "muted"))
    words, _ = wrapped(one.text, width - 2, count)
    if len(words) > count - 1:
        words[count - 2] = fit(f"{words[count - 2]} {words[count - 1]}", width - 2)
    rows: list[tuple[Piece, ...]] = [stands, *(((f" {text}", ""),) for text in words[: count - 1])]
    return [*rows, *[()] * (count - len(rows))]


def spoken_last(line: RegisterLine, width: int) -> list[tuple[Piece, ...]]:
    """`BEFORE_ROWS` rows: what is asked, and the last letter about it."""
    one = line.recommendation
    said = [(f"To {one.addressee}: ", one.text)]
    said += [(f"{letter.sender}: ", letter.text) for letter in one.exchange[-1:]]
    rows: list[tuple[Piece, ...]] = []
    for who, words in said:
        lines, rest = wrapped(who + words, width - 2, 2)
        if rest:
            lines[-1] = fit(lines[-1] + " " + SIGN.cut, width - 2)
        rows += [((f" {text}", "muted"),) for text in lines]
    return [*rows, *[()] * (BEFORE_ROWS - len(rows))]


def totals(lines: Sequence[RegisterLine]) -> list[Piece]:
    """The numbers of the head."""
    owed = sum(line.open for line in lines)
    late = sum(line.overdue_days > 0 for line in lines)
    to_judge = sum(line.recommendation.status == "ORR" for line in lines)
    row: list[Piece] = [(f"{owed} owed", "")]
    if late:
        row += [(" · ", "muted"), (f"{SIGN.broken} {late} late", "promise")]
    if to_judge:
        row += [(" · ", "muted"), (f"{to_judge} to judge", "accent")]
    return [*row, (" ", "")]


def empty(*, total: int, typed: str, scope: str) -> list[Piece]:
    """What stands where rows would be."""
    if not total:
        return [
            ("No recommendation was issued yet. ", ""),
            ("They come out of adopted investigations: i on a ticket begins one.", "muted"),
        ]
    if typed:
        return [(f"None of {total} matches here. ", ""), ("Esc clears the filter, f shows others.", "muted")]
    words = {"open": "Nothing is owed.", "late": "Nothing is late.", "closed": "None is closed yet."}
    return [(f"{words.get(scope, 'There is none.')} ", "good"), (f"f shows the others of {total}.", "muted")]
