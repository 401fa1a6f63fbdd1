"""All promises of one case: what the messages seem to say, and what people confirmed, added or struck out.

When is a promise met?

- ``acknowledge`` and ``next_update``: by our next public word after it was made.
- ``fix_eta``: by a later public word from us that says it is there ("in place", "restored", "fixed").
- ``answer``: by a later public word from us that explains ("because", "the cause", "what happened").
- ``cannot_solve_notice``: by a later public word from us that says what was decided.
- any kind: by a ``promise.kept`` entry, which outranks the reading of the text.

A promise of the same kind made before an unmet one falls due takes its place (``superseded``); one made
after that does not undo the miss.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Final

from triage.model.entry import Entry
from triage.model.promise import PROMISE_KINDS, Promise, PromiseKind
from triage.model.promises_in_text.reading import find_promises
from triage.model.ticket import Priority
from triage.model.timeline import TimelineEvent

ACKNOWLEDGE_WITHIN: Final[Mapping[Priority | None, timedelta]] = {
    "urgent": timedelta(hours=1),
    "high": timedelta(hours=2),
    "normal": timedelta(hours=8),
    "low": timedelta(hours=24),
    None: timedelta(hours=8),
}
"""From the customer's first message to our first public reply, in elapsed time, by priority."""

_MET_BY_NEXT_WORD: Final = frozenset({"acknowledge", "next_update"})
_NOT_YET = re.compile(r"(?:\bnot|n['’]t|\bstill|\byet\s+to)\b[^.!?]{0,40}$", re.IGNORECASE)
_MET_BY: Final[Mapping[str, re.Pattern[str]]] = {
    "fix_eta": re.compile(
        r"\b(?:is|are|was|were|been|now|have)\s+(?:\w+\s+)?(?:in\s+place|ready|restored|fixed|resolved|deployed|released"
        r"|available|live|installed|applied|shipped|back|delivered)\b|\bhave\s+(?:\w+\s+)?(?:fixed|restored|deployed|delivered)\b"
        r"|\bsolves?\s+it\b|\bworks\s+again\b|\baccess\s+again\b|\bfix\s+is\s+(?:in|out)\b",
        re.IGNORECASE,
    ),
    "answer": re.compile(
        r"\bbecause\b|\b(?:the|probable|root)\s+(?:\w+\s+)?cause\b|\bthe\s+reason\b|\bwhat\s+happened\b|\bexplanation\b"
        r"|\bdue\s+to\b|\bturned\s+out\b|\bwe\s+found\b|\bfound\s+that\b",
        re.IGNORECASE,
    ),
    "cannot_solve_notice": re.compile(
        r"\bdecided\b|\bdecision\b|\baccepted\b|\bdeclined\b|\bnot\s+(?:possible|planned)\b|\bno\s+date\b|\bplanned\b"
        r"|\bwill\s+not\b|\bcannot\b",
        re.IGNORECASE,
    ),
}


def promises_of(
    timeline: Sequence[TimelineEvent],
    case_entries: Iterable[Entry],
    zone: tzinfo,
    *,
    priority: Priority | None = None,
) -> tuple[Promise, ...]:
    """Every promise of the case, oldest first.

    ``timeline`` is in the server's order; clock times in it are read in ``zone``. Guesses are called
    ``<event id>#<n>``, n from 1; the reply owed to the customer's first message is ``<event id>#0``.
    ``priority`` sets how soon that reply is owed (`ACKNOWLEDGE_WITHIN`).
    """
    words = [event for event in timeline if event.word_to_customer]
    book: dict[str, Promise] = {}
    owed = _acknowledge(timeline, priority)
    if owed is not None:
        book[owed.id] = owed
    for event in words:
        for number, guess in enumerate(find_promises(event.text, event.at, zone), start=1):
            promise = Promise(
                f"{event.id}#{number}",
                guess.kind,
                event.at,
                guess.due,
                event.actor_role,
                event.id,
                guess.quote,
            )
            book[promise.id] = promise
    kept = _apply_entries(book, case_entries)
    if not book:
        return ()
    _confirm_what_was_added(book)
    places = {event.id: place for place, event in enumerate(timeline)}
    met = [kept.get(one.id) or _met(one, words, places, timeline) for one in book.values()]
    return _superseded([replace(one, met_at=at) for one, at in zip(book.values(), met, strict=True)])


def is_met_by(promise: Promise, text: str) -> bool:
    """Whether ``text``, as our next public word, meets ``promise``."""
    return promise.kind in _MET_BY_NEXT_WORD or _says_so(promise.kind, text)


def _acknowledge(timeline: Sequence[TimelineEvent], priority: Priority | None) -> Promise | None:
    """The reply we owe to the customer's first message; none where we spoke first."""
    for event in timeline:
        if event.word_to_customer:
            return None
        if event.kind == "message" and event.visibility == "public" and event.actor_role == "customer":
            within = ACKNOWLEDGE_WITHIN.get(priority, ACKNOWLEDGE_WITHIN[None])
            return Promise(f"{event.id}#0", "acknowledge", event.at, event.at + within, ref=event.id)
    return None


def _apply_entries(book: dict[str, Promise], entries: Iterable[Entry]) -> dict[str, datetime]:
    """Change ``book`` by what people said, in the order they said it; gives the times they said were kept."""
    kept: dict[str, datetime] = {}
    for entry in entries:
        if not entry.kind.startswith("promise."):
            continue
        name = str(entry.data.get("id", ""))
        if entry.kind == "promise.added":
            added = _added(name, entry)
            if added is not None:
                book[name] = added
        elif name in book:
            if entry.kind == "promise.kept":
                kept[name] = _time(entry.data.get("at")) or entry.at
            withdrawn = entry.kind == "promise.withdrawn"
            book[name] = replace(book[name], confirmed=not withdrawn, withdrawn=withdrawn)
    return kept


def _confirm_what_was_added(book: dict[str, Promise]) -> None:
    """A promise read from a text counts as confirmed where a person wrote the same one down beside it."""
    said = {(one.kind, one.due) for one in book.values() if one.confirmed}
    for name, one in book.items():
        if one.quote and not one.withdrawn and (one.kind, one.due) in said:
            book[name] = replace(one, confirmed=True)


def _added(name: str, entry: Entry) -> Promise | None:
    kind, due = str(entry.data.get("kind", "")), _time(entry.data.get("due"))
    if due is None or kind not in PROMISE_KINDS:
        return None
    made_at = _time(entry.data.get("made_at")) or entry.at
    return Promise(
        name,
        kind,
        made_at,
        due,
        by_role=str(entry.data.get("by_role", "")),
        ref=str(entry.data.get("ref", "")),
        quote=str(entry.data.get("quote", "")),
        confirmed=True,
    )


def _time(value: object) -> datetime | None:
    if not isinstance(value, str) or not value:
        return None
    try:
        at = datetime.fromisoformat(value)
    except ValueError:
        return None
    return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)


def _met(
    promise: Promise,
    words: Sequence[TimelineEvent],
    places: Mapping[str, int],
    timeline: Sequence[TimelineEvent],
) -> datetime | None:
    """When our public words met ``promise``, as far as the text tells."""
    made = places.get(promise.ref, -1)
    later = [
        event for event in words if (places[event.id] > made if made >= 0 else event.at > promise.made_at)
    ]
    if promise.kind in _MET_BY_NEXT_WORD:
        return later[0].at if later else None
    for event in later:
        if _says_so(promise.kind, event.text):
            return event.at
    return None


def _says_so(kind: PromiseKind, text: str) -> bool:
    return any(not _NOT_YET.search(text[: hit.end()]) for hit in _MET_BY[kind].finditer(text))


def _superseded(promises: list[Promise]) -> tuple[Promise, ...]:
    """``promises`` in order of making, those marked whose place a later one of the same kind took in time."""
    ordered = sorted(promises, key=lambda one: (one.made_at, one.id))
    result = []
    for place, one in enumerate(ordered):
        replaced = one.met_at is None and any(
            after.kind == one.kind and one.made_at < after.made_at <= one.due and not after.withdrawn
            for after in ordered[place + 1 :]
        )
        result.append(replace(one, withdrawn=True) if replaced else one)
    return tuple(result)
