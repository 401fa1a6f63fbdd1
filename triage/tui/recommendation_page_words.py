"""One recommendation as a page: what is asked of whom, the letters, what may follow. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo

from triage.model.clean_text import clean_line
from triage.model.investigation import Investigation
from triage.model.register_line import MoveVerb, RegisterLine, StatusMove
from triage.tui.clock_words import ago, clock
from triage.tui.glyphs import SIGN
from triage.tui.recommendation_words import due
from triage.tui.safe_text import Piece
from triage.tui.wrapping import wrapped

LABEL = 12
"""Cells of the words at the left."""
BAR = 10
"""Cells of the longest bar of a month."""
LETTER_ROWS = 400
VERB_KEYS: Mapping[MoveVerb, tuple[str, str]] = {
    "respond": ("a", "answer"),
    "judge": ("v", "judge"),
    "close": ("x", "close"),
    "reopen": ("R", "reopen"),
}
"""The key of each verb and its word."""

Row = tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Page:
    """What the page is drawn from."""

    line: RegisterLine
    moves: tuple[StatusMove, ...]
    investigation: Investigation | None
    now: datetime
    zone: tzinfo
    width: int


def page_rows(page: Page) -> list[Row]:
    """The whole page."""
    return [
        *_asked(page),
        (),
        *_letters(page),
        (),
        *_effect(page),
        (),
        *_following(page),
    ]


def head(line: RegisterLine, now: datetime, zone: tzinfo) -> tuple[Row, Row]:
    """Name and status at the left, how late at the right."""
    one = line.recommendation
    left = ((f" {line.id}", "strong-accent"), (f"  {one.status} ", "strong"), (line.status_name, ""))
    return left, (due(line, now, zone), (" ", ""))


def _asked(page: Page) -> Iterator[Row]:
    line, one = page.line, page.line.recommendation
    yield from _field("To", one.addressee, page, "strong")
    yield from _field("Change", one.text, page)
    costs = "costs nothing" if one.zero_cost else f"cost {one.cost}" if one.cost else ""
    yield from _field("Works by", " · ".join(part for part in (one.aim, one.strength, costs) if part), page)
    date = f"{one.due:%d %b %Y}" if one.due else "no date was given"
    issued = f" · issued {ago(line.issued_at, page.now)}" if line.issued_at else ""
    yield from _field("Due", date + issued, page)
    revised = (
        "open again for new evidence" if page.investigation and page.investigation.state == "reopened" else ""
    )
    came = " · ".join(part for part in (line.ticket_key, line.code, line.component, revised) if part)
    yield from _field("Came of", f"{line.investigation_id} · {came}", page)
    for n, cited in enumerate(_cited(page)):
        yield from _field("Because" if not n else "", cited, page, "muted")
    if one.tracker_url:
        yield from _field("Tracker", one.tracker_url, page, "accent")
    else:
        yield (
            (f" {'Tracker':<{LABEL}}", "muted"),
            ("not linked; ", "muted"),
            ("t", "accent"),
            (" links it", "muted"),
        )


def _cited(page: Page) -> list[str]:
    """What it cites, with its words where the investigation could be read."""
    it = page.investigation
    words = {one.id: one.text for one in it.findings} if it else {}
    words |= {one.id: f"{one.name} ({one.actual.replace('_', ' ')})" for one in it.safeguards} if it else {}
    return [f"{name} {words.get(name, '')}".strip() for name in page.line.recommendation.cites]


def _letters(page: Page) -> Iterator[Row]:
    line, one = page.line, page.line.recommendation
    yield _title("Letters", page.width)
    if line.issued_at is not None:
        yield _letter_head(line.issued_at, "issued", "OAR", page)
    for letter in one.exchange:
        yield _letter_head(letter.at, letter.sender, letter.status_after, page)
        yield from _indented(letter.text, page)
    if not one.exchange:
        yield ((f" {'':<{LABEL}}", ""), ("Nobody has answered yet.", "muted"))


def _letter_head(at: datetime, sender: str, status: str, page: Page) -> Row:
    when = clock(at, page.now, page.zone)
    return (
        (f" {when:<{LABEL}}", "muted"),
        (f"{clean_line(sender)} ", "strong"),
        (f"{SIGN.arrow} {clean_line(status)}", "accent"),
    )


def _effect(page: Page) -> Iterator[Row]:
    line, one = page.line, page.line.recommendation
    yield _title("Has it helped?", page.width)
    yield from _field("Counted", one.effect_measure or f"cases with {line.code or 'its code'}", page)
    if one.effect_result:
        yield from _field("Shown", one.effect_result, page)
    else:
        yield (
            (f" {'Shown':<{LABEL}}", "muted"),
            ("not yet; ", "muted"),
            ("e", "accent"),
            (" writes it down", "muted"),
        )
    if line.by_month:
        yield from _months(line.by_month)
        yield from _field("", f"{line.alike_before} alike in the 90 days before, {line.alike_after} after; "
                              "counts, and no proof", page, "muted")  # fmt: skip
    if line.watched_until is not None:
        until = clock(line.watched_until, page.now, page.zone)
        yield from _field(
            "Watched", f"until {until}: the same code on the same component opens it again", page
        )


def _months(by_month: Sequence[tuple[str, int]]) -> Iterator[Row]:
    most = max(count for _, count in by_month) or 1
    for month, count in by_month:
        bar = SIGN.rule * round(BAR * count / most)
        yield ((f" {month:<{LABEL}}", "muted"), (bar, "accent"), (f"{' ' if bar else ''}{count}", ""))


def _following(page: Page) -> Iterator[Row]:
    yield _title("What may follow", page.width)
    if page.line.offer_no_response:
        late = (
            f"Twice its time has passed and nobody answered: x offers CUAN. {page.line.overdue_days} d late."
        )
        yield ((f" {late}", "promise"),)
    for verb, (key, word) in VERB_KEYS.items():
        mine = [move for move in page.moves if move.verb == verb]
        open_to = [move for move in mine if not move.why_not]
        if open_to:
            codes = ", ".join(move.code for move in open_to)
            yield ((f" {key} ", "accent"), (f"{word:<{LABEL - 2}}", ""), (f"{SIGN.arrow} {codes}", "muted"))
        elif mine:
            yield (("   ", ""), (f"{word:<{LABEL - 2}}", "muted"), (f"not now: {mine[0].why_not}", "muted"))


def _title(words: str, width: int) -> Row:
    return ((f" {words} ", "strong"), (SIGN.rule * max(0, width - len(words) - 3), "rule"))


def _field(label: str, text: str, page: Page, tone: str = "") -> Iterator[Row]:
    rows, _ = wrapped(text, page.width - LABEL - 2, LETTER_ROWS)
    for n, row in enumerate(rows):
        yield ((f" {label if not n else '':<{LABEL}}", "muted"), (row, tone))


def _indented(text: str, page: Page) -> Iterator[Row]:
    rows, rest = wrapped(text, page.width - LABEL - 2, LETTER_ROWS)
    for row in rows:
        yield ((" " * (LABEL + 1), ""), (row, ""))
    if rest:
        yield ((" " * (LABEL + 1), ""), (f"[{rest} more lines]", "muted"))
