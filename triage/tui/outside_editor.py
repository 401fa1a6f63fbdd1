"""Long text in the person's own editor."""

from __future__ import annotations

import os
import shlex
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from textual.app import SuspendNotSupported

if TYPE_CHECKING:
    from textual.app import App


def editor_command(environ: Mapping[str, str]) -> list[str]:
    """``VISUAL``, else ``EDITOR``, else vi, as words of a command."""
    chosen = environ.get("VISUAL") or environ.get("EDITOR") or "vi"
    return shlex.split(chosen)


def edit_outside(app: App[Any], text: str) -> tuple[str | None, str]:
    """Opens ``text`` in the editor and waits.

    Returns the text as it stands afterwards (None when it could not be read back) and a problem in words,
    empty when all went well. The file is private (0600) and removed afterwards.
    """
    descriptor, name = tempfile.mkstemp(prefix="triage-", suffix=".md")
    path = Path(name)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
        problem = _run(app, [*editor_command(os.environ), name])
        return path.read_text(encoding="utf-8", errors="replace"), problem
    except OSError as error:
        return None, f"The editor could not be used: {error.strerror or error}."
    finally:
        path.unlink(missing_ok=True)


def _run(app: App[Any], command: list[str]) -> str:
    try:
        with app.suspend():
            code = subprocess.run(command, check=False).returncode  # noqa: S603 - the person's own editor
    except SuspendNotSupported:
        return "This terminal cannot be handed to an editor."
    except ValueError as error:
        return f"The editor could not be used: {error}."
    return "" if code == 0 else f"The editor ended with {code}; what it saved is kept."
