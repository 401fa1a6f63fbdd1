"""A person at the shell: runs the real program and reads what it printed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Ended:
    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        return json.loads(self.out)


@dataclass
class Shell:
    """Commands against one TRIAGE_HOME."""

    home: Path
    env: Mapping[str, str] = field(default_factory=dict)

    def run(self, *arguments: str, timeout: float = 120, **env: str) -> Ended:
        done = subprocess.run(
            [sys.executable, "-m", "triage", *arguments],
            capture_output=True,
            check=False,
            text=True,
            cwd=ROOT,
            timeout=timeout,
            stdin=subprocess.DEVNULL,
            env={**os.environ, "TRIAGE_HOME": str(self.home), **self.env, **env},
        )
        assert "Traceback" not in done.stderr, done.stderr
        crashes = [path.read_text() for path in self.home.glob("state/crash-*.txt")]
        assert not crashes, crashes[-1]
        return Ended(done.returncode, done.stdout, done.stderr)

    def must(self, *arguments: str, code: int = 0, **env: str) -> Ended:
        ended = self.run(*arguments, **env)
        assert ended.code == code, f"{arguments} ended with {ended.code}\n{ended.out}\n{ended.err}"
        return ended
