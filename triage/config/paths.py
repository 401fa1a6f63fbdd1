"""Where Triage keeps its files."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from triage.config.private_file import private_directory

HOME_VARIABLE = "TRIAGE_HOME"
"""Puts config, data and state under one folder."""


@dataclass(frozen=True, slots=True)
class Paths:
    """The three folders, none of which needs to exist yet."""

    config_dir: Path
    data_dir: Path
    state_dir: Path

    @classmethod
    def find(cls, env: Mapping[str, str] | None = None) -> Paths:
        """The folders for ``env`` (the process's environment by default)."""
        env = os.environ if env is None else env
        if home := env.get(HOME_VARIABLE, ""):
            root = Path(home).expanduser().absolute()
            return cls(root / "config", root / "data", root / "state")
        from platformdirs import PlatformDirs

        places = PlatformDirs("triage", appauthor=False)
        return cls(places.user_config_path, places.user_data_path, places.user_state_path)

    @property
    def config_file(self) -> Path:
        """The one settings file."""
        return self.config_dir / "config.toml"

    def profile_dir(self, profile: str) -> Path:
        """Everything kept for one profile: database, evidence, backups."""
        return self.data_dir / profile

    def make(self) -> None:
        """Create the folders, readable by their owner only. Raises `Invalid` where that is not possible."""
        for folder in (self.config_dir, self.data_dir, self.state_dir):
            private_directory(folder)
