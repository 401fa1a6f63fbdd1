"""How long a key may have to wait while the heavy parts are imported and a queue is pulled.

The screen runs without a terminal on the real desk and the embedded helpdesk; a heartbeat of two
milliseconds on its event loop tells how late it came. Run: ``python benchmarks/event_loop.py [tickets]``.
"""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

BEAT_S = 0.002


def make_home(home: Path, url: str, token: str) -> None:
    """A profile on the embedded helpdesk with nothing pulled yet."""
    (home / "config").mkdir(mode=0o700)
    (home / "token").write_text(token)
    (home / "token").chmod(0o600)
    settings = home / "config" / "config.toml"
    settings.write_text(
        f'default_profile = "bench"\n[profile.bench]\nhelpdesk = "zendesk"\nurl = "{url}"\n'
        f'queue = "view:Escalated to engineering"\nauth = "bearer"\ntoken_file = "{home / "token"}"\n'
    )
    settings.chmod(0o600)


async def heartbeat(late: list[float]) -> None:
    """Notes in milliseconds by how much each beat missed its time."""
    while True:
        began = time.perf_counter()
        await asyncio.sleep(BEAT_S)
        late.append((time.perf_counter() - began - BEAT_S) * 1000)


async def measure() -> tuple[list[float], list[float], float, int]:
    """Lateness while the desk opens, lateness during the first pull, its seconds, and the rows it brought."""
    from triage.desk.first_frame import first_frame
    from triage.desk.opening import open_desk
    from triage.tui.app import TriageApp

    app = TriageApp(first_frame(None), lambda: open_desk(None))
    opening: list[float] = []
    pulling: list[float] = []
    async with app.run_test(size=(120, 40)):
        beats = asyncio.create_task(heartbeat(opening))
        desk = await app.ready()
        beats.cancel()
        beats = asyncio.create_task(heartbeat(pulling))
        began = time.perf_counter()
        while (await desk.queue.freshness()).state != "fresh":
            await asyncio.sleep(0.2)
        took = time.perf_counter() - began
        beats.cancel()
        rows = (await desk.queue.counts()).open
    return opening, pulling, took, rows


def tell(name: str, late: list[float]) -> None:
    """One line of figures."""
    ordered = sorted(late)
    print(
        f"{name:22} median {median(ordered):6.2f} ms  p95 {ordered[int(len(ordered) * 0.95)]:6.2f} ms"
        f"  max {ordered[-1]:6.1f} ms  ({len(ordered)} beats)"
    )


def main() -> None:
    """Tickets from the command line."""
    from triage.demo.child import start_demo

    tickets = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        with start_demo(home / "helpdesk", tickets=tickets) as demo:
            make_home(home, demo.url, demo.token)
            os.environ["TRIAGE_HOME"] = str(home)
            opening, pulling, took, rows = asyncio.run(measure())
    tell("while importing", opening)
    tell("while pulling", pulling)
    print(f"{tickets:,} tickets, {rows:,} in the queue, pulled in {took:.1f} s")


if __name__ == "__main__":
    main()
