"""The writing half of the API: one update carries comment, tags, fields and status together or not at all."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from triage.demo import documents, ticket_change, uploads
from triage.demo.answers import answer, plain
from triage.demo.documents import CUSTOM_FIELDS, Document
from triage.demo.helpdesk_state import HelpdeskState, caller_of, number, state_of
from triage.demo.refusal import Refusal, invalid, not_found
from triage.demo.ticket_change import Applied, Comment, TicketChange
from triage.demo.ticket_wish import plain_fields, tag_list

METADATA_LIMIT = 1_024
"""Bytes of JSON that may ride on an update as ``metadata``."""


async def update_ticket(request: Request) -> Response:
    """``PUT /tickets/{id}``. Answers 409 when ``safe_update`` finds a newer ticket, 422 for bad values."""
    body = await _object(request, "ticket")
    helpdesk, ticket = state_of(request), _ticket(request)
    _guard(ticket, body)
    change = _change(request, helpdesk, ticket, body)
    applied = _apply(helpdesk, ticket, change)
    if applied is None:
        return answer(request, {"ticket": documents.dump(ticket)}, {})
    return _changed(request, applied)


async def create_ticket(request: Request) -> Response:
    """``POST /tickets``: a new ticket, from the caller or from ``requester_id``.

    What it says stands in ``comment`` or, as the requester's own words, in ``description``.
    """
    body, helpdesk = await _object(request, "ticket"), state_of(request)
    requester = body.get("requester_id", caller_of(request))
    if "comment" not in body and "description" in body:
        body = {**body, "comment": {"body": body["description"], "author_id": requester}}
    if "comment" not in body or not helpdesk.records.exists("users", requester):
        field = "comment" if "comment" not in body else "requester_id"
        raise invalid(field, f"{field}: cannot be blank or unknown", "BlankValue")
    subject = str(body.get("subject") or "")
    ticket_id = helpdesk.records.next_ticket_id()
    blank = documents.ticket(
        ticket_id, subject=subject, requester_id=requester, at=helpdesk.now(), channel="api"
    )
    person = helpdesk.records.user(requester)
    blank["organization_id"] = person["organization_id"] if person else None
    change = _change(request, helpdesk, blank, body)
    applied = ticket_change.create(blank, change, helpdesk.records.next_audit_id())
    helpdesk.records.save(applied, helpdesk.now())
    return _changed(request, applied, status=201)


async def delete_ticket(request: Request) -> Response:
    """``DELETE /tickets/{id}``: gone for everybody; the export still tells that it was deleted."""
    helpdesk, ticket = state_of(request), _ticket(request)
    change = TicketChange(caller_of(request), helpdesk.now(), by_agent=True, fields={"status": "deleted"})
    _apply(helpdesk, ticket, change)
    return Response(status_code=204)


async def tags(request: Request) -> Response:
    """``/tickets/{id}/tags``: GET reads, POST sets, PUT adds, DELETE removes."""
    helpdesk, ticket = state_of(request), _ticket(request)
    if request.method == "GET":
        return plain(request, {"tags": ticket["tags"]})
    body = await _json(request)
    _guard(ticket, body)
    given, old = tag_list(body.get("tags")), set(ticket["tags"])
    wanted = {"POST": set(given), "PUT": old | set(given), "DELETE": old - set(given)}[request.method]
    change = TicketChange(
        caller_of(request), helpdesk.now(), by_agent=True, fields={"tags": sorted(wanted)},
        channel=documents.via("api"),
    )  # fmt: skip
    _apply(helpdesk, ticket, change)
    return plain(request, {"tags": sorted(wanted)}, status=201 if request.method == "POST" else 200)


def _changed(request: Request, applied: Applied, status: int = 200) -> Response:
    parts = {"ticket": documents.dump(applied.ticket), "audit": documents.dump(applied.audit)}
    response = answer(request, parts, {})
    response.status_code = status
    return response


def _apply(helpdesk: HelpdeskState, ticket: Document, change: TicketChange) -> Applied | None:
    applied = ticket_change.apply(ticket, change, helpdesk.records.next_audit_id())
    if applied is not None:
        helpdesk.records.save(applied, helpdesk.now())
    return applied


def _ticket(request: Request) -> Document:
    ticket = state_of(request).records.ticket(number(request.path_params["ticket_id"]))
    if ticket is None:
        raise not_found()
    return ticket


async def _json(request: Request) -> Document:
    try:
        body = json.loads(await request.body(), parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise Refusal(422, "UnprocessableEntity", "Server could not parse JSON") from None
    if not isinstance(body, dict):
        raise Refusal(422, "UnprocessableEntity", "The body must be a JSON object")
    return body


def _no_constant(name: str) -> None:
    raise ValueError(name)


async def _object(request: Request, name: str) -> Document:
    body = (await _json(request)).get(name)
    if not isinstance(body, dict):
        raise Refusal(400, "MissingParameter", f"The parameter {name} is required")
    return body


def _guard(ticket: Document, body: Mapping[str, Any]) -> None:
    """The optimistic lock, and that what is closed stays closed."""
    if body.get("safe_update") is True and body.get("updated_stamp") != ticket["updated_at"]:
        raise Refusal(
            409,
            "UpdateConflict",
            "Safe Update prevented the update due to outdated ticket data. "
            "Please fetch the latest ticket data and try again.",
        )
    if ticket["status"] == "closed":
        raise invalid("status", "Status: closed prevents ticket update", "TicketClosed")


def _change(
    request: Request, helpdesk: HelpdeskState, ticket: Document, body: Mapping[str, Any]
) -> TicketChange:
    caller = caller_of(request)
    comment = _comment(helpdesk, body.get("comment"), caller)
    author = comment.author_id if comment else caller
    person = helpdesk.records.user(author)
    return TicketChange(
        author,
        helpdesk.now(),
        by_agent=person is None or person["role"] != "end-user",
        comment=comment,
        fields=plain_fields(helpdesk.records, ticket, body),
        custom=_custom(body.get("custom_fields")),
        metadata=_metadata(body.get("metadata")),
        channel=documents.via("api"),
    )


def _comment(helpdesk: HelpdeskState, given: Any, caller: int) -> Comment | None:
    """The message in the body. Where it does not say ``public: false``, the requester will see it."""
    if given is None:
        return None
    text = given.get("body", given.get("html_body")) if isinstance(given, dict) else given
    if not isinstance(text, str) or not text.strip():
        raise invalid("comment", "Comment: cannot be blank", "BlankValue")
    limit = helpdesk.settings.comment_limit
    if len(text) > limit:
        raise invalid("comment", f"Comment: is too long (maximum is {limit} characters)", "ValueTooLong")
    options = given if isinstance(given, dict) else {}
    author = options.get("author_id", caller)
    if not helpdesk.records.exists("users", author):
        raise invalid("author_id", "Author: is invalid")
    files = uploads.named(helpdesk, options.get("uploads"))
    return Comment(text, options.get("public", True) is not False, author, files)


def _custom(given: Any) -> dict[int, Any]:
    """The custom fields in the body; those that do not exist are passed over in silence, as at Zendesk."""
    if isinstance(given, dict):
        given = [{"id": name, "value": value} for name, value in given.items()]
    if given is None:
        return {}
    if not isinstance(given, list) or not all(isinstance(entry, dict) for entry in given):
        raise invalid("custom_fields", "Custom fields: must be a list of id and value")
    known = {str(number): number for number in CUSTOM_FIELDS.values()}
    pairs = [(known.get(str(entry.get("id"))), entry.get("value")) for entry in given]
    return {field: value if value != "" else None for field, value in pairs if field is not None}


def _metadata(given: Any) -> dict[str, Any]:
    if given is None:
        return {}
    if not isinstance(given, dict):
        raise invalid("metadata", "Metadata: must be an object")
    if len(json.dumps(given)) > METADATA_LIMIT:
        raise invalid(
            "metadata", f"Metadata: is too long (maximum is {METADATA_LIMIT} bytes)", "ValueTooLong"
        )
    return given
