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
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from tests.reliability.counting import COUNTS_VARIABLE
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


def run(say: Callable[[str], None], only: str = "") -> Iterator[Record]:
    """Run every suite, or ``only`` one; a failed test is a broken promise of each kind its suite counts."""
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
        for kind, (count, details) in counts.items():
            yield Record.of(
                kind, count, len(failed), seconds, details=details, commit=at_start[0], code=at_start[1]
            )


def _counted(paths: tuple[str, ...]) -> tuple[dict[str, tuple[int, dict[str, Any]]], list[str]]:
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


def _added_up(lines: list[str]) -> dict[str, tuple[int, dict[str, Any]]]:
    counts: dict[str, int] = defaultdict(int)
    details: dict[str, dict[str, Any]] = defaultdict(dict)
    for line in lines:
        told = json.loads(line)
        counts[told["kind"]] += told["count"]
        for name, value in told["details"].items():
            known = details[told["kind"]].get(name)
            adds = isinstance(value, int | float) and known is not None
            details[told["kind"]][name] = known + value if adds else value
    return {kind: (count, dict(sorted(details[kind].items()))) for kind, count in counts.items()}
