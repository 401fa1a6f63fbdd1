"""Records of runs: one JSON line for each, appended by the run itself and never edited."""

from __future__ import annotations

import hashlib
import json
import os
import platform
import sqlite3
import subprocess
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
RUNS = ROOT / "docs" / "reliability" / "runs.jsonl"
UNDER_TEST = ("triage/sync", "triage/store", "triage/docket", "triage/helpdesk", "triage/model", "tests/sync")


@dataclass(frozen=True)
class Record:
    """One run: what was tried, how often, and how often a promise was broken."""

    kind: str
    """A key of `tests.reliability.page.PROMISES`."""
    count: int
    broken: int
    seconds: float
    seeds: tuple[int, int] | None = None
    """The first and the last seed."""
    details: Mapping[str, Any] = field(default_factory=dict)
    commit: str = ""
    code: str = ""
    """A digest of the sources under test, for a commit does not tell what was changed since."""
    at: str = ""
    machine: str = ""

    @classmethod
    def of(cls, kind: str, count: int, broken: int, seconds: float, **more: Any) -> Record:
        """A record of a run that has just ended, with what is under test as it is now."""
        at = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        known = {"commit": commit(), "code": code(), "at": at, "machine": machine()}
        return cls(kind, count, broken, round(seconds, 1), **(known | more))


def keep(record: Record, path: Path = RUNS) -> None:
    """Append ``record``."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps(asdict(record)) + "\n")


def kept(path: Path = RUNS) -> list[Record]:
    """Every record, oldest first."""
    if not path.exists():
        return []
    rows = (json.loads(line) for line in path.read_text("utf-8").splitlines() if line)
    return [Record(**row | {"seeds": tuple(row["seeds"]) if row["seeds"] else None}) for row in rows]


def commit() -> str:
    """The commit that is checked out; in an exported tree the one its variable names."""
    if named := os.environ.get("TRIAGE_RELIABILITY_COMMIT"):
        return named
    told = subprocess.run(
        ["git", "rev-parse", "--short=12", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    return told.stdout.strip()


def code() -> str:
    """The digest of the sources under test, as they are on disk."""
    digest = hashlib.sha256()
    for folder in UNDER_TEST:
        for path in sorted((ROOT / folder).rglob("*.py")):
            digest.update(f"{path.relative_to(ROOT)}\n".encode() + path.read_bytes())
    return digest.hexdigest()[:12]


def machine() -> str:
    """What it ran on."""
    system = f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores"
    return f"{system}, Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}"
