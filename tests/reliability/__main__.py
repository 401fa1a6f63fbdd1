"""The long runs: ``python -m tests.reliability nightly``.

Each run appends a record to ``docs/reliability/runs.jsonl`` and makes ``docs/RELIABILITY.md`` anew from all
of them. Ends with 1 when a promise was broken.
"""

from __future__ import annotations

import argparse
import sys
import time

from tests.reliability import kills, page, schedules, suites
from tests.reliability.records import Record, keep

SIZES = {"nightly": (100_000, 1_000), "release": (1_000_000, 10_000)}
"""Schedules and kills."""


def say(line: str) -> None:
    """Progress, a line each."""
    sys.stdout.write(f"{time.strftime('%H:%M:%S', time.gmtime())} {line}\n")
    sys.stdout.flush()


def main() -> int:
    """Run what the words ask for."""
    words = argparse.ArgumentParser(prog="python -m tests.reliability", description=__doc__)
    words.add_argument("what", choices=[*SIZES, "schedules", "kills", "suites", "page"])
    words.add_argument("--count", type=int, default=1_000, help="How many schedules or kills.")
    words.add_argument("--seed", type=int, default=0, help="The first seed.")
    words.add_argument("--only", choices=list(suites.SUITES), default="", help="One of the suites.")
    words.add_argument("--dry", action="store_true", help="Keep no record.")
    asked = words.parse_args()
    records: list[Record] = []
    if asked.what in SIZES or asked.what == "schedules":
        count = SIZES[asked.what][0] if asked.what in SIZES else asked.count
        records.append(_ended(schedules.run(asked.seed, count, say), asked.dry))
    if asked.what in SIZES or asked.what == "kills":
        count = SIZES[asked.what][1] if asked.what in SIZES else asked.count
        records.append(_ended(kills.run(count, asked.seed, say), asked.dry))
    if asked.what in SIZES or asked.what == "suites":
        records += [_ended(record, asked.dry) for record in suites.run(say, asked.only)]
    if not asked.dry:
        page.write()
    return 1 if any(record.broken for record in records) else 0


def _ended(record: Record, dry: bool) -> Record:
    say(f"{record.kind}: {record.count} run, {record.broken} broken, {record.seconds:.0f} s")
    if not dry:
        keep(record)
    return record


if __name__ == "__main__":
    sys.exit(main())
