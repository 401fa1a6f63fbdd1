"""From Enter to the first useful frame, and from a key to its frame, over a real pseudo-terminal.

Programs are started in turn, a minimal Textual app beside ours in every round, and compared by the CPU
time they used until their rows stood on the terminal: a shared machine makes wall time noisy, the ratio
within one run holds. Run: ``python benchmarks/first_frame.py [rounds] [rows]``.
"""

from __future__ import annotations

import asyncio
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

from benchmarks.queue_rows import fill
from benchmarks.terminal import Terminal

MINIMAL = """
from textual.app import App
from textual.widgets import Static
class Minimal(App):
    def compose(self):
        yield Static("HL-40817 a minimal program with one text")
Minimal().run()
"""
KEYS = 40


def make_home(home: Path, rows: int) -> dict[str, str]:
    """A profile whose queue holds ``rows`` escalations; its helpdesk cannot be reached."""
    (home / "config").mkdir(mode=0o700)
    settings = home / "config" / "config.toml"
    settings.write_text(
        'default_profile = "bench"\n[profile.bench]\nhelpdesk = "zendesk"\nurl = "http://127.0.0.1:9"\n'
        'queue = "view:1"\nauth = "bearer"\ntoken_env = "BENCH_TOKEN"\n'
    )
    settings.chmod(0o600)
    folder = home / "data" / "bench"
    folder.mkdir(mode=0o700, parents=True)

    async def filled() -> None:
        from triage.store.database import Database

        database = await Database.open(f"sqlite:///{folder / 'triage.db'}")
        await database.write(lambda session: fill(session, rows))
        await database.close()

    asyncio.run(filled())
    return {**os.environ, "TRIAGE_HOME": str(home), "BENCH_TOKEN": "none", "TERM": "xterm-256color"}


def first_frame(command: list[str], env: dict[str, str], text: bytes) -> tuple[float, float, float]:
    """CPU ms, wall ms and MB at the moment ``text`` stands on the terminal."""
    with Terminal(command, env) as terminal:
        terminal.wait_for(text)
        return terminal.cpu_ms(), (time.perf_counter() - terminal.began) * 1000, terminal.memory_mb()


def door_ms(command: list[str], env: dict[str, str]) -> float:
    """CPU of a command that ends by itself."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, env=env, check=True, stdout=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime) * 1000


def keys(env: dict[str, str]) -> tuple[list[float], list[int], float]:
    """Milliseconds and bytes of each cursor key once everything is loaded, and the memory then."""
    with Terminal([sys.executable, "-m", "triage"], env) as terminal:
        terminal.wait_for(b"HL-")
        terminal.settle(3.0)
        pressed = [terminal.press(b"j" if n % 25 < 20 else b"k") for n in range(KEYS)]
        return [took for took, _ in pressed], [size for _, size in pressed], terminal.memory_mb()


def report(rounds: int, env: dict[str, str]) -> None:
    """Measures and prints."""
    ours, minimal, doors, bare = [], [], [], []
    for _ in range(rounds):
        minimal.append(first_frame([sys.executable, "-c", MINIMAL], env, b"HL-40817"))
        ours.append(first_frame([sys.executable, "-m", "triage"], env, b"HL-"))
        bare.append(door_ms([sys.executable, "-c", "pass"], env))
        doors.append(door_ms([sys.executable, "-m", "triage", "--version"], env))
    for name, at in (("CPU ms", 0), ("wall ms", 1), ("MB", 2)):
        line(f"first frame {name}", [one[at] for one in ours], [one[at] for one in minimal], "minimal")
    line("--version CPU ms", doors, bare, "pass")
    took, sizes, memory = keys(env)
    print(f"cursor key to frame ms: median {median(took):.2f}, p90 {sorted(took)[int(KEYS * 0.9)]:.2f}")
    print(f"cursor key bytes: median {median(sizes):.0f}, largest {max(sizes)}")
    print(f"memory when warm: {memory:.1f} MB")


def line(name: str, ours: list[float], floor: list[float], beside: str) -> None:
    """One figure beside what it is compared with; the ratio of the least of each is the steadiest."""
    mine, least = median(ours), median(floor)
    print(
        f"{name:20} {mine:8.1f}  {beside} {least:8.1f}  {mine / least:5.2f} x"
        f"  (least of each {min(ours) / min(floor):.2f} x)"
    )


def main() -> None:
    """Rounds and rows from the command line."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 9
    rows = int(sys.argv[2]) if len(sys.argv) > 2 else 100_000
    with tempfile.TemporaryDirectory() as folder:
        env = make_home(Path(folder), rows)
        print(f"queue of {rows:,} rows, {rounds} interleaved rounds")
        report(rounds, env)


if __name__ == "__main__":
    main()
