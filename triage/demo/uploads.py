"""Files that callers bring: uploaded by themselves, and on a ticket only once a comment names their token."""

from __future__ import annotations

import secrets
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from triage.demo import documents
from triage.demo.answers import plain
from triage.demo.documents import Document
from triage.demo.helpdesk_state import HelpdeskState, caller_of, state_of
from triage.demo.refusal import Refusal, invalid

LARGEST = 50_000_000
"""Bytes of one file."""
KEPT_S = 3_600.0
"""Seconds an upload waits for its comment; Zendesk's own time."""


async def upload(request: Request) -> Response:
    """``POST /uploads?filename=``: the body is the file; ``token=`` of an earlier one joins the two."""
    helpdesk, name = state_of(request), request.query_params.get("filename", "").strip()
    if not name:
        raise invalid("filename", "Filename: cannot be blank", "BlankValue")
    content = await request.body()
    if not content:
        raise invalid("attachment", "Attachment: cannot be empty", "BlankValue")
    if len(content) > LARGEST:
        raise Refusal(413, "AttachmentTooLarge", f"A file has at most {LARGEST} bytes")
    token = request.query_params.get("token", "") or secrets.token_urlsafe(16)
    records = helpdesk.records
    if "token" in request.query_params and not records.uploaded(token, helpdesk.now() - KEPT_S):
        raise invalid("token", "Token: is invalid")
    media_type = request.headers.get("content-type", "application/octet-stream").partition(";")[0].strip()
    number, key = records.next_attachment_id(), secrets.token_urlsafe(16)
    document = documents.attachment(number, key, name, media_type, len(content))
    records.add_upload(token, caller_of(request), helpdesk.now(), (key, media_type, content), document)
    files = records.uploaded(token, helpdesk.now() - KEPT_S)
    return plain(request, {"upload": {"token": token, "attachment": document, "attachments": files}}, 201)


def named(helpdesk: HelpdeskState, tokens: Any) -> list[Document]:
    """The files behind the tokens of a comment. Raises a 422 `Refusal` for a token that holds nothing."""
    if tokens is None:
        return []
    if not isinstance(tokens, list) or not all(isinstance(token, str) for token in tokens):
        raise invalid("uploads", "Uploads: must be a list of tokens")
    found = [helpdesk.records.uploaded(token, helpdesk.now() - KEPT_S) for token in tokens]
    if not all(found):
        raise invalid("uploads", "Uploads: token is invalid or has expired")
    return [document for files in found for document in files]
