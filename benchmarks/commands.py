"""What commands that misbehave cost: time past their limit, processes left, memory, and how late the loop is.

Run as ``python -m benchmarks.commands`` (a minute). Each command has a limit of ``--limit`` seconds. The
lag is that of a task that wakes every five milliseconds in the same event loop, as a screen does.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import resource
import statistics
import time
from datetime import UTC, datetime
from pathlib import Path

from triage.playbook.run.capture import MARK, capture
from triage.playbook.run.command import Command

SCRIPTS = {
    "10 GB of output": "head -c 10000000000 /dev/zero | tr '\\0' 'x'",
    "lines without end": "yes 'password=hunter2hunter2 and some more words to look through'",
    "many small writes": "i=0; while :; do echo line $i; i=$((i+1)); done",
    "binary": "head -c 3000000000 /dev/urandom",
    "ignores SIGTERM": "trap '' TERM; while :; do sleep 1; done",
    "forks a daemon": "setsid sh -c \"trap '' TERM HUP; while :; do sleep 1; done\" & echo started",
    "waits on stdin": "cat; read x; sleep 1000",
    "closes its output": "exec >&- 2>&-; sleep 1000",
    "forks and forks": "f() { sleep 1000 & }; for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15; do f; done; wait",
}


async def measure(script: str, limit_s: float) -> tuple[float, float, float, int, bool]:
    """Seconds it took, p95 and largest lag in milliseconds, processes left, and whether it timed out."""
    command = Command(
        "bench", ("bash", "-c", script), script, {}, frozenset(), limit_s, "read_only", (), (), "d"
    )
    lags: list[float] = []
    ticking = asyncio.create_task(_tick(lags))
    began = time.monotonic()
    result = await capture(command, clock=lambda: datetime.now(UTC), on_output=lambda _text: None)
    took = time.monotonic() - began
    ticking.cancel()
    ordered = sorted(lags) or [0.0]
    p95 = statistics.quantiles(ordered, n=20)[-1] if len(ordered) > 1 else ordered[0]
    return took, p95 * 1000, ordered[-1] * 1000, len(_left()), result.timed_out


async def _tick(lags: list[float]) -> None:
    loop = asyncio.get_running_loop()
    while True:
        before = loop.time()
        await asyncio.sleep(0.005)
        lags.append(loop.time() - before - 0.005)


def _left() -> list[str]:
    """Processes that still carry the mark of one of our commands."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            if f"{MARK}=".encode() in (entry / "environ").read_bytes() and entry.name != str(os.getpid()):
                found.append(entry.name)
        except OSError:
            continue
    return found


def main() -> None:
    """Print a line for each command."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--limit", type=float, default=3.0, help="Seconds each command may take.")
    limit = options.parse_args().limit
    print(f"{'command':20} {'past limit':>10} {'lag p95':>9} {'lag max':>9} {'left':>5} {'RSS':>9}")
    for name, script in SCRIPTS.items():
        took, p95, most, left, _ = asyncio.run(measure(script, limit))
        rss = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(
            f"{name:20} {took - limit:8.2f} s {p95:6.1f} ms {most:6.1f} ms {left:5d} {rss:5.0f} MiB",
            flush=True,
        )


if __name__ == "__main__":
    main()
