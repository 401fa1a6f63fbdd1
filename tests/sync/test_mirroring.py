"""What a pull derives from what it has at hand is what is derived from the mirror."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlmodel import Session

from tests.sync.stored import StillDatabase, with_database
from triage.model.ticket import Ticket, Version
from triage.model.timeline import TimelineEvent
from triage.store import membership, queue_rows
from triage.sync.mirroring import keep_readings
from triage.sync.reading import Reading

NOW = datetime(2026, 3, 10, 9, 0, tzinfo=UTC)


def said(name: str, hour: int, words: str = "", **more: Any) -> TimelineEvent:
    values = {"kind": "message", "visibility": "public", "actor_role": "support_tier2"} | more
    return TimelineEvent(name, "1", NOW + timedelta(hours=hour), text=words, **values)  # type: ignore[arg-type]


def reading(*events: TimelineEvent, whole: bool = True, read: bool = True, **more: Any) -> Reading:
    told = {"subject": "Export", "status": "open", "priority": "high", "relationship": "internal_team"} | more
    ticket = Ticket("1", "HL-1", created_at=NOW, updated_at=NOW, version=Version("1", exact=False), **told)
    return Reading(ticket, events if read else None, complete=whole, read_at=NOW + timedelta(hours=9))


ASKED = said("q", 0, "Where is it?", actor_role="customer")
ANSWERED = said("a", 1, "I will write to you by 15:00.")
LATER = said("b", 3, "The fix will be in place by 18:00 today.")


@pytest.mark.parametrize(
    "told",
    [
        pytest.param([reading(ASKED, ANSWERED, LATER)], id="once"),
        pytest.param([reading(LATER, ANSWERED, ASKED)], id="newest first"),
        pytest.param([reading(LATER), reading(ASKED, ANSWERED, whole=False)], id="then cut at a ceiling"),
        pytest.param([reading(ANSWERED), reading(ASKED)], id="then without a message"),
        pytest.param([reading(ASKED, ANSWERED), reading(read=False)], id="then unreadable"),
        pytest.param([reading(ASKED, ANSWERED), reading(ASKED, ANSWERED, open=False)], id="then solved"),
        pytest.param(
            [reading(said("h", 1, "half\ud800 by 15:00 I will write", actor="ö\ud83d"))], id="half a pair"
        ),
    ],
)
@pytest.mark.parametrize("at_once", [True, False], ids=["in one write", "one by one"])
def test_the_queue_is_derived_from_what_was_just_read_as_from_the_mirror(
    tmp_path: Path, told: list[Reading], at_once: bool
) -> None:
    async def story(database: StillDatabase) -> None:
        def write(session: Session) -> tuple[object, object]:
            membership.add_members(session, "all", ["1"], NOW)
            for some in [told] if at_once else [[one] for one in told]:
                keep_readings(session, some, NOW)
            kept = _derived(session)
            queue_rows.refresh(session, ["1"])
            return kept, _derived(session)

        at_hand, from_the_mirror = await database.write(write)
        assert at_hand == from_the_mirror

    with_database(tmp_path, story)


def _derived(session: Session) -> object:
    return [
        sorted(tuple(row) for row in session.connection().execute(text(f"SELECT * FROM {table}")))
        for table in ("queue", "promises")
    ]
