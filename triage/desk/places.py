"""Folders that the screens may need before the desk is open."""

from __future__ import annotations

from pathlib import Path

from triage.config.paths import Paths


def state_folder() -> Path:
    """Where crash records and the log go."""
    return Paths.find().state_dir
