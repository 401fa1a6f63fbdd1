"""Writing what leaves the store as a file: whole, private to its owner."""

from __future__ import annotations

from pathlib import Path

from triage.config import private_file
from triage.model.clean_text import clean


def write_private(path: Path, text: str) -> None:
    """Replace ``path`` with the cleaned ``text``, mode 0600. Raises `Invalid` where it cannot be written."""
    private_file.write_private(path.absolute(), clean(text).encode())


def write_private_bytes(path: Path, content: bytes) -> None:
    """Replace ``path`` with ``content`` of our own making, mode 0600. Raises `Invalid`."""
    private_file.write_private(path.absolute(), content)
