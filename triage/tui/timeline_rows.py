"""The timeline of a case as rows: messages, changes, promises where they were made, and silences. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from typing import Literal, TypeAlias

from triage.model.promise import Promise
from triage.model.timeline import TimelineEvent
from triage.tui.clock_words import ago, clock, day, rough, span
from triage.tui.glyphs import SIGN
from triage.tui.roles import role_word
from triage.tui.safe_text import Piece, fit
from triage.tui.wrapping import looks_like_log, wrapped

Shown: TypeAlias = Literal["all", "public", "internal", "changes"]
SHOWN: tuple[Shown, ...] = ("all", "public", "internal", "changes")

FOLD_FROM = 12
"""Texts of more rows than this are folded."""
FOLDED_ROWS = 3
OPEN_ROWS = 4000
"""Rows of an unfolded text that are ever drawn."""
SILENCE_FROM = timedelta(hours=1)
"""A customer left without a word for this long is shown."""
_INDENT = 24
_PROMISES = {
    "acknowledge": "first word",
    "next_update": "update",
    "answer": "answer",
    "fix_eta": "fix",
    "cannot_solve_notice": "word that it cannot be solved",
}


@dataclass(frozen=True, slots=True)
class TimelineRow:
    """One row on screen and what it belongs to."""

    pieces: tuple[Piece, ...]
    event_id: str = ""
    promise_id: str = ""
    head: bool = False
    """The first row of its event."""
    folds: bool = False
    """Enter folds or unfolds its event."""
    attachment: str = ""
    """The file that Enter opens, by the helpdesk's reference."""


@dataclass(frozen=True, slots=True)
class Look:
    """How the timeline is looked at."""

    now: datetime
    zone: tzinfo
    width: int
    shown: Shown = "all"
    unfolded: AbstractSet[str] = frozenset()


def timeline_rows(
    events: Sequence[TimelineEvent], promises: Sequence[Promise], look: Look
) -> list[TimelineRow]:
    """The rows in the order of the server's clock, with a rule for each new day."""
    items: list[tuple[datetime, int, Sequence[TimelineRow]]] = []
    for event in events:
        if fits(event, look.shown):
            items.append((event.at, 0, _event_rows(event, promises, look)))
    if look.shown in ("all", "public"):
        refs = {event.id for event in events}
        for held in promises:
            if held.ref not in refs:
                items.append((held.made_at, 1, [_promise_row(held, look, own=True)]))
        for begun, length in silences(events, look.now):
            items.append((begun, 2, [_silence_row(begun, length, look)]))
    items.sort(key=lambda item: (item[0], item[1]))
    return list(_with_days(items, look))


def fits(event: TimelineEvent, shown: Shown) -> bool:
    """Whether the filter lets ``event`` through."""
    if shown == "all":
        return True
    if shown == "changes":
        return event.kind != "message"
    return event.kind == "message" and event.visibility == shown


def silences(events: Iterable[TimelineEvent], now: datetime) -> Iterator[tuple[datetime, timedelta]]:
    """When the customer was left without a word from us, and for how long, where that was long.

    A silence begins with a customer's message or our own latest word and ends with our next public word.
    """
    since: datetime | None = None
    for event in events:
        if event.kind != "message" or event.visibility != "public":
            continue
        if event.word_to_customer:
            if since is not None and event.at - since >= SILENCE_FROM:
                yield since, event.at - since
            since = event.at
        elif since is None:
            since = event.at
    if since is not None and now - since >= SILENCE_FROM:
        yield since, now - since


def _with_days(
    items: Iterable[tuple[datetime, int, Sequence[TimelineRow]]], look: Look
) -> Iterator[TimelineRow]:
    last = ""
    for at, _, rows in items:
        heading = day(at, look.now, look.zone)
        if heading != last:
            rule = SIGN.rule * max(0, look.width - len(heading) - 4)
            yield TimelineRow(((f" {heading} ", "strong"), (rule, "rule")))
            last = heading
        yield from rows


def _event_rows(event: TimelineEvent, promises: Sequence[Promise], look: Look) -> list[TimelineRow]:
    sign, tone = _sign(event)
    who = role_word(event.actor_role)
    head: tuple[Piece, ...] = (
        (f" {event.at.astimezone(look.zone):%H:%M}  ", "muted"),
        (fit(sign, 2), tone),
        (fit(who, 13), tone if event.kind == "message" else "muted"),
    )
    text_tone = "" if event.kind in ("message", "escalation") else "muted"
    if event.kind == "message" and event.visibility == "internal":
        text_tone = "internal"
    rows, folds = _text(event, look)
    drawn = []
    for number, text in enumerate(rows or [""]):
        lead = head if number == 0 else ((" " * (_INDENT - 1), ""),)
        pieces = (*lead, (" ", ""), (text, "muted" if text.startswith("[") and folds else text_tone))
        drawn.append(TimelineRow(pieces, event.id, head=number == 0, folds=folds))
    drawn += [
        TimelineRow(
            (((" " * _INDENT), ""), (f"attached: {one.name}", "muted"), (_size(one.size), "muted")),
            event.id,
            attachment=one.ref,
        )
        for one in event.attachments
    ]
    drawn += [_promise_row(held, look) for held in promises if held.ref == event.id]
    return drawn


def _size(size: int) -> str:
    if size < 0:
        return ""
    return f" · {size} bytes" if size < 1000 else f" · {size / 1000:,.0f} kB"


def _sign(event: TimelineEvent) -> tuple[str, str]:
    if event.kind == "escalation":
        return SIGN.moved, "strong-accent"
    if event.kind != "message":
        return SIGN.moved, "muted"
    if event.visibility == "public":
        return SIGN.public, "public"
    return SIGN.internal, "internal"


def _text(event: TimelineEvent, look: Look) -> tuple[list[str], bool]:
    text = _change_words(event) if event.kind == "change" else event.text or event.kind
    width = look.width - _INDENT - 1
    if event.id in look.unfolded:
        rows, rest = wrapped(text, width, OPEN_ROWS)
        more = [f"[{rest:,} more lines are kept and not drawn]"] if rest else []
        return [*rows, *more, "[Enter folds]"], True
    rows, rest = wrapped(text, width, FOLD_FROM)
    if not rest:
        return rows, False
    hidden = max(len(text.splitlines()), FOLD_FROM + rest) - FOLDED_ROWS
    what = "log" if looks_like_log(text[:20_000]) else "text"
    return [*rows[:FOLDED_ROWS], f"[{hidden:,} lines folded: {what} · Enter unfolds]"], True


def _change_words(event: TimelineEvent) -> str:
    if event.field == "tags":
        return "tags: " + " ".join(_tag_changes(event.old, event.new))
    return event.text or f"{event.field}: {event.old or '-'} {SIGN.arrow} {event.new or '-'}"


def _tag_changes(old: str, new: str) -> Iterator[str]:
    """What came and what went; a person should not have to compare two lists."""
    before, after = ({tag.strip() for tag in text.split(",") if tag.strip()} for text in (old, new))
    yield from (f"+ {tag}" for tag in sorted(after - before))
    yield from (f"- {tag}" for tag in sorted(before - after))


def promise_words(held: Promise, now: datetime, zone: tzinfo) -> Piece:
    """What was promised, by when, and how it stands."""
    what = f"{SIGN.due} {_PROMISES[held.kind]} by {clock(held.due, held.made_at, zone)}"
    state = held.state(now)
    if state == "open":
        return (f"{what} {SIGN.arrow} in {rough(held.due - now)}", "promise")
    if state == "missed":
        return (f"{what} {SIGN.arrow} {SIGN.broken} broken {ago(held.due, now)}", "strong-promise")
    if state == "superseded":
        return (f"{what} {SIGN.arrow} withdrawn or replaced", "muted")
    met = clock(held.met_at or held.due, held.made_at, zone)
    if state == "kept":
        return (f"{what} {SIGN.arrow} {SIGN.kept} kept {met}", "good")
    return (f"{what} {SIGN.arrow} {SIGN.broken} given {met}", "promise")


def _promise_row(held: Promise, look: Look, *, own: bool = False) -> TimelineRow:
    lead = f" {held.made_at.astimezone(look.zone):%H:%M}  " if own else ""
    note = "written down here" if own else ("confirmed" if held.confirmed else "read from the text")
    pieces: tuple[Piece, ...] = (
        (fit(lead, _INDENT), "muted"),
        promise_words(held, look.now, look.zone),
        (f"  ({note})", "muted"),
    )
    return TimelineRow(pieces, held.ref, promise_id=held.id, head=own)


def _silence_row(begun: datetime, length: timedelta, look: Look) -> TimelineRow:
    pieces: tuple[Piece, ...] = (
        (f" {begun.astimezone(look.zone):%H:%M}  ", "muted"),
        (fit(SIGN.silence, 2), "severity"),
        (fit("silence", 13), "severity"),
        (f" {span(length)} with no word to the customer", "severity"),
    )
    return TimelineRow(pieces)
