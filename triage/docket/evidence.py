"""Evidence as files that are named by what is in them, so that nothing is kept twice or changed unseen."""

from __future__ import annotations

import asyncio
import hashlib
from pathlib import Path
from typing import Literal

from triage.config.private_file import write_private
from triage.config.secret import Redactor
from triage.config.secret_scan import mask_secrets
from triage.docket.docket import Docket
from triage.model.clean_text import clean_line
from triage.model.entry import NewEntry
from triage.model.errors import Invalid, NotFound, Refused
from triage.model.json_value import Json
from triage.model.run import EvidenceItem
from triage.store import evidence_rows
from triage.store.database import Database

LARGEST = 25 * 1024 * 1024
"""Bytes of one piece of evidence."""

SUMMARY_LENGTH = 120


class EvidenceFiles:
    """A folder of files ``ab/abcdef…``, each named by the SHA-256 of its content; mode 0600, folders 0700."""

    def __init__(self, folder: Path, redactor: Redactor | None = None) -> None:
        self._folder = folder
        self._redactor = redactor or Redactor()

    async def keep(
        self,
        docket: Docket,
        case_id: str,
        kind: Literal["text", "output", "file", "url", "screenshot_path"],
        content: str | bytes,
        *,
        summary: str = "",
        source: str = "",
    ) -> EvidenceItem:
        """Keep a piece of evidence for a case, known secrets masked, and say so in the docket.

        ``summary`` is one line, the beginning of the text by default. Raises what `put` and the docket raise.
        """
        text = content if isinstance(content, str) else content.decode("utf-8", "surrogateescape")
        text, redactions = self._redactor.count(text)
        raw = text.encode("utf-8", "surrogateescape" if isinstance(content, bytes) else "replace")
        item = EvidenceItem(
            id=docket.new_id(),
            case_id=case_id,
            at=docket.now(),
            kind=kind,
            # Lists and exports carry this line; what looks like a secret is masked before it is cut in half.
            summary=mask_secrets(clean_line(summary) or clean_line(text[:4096]))[:SUMMARY_LENGTH],
            sha256=await asyncio.to_thread(self.put, raw),
            size=len(raw),
            redactions=redactions,
            source=source,
        )
        await docket.append(case_id, [NewEntry("case", case_id, "evidence.added", evidence_data(item))])
        return item

    async def text(self, database: Database, evidence_id: str) -> str:
        """The text of a kept piece, as it was kept. Raises `NotFound`, or `Invalid` when it was changed."""
        item = await database.read(lambda session: evidence_rows.load_evidence(session, evidence_id))
        if item is None:
            raise NotFound(f"no evidence {evidence_id}", do="triage evidence list TICKET shows what there is")
        raw = await asyncio.to_thread(self.get, item.sha256)
        return raw.decode("utf-8", "replace")

    def put(self, content: bytes) -> str:
        """Keep ``content`` and give its SHA-256; on disk after return. Blocks: run it in a thread.

        Raises `Refused` above `LARGEST`, `Invalid` when it cannot be written.
        """
        if len(content) > LARGEST:
            raise _too_large(len(content))
        digest = hashlib.sha256(content).hexdigest()
        path = self.path(digest)
        if not path.is_file():
            write_private(path, content)
        return digest

    def get(self, digest: str) -> bytes:
        """The content of `put`. Raises `NotFound`, or `Invalid` when the file is not what it was."""
        path = self.path(digest)
        try:
            content = path.read_bytes()
        except FileNotFoundError as error:
            raise NotFound("the evidence is not on this machine", where=str(path)) from error
        except OSError as error:
            raise Invalid(f"cannot be read: {error.strerror or error}", where=str(path)) from error
        if hashlib.sha256(content).hexdigest() != digest:
            raise Invalid(
                "the evidence was changed after it was kept", where=str(path), do="Restore a backup"
            )
        return content

    def path(self, digest: str) -> Path:
        """Where the content with this SHA-256 is, or would be."""
        if len(digest) != 64 or not set(digest) <= set("0123456789abcdef"):
            raise NotFound("this is no evidence", where=digest[:80])
        return self._folder / digest[:2] / digest


def read_file(path: Path) -> bytes:
    """What ``path`` holds. Raises `Refused` above `LARGEST`, `Invalid` when it is no readable file."""
    try:
        path = path.expanduser()
        if not path.is_file():
            raise Invalid("there is no such file", where=str(path), do="Give the path of a file")
        if (size := path.stat().st_size) > LARGEST:
            raise _too_large(size)
        return path.read_bytes()
    except OSError as error:
        raise Invalid(f"cannot be read: {error.strerror or error}", where=str(path)) from error


def _too_large(size: int) -> Refused:
    return Refused(
        f"{size:,} bytes are more than evidence may have ({LARGEST:,})", do="Keep a part of it, or a link"
    )


def evidence_data(item: EvidenceItem) -> dict[str, Json]:
    """What an ``evidence.added`` entry says of ``item``; case and time are the entry's own."""
    return {
        "id": item.id,
        "kind": item.kind,
        "summary": item.summary,
        "sha256": item.sha256,
        "size": item.size,
        "redactions": item.redactions,
        "source": item.source,
    }
