"""The counted tests at their full size, as one record for each kind of thing they tried."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.reliability.counting import COUNTS_VARIABLE
from tests.reliability.page import PROMISES
from tests.reliability.records import ROOT, Record, code, commit

SUITES: dict[str, tuple[str, ...]] = {
    "step kill": ("tests/sync/test_restart_everywhere.py",),
    "state machine": ("tests/sync/test_state_machine.py",),
    "merge": ("tests/sync/test_merge_properties.py",),
    "mutations": ("tests/sync/test_mutations.py",),
    "visibility": ("tests/sync/test_never_public.py",),
    "durability": ("tests/store", "tests/docket"),
    "HTTP faults": ("tests/helpdesk/test_http_faults.py",),
    "header leaks": ("tests/helpdesk/test_header_leaks.py",),
    "pagination": ("tests/helpdesk/test_moving_lists.py",),
    "rate limits": ("tests/helpdesk/test_many_clients.py",),
    "JSON fuzz": ("tests/helpdesk/test_mangled_answers.py",),
    "clocks": ("tests/sync/test_wrong_clock.py",),
    "files": ("tests/end_to_end/test_private_files.py",),
}


@dataclass
class Counted:
    """What one kind of thing came to."""

    count: int = 0
    details: dict[str, Any] = field(default_factory=dict)
    files: set[str] = field(default_factory=set)
    """Of the tests that counted it."""


def run(say: Callable[[str], None], only: str = "") -> Iterator[Record]:
    """Run every suite, or ``only`` one."""
    for name, paths in SUITES.items():
        if only not in ("", name):
            continue
        begun, at_start = time.monotonic(), (commit(), code())
        counts, failed = _counted(paths)
        for line in failed:
            say(f"BROKEN {line}")
        seconds = time.monotonic() - begun
        if not counts:
            say(f"{name}: nothing was counted")
            counts = {name: Counted()} if failed and name in PROMISES else {}
        for kind, broken in broken_of(counts, failed).items():
            counted = counts[kind]
            yield Record.of(
                kind, counted.count, broken, seconds,
                details=dict(sorted(counted.details.items())), commit=at_start[0], code=at_start[1],
            )  # fmt: skip


def broken_of(counts: Mapping[str, Counted], failed: Sequence[str]) -> dict[str, int]:
    """How many promises of each kind were broken: a failed test breaks what its file counts.

    One whose file counted nothing, because it failed, breaks every kind of its suite.
    """
    told = set().union(*(one.files for one in counts.values()))
    files = [_file_of(line) for line in failed]
    return {
        kind: sum(file in one.files or file not in told for file in files) for kind, one in counts.items()
    }


def _file_of(line: str) -> str:
    """The test file that ``FAILED tests/a/test_b.py::test_c`` names."""
    return line.partition(" ")[2].partition("::")[0]


def _counted(paths: tuple[str, ...]) -> tuple[dict[str, Counted], list[str]]:
    with tempfile.TemporaryDirectory() as folder:
        counts = Path(folder) / "counts.jsonl"
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "-n", "auto", *paths],
            cwd=ROOT,
            env={**os.environ, "TRIAGE_RELIABILITY": "full", COUNTS_VARIABLE: str(counts)},
            capture_output=True,
            text=True,
            check=False,
        )
        failed = re.findall(r"^(?:FAILED|ERROR) .*", done.stdout, re.MULTILINE)
        if done.returncode and not failed:
            failed = [f"pytest ended with {done.returncode}: {done.stdout[-500:]}"]
        lines = counts.read_text("utf-8").splitlines() if counts.exists() else []
    return _added_up(lines), failed


def _added_up(lines: list[str]) -> dict[str, Counted]:
    counts: dict[str, Counted] = defaultdict(Counted)
    for line in lines:
        told = json.loads(line)
        counted = counts[told["kind"]]
        counted.count += told["count"]
        counted.files.add(told["file"])
        for name, value in told["details"].items():
            known = counted.details.get(name)
            adds = isinstance(value, int | float) and known is not None
            counted.details[name] = known + value if adds else value
    return dict(counts)
