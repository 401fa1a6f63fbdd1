"""Whom we let run what: consent by content, kept outside every playbook folder.

A playbook cannot vouch for itself. Trust belongs to the exact bytes of a file at one path; change a byte or
move the file, and it is asked for again. The store is one small JSON file, readable by its owner only; a
store that others may write is not believed.
"""

from __future__ import annotations

import contextlib
import json
import os
import stat
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Literal, TypeAlias

from triage.model.errors import Invalid
from triage.model.run import TrustLevel

Grantable: TypeAlias = Literal["read", "run"]
FORMAT = 1


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
    """What was listed on the page that was consented to, a line a command."""


class TrustStore:
    """The consents of one person on one machine."""

    def __init__(self, path: Path) -> None:
        """``path`` is the JSON file; it need not exist yet."""
        self.path = path

    def level(self, sha256: str, path: str, *, shipped: bool = False) -> TrustLevel:
        """How far these bytes at this path are trusted. A store that cannot be believed says nothing.

        ``shipped`` says that the bytes are on the package's own list (`LoadedPlaybook.shipped`).
        """
        try:
            grants = self._read()
        except Invalid:
            grants = ()
        given = [one.level for one in grants if one.sha256 == sha256 and one.path == path]
        if "run" in given:
            return "run"
        if given:
            return "read"
        return "shipped" if shipped else "none"

    def grant(
        self,
        sha256: str,
        path: str,
        level: Grantable,
        *,
        by: str,
        at: datetime,
        commands: Sequence[str] = (),
    ) -> None:
        """Consent to these bytes at this path. Replaces earlier consents for the path. Raises `Invalid`."""
        kept = [one for one in self._read() if one.path != path]
        self._write([*kept, Grant(sha256, path, level, by, at.isoformat(), tuple(commands))])

    def revoke(self, path: str) -> bool:
        """Take every consent for ``path`` back; whether there was one. Raises `Invalid`."""
        grants = self._read()
        kept = [one for one in grants if one.path != path]
        if len(kept) == len(grants):
            return False
        self._write(kept)
        return True

    def changed_commands(self, path: str, commands: Sequence[str]) -> tuple[str, ...]:
        """How the commands differ from those consented to at ``path``: lines with ``+`` or ``-``.

        Empty when nothing differs or nothing was ever consented to there.
        """
        earlier = next((one for one in self._read() if one.path == path), None)
        if earlier is None:
            return ()
        gone = [f"- {line}" for line in earlier.commands if line not in commands]
        return (*gone, *(f"+ {line}" for line in commands if line not in earlier.commands))

    def _read(self) -> tuple[Grant, ...]:
        try:
            with self.path.open("rb") as file:
                self._check_owner(os.fstat(file.fileno()))
                data = json.loads(file.read(8 * 1024 * 1024))
        except FileNotFoundError:
            return ()
        except (OSError, ValueError) as error:
            raise self._unreadable(str(getattr(error, "strerror", None) or "it is not JSON")) from None
        return self._grants(data)

    def _grants(self, data: Any) -> tuple[Grant, ...]:
        if not isinstance(data, Mapping) or data.get("format") != FORMAT:
            raise self._unreadable("it has an unknown format")
        try:
            grants = [Grant(**{**row, "commands": tuple(row["commands"])}) for row in data["grants"]]
        except (TypeError, KeyError, ValueError):
            raise self._unreadable("an entry is damaged") from None
        if any(one.level not in ("read", "run") for one in grants):
            raise self._unreadable("an entry has an unknown level")
        return tuple(grants)

    def _check_owner(self, status: os.stat_result) -> None:
        if status.st_uid != os.getuid() or status.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
            raise self._unreadable("others may write it")

    def _unreadable(self, why: str) -> Invalid:
        return Invalid(
            f"the trust store cannot be used: {why}", where=str(self.path), do="move it away to start anew"
        )

    def _write(self, grants: Sequence[Grant]) -> None:
        """Replace the file in one step: a crash leaves the old one or the new one."""
        text = json.dumps({"format": FORMAT, "grants": [asdict(one) for one in grants]}, indent=1)
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            handle, name = tempfile.mkstemp(dir=self.path.parent, prefix=".trust-")
        except OSError as error:
            raise Invalid(f"cannot be written: {error.strerror}", where=str(self.path)) from None
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            Path(name).replace(self.path)
        except OSError as error:
            with contextlib.suppress(OSError):
                Path(name).unlink()
            raise Invalid(f"cannot be written: {error.strerror}", where=str(self.path)) from None
