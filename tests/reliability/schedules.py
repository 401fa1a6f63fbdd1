"""Simulated worlds by the thousand, on every core."""

from __future__ import annotations

import multiprocessing
import os
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from tests.reliability.records import Record, code, commit
from tests.sync.simulator import simulate

CHUNK = 100
REPLAY_EVERY = 100
"""One world in so many is lived twice, and must leave the same trace."""


@dataclass
class Tally:
    """What some worlds came to."""

    worlds: int = 0
    replayed: int = 0
    kills: int = 0
    sends: int = 0
    stops: int = 0
    most_rounds: int = 0
    broken: list[str] = field(default_factory=list)

    def add(self, other: Tally) -> None:
        """Take another tally in."""
        self.worlds += other.worlds
        self.replayed += other.replayed
        self.kills += other.kills
        self.sends += other.sends
        self.stops += other.stops
        self.most_rounds = max(self.most_rounds, other.most_rounds)
        self.broken += other.broken


def live(seeds: range) -> Tally:
    """Run the worlds of ``seeds``."""
    tally = Tally()
    for seed in seeds:
        try:
            report = simulate(seed)
        except Exception as fault:  # a world that cannot be lived to its end is a finding too
            tally.broken.append(f"seed {seed}: {type(fault).__name__}: {fault}")
            continue
        tally.worlds += 1
        tally.kills += report.kills
        tally.sends += report.sends
        tally.stops += report.stops
        tally.most_rounds = max(tally.most_rounds, report.rounds)
        tally.broken += [f"seed {seed}: {words}" for words in report.violations]
        if seed % REPLAY_EVERY == 0:
            tally.replayed += 1
            if simulate(seed).trace != report.trace:
                tally.broken.append(f"seed {seed}: another trace the second time")
    return tally


def run(first: int, count: int, say: Callable[[str], None]) -> Record:
    """Run ``count`` worlds from seed ``first`` on, on every core."""
    begun, at_start, whole = time.monotonic(), (commit(), code()), Tally()
    chunks = [range(start, min(start + CHUNK, first + count)) for start in range(first, first + count, CHUNK)]
    with multiprocessing.get_context("spawn").Pool(os.cpu_count(), maxtasksperchild=50) as pool:
        for tally in pool.imap_unordered(live, chunks):
            whole.add(tally)
            for line in tally.broken:
                say(f"BROKEN {line} (commit {at_start[0]})")
            if whole.worlds % 5_000 < CHUNK:
                say(
                    f"{whole.worlds} of {count}, {len(whole.broken)} broken, {time.monotonic() - begun:.0f} s"
                )
    return Record.of(
        "schedules",
        whole.worlds,
        len(whole.broken),
        time.monotonic() - begun,
        seeds=(first, first + count - 1),
        commit=at_start[0],
        code=at_start[1],
        details={
            "lived twice": whole.replayed,
            "writes applied": whole.sends,
            "processes killed": whole.kills,
            "pulls stopped or failed": whole.stops,
            "most rounds to rest": whole.most_rounds,
        },
    )
