"""What a person types after ``/``, understood.

``trucks owner:me !tag:sso is:broken customer:"Cobalt Freight"``: every term must hold. A plain word is
looked for in key, subject, customer, owner, product and tags; ``!`` or ``-`` before a term turns it round;
quotes keep words together; ``owner:-`` is nobody's. Half-typed terms (``owner:``) change nothing yet, so
the list stays calm while a person types.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeAlias

from triage.model.queue import DUE_SOON, QueueItem

FilterField: TypeAlias = Literal[
    "",
    "key",
    "subject",
    "customer",
    "owner",
    "product",
    "tag",
    "state",
    "status",
    "pri",
    "relationship",
    "is",
]

FIELD_NAMES: dict[str, FilterField] = {
    "key": "key",
    "subject": "subject",
    "customer": "customer",
    "owner": "owner",
    "assignee": "owner",
    "product": "product",
    "tag": "tag",
    "tags": "tag",
    "state": "state",
    "status": "status",
    "pri": "pri",
    "priority": "pri",
    "relationship": "relationship",
    "rel": "relationship",
    "is": "is",
}
"""What may stand before the colon."""

IS_WORDS: tuple[str, ...] = (
    "broken",
    "unacknowledged",
    "soon",
    "new",
    "changed",
    "marked",
    "unsent",
    "unowned",
)
"""What may stand after ``is:``; the beginning of a word is enough."""

LONGEST_FILTER = 1000
"""Characters of a filter that are read."""


@dataclass(frozen=True, slots=True)
class Term:
    """One condition."""

    field: FilterField
    """Empty for a plain word."""
    value: str
    """Case-folded."""
    inverse: bool = False


@dataclass(frozen=True, slots=True)
class QueueFilter:
    """All conditions; none lets everything through."""

    terms: tuple[Term, ...] = ()


def parse_filter(*texts: str) -> QueueFilter:
    """Understand ``texts``, all of which must hold. Any text has a meaning: an unknown ``word:`` is plain."""
    terms = (_term(word) for text in texts for word in _words(text[:LONGEST_FILTER]))
    return QueueFilter(tuple(term for term in terms if term is not None))


def matches(wanted: QueueFilter, item: QueueItem, now: datetime, me: Collection[str] = ()) -> bool:
    """Whether ``item`` passes. ``me`` are the names under which the helpdesk knows the person."""
    return all(_holds(term, item, now, me) != term.inverse for term in wanted.terms)


def folded(text: str) -> str:
    """The form in which texts are compared."""
    return text.casefold()


def _words(text: str) -> list[str]:
    """Split at spaces outside double quotes; the quotes themselves go. A missing end quote ends the text."""
    words: list[str] = []
    current, quoted, begun = "", False, False
    for char in text:
        if char == '"':
            quoted, begun = not quoted, True
        elif char.isspace() and not quoted:
            if begun:
                words.append(current)
            current, begun = "", False
        else:
            current, begun = current + char, True
    return [*words, current] if begun else words


def _term(word: str) -> Term | None:
    inverse = len(word) > 1 and word[0] in "!-"
    word = word[1:] if inverse else word
    name, colon, value = word.partition(":")
    field = FIELD_NAMES.get(name.casefold(), "") if colon else ""
    value = folded(value if field else word)
    return Term(field, value, inverse) if value and value != "!" else None


def _holds(term: Term, item: QueueItem, now: datetime, me: Collection[str]) -> bool:
    value = term.value
    match term.field:
        case "owner" if value == "me":
            return folded(item.assignee) in {folded(name) for name in me}
        case "tag":
            return value in {folded(tag) for tag in item.tags}
        case "pri":
            return (item.priority or "").startswith(value) or (value == "-" and item.priority is None)
        case "is":
            return any(_is(word, item, now) for word in IS_WORDS if word.startswith(value))
        case "":
            return any(value in folded(text) for text in (*_texts(item).values(), *item.tags))
    text = folded(_texts(item)[term.field] if term.field in _texts(item) else _states(item)[term.field])
    return text == "" if value == "-" else value in text


def _texts(item: QueueItem) -> dict[str, str]:
    return {
        "key": item.key,
        "subject": item.subject,
        "customer": item.customer,
        "owner": item.assignee,
        "product": item.product,
    }


def _states(item: QueueItem) -> dict[str, str]:
    return {"status": item.status, "state": item.local_state, "relationship": item.relationship}


def _is(word: str, item: QueueItem, now: datetime) -> bool:
    due = item.next_promise_due
    return {
        "broken": due is not None and due < now,
        "unacknowledged": item.unacknowledged,
        "soon": due is not None and now <= due < now + DUE_SOON,
        "new": item.fresh == "new",
        "changed": item.fresh == "changed",
        "marked": item.marked,
        "unsent": item.to_send > 0,
        "unowned": item.assignee == "",
    }[word]
