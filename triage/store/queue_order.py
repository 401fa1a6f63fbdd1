"""Reading the queue in its order: what is due first comes first.

Plain SQL that SQLite and PostgreSQL both take, run by whoever can run SQL: the store's session, or the
standard library's ``sqlite3`` before the first frame. One text for both, so they cannot disagree.

The order has four stretches, each walked along its own index: broken promises by due time, unacknowledged
by waiting time, due soon by due time, the rest by longest silence. The stretches depend on ``now`` and are
therefore conditions, not columns. ``+ 0`` keeps a condition away from the indexes: to count what is due
soon, SQLite's planner would otherwise walk everything that is not unacknowledged.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, cast

from triage.model.queue import DUE_SOON, QueueCounts, QueueItem, QueueWindow
from triage.store.pending import WAITING_TO_ARRIVE

if TYPE_CHECKING:
    from triage.model.ticket import Priority

Query: TypeAlias = Callable[[str, Mapping[str, Any]], Sequence[Sequence[Any]]]
"""Runs SQL with named parameters (``:name``) and gives all rows."""

STILL_OWED = ("OAA", "OAAR", "OAR", "ORR", "OUA")
"""The open ones of the NTSB's status codes; a test holds them against the register's own."""
NO_PROMISE = 1 << 62
"""Stands for "nothing promised" in ``next_due``: later than any real time, and comparable."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)

COLUMNS = (
    "ticket_id, key, subject, status, priority, customer, product, assignee, created_at, updated_at, "
    "waiting_since, next_due, unacknowledged, url, local_state, tags, relationship, marked, fresh, to_send"
)


@dataclass(frozen=True, slots=True)
class Stretch:
    """One of the four parts of the order."""

    condition: str
    by: str


STRETCHES = (
    Stretch("next_due < :now", "next_due"),
    Stretch("unacknowledged = 1 AND next_due >= :now", "waiting_since"),
    Stretch("unacknowledged + 0 = 0 AND next_due >= :now AND next_due < :soon", "next_due"),
    Stretch("unacknowledged = 0 AND next_due >= :soon", "waiting_since"),
)


@dataclass(frozen=True, slots=True)
class Match:
    """A filter as SQL: a condition (empty: everything) and its parameters."""

    condition: str = ""
    parameters: Mapping[str, Any] = field(default_factory=dict)


ALL = Match()


def read_window(query: Query, offset: int, limit: int, now: datetime, match: Match = ALL) -> QueueWindow:
    """``limit`` rows from the ``offset``-th on, with the numbers of matching and of all rows."""
    total = _count(query, "", {})
    matching = _count(query, match.condition, _parameters(now, match)) if match.condition else total
    reader = _Reader(query, match, _parameters(now, match))
    rows: list[QueueItem] = []
    skip, left = max(offset, 0), matching
    for stretch in STRETCHES:
        wanted = limit - len(rows)
        if wanted <= 0 or skip >= left:
            break
        if skip == 0:
            rows.extend(reader.rows(stretch, 0, wanted))
            continue
        size = left if stretch is STRETCHES[-1] else reader.count(stretch)
        if skip < size:
            rows.extend(reader.rows_of(stretch, size, skip, wanted))
        left, skip = left - size, max(skip - size, 0)
    late = _late_by_case(query, now) if rows else {}
    resume = _to_resume(query, now) if rows else frozenset()
    shown = tuple(
        replace(row, late=late.get(row.id, 0), resume=row.id in resume)
        if row.id in late or row.id in resume
        else row
        for row in rows
    )
    return QueueWindow(shown, offset, matching, total)


def read_position(query: Query, ticket_id: str, now: datetime, match: Match = ALL) -> int | None:
    """How many rows come before ``ticket_id``; None when the filter hides it or it is not in the queue."""
    reader = _Reader(query, match, _parameters(now, match))
    before = 0
    for stretch in STRETCHES:
        at = reader.place(stretch, ticket_id)
        if at is None:
            before += reader.count(stretch)
        elif stretch is STRETCHES[-1] and reader.in_later_half(stretch, at):
            matching = _count(query, match.condition, reader.parameters)
            return (
                matching - 1 - reader.count(stretch, f"({stretch.by}, ticket_id) > (:at, :id)", at, ticket_id)
            )
        else:
            return before + reader.count(stretch, f"({stretch.by}, ticket_id) < (:at, :id)", at, ticket_id)
    return None


@dataclass(frozen=True, slots=True)
class _Reader:
    """One look at the queue: the SQL of a stretch under a filter.

    An index is walked from its nearer end: half as many steps in the worst case.
    """

    query: Query
    match: Match
    parameters: Mapping[str, Any]

    def rows(self, stretch: Stretch, skip: int, limit: int, direction: str = "") -> list[QueueItem]:
        """Rows of a stretch from the ``skip``-th on; ``DESC`` counts and gives them from its end."""
        order = f"ORDER BY {stretch.by} {direction}, ticket_id {direction} LIMIT :limit"
        further, parameters = "", {**self.parameters, "limit": limit}
        if skip:
            # The index alone tells where to begin; rows that are passed over are never read.
            sql = (
                f"SELECT {stretch.by}, ticket_id FROM queue WHERE {self._where(stretch)} {order} OFFSET :skip"  # noqa: S608
            )
            start = self.query(sql, {**self.parameters, "limit": 1, "skip": skip})
            if not start:
                return []
            further = f"({stretch.by}, ticket_id) {'<=' if direction else '>='} (:at, :id)"
            parameters |= {"at": start[0][0], "id": start[0][1]}
        sql = f"SELECT {COLUMNS} FROM queue WHERE {self._where(stretch, further)} {order}"  # noqa: S608
        return [item_of(row) for row in self.query(sql, parameters)]

    def rows_of(self, stretch: Stretch, size: int, skip: int, limit: int) -> list[QueueItem]:
        """`rows` of a stretch whose ``size`` is known."""
        if skip <= size // 2:
            return self.rows(stretch, skip, limit)
        take = min(limit, size - skip)
        return self.rows(stretch, size - skip - take, take, "DESC")[::-1]

    def count(self, stretch: Stretch, further: str = "", at: int = 0, ticket_id: str = "") -> int:
        """How many rows a stretch has, or those of them for which ``further`` holds."""
        parameters = {**self.parameters, "at": at, "id": ticket_id} if further else self.parameters
        return _count(self.query, self._where(stretch, further), parameters)

    def place(self, stretch: Stretch, ticket_id: str) -> int | None:
        """By what the ticket is placed within the stretch; None when it is not in it."""
        sql = f"SELECT {stretch.by} FROM queue WHERE ticket_id = :id AND {self._where(stretch)}"  # noqa: S608
        found = self.query(sql, {**self.parameters, "id": ticket_id})
        return int(found[0][0]) if found else None

    def in_later_half(self, stretch: Stretch, at: int) -> bool:
        """Whether ``at`` is nearer to the end, as far as the first and the last value can tell."""
        ends = []
        for direction in ("", "DESC"):
            order = f"ORDER BY {stretch.by} {direction} LIMIT 1"
            sql = f"SELECT {stretch.by} FROM queue WHERE {stretch.condition} {order}"  # noqa: S608
            ends.append(int(self.query(sql, self.parameters)[0][0]))
        return at - ends[0] > ends[1] - at

    def _where(self, stretch: Stretch, further: str = "") -> str:
        conditions = (stretch.condition, self.match.condition, further)
        return " AND ".join(f"({condition})" for condition in conditions if condition)


def read_counts(query: Query, now: datetime) -> QueueCounts:
    """The numbers of the headline."""
    parameters = _parameters(now, ALL)
    waiting = ", ".join(f"'{state}'" for state in sorted(WAITING_TO_ARRIVE))
    to_send = query(f"SELECT count(*) FROM operations WHERE state IN ({waiting})", {})  # noqa: S608
    return QueueCounts(
        open=_count(query, "", {}),
        broken=_count(query, "next_due < :now", parameters),
        unacknowledged=_count(query, "unacknowledged = 1", {}),
        due_soon=_count(query, "next_due >= :now AND next_due < :soon", parameters),
        to_send=to_send[0][0],
        overdue=sum(_late_by_case(query, now).values()),
        to_resume=len(_to_resume(query, now)),
    )


def _late_by_case(query: Query, now: datetime) -> dict[str, int]:
    """How many recommendations of each case are late, where any is.

    Dates are compared as ISO text, which both databases can.
    """
    owed = ", ".join(f"'{status}'" for status in STILL_OWED)
    sql = (
        "SELECT i.case_id, count(*) FROM recommendations AS r "  # noqa: S608
        "JOIN investigations AS i ON i.id = r.investigation_id "
        f"WHERE (i.adopted_at IS NOT NULL OR i.state = 'reopened') AND r.status IN ({owed}) "
        "AND CAST(r.due AS TEXT) < :today "
        "GROUP BY i.case_id"
    )
    return {str(case_id): int(late) for case_id, late in query(sql, {"today": now.date().isoformat()})}


def _to_resume(query: Query, now: datetime) -> frozenset[str]:
    """The tickets in the queue on which a parked run asks to be taken up again.

    When it asks is said by the entry that parked it last; few runs are parked at a time.
    """
    sql = (
        "SELECT r.case_id, r.id, e.data FROM runs AS r "
        "JOIN queue AS q ON q.ticket_id = r.case_id "
        "JOIN entries AS e ON e.subject = 'run' AND e.subject_id = r.id AND e.kind = 'run.parked' "
        "WHERE r.status = 'parked' ORDER BY e.id"
    )
    last = {str(run): (str(case_id), json.loads(data)) for case_id, run, data in query(sql, {})}
    asking = ((case_id, told.get("remind_at")) for case_id, told in last.values())
    return frozenset(case_id for case_id, at in asking if _has_come(at, now))


def _has_come(at: object, now: datetime) -> bool:
    """Whether the time ``at`` is here; one that cannot be read never is: the queue is shown all the same."""
    try:
        told = datetime.fromisoformat(str(at)) if at else None
    except ValueError:
        return False
    return told is not None and told.tzinfo is not None and told <= now


def item_of(row: Sequence[Any]) -> QueueItem:
    """The queue item of a row with `COLUMNS`."""
    tags = cast("str", row[15])
    return QueueItem(
        id=row[0],
        key=row[1],
        subject=row[2],
        status=row[3],
        priority=cast("Priority | None", row[4] or None),
        customer=row[5],
        product=row[6],
        assignee=row[7],
        created_at=_at(row[8]),
        updated_at=_at(row[9]),
        waiting_since=_at(row[10]),
        next_promise_due=None if row[11] == NO_PROMISE else _at(row[11]),
        unacknowledged=bool(row[12]),
        url=row[13],
        local_state=row[14],
        tags=tuple(tags.split("\n")) if tags else (),
        relationship=row[16],
        marked=bool(row[17]),
        fresh=cast("Literal['', 'new', 'changed']", row[18]),
        to_send=row[19],
    )


def _at(microseconds: int) -> datetime:
    return _EPOCH + timedelta(microseconds=microseconds)


def _microseconds(at: datetime) -> int:
    return (at - _EPOCH) // _MICROSECOND


def _parameters(now: datetime, match: Match) -> dict[str, Any]:
    times = {"now": _microseconds(now), "soon": _microseconds(now + DUE_SOON)}
    return times | dict(match.parameters)


def _count(query: Query, condition: str, parameters: Mapping[str, Any]) -> int:
    where = f" WHERE {condition}" if condition else ""
    return int(query(f"SELECT count(*) FROM queue{where}", parameters)[0][0])  # noqa: S608
