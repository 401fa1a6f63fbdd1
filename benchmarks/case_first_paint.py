"""What opening a large case costs: CPU from the key to the first rows, or to the first question.

A ticket with 500 events whose investigation has 300 docket entries, on a real database, drawn without a
terminal; the helpdesk is out of reach. Run: ``python benchmarks/case_first_paint.py [events] [entries]``.
"""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from typing import Any

TICKET = "4711"
OPENINGS = 7
LIMIT_MS = 50.0


def make_home(home: Path) -> None:
    """A profile whose helpdesk nobody serves."""
    (home / "config").mkdir(mode=0o700)
    settings = home / "config" / "config.toml"
    settings.write_text(
        'default_profile = "bench"\n[profile.bench]\nhelpdesk = "zendesk"\nurl = "http://127.0.0.1:9"\n'
        'queue = "view:x"\nauth = "bearer"\ntoken_env = "BENCH_TOKEN"\n'
    )
    settings.chmod(0o600)


async def fill(desk: Any, events: int, entries: int) -> str:
    """One ticket with ``events`` events and ``entries`` docket entries; the investigation's id."""
    from triage.model.ticket import Ticket, Version
    from triage.model.timeline import TimelineEvent
    from triage.store import membership, mirror, queue_rows

    now = datetime.now(UTC)
    ticket = Ticket(
        TICKET, "HL-4711", "212 people lost access", "open", now - timedelta(days=9), now, Version("1", True),
        priority="high", customer="Cobalt Freight", product="Harbourlight", component="identity",
    )  # fmt: skip
    roles = ("customer", "support_frontline", "engineering", "helpdesk")
    timeline = [
        TimelineEvent(
            f"e{n}", TICKET, now - timedelta(minutes=20 * (events - n)), "message",
            "internal" if n % 3 else "public", roles[n % 4], "Somebody",
            f"Message {n}: the log says nothing new about the 431 grants. " * 4, source_ref=f"comment {n}",
        )
        for n in range(events)
    ]  # fmt: skip

    def keep(session: Any) -> None:
        mirror.save_tickets(session, [ticket], now)
        mirror.save_timeline(session, TICKET, timeline)
        membership.add_members(session, "view:x", [TICKET], now)
        queue_rows.refresh(session, [TICKET])

    await desk.parts.database.write(keep)
    name: str = (await desk.investigations.open(TICKET, "full")).investigation.id
    await desk.investigations.answer(name, "Q1", "accept")
    for number in range(entries - 2):
        await desk.investigations.save_draft(name, "Q3", f"212 people, {number} minutes")
    return name


async def painted(app: Any, pilot: Any, push: Callable[[], None], ready: Callable[[], bool]) -> float:
    """Milliseconds of CPU, all threads, from ``push`` until ``ready`` and drawn."""
    await pilot.pause()
    began = time.process_time()
    push()
    while not ready():
        await asyncio.sleep(0.001)
    await asyncio.sleep(0.001)
    took = 1000 * (time.process_time() - began)
    await pilot.pause(0.3)
    app.pop_screen()
    # The queue underneath reads its preview a moment after it comes back: none of this case.
    await pilot.pause(0.5)
    return took


async def measure(events: int, entries: int) -> dict[str, list[float]]:
    """Openings of the case and of its investigation; the first of each pays for imports."""
    from triage.desk.first_frame import first_frame
    from triage.desk.opening import open_desk

    desk = await open_desk(None)
    name = await fill(desk, events, entries)
    await desk.aclose()
    from triage.tui.app import TriageApp

    app = TriageApp(first_frame(None), lambda: open_desk(None))
    found: dict[str, list[float]] = {"empty screen": [], "case": [], "investigation": []}
    async with app.run_test(size=(120, 40)) as pilot:
        await app.ready()
        await pilot.pause(0.5)
        from textual.screen import Screen

        from triage.tui.screens.case import CaseScreen
        from triage.tui.screens.retrospective.screen import RetrospectiveScreen

        for _ in range(OPENINGS):
            empty = Screen()
            found["empty screen"].append(
                await painted(app, pilot, lambda: app.push_screen(empty), lambda: empty.is_attached)  # noqa: B023
            )
            case = CaseScreen(TICKET)
            found["case"].append(
                await painted(app, pilot, lambda: app.push_screen(case), lambda: bool(case._rows))  # noqa: B023
            )
            asked = RetrospectiveScreen(name)
            found["investigation"].append(
                await painted(app, pilot, lambda: app.push_screen(asked), lambda: asked.view is not None)  # noqa: B023
            )
    return found


def main() -> int:
    """Sizes from the command line; 1 when a figure is missed."""
    events = int(sys.argv[1]) if len(sys.argv) > 1 else 500
    entries = int(sys.argv[2]) if len(sys.argv) > 2 else 300
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {"TRIAGE_HOME": folder, "BENCH_TOKEN": "of-no-use"}
        make_home(Path(folder))
        found = asyncio.run(measure(events, entries))
    print(f"{events} events, {entries} docket entries; CPU of all threads")
    for what, times in found.items():
        later = f"then median {median(times[1:]):6.1f} ms  max {max(times[1:]):6.1f} ms"
        print(f"{what:15} first {times[0]:6.1f} ms  {later}")
    return int(any(median(times[1:]) > LIMIT_MS for times in found.values()))


if __name__ == "__main__":
    raise SystemExit(main())
