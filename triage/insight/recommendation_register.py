"""The register: every recommendation with how it stands, what is late, and whether closing it has helped.

What was closed is watched for `WATCH`: an investigation that ends with the same code on the same component
in that time says that it did not help, and opens it again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta

from triage.model.investigation import Investigation, Recommendation
from triage.model.register_line import RegisterLine
from triage.retrospective.recommendation_letters import closed_at
from triage.retrospective.recommendation_status import DONE, STATUSES, TRANSITIONS

WATCH = timedelta(days=90)
MONTHS_BEFORE = 6
_NOT_YET_ANSWERED = "OAR"


def register(investigations: Sequence[Investigation], now: datetime) -> tuple[RegisterLine, ...]:
    """Every recommendation that was issued: open ones first, what is due first first.

    One is issued when its investigation is adopted, and stays so while that is open again for new evidence.
    """
    lines = [
        _line(it, one, investigations, now)
        for it in investigations
        for one in it.recommendations
        if one.id in it.issued
    ]
    lines.sort(key=lambda line: (not line.open, line.recommendation.due or date.max, line.id))
    return tuple(lines)


def _line(
    it: Investigation, one: Recommendation, all_of_them: Sequence[Investigation], now: datetime
) -> RegisterLine:
    status = STATUSES[one.status]
    late = (now.date() - one.due).days if status.open and one.due else 0
    closed = closed_at(one)
    opened = [other.opened_at for other in all_of_them if alike(other, it)]
    return RegisterLine(
        id=f"{it.id}-{one.id}",
        investigation_id=it.id,
        ticket_key=it.ticket_key,
        code=it.classification.code,
        component=it.component,
        recommendation=one,
        status_name=status.name,
        open=status.open,
        overdue_days=max(0, late),
        may_follow=tuple(sorted(TRANSITIONS[one.status])),
        offer_no_response=_never_answered(it, one, now),
        closed_at=closed,
        watched_until=closed + WATCH if closed and one.status in DONE else None,
        alike_before=sum(closed - WATCH <= at <= closed for at in opened) if closed else 0,
        alike_after=sum(closed < at <= closed + WATCH for at in opened) if closed else 0,
        by_month=_by_month(it.classification.code, all_of_them, closed, now) if closed else (),
        case_id=it.case_id,
        issued_at=_issued_at(it),
    )


def _by_month(
    code: str, everything: Sequence[Investigation], closed: datetime, now: datetime
) -> tuple[tuple[str, int], ...]:
    """The months from half a year before ``closed`` until ``now``, with the cases of ``code`` in each."""
    counted = Counter(
        (it.opened_at.year, it.opened_at.month) for it in everything if it.classification.code == code
    )
    first = closed.year * 12 + closed.month - 1 - MONTHS_BEFORE
    months = [divmod(month, 12) for month in range(first, now.year * 12 + now.month)]
    return tuple((f"{year}-{month + 1:02d}", counted[year, month + 1]) for year, month in months)


def _never_answered(it: Investigation, one: Recommendation, now: datetime) -> bool:
    issued_at = _issued_at(it)
    if one.status != _NOT_YET_ANSWERED or one.due is None or issued_at is None:
        return False
    due = datetime.combine(one.due, time.max, UTC)
    return now > due + max(due - issued_at, timedelta(days=1))


def _issued_at(it: Investigation) -> datetime | None:
    return it.adopted_at or (it.superseded[-1] if it.superseded else None)


def alike(one: Investigation, other: Investigation) -> bool:
    """Whether both ended with the same code on the same component."""
    code, component = one.classification.code, one.component
    return bool(code and component) and (code, component) == (other.classification.code, other.component)


def returned(
    new: Investigation, earlier: Iterable[Investigation]
) -> Iterator[tuple[Investigation, Recommendation]]:
    """Recommendations that were to prevent what ``new`` has found again, closed as done and still watched."""
    for it in earlier:
        if it.id == new.id or not alike(it, new):
            continue
        for one in it.recommendations:
            closed = closed_at(one)
            if one.status in DONE and closed and closed < new.opened_at <= closed + WATCH:
                yield it, one
