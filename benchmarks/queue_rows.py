"""The queue at 100,000 rows: first page, jumps, position, counts, and the page of the first frame.

CPU time of this process, median of many, against reading as many rows by primary key in the same run:
machines differ, the ratio should not. Run: ``python benchmarks/queue_rows.py [rows]``.
"""

from __future__ import annotations

import asyncio
import random
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median

from sqlalchemy import text
from sqlmodel import Session

from triage.model.queue import QueueItem
from triage.store import pull_state, queue_rows
from triage.store.database import Database
from triage.store.first_page import first_page
from triage.store.queue_order import COLUMNS, item_of
from triage.store.upsert import upsert

PAGE = 60
NOW = datetime(2026, 3, 10, 3, 0, tzinfo=UTC)


def item(number: int, chance: random.Random) -> QueueItem:
    """A believable row: one in ten promised something, one in twenty was never answered."""
    waiting = NOW - timedelta(seconds=chance.randrange(30 * 86_400))
    due = NOW + timedelta(minutes=chance.randrange(-600, 3000)) if chance.random() < 0.1 else None
    return QueueItem(
        id=str(number),
        key=f"HL-{number}",
        subject=f"Manifests cannot be opened since the {chance.choice(['sync', 'upgrade'])} {number}",
        status="open",
        priority=chance.choice(["urgent", "high", "normal", "low"]),
        customer=chance.choice(["Cobalt Freight", "Harrow & Pike", "Lindqvist AB", "Pemba Air"]),
        product="Harbourlight",
        assignee=chance.choice(["mara", "jun", ""]),
        created_at=waiting - timedelta(days=1),
        updated_at=waiting,
        waiting_since=waiting,
        next_promise_due=due,
        unacknowledged=chance.random() < 0.05,
        url=f"https://acme.example/tickets/{number}",
        local_state="new",
        tags=("escalated", chance.choice(["sso", "export", "webhook"])),
    )


def fill(session: Session, rows: int) -> None:
    """The queue's table alone: how rows are derived is not what is measured here."""
    chance = random.Random(40817)
    for start in range(0, rows, 5000):
        items = [item(number, chance) for number in range(start, min(start + 5000, rows))]
        upsert(session, queue_rows.QueueRow, [queue_rows.row_values(one) for one in items])
    pull_state.record_pull(session, "done", NOW)


def cpu_ms(work: Callable[[], object], rounds: int = 30) -> float:
    """Median CPU time of ``work`` in milliseconds, after one round to warm up."""
    work()
    times = []
    for _ in range(rounds):
        began = time.process_time_ns()
        work()
        times.append((time.process_time_ns() - began) / 1e6)
    return median(times)


def by_key(session: Session, ids: list[str]) -> list[QueueItem]:
    """The yardstick: as many rows, each found by its key."""
    one = text(f"SELECT {COLUMNS} FROM queue WHERE ticket_id = :id")
    return [item_of(session.connection().execute(one, {"id": each}).one()) for each in ids]


def measure(session: Session, rows: int) -> dict[str, float]:
    """Every figure in milliseconds of CPU."""
    ids = [str(number) for number in range(0, rows, max(rows // PAGE, 1))][:PAGE]

    def jump(offset: int) -> Callable[[], object]:
        return lambda: queue_rows.window(session, NOW, offset=offset, limit=PAGE)

    def find(ticket_id: str) -> Callable[[], object]:
        return lambda: queue_rows.position(session, ticket_id, NOW)

    order = [one.id for one in queue_rows.window(session, NOW, offset=0, limit=rows).items]
    return {
        f"{PAGE} rows by primary key": cpu_ms(lambda: by_key(session, ids)),
        "first page": cpu_ms(jump(0)),
        "page at a quarter": cpu_ms(jump(rows // 4)),
        "page at the middle": cpu_ms(jump(rows // 2)),
        "last page": cpu_ms(jump(rows - PAGE)),
        "position of the first": cpu_ms(find(order[0])),
        "position at the middle": cpu_ms(find(order[rows // 2])),
        "position of the last": cpu_ms(find(order[-1])),
        "counts": cpu_ms(lambda: queue_rows.counts(session, NOW)),
        "filter tag:sso freight, first page": cpu_ms(
            lambda: queue_rows.window(session, NOW, offset=0, limit=PAGE, filters=("tag:sso freight",)), 5
        ),
    }


async def main(rows: int) -> None:
    """Print the table."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "triage.db"
        database = await Database.open(f"sqlite:///{path}")
        await database.write(lambda session: fill(session, rows))
        figures = await database.read(lambda session: measure(session, rows))
        figures["first page with sqlite3 alone"] = cpu_ms(lambda: first_page(path, now=NOW, limit=PAGE))
        await database.close()
    yardstick = next(iter(figures.values()))
    print(f"queue of {rows:,} rows; CPU ms, and times the yardstick")
    for name, value in figures.items():
        print(f"  {name:38} {value:8.2f} {value / yardstick:7.2f} x")


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000))
