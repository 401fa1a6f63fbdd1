"""Enhancement cases in rows: what is wished, by how many, what is missing, who waits to hear. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from functools import lru_cache
from typing import NamedTuple

from triage.model.enhancement import Asking, EnhancementCase, EnhancementState
from triage.tui.clock_words import ago
from triage.tui.glyphs import SIGN
from triage.tui.safe_text import Piece, fit
from triage.tui.wrapping import wrapped

LABEL = 12
PARTS = ("screen", "quantify", "value", "bundle", "recruit")
"""The five parts in their order; each is edited by its number."""
STATE_WORDS: dict[EnhancementState, str] = {
    "draft": "draft",
    "ready": "ready",
    "presented": "presented",
    "accepted": "accepted",
    "declined": "declined",
    "shipped": "shipped",
    "screened_out": "screened out",
}
STATE_DETAILS: dict[EnhancementState, str] = {
    "draft": "taken up again",
    "ready": "aligned, counted and valued: it can be shown to those who decide",
    "presented": "it was shown to those who decide",
    "accepted": "it will be built; those who asked are told",
    "declined": "it will not be built now; those who asked are told",
    "shipped": "it is there; those who asked are told",
    "screened_out": "it does not fit where the product goes; those who asked are told",
}


class Column(NamedTuple):
    """A column and its cells; 0 takes what is left."""

    name: str
    width: int


@dataclass(frozen=True, slots=True)
class SheetRow:
    """A row of the sheet, and what Enter does on it: ``part N``, ``ticket ID``, or nothing."""

    pieces: tuple[Piece, ...]
    opens: str = ""


@lru_cache(8)
def columns(width: int) -> tuple[Column, ...]:
    """The columns of the list."""
    plan = {"NAME": 8, "STATE": 12, "ASKED BY": 12, "VOTES": 5, "WISH": 0}
    if width >= 100:
        plan = {"NAME": 8, "STATE": 12, "ASKED BY": 12, "WOULD USE": 9, "LEVEL": 23, "VOTES": 5, "TELL": 8,
                "WISH": 0}  # fmt: skip
    plan["WISH"] = max(8, width - sum(plan.values()) - 2 * (len(plan) - 1) - 1)
    return tuple(Column(name, size) for name, size in plan.items())


def heading(width: int) -> list[Piece]:
    """The names of the columns."""
    return [("  " + "  ".join(fit(one.name, one.width) for one in columns(width)), "muted")]


def row(it: EnhancementCase, width: int) -> list[Piece]:
    """One case on one line."""
    cells: dict[str, Piece] = {
        "NAME": (it.id, ""),
        "STATE": state(it),
        "ASKED BY": asked_by(it),
        "WOULD USE": (str(it.expected) if it.expected is not None else "-", ""),
        "LEVEL": (it.level.replace("_", " ") or "-", ""),
        "VOTES": (f"{it.votes:>5}", ""),
        "TELL": (f"tell {len(it.to_tell)}" if it.to_tell else "", "promise"),
        "WISH": (it.title, ""),
    }
    pieces: list[Piece] = [(" ", "")]
    for column in columns(width):
        text, tone = cells[column.name]
        pieces.append((fit(text, column.width) + "  ", tone))
    return pieces


def state(it: EnhancementCase) -> Piece:
    """Its state, and whether somebody waits to hear of it."""
    words = STATE_WORDS[it.state]
    if it.to_tell:
        return (f"{words} {SIGN.due}" if len(words) < 10 else words, "promise")
    return (words, "good" if it.state in ("ready", "accepted", "shipped") else "")


def asked_by(it: EnhancementCase) -> Piece:
    """How many companies ask. One alone is labelled so: a wish of one is not a market."""
    return ("one customer", "severity") if it.asked_by == 1 else (f"{it.asked_by} customers", "")


def matches(it: EnhancementCase, typed: str) -> bool:
    """Whether every word of ``typed`` is in what is known of it."""
    known = " ".join(
        [
            it.id,
            it.title,
            it.state,
            STATE_WORDS[it.state],
            it.level,
            it.note,
            *it.customers,
            *it.investigations,
        ]
        + [one.ticket_key for one in it.asking]
        + (["tell"] if it.to_tell else [])
    ).casefold()
    return all(word in known for word in typed.casefold().split())


def empty(*, total: int, typed: str) -> list[Piece]:
    """What stands where rows would be."""
    if total and typed:
        return [(f"None of {total} matches. ", ""), ("Esc clears.", "muted")]
    return [
        ("No wish is followed yet. ", ""),
        ("n", "accent"),
        (" opens one from the tickets that ask.", "muted"),
    ]


def head(it: EnhancementCase) -> tuple[tuple[Piece, ...], tuple[Piece, ...]]:
    """Name, state and wish at the left, who asks at the right."""
    left = ((f" {it.id} ", "strong-accent"), state(it), (f"  {it.title}", "strong"))
    return left, (asked_by(it), (" ", ""))


@dataclass(frozen=True, slots=True)
class Sheet:
    """What the sheet is drawn from."""

    it: EnhancementCase
    alike: tuple[EnhancementCase, ...]
    missing: tuple[str, ...]
    next_states: tuple[tuple[EnhancementState, str], ...]
    now: datetime
    zone: tzinfo
    width: int


def sheet_rows(sheet: Sheet) -> list[SheetRow]:
    """The five parts, who asks, what is missing, what may follow."""
    it, width = sheet.it, sheet.width
    rows = list(_wrapped("Wish", it.title, sheet, "strong"))
    for number, (part, (text, tone)) in enumerate(zip(PARTS, _parts(sheet), strict=True), start=1):
        rows += _part(number, part, text, tone, sheet)
    rows += [SheetRow(()), *_title("Who asks", width), *(_asker(one, sheet) for one in it.asking)]
    rows += [row for text in it.prospect_questions for row in _wrapped("", f"“{text}”", sheet, "internal")]
    rows += [SheetRow(()), *_title("What may follow", width), *_following(sheet)]
    return rows


def _parts(sheet: Sheet) -> Iterator[Piece]:
    it = sheet.it
    if it.aligned == "unknown":
        yield ("not said yet whether it fits where the product goes", "severity")
    else:
        yield (f"{'aligned' if it.aligned == 'yes' else 'not aligned'}: {it.note}", "")
    asking = f"{asked_by(it)[0]} ask for it, counted from {len(it.asking)} tickets"
    asking = asking.replace("one customer ask", "one customer asks").replace(
        "from 1 tickets", "from 1 ticket"
    )
    counted = f"{it.expected} would use it ({it.basis})" if it.expected is not None else "not counted yet"
    yield (f"{asking}; {counted}", "" if it.expected is not None else "severity")
    money = f"; {it.currency} {it.revenue_at_risk:,} at risk" if it.revenue_at_risk is not None else ""
    lost = (
        f"{it.level.replace('_', ' ')}: {it.risk}{money}"
        if it.level
        else "not said yet what is lost without it"
    )
    yield (lost, "" if it.level else "severity")
    near = ", ".join(f"{one.id} {one.title}" for one in sheet.alike)
    together = ", ".join(it.bundle) or "alone"
    yield (f"{together}; alike: {near}" if near else together, "severity" if near else "")
    count = f"{it.votes} votes, {it.comments} comments"
    yield (
        f"{it.forum} · {count}" if it.forum else "nowhere yet where customers can say that they want it too",
        "",
    )


def _part(number: int, name: str, text: str, tone: str, sheet: Sheet) -> Iterator[SheetRow]:
    lines, _ = wrapped(text, sheet.width - LABEL - 2, 20)
    for n, one in enumerate(lines):
        label = (
            ((f" {number} ", "accent"), (f"{name:<{LABEL - 2}}", "muted"))
            if not n
            else ((" " * (LABEL + 1), ""),)
        )
        yield SheetRow((*label, (one, tone)), f"part {number}")


def _asker(one: Asking, sheet: Sheet) -> SheetRow:
    if one.told_at is not None:
        heard: Piece = (f"{SIGN.kept} told {ago(one.told_at, sheet.now)}", "good")
    elif one in sheet.it.to_tell:
        heard = (f"{SIGN.due} waits to hear", "promise")
    else:
        heard = ("", "")
    return SheetRow(
        (
            (f" {fit(one.ticket_key, LABEL)}", "accent"),
            (f"{fit(one.customer or '-', 26)}  {fit(one.relationship.replace('_', ' '), 13)}  ", ""),
            heard,
        ),
        f"ticket {one.ticket_id}",
    )  # fmt: skip


def _following(sheet: Sheet) -> Iterator[SheetRow]:
    it = sheet.it
    if it.decision:
        yield from _wrapped("Decided", it.decision, sheet)
    if it.to_tell:
        waiting = "1 waits" if len(it.to_tell) == 1 else f"{len(it.to_tell)} wait"
        words = f"{waiting} to hear: w shows words to copy, t marks a ticket above as told"
        yield SheetRow(((f" {words}", "promise"),))
    for state_, lacks in sheet.next_states:
        if lacks:
            yield from _wrapped(STATE_WORDS[state_], f"not yet: {lacks}", sheet, "muted")
        else:
            key = "1" if state_ == "screened_out" else "m"
            words = fit(STATE_WORDS[state_], LABEL)
            yield SheetRow(((f" {key} ", "accent"), (f"{words} ", ""), (STATE_DETAILS[state_], "muted")))
    if not sheet.next_states:
        yield SheetRow(((" It is there: nothing further.", "muted"),))


def _title(words: str, width: int) -> list[SheetRow]:
    return [SheetRow(((f" {words} ", "strong"), (SIGN.rule * max(0, width - len(words) - 3), "rule")))]


def _wrapped(label: str, text: str, sheet: Sheet, tone: str = "") -> Iterator[SheetRow]:
    lines, _ = wrapped(text, sheet.width - LABEL - 2, 20)
    for n, one in enumerate(lines):
        yield SheetRow(((f" {label if not n else '':<{LABEL}}", "muted"), (one, tone)))


def told_words(asking: Sequence[Asking]) -> str:
    """Whom to tell, for the line after a decision."""
    keys = ", ".join(one.ticket_key for one in asking)
    return f"To be told: {keys}." if asking else "Nobody is left to be told."
