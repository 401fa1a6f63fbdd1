"""Where the program leaves what a person may need after it stopped."""

from __future__ import annotations

from pathlib import Path

from triage.config.paths import Paths


def state_folder() -> Path:
    """The folder of logs and crash details; it need not exist yet."""
    return Paths.find().state_dir
