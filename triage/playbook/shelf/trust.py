"""Whom we let run what: consent by content, kept outside every playbook folder.

A playbook cannot vouch for itself. Trust belongs to the exact bytes of a file at one path; change a byte or
move the file, and it is asked for again. The store is one small JSON file, readable by its owner only; a
store that others may write is not believed. The text that was consented to is kept beside it under its hash,
so that a later text can be compared with it.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import re
import stat
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from pathlib import Path
from typing import Any

from triage.model.errors import Invalid
from triage.model.run import TrustLevel
from triage.model.trust import CommandChange, Grantable
from triage.playbook.shelf.consented import change_of

FORMAT = 2
EARLIER_FORMATS = (1,)
"""Read as they are; what they did not write down is empty."""
_HASH = re.compile(r"[0-9a-f]{64}\Z")


@dataclass(frozen=True, slots=True)
class Grant:
    """One consent."""

    sha256: str
    path: str
    level: Grantable
    by: str
    at: str
    """ISO 8601, UTC."""
    commands: tuple[str, ...]
    """What was consented to, in the words of `triage.playbook.shelf.consented.commands_of`."""
    playbook: str = ""
    """Its id."""
    version: int = 0
    """Of the playbook; 0 where it was not written down."""
    folder: str = ""
    """The trusted folder it came with; empty for a consent to this file alone."""


@dataclass(frozen=True, slots=True)
class FolderGrant:
    """Consent to a team's folder: its later commits are trusted as long as they touch no command."""

    path: str
    remote: str
    url: str
    level: Grantable
    by: str
    at: str
    """ISO 8601, UTC."""


class TrustStore:
    """The consents of one person on one machine."""

    def __init__(self, path: Path) -> None:
        """``path`` is the JSON file; it need not exist yet."""
        self.path = path
        self._texts = path.with_name("trusted-texts")

    def level(self, sha256: str, path: str, *, shipped: bool = False) -> TrustLevel:
        """How far these bytes at this path are trusted. A store that cannot be believed says nothing.

        ``shipped`` says that the bytes are on the package's own list (`LoadedPlaybook.shipped`).
        """
        given = [one.level for one in self.believed() if one.sha256 == sha256 and one.path == path]
        if "run" in given:
            return "run"
        if given:
            return "read"
        return "shipped" if shipped else "none"

    def believed(self) -> tuple[Grant, ...]:
        """Every consent, oldest first; none where the store cannot be believed."""
        try:
            return self.grants()
        except Invalid:
            return ()

    def grants(self) -> tuple[Grant, ...]:
        """Every consent, oldest first. Raises `Invalid`."""
        return self._read()[0]

    def folders(self) -> tuple[FolderGrant, ...]:
        """Every folder consented to. Raises `Invalid`."""
        return self._read()[1]

    def granted_at(self, path: str) -> Grant | None:
        """The consent for ``path``, whatever its bytes are now. Raises `Invalid`."""
        return next((one for one in self.grants() if one.path == path), None)

    def grant(
        self,
        sha256: str,
        path: str,
        level: Grantable,
        *,
        by: str,
        at: datetime,
        commands: Sequence[str] = (),
        playbook: str = "",
        version: int = 0,
        text: str = "",
        folder: str = "",
    ) -> None:
        """Consent to these bytes at this path. Replaces earlier consents for the path. Raises `Invalid`.

        ``text`` is kept for comparing; it must be what ``sha256`` is the hash of, or it is not kept.
        """
        given = Grant(
            sha256, path, level, by, at.isoformat(), tuple(commands), playbook, version, folder
        )  # fmt: skip
        with self._alone():
            grants, folders = self._read()
            self._keep_text(sha256, text)
            self._write([*(one for one in grants if one.path != path), given], folders)

    def grant_folder(self, given: FolderGrant) -> None:
        """Consent to a folder; the files in it are consented to one by one. Raises `Invalid`."""
        with self._alone():
            grants, folders = self._read()
            self._write(grants, [*(one for one in folders if one.path != given.path), given])

    def revoke(self, path: str) -> bool:
        """Take every consent for ``path`` back, a file or a folder with all in it; whether there was one."""
        with self._alone():
            grants, folders = self._read()
            kept = [one for one in grants if path not in (one.path, one.folder)]
            kept_folders = [one for one in folders if one.path != path]
            if len(kept) == len(grants) and len(kept_folders) == len(folders):
                return False
            self._write(kept, kept_folders)
            return True

    def change(self, path: str, commands: Sequence[str]) -> CommandChange | None:
        """How the commands differ from those consented to at ``path``; None when nothing ever was there."""
        earlier = self.granted_at(path)
        return None if earlier is None else change_of(earlier.version, earlier.commands, commands)

    def text(self, sha256: str) -> str | None:
        """The text kept for ``sha256``; None when it was not kept or is no longer what it was."""
        if not _HASH.match(sha256):
            return None
        try:
            raw = (self._texts / sha256).read_bytes()
        except OSError:
            return None
        return raw.decode("utf-8") if hashlib.sha256(raw).hexdigest() == sha256 else None

    @contextlib.contextmanager
    def _alone(self) -> Iterator[None]:
        """Hold others off from reading to writing, so that two consents at once are both kept."""
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            handle = os.open(self.path.parent, os.O_RDONLY)
        except OSError as error:
            raise Invalid(f"cannot be written: {error.strerror}", where=str(self.path)) from None
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        finally:
            os.close(handle)

    def _read(self) -> tuple[tuple[Grant, ...], tuple[FolderGrant, ...]]:
        try:
            with self.path.open("rb") as file:
                self._check_owner(os.fstat(file.fileno()))
                data = json.loads(file.read(8 * 1024 * 1024))
        except FileNotFoundError:
            return (), ()
        except (OSError, ValueError) as error:
            raise self._unreadable(str(getattr(error, "strerror", None) or "it is not JSON")) from None
        return self._grants(data)

    def _grants(self, data: Any) -> tuple[tuple[Grant, ...], tuple[FolderGrant, ...]]:
        if not isinstance(data, Mapping) or data.get("format") not in (FORMAT, *EARLIER_FORMATS):
            raise self._unreadable("it has an unknown format")
        try:
            grants = tuple(Grant(**{**row, "commands": tuple(row["commands"])}) for row in data["grants"])
            folders = tuple(FolderGrant(**row) for row in data.get("folders", ()))
        except (TypeError, KeyError, ValueError):
            raise self._unreadable("an entry is damaged") from None
        every: list[Grant | FolderGrant] = [*grants, *folders]
        if any(one.level not in ("read", "run") for one in every):
            raise self._unreadable("an entry has an unknown level")
        if not all(map(_of_its_types, every)):
            raise self._unreadable("an entry is damaged")
        return grants, folders

    def _check_owner(self, status: os.stat_result) -> None:
        if status.st_uid != os.getuid() or status.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
            raise self._unreadable("others may write it")

    def _unreadable(self, why: str) -> Invalid:
        return Invalid(
            f"the trust store cannot be used: {why}", where=str(self.path), do="move it away to start anew"
        )

    def _keep_text(self, sha256: str, text: str) -> None:
        raw = text.encode("utf-8")
        if not text or hashlib.sha256(raw).hexdigest() != sha256:
            return
        try:
            self._texts.mkdir(exist_ok=True, mode=0o700)
        except OSError as error:
            raise Invalid(f"cannot be written: {error.strerror}", where=str(self._texts)) from None
        _replace(self._texts / sha256, raw)

    def _write(self, grants: Sequence[Grant], folders: Sequence[FolderGrant]) -> None:
        """Replace the file in one step: a crash leaves the old one or the new one."""
        held = {
            "format": FORMAT,
            "grants": [asdict(one) for one in grants],
            "folders": [asdict(one) for one in folders],
        }
        _replace(self.path, json.dumps(held, indent=1).encode())
        kept = {one.sha256 for one in grants}
        for one in self._texts.iterdir() if self._texts.is_dir() else ():
            if one.name not in kept:
                one.unlink(missing_ok=True)


def _of_its_types(row: Grant | FolderGrant) -> bool:
    """Whether every field of ``row`` has the type its class gives it: a store is also edited by hand."""
    others = {"commands": tuple, "version": int}
    return all(isinstance(getattr(row, one.name), others.get(one.name, str)) for one in fields(row))


def _replace(path: Path, raw: bytes) -> None:
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=".trust-")
    except OSError as error:
        raise Invalid(f"cannot be written: {error.strerror}", where=str(path)) from None
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(raw)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except OSError as error:
        with contextlib.suppress(OSError):
            Path(name).unlink()
        raise Invalid(f"cannot be written: {error.strerror}", where=str(path)) from None
