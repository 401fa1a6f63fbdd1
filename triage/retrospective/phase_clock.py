"""When the next phase of an investigation is due: a day, five working days, fifteen working days.

What was written down at night waits for ten in the morning, in the zone of the people, and is then listed.
"""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta, tzinfo

PRELIMINARY = timedelta(hours=24)
FACTUAL_DAYS = 5
FINAL_DAYS = 15
MORNING = time(10, 0)
_SATURDAY = 5


def next_step(
    phase: str, state: str, mode: str, opened_at: datetime, written_at: datetime | None, zone: tzinfo
) -> tuple[str, datetime | None]:
    """What is due next, and when (UTC). ``written_at``: when the last of its entries was written."""
    if state == "adopted":
        return "", None
    if written_at is None:
        return "preliminary", opened_at + PRELIMINARY
    if mode == "quick" and phase == "preliminary":
        return "full form", next_morning(written_at, zone)
    days = FACTUAL_DAYS if phase == "preliminary" else FINAL_DAYS
    return "factual" if phase == "preliminary" else "final", working_days_after(opened_at, days, zone)


def next_morning(at: datetime, zone: tzinfo) -> datetime:
    """The first ten o'clock in ``zone`` after ``at``, in UTC."""
    local = at.astimezone(zone)
    day = local.date() if local.time() < MORNING else local.date() + timedelta(days=1)
    return datetime.combine(day, MORNING, zone).astimezone(UTC)


def working_days_after(at: datetime, days: int, zone: tzinfo) -> datetime:
    """The same time of day, ``days`` working days (Monday to Friday) later, in UTC."""
    local = at.astimezone(zone)
    day = local.date()
    while days:
        day += timedelta(days=1)
        days -= day.weekday() < _SATURDAY
    return datetime.combine(day, local.time(), zone).astimezone(UTC)
