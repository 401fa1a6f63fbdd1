"""What is kept when the program fails: the way it took, never the values it held.

Tracebacks with local variables have printed tokens, so frames are recorded without them.
"""

from __future__ import annotations

import os
import platform
import traceback
from datetime import datetime
from pathlib import Path

from triage import __version__
from triage.model.clean_text import clean


def record_failure(error: BaseException, folder: Path, now: datetime) -> Path | None:
    """Writes ``error`` with its stack to a new 0600 file in ``folder``; None when that is impossible."""
    stack = "".join(traceback.format_exception(error))
    text = f"triage {__version__}, Python {platform.python_version()}, {now.isoformat()}\n\n{clean(stack)}"
    path = folder / f"crash-{now:%Y%m%dT%H%M%S%f}.txt"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8", errors="replace") as file:
            file.write(text)
    except OSError:
        return None
    return path


def failure_line(error: BaseException, path: Path | None) -> str:
    """One line for the person whose screen just went away."""
    where = f"Details: {path}" if path else "Details could not be kept"
    return f"triage: stopped by a fault of its own ({type(error).__name__}). {where}"
