"""A typed filter as SQL over the queue's rows.

The searchable texts of a row stand in two columns, each field between control characters of its own, so one
``LIKE`` can look into one field. They are case-folded when written, because ``lower()`` folds only ASCII on
SQLite and everything on PostgreSQL.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Any

from triage.model.queue import QueueItem
from triage.model.queue_filter import IS_WORDS, FilterField, QueueFilter, Term, folded
from triage.store.queue_order import ALL, Match

_WORD_FIELDS: tuple[FilterField, ...] = ("key", "subject", "customer", "owner", "product", "tag")
_STATE_FIELDS: tuple[FilterField, ...] = ("status", "state", "relationship")
_CONTROL = re.compile("[\0-\x1f]")

_IS = {
    "broken": "next_due < :now",
    "unacknowledged": "unacknowledged = 1",
    "soon": "next_due >= :now AND next_due < :soon",
    "new": "fresh = 'new'",
    "changed": "fresh = 'changed'",
    "marked": "marked = 1",
    "unsent": "to_send > 0",
    "unowned": "assignee = ''",
}


def search_words(item: QueueItem) -> str:
    """What plain words are looked for in."""
    tags = "".join(f"\x1e{_folded(tag)}\x1e" for tag in item.tags)
    texts = (item.key, item.subject, item.customer, item.assignee, item.product)
    return "".join(f"{chr(n)}{_folded(text)}" for n, text in enumerate(texts, 1)) + f"\x06{tags}\x07"


def search_states(item: QueueItem) -> str:
    """What ``status:``, ``state:`` and ``relationship:`` are looked for in."""
    return f"\x01{_folded(item.status)}\x02{_folded(item.local_state)}\x03{_folded(item.relationship)}\x04"


def sql_match(wanted: QueueFilter, me: str | tuple[str, ...] = ()) -> Match:
    """The condition that lets through what `triage.model.queue_filter.matches` lets through."""
    names = (me,) if isinstance(me, str) else me
    conditions: list[str] = []
    parameters: dict[str, Any] = {}
    for number, term in enumerate(wanted.terms):
        condition = _condition(term, f"term{number}", parameters, names)
        conditions.append(f"NOT ({condition})" if term.inverse else f"({condition})")
    return Match(" AND ".join(conditions), parameters) if conditions else ALL


def _condition(term: Term, name: str, parameters: dict[str, Any], me: Collection[str]) -> str:
    value = _folded(term.value)
    match term.field:
        case "is":
            chosen = [f"({_IS[word]})" for word in IS_WORDS if word.startswith(value)]
            return " OR ".join(chosen) or "1 = 0"
        case "pri" if value == "-":
            return "priority = ''"
        case "pri":
            parameters[name] = f"{_escaped(value)}%"
            return f"priority LIKE :{name} ESCAPE '~'"
        case "owner" if value == "me":
            return _mine(name, parameters, me)
        case "":
            parameters[name] = f"%{_escaped(value)}%"
            return f"words LIKE :{name} ESCAPE '~'"
    parameters[name] = _pattern(term.field, value)
    column = "words" if term.field in _WORD_FIELDS else "states"
    return f"{column} LIKE :{name} ESCAPE '~'"


def _mine(name: str, parameters: dict[str, Any], me: Collection[str]) -> str:
    conditions = []
    for number, person in enumerate(me):
        parameters[f"{name}_{number}"] = f"%\x04{_escaped(_folded(person))}\x05%"
        conditions.append(f"words LIKE :{name}_{number} ESCAPE '~'")
    return " OR ".join(conditions) or "1 = 0"


def _pattern(field: FilterField, value: str) -> str:
    fields = _WORD_FIELDS if field in _WORD_FIELDS else _STATE_FIELDS
    start = fields.index(field) + 1
    begin, end = chr(start), chr(start + 1)
    if field == "tag":
        return f"%{begin}%\x1e{_escaped(value)}\x1e%{end}%"
    return f"%{begin}{end}%" if value == "-" else f"%{begin}%{_escaped(value)}%{end}%"


def _escaped(value: str) -> str:
    return value.replace("~", "~~").replace("%", "~%").replace("_", "~_")


def _folded(text: str) -> str:
    return _CONTROL.sub(" ", folded(text))
