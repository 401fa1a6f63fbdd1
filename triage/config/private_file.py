"""Files and folders that only their owner can read; a crash or a full disk leaves the old one whole."""

from __future__ import annotations

import errno
import os
from pathlib import Path

from triage.model.errors import Invalid

_WHAT_TO_DO = {
    errno.ENOSPC: "Free some space and try again",
    errno.EFBIG: "Free some space and try again",
    errno.EDQUOT: "Free some space and try again",
    errno.EACCES: "Give yourself the right to write there, or set TRIAGE_HOME to another folder",
    errno.EPERM: "Give yourself the right to write there, or set TRIAGE_HOME to another folder",
    errno.EROFS: "The disk is read-only: set TRIAGE_HOME to a folder that is not",
    errno.ENOTDIR: "A file is in the way: move it, or set TRIAGE_HOME to another folder",
    errno.EEXIST: "A file is in the way: move it, or set TRIAGE_HOME to another folder",
}


def cannot_write(path: Path, error: OSError) -> Invalid:
    """``error`` as one line that says what to do."""
    reason = os.strerror(error.errno) if error.errno else str(error)
    todo = _WHAT_TO_DO.get(error.errno or 0, "Check the folder, or set TRIAGE_HOME to another one")
    return Invalid(f"cannot write: {reason.lower()}", where=str(path), do=todo)


def private_directory(folder: Path) -> None:
    """Make ``folder`` and what is missing above it, mode 0700. Raises `Invalid`."""
    missing = [folder, *folder.parents]
    missing = missing[: next((n for n, place in enumerate(missing) if place.is_dir()), len(missing))]
    try:
        for place in reversed(missing):
            place.mkdir(mode=0o700, exist_ok=True)
            # mkdir's mode passes through the umask, which may take the owner's own rights away.
            place.chmod(0o700)
    except OSError as error:
        raise cannot_write(folder, error) from error


def create_private(path: Path) -> None:
    """Create an empty file, mode 0600. Raises `FileExistsError`, or `Invalid` when it cannot."""
    try:
        handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, 0o600)
        os.fchmod(handle, 0o600)
        os.close(handle)
    except FileExistsError:
        raise
    except OSError as error:
        raise cannot_write(path, error) from error


def sync_directory(folder: Path) -> None:
    """Make names created or renamed in ``folder`` survive a power cut."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def write_private(path: Path, content: bytes) -> None:
    """Replace ``path`` by ``content``, mode 0600: after a crash there is the old file or the new one, whole.

    Raises `Invalid` when it cannot; the old file is then untouched.
    """
    private_directory(path.parent)
    beside = path.with_name(f".{path.name}.{os.getpid()}.{os.urandom(4).hex()}")
    try:
        handle = os.open(beside, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, 0o600)
        with os.fdopen(handle, "wb") as file:
            os.fchmod(file.fileno(), 0o600)
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
        sync_directory(path.parent)
    except OSError as error:
        beside.unlink(missing_ok=True)
        raise cannot_write(path, error) from error
