"""Tests that count what they tried tell it here, for the record of a long run."""

from __future__ import annotations

import json
import os
from pathlib import Path

COUNTS_VARIABLE = "TRIAGE_RELIABILITY_COUNTS"
FULL = os.environ.get("TRIAGE_RELIABILITY", "") == "full"
"""Whether the large sizes are asked for."""


def sized(small: int, full: int) -> int:
    """``full`` in a long run, else ``small``."""
    return full if FULL else small


def tell(kind: str, count: int, **details: object) -> None:
    """Add ``count`` to what was tried of ``kind``. ``details``: numbers are added up, words kept."""
    if path := os.environ.get(COUNTS_VARIABLE):
        test_file = os.environ.get("PYTEST_CURRENT_TEST", "").partition("::")[0]
        told = {"kind": kind, "count": count, "details": details, "file": test_file}
        with Path(path).open("a", encoding="utf-8") as file:
            file.write(json.dumps(told) + "\n")
