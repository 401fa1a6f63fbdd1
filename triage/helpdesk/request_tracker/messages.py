"""The texts of messages: Request Tracker keeps them apart from the history, among copies of every mail."""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass, field
from typing import BinaryIO

from triage.helpdesk.body import TooLarge
from triage.helpdesk.html_text import words_of
from triage.helpdesk.shape import Record, expecting, line, record, records, text
from triage.helpdesk.transport import Query, Transport
from triage.model.errors import HelpdeskFailed, Refused
from triage.model.timeline import Attachment

AT_ONCE = 25
PER_PAGE = 100
_LENGTH = re.compile(r"^Content-Length:\s*(\d+)", re.IGNORECASE | re.MULTILINE)
_TEXTS = ("text/plain", "text/html")


@dataclass(slots=True)
class Message:
    """What one transaction carries."""

    plain: list[str] = field(default_factory=list)
    html: list[str] = field(default_factory=list)
    attachments: list[Attachment] = field(default_factory=list)

    @property
    def body(self) -> str:
        """The plain text, or the words of the HTML where there is none."""
        return "\n".join(self.plain) if self.plain else "\n".join(words_of(part) for part in self.html)


class Messages:
    """Reads the parts of messages, only of those asked for."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    async def of(self, transactions: Sequence[str]) -> dict[str, Message]:
        """The messages of ``transactions`` by their number. Files are listed, not fetched."""
        found: dict[str, Message] = {}
        for start in range(0, len(transactions), AT_ONCE):
            parts = await self._parts(transactions[start : start + AT_ONCE])
            texts = await self._contents([line(part.get("id")) for part in parts if _is_text(part)])
            for part in parts:
                message = found.setdefault(line(part.get("TransactionId")), Message())
                _add(message, part, texts)
        return found

    async def _parts(self, transactions: Iterable[str]) -> list[Record]:
        fields = "TransactionId,ContentType,Filename,Headers"
        return [part async for part in self._search("TransactionId", transactions, fields)]

    async def _contents(self, ids: Sequence[str]) -> dict[str, str]:
        """Texts by attachment number; one that does not fit into an answer is said to be too long."""
        try:
            return {
                line(part.get("id")): text(part.get("Content"))
                async for part in self._search("id", ids, "Content")
            }
        except TooLarge:
            if len(ids) == 1:
                return {ids[0]: "[this message is too long to be shown; open the ticket in the browser]"}
            half = len(ids) // 2
            return await self._contents(ids[:half]) | await self._contents(ids[half:])

    async def _search(self, field_name: str, values: Iterable[str], fields: str) -> AsyncIterator[Record]:
        conditions = [{"field": field_name, "operator": "=", "value": value} for value in values]
        if not conditions:
            return
        query: Query = {
            "query": json.dumps(conditions, separators=(",", ":")),
            "fields": fields,
            "orderby": "id",
            "per_page": PER_PAGE,
        }
        page = 0
        while True:
            page += 1
            answer = await self._transport.read("REST/2.0/attachments", {**query, "page": page})
            found = records(answer, "items", "the list of attachments")
            for part in found:
                yield part
            if len(found) < PER_PAGE:
                return

    async def download(self, ref: str, sink: BinaryIO, max_bytes: int) -> int:
        """One file. Raises `Refused` above ``max_bytes``."""
        if not ref.isascii() or not ref.isdigit():
            raise HelpdeskFailed("this is no attachment of Request Tracker", where=line(ref))
        answer = record(await self._transport.read(f"REST/2.0/attachment/{ref}"), "an attachment")
        with expecting("an attachment"):
            try:
                content = base64.b64decode(answer["Content"], validate=False)
            except binascii.Error as error:
                raise HelpdeskFailed("the attachment cannot be decoded", where=f"attachment {ref}") from error
        if len(content) > max_bytes:
            raise Refused(f"the file is larger than {max_bytes:,} bytes", where=f"attachment {ref}")
        sink.write(content)
        return len(content)


def _is_text(part: Record) -> bool:
    return line(part.get("ContentType")).lower() in _TEXTS and not part.get("Filename")


def _add(message: Message, part: Record, texts: dict[str, str]) -> None:
    number, media_type = line(part.get("id")), line(part.get("ContentType")).lower()
    if _is_text(part):
        (message.plain if media_type == "text/plain" else message.html).append(texts.get(number, ""))
    elif part.get("Filename"):
        length = _LENGTH.search(text(part.get("Headers")))
        size = int(length[1]) if length else -1
        message.attachments.append(Attachment(line(part.get("Filename")), size, number, media_type))
