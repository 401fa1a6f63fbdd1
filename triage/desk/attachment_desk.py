"""Files that hang on a ticket's messages: listed from the mirror, fetched when a person asks for one."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import re
import tempfile
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, cast

from triage.config.private_file import cannot_write, private_directory
from triage.desk.facts import read_facts
from triage.desk.parts import Parts
from triage.model.clean_text import clean_line
from triage.model.errors import NotFound
from triage.model.timeline import ActorRole, Visibility

LARGEST = 50 * 1024 * 1024
"""Bytes of one file that are fetched."""

LONGEST_NAME = 160
"""Bytes of a file's plain name: file systems take 255, some of which belong to those who copy it on."""
_LONGEST_ENDING = 12


@dataclass(frozen=True, slots=True)
class AttachedFile:
    """One file on a message."""

    number: int
    """1 for the first of the ticket, in the order of the timeline."""
    name: str
    size: int
    """Bytes; -1 where the helpdesk does not say."""
    media_type: str
    at: datetime
    """When its message was written (UTC)."""
    actor_role: ActorRole
    visibility: Visibility
    ref: str
    path: str = ""
    """Where it lies on this machine; empty until it was fetched."""


@dataclass(slots=True)
class AttachmentDesk:
    """Verbs on files of a ticket."""

    parts: Parts

    async def list(self, ticket_id: str) -> tuple[AttachedFile, ...]:
        """The files of the ticket as it was pulled. Raises `NotFound`."""
        now = self.parts.now()
        facts = await self.parts.database.read(lambda session: read_facts(session, ticket_id, now))
        found = [(event, one) for event in facts.timeline for one in event.attachments]
        return tuple(
            AttachedFile(
                number, clean_line(one.name), one.size, one.media_type, event.at, event.actor_role,
                event.visibility, one.ref, self._kept(ticket_id, one.ref, one.name),
            )
            for number, (event, one) in enumerate(found, start=1)
        )  # fmt: skip

    async def fetch(self, ticket_id: str, number: int) -> Path:
        """The file on this machine, fetched unless it was before; only this user can read it.

        Raises `NotFound` for no such file, `Refused` above `LARGEST`, `HelpdeskFailed` when out of reach.
        """
        files = await self.list(ticket_id)
        wanted = next((one for one in files if one.number == number), None)
        if wanted is None:
            raise NotFound(f"no file {number} on this ticket", do=f"It has {len(files)}")
        if wanted.path:
            return Path(wanted.path)
        helpdesk = await self.parts.connection.helpdesk()
        path = self._path(ticket_id, wanted.ref, wanted.name)
        await asyncio.to_thread(private_directory, path.parent)
        try:
            with tempfile.NamedTemporaryFile(dir=path.parent, prefix=".part-") as part:
                await helpdesk.attachment(wanted.ref, cast("BinaryIO", part), LARGEST)
                part.flush()
                # The name appears once everything has come: a file that is there is whole.
                path.unlink(missing_ok=True)
                # Somebody who fetched it at the same time was quicker: theirs is whole, too.
                with contextlib.suppress(FileExistsError):
                    path.hardlink_to(part.name)
        except OSError as error:
            raise cannot_write(path, error) from error
        return path

    def _kept(self, ticket_id: str, ref: str, name: str) -> str:
        path = self._path(ticket_id, ref, name)
        return str(path) if path.is_file() else ""

    def _path(self, ticket_id: str, ref: str, name: str) -> Path:
        digest = hashlib.sha256(f"{ticket_id}\0{ref}".encode()).hexdigest()[:24]
        return self.parts.profile.attachment_dir / digest / plain_name(name)


def plain_name(name: str) -> str:
    """``name`` as a file can safely be called: no folder, no leading dot or dash, nothing unprintable."""
    last = clean_line(name).replace("\\", "/").rpartition("/")[2]
    kept = re.sub(r"[^\w. ()+@=,-]", "_", last).strip(" .-")
    stem, dot, ending = kept.rpartition(".")
    if dot and stem and len(ending.encode()) <= _LONGEST_ENDING:
        return f"{_cut(stem, LONGEST_NAME - len(ending.encode()) - 1)}.{ending}"
    return _cut(kept, LONGEST_NAME) or "file"


def _cut(text: str, most: int) -> str:
    """``text`` to so many bytes, and no character in half."""
    return text.encode()[:most].decode(errors="ignore")
