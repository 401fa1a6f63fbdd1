"""The search language: ``type:ticket tags:escalated status<solved -priority:low "two words"``."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta

from triage.demo.documents import PRIORITIES, STATUSES, stamp
from triage.demo.records import PRESENT, Records, Selection, tagged
from triage.demo.refusal import Refusal

CEILING = 1_000
"""Results that a search ever gives out; asking beyond it is an error."""
_TERM = re.compile(r'(-?)(?:([a-z_]+)(:|<=|>=|<|>))?("[^"]*"|\S+)')
_AGO = re.compile(r"(\d+)(minutes?|hours?|days?|weeks?)")
_DESCRIPTION = "json_extract(doc, '$.description')"
_TICKET_TYPES = ("question", "incident", "problem", "task")


def selection(query: str, records: Records, caller: int, now: float) -> Selection | None:
    """The tickets that ``query`` means; None when it asks for something other than tickets.

    Raises a 422 `Refusal` for a word that cannot be understood.
    """
    chosen = PRESENT
    for negated, name, sign, quoted in _TERM.findall(query):
        value = quoted.strip('"')
        if (name, value) == ("type", "ticket"):
            continue
        if name == "type" and value not in _TICKET_TYPES:
            return None
        if name in ("order_by", "sort"):
            continue
        term = _term(name, sign, value, records, caller, now)
        chosen &= Selection(f"NOT coalesce(({term.where}), 0)", term.parameters) if negated else term
    return chosen


def order_of(sort_by: str, sort_order: str) -> str:
    """SQL order for the sort parameters of the address; newest change first without any."""
    column = {"created_at": "created", "status": "rank", "priority": "priority"}.get(sort_by, "updated")
    return f"{column} {'ASC' if sort_order == 'asc' else 'DESC'}, id"


def _term(name: str, sign: str, value: str, records: Records, caller: int, now: float) -> Selection:
    compare = "=" if sign in ("", ":") else sign
    if not name:
        return _words(value)
    if name in ("status", "priority"):
        return _ranked(name, compare, value)
    if name in ("created", "updated"):
        return Selection(f"{name} {compare} ?", (_moment(value, now),))
    if name in ("assignee", "requester"):
        return _person(f"{name}_id", value, records, caller)
    known: dict[str, Callable[[str], Selection]] = {
        "tags": tagged,
        "type": lambda word: Selection("type = ?", (word,)),
        "ticket_type": lambda word: Selection("type = ?", (word,)),
        "external_id": lambda word: Selection("external_id = ?", (word,)),
        "subject": lambda word: _like("subject", word),
        "description": lambda word: _like(_DESCRIPTION, word),
        "group": lambda word: _named("group_id", "groups", "json_extract(doc, '$.name')", word),
        "organization": lambda word: _named("organization_id", "organizations", "name", word),
    }
    if name not in known:
        raise Refusal(422, "InvalidSearch", f"Invalid search: unknown keyword {name}")
    return known[name](value)


def _ranked(name: str, compare: str, value: str) -> Selection:
    ranks = {word: rank for rank, word in enumerate(STATUSES)}
    if name == "priority":
        ranks = {word: rank for rank, word in enumerate(PRIORITIES, start=1)} | {"none": 0}
    if value not in ranks:
        raise Refusal(422, "InvalidSearch", f"Invalid search: {value} is not a {name}")
    return Selection(f"{'rank' if name == 'status' else name} {compare} ?", (ranks[value],))


def _moment(value: str, now: float) -> str:
    ago = _AGO.fullmatch(value)
    if ago:
        unit = ago[2].rstrip("s") + "s"
        return stamp(now - timedelta(**{unit: int(ago[1])}).total_seconds())
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        raise Refusal(422, "InvalidSearch", f"Invalid search: {value} is not a date") from None
    # A date without a zone means UTC, as the account's zone here is UTC.
    return moment.isoformat().replace("+00:00", "")[:19]


def _person(column: str, value: str, records: Records, caller: int) -> Selection:
    if value == "none":
        return Selection(f"{column} IS NULL")
    if value == "me":
        return Selection(f"{column} = ?", (caller,))
    if value.isascii() and value.isdigit() and len(value) < 19:
        return Selection(f"{column} = ?", (int(value),))
    if "@" in value:
        return Selection(f"{column} = ?", (records.user_id_of(value) or -1,))
    return _named(column, "users", "name", value)


def _named(column: str, table: str, name: str, value: str) -> Selection:
    named = _like(name, value)
    inner = f"SELECT id FROM {table} WHERE {named.where}"  # noqa: S608 (names from this file)
    return Selection(f"{column} IN ({inner})", named.parameters)


def _words(value: str) -> Selection:
    subject, description = _like("subject", value), _like(_DESCRIPTION, value)
    return Selection(f"{subject.where} OR {description.where}", subject.parameters + description.parameters)


def _like(expression: str, value: str) -> Selection:
    return Selection(f"{expression} LIKE ? ESCAPE '\\'", (f"%{_escaped(value)}%",))


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
