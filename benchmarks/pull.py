"""A first full pull with threads from the embedded helpdesk, beside a bare HTTP read of the same pages.

Run: python -m benchmarks.pull [TICKETS]. Prints seconds for both and their ratio; asserts nothing.
"""

from __future__ import annotations

import asyncio
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import httpx

from triage.demo.child import DemoProcess, start_demo

ROOT = Path(__file__).parents[1]


def triage(home: Path, demo: DemoProcess, *words: str) -> str:
    """One verb of the real program; returns what it printed."""
    env = {**os.environ, "TRIAGE_HOME": str(home), "TRIAGE_TOKEN": demo.token}
    done = subprocess.run(
        [sys.executable, "-m", "triage", *words],
        cwd=ROOT,
        env=env,
        check=True,
        capture_output=True,
        text=True,
    )
    return done.stdout


def bare_read(demo: DemoProcess, tickets: list[str]) -> float:
    """Seconds to fetch and parse the audits of every ticket, four at a time, and do nothing with them."""

    async def read_all() -> None:
        gate = asyncio.Semaphore(4)
        headers = {"Authorization": f"Bearer {demo.token}"}
        async with httpx.AsyncClient(base_url=demo.url, headers=headers) as client:

            async def read(ticket: str) -> None:
                async with gate:
                    (await client.get(f"/api/v2/tickets/{ticket}/audits.json")).json()

            await asyncio.gather(*map(read, tickets))

    begun = time.perf_counter()
    asyncio.run(read_all())
    return time.perf_counter() - begun


def main() -> None:
    """Measure once and print."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        demo = start_demo(Path(folder) / "helpdesk", tickets=count)
        try:
            triage(
                home, demo, "init", "--no-input", "--profile", "bench", "--helpdesk", "zendesk",
                "--url", demo.url, "--token-env", "TRIAGE_TOKEN",
            )  # fmt: skip
            before = resource.getrusage(resource.RUSAGE_CHILDREN)
            result = json.loads(triage(home, demo, "sync", "--json"))
            after = resource.getrusage(resource.RUSAGE_CHILDREN)
            queue = json.loads(triage(home, demo, "queue", "--json"))
            bare = bare_read(demo, [item["id"] for item in queue])
        finally:
            demo.stop()
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    pulled = result["pulled"]
    print(f"tickets asked for {count}, pulled {pulled}, in the queue {len(queue)}")
    print(f"first full pull   {result['duration_s']:8.2f} s   {pulled / result['duration_s']:8.0f} tickets/s")
    print(f"its CPU           {cpu:8.2f} s   peak memory {after.ru_maxrss / 1024:.0f} MB")
    print(f"bare read         {bare:8.2f} s   ratio {result['duration_s'] / bare:.2f}")


if __name__ == "__main__":
    main()
