"""People, groups, organizations, fields, ratings and files: what tickets refer to."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import Response

from triage.demo import paging
from triage.demo.answers import answer, plain
from triage.demo.helpdesk_state import number, numbers, state_of
from triage.demo.records import Selection
from triage.demo.refusal import Refusal, not_found

Endpoint = Callable[[Request], Awaitable[Response]]
_NOBODY = {"id": None, "name": "Anonymous user", "email": "invalid@example.com", "role": "end-user"}


def listing(table: str) -> Endpoint:
    """``GET /{table}``: the whole table, paged."""

    async def list_rows(request: Request) -> Response:
        page = paging.asked(request)
        rows = state_of(request).records.listing(table, page)
        return answer(request, {table: rows.docs}, paging.tail(request, page, rows))

    return list_rows


def one(table: str, singular: str) -> Endpoint:
    """``GET /{table}/{id}``."""

    async def show(request: Request) -> Response:
        texts = state_of(request).records.texts(table, [number(request.path_params["id"])])
        if not texts:
            raise not_found()
        return answer(request, {singular: texts[0]}, {})

    return show


def many(table: str) -> Endpoint:
    """``GET /{table}/show_many?ids=``: those that exist."""

    async def show_many(request: Request) -> Response:
        texts = state_of(request).records.texts(table, numbers(request))
        rest = {"next_page": None, "previous_page": None, "count": len(texts)}
        return answer(request, {table: texts}, rest)

    return show_many


async def me(request: Request) -> Response:
    """``GET /users/me``: who the token belongs to; nobody without one."""
    if request.state.caller is None:
        return plain(request, {"user": _NOBODY})
    return answer(request, {"user": state_of(request).records.users([request.state.caller])[0]}, {})


async def user_search(request: Request) -> Response:
    """``GET /users/search?query=``: people by name, by address, or by ``role:agent`` and ``email:…``."""
    words = request.query_params.get("query", "").split()
    if not words:
        raise Refusal(400, "InvalidValue", "query is required")
    chosen = Selection("1")
    for word in words:
        name, _, value = word.partition(":")
        if value and name in ("role", "email"):
            chosen &= Selection(f"{name} = ?", (value.lower(),))
        elif name != "type":
            chosen &= Selection("instr(lower(name || ' ' || email), ?)", (word.lower(),))
    page = paging.asked(request)
    rows = state_of(request).records.listing("users", page, chosen)
    return answer(request, {"users": rows.docs}, paging.tail(request, page, rows))


async def ratings(request: Request) -> Response:
    """``GET /satisfaction_ratings``: how requesters rated the help, optionally of one ``score``."""
    page, score = paging.asked(request), request.query_params.get("score")
    chosen = Selection("score = ?", (score,)) if score else None
    rows = state_of(request).records.listing("ratings", page, chosen)
    return answer(request, {"satisfaction_ratings": rows.docs}, paging.tail(request, page, rows))


async def attachment_content(request: Request) -> Response:
    """``GET /attachments/token/{token}/``: the bytes; the token in the address is the permission."""
    found = state_of(request).records.attachment(request.path_params["token"])
    if found is None:
        raise not_found()
    media_type, content = found
    headers = {"Content-Disposition": "attachment", "X-Content-Type-Options": "nosniff"}
    return Response(content, media_type=media_type, headers=headers)
