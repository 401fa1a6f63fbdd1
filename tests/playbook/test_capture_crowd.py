"""A command that multiplies is ended with everything it brought forth, however it tried to slip away.

Bounded on purpose: ``TRIAGE_CROWD`` processes that only sleep (60 without it), never a bomb without an end.
"""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest

from tests.playbook.test_capture import run, shell

CROWD = int(os.environ.get("TRIAGE_CROWD", "60"))

pytestmark = pytest.mark.skipif(
    not Path("/proc/self/environ").exists(), reason="processes are found in /proc"
)


def living(mark: str) -> list[str]:
    """Processes whose arguments hold ``mark``; one that only waits to be reaped has none."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            words = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")
        except OSError:
            continue
        if mark in words and int(entry.name) != os.getpid():
            found.append(f"{entry.name} {words}")
    return found


WAYS = {
    "stays in the group": "sleep $N &",
    "leaves the session": "setsid sleep $N &",
    "ignores the polite signal": "(trap '' TERM; exec sleep $N) &",
    "leaves and ignores": "setsid sh -c \"trap '' TERM; exec sleep $N\" &",
    "is an orphan": '(setsid sh -c "sleep $N & sleep $N & exit" &)',
}


async def test_a_crowd_of_every_kind_is_gone_at_the_time_limit() -> None:
    mark = f"8{os.getpid()}.25"
    each = "\n".join(WAYS.values())
    script = (
        f"N={mark}\nfor i in $(seq {CROWD // (len(WAYS) + 1)}); do\n{each}\ndone\necho grown\nwait; sleep $N"
    )
    grown = asyncio.Event()
    most: list[int] = []

    def seen(text: str) -> None:
        if "grown" in text:
            most.append(len(living(mark)))
            grown.set()

    async with asyncio.timeout(90):
        result = await run(shell(script, timeout_s=4), on_output=seen)
    assert grown.is_set()
    assert most[0] >= CROWD * 2 // 3
    assert result.timed_out
    assert living(mark) == []


async def test_one_that_goes_on_multiplying_while_it_is_ended_leaves_nobody(tmp_path: Path) -> None:
    """Each round of the breeder is a process out of the group that ignores the polite signal, as it does."""
    mark, told = f"9{os.getpid()}.25", tmp_path / "rounds"
    breeder = tmp_path / "breeder"
    breeder.write_text(
        f"trap '' TERM\nfor i in $(seq 600); do setsid sleep {mark} & echo >> {told}; sleep 0.01; done\n"
    )
    script = f"setsid sh {breeder} & until [ -s {told} ]; do sleep 0.02; done; sleep {mark}"
    async with asyncio.timeout(90):
        result = await run(shell(script, timeout_s=0.5), grace_s=1)
    assert result.timed_out
    assert living(mark) == []
    rounds = told.stat().st_size
    assert 5 < rounds < 600
    await asyncio.sleep(0.1)
    assert told.stat().st_size == rounds
