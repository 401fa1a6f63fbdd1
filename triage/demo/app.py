"""The embedded helpdesk as an ASGI application."""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from triage.demo import directory, reading, uploads, writing
from triage.demo.access import Access
from triage.demo.helpdesk_state import HelpdeskState
from triage.demo.refusal import Refusal
from triage.demo.ticket_events import ticket_events

_V2 = "/api/v2"


def create_app(helpdesk: HelpdeskState) -> Starlette:
    """The application over ``helpdesk``; every error has the same body."""
    app = Starlette(
        routes=_routes(),
        middleware=[Middleware(Access, helpdesk=helpdesk)],
        exception_handlers={Refusal: _refused, HTTPException: _unknown, Exception: _broken},
    )
    app.state.helpdesk = helpdesk
    return app


def _routes() -> list[Route]:
    """The addresses, the most called first; a fixed word stands before an id in the same place."""
    one_ticket = f"{_V2}/tickets/{{ticket_id}}"
    return [
        Route(f"{one_ticket}/audits", reading.audits),
        Route(f"{one_ticket}/audits/{{audit_id}}", reading.audit),
        Route(f"{one_ticket}/comments", reading.comments),
        Route(f"{_V2}/tickets/show_many", reading.show_many),
        Route(f"{one_ticket}/tags", writing.tags, methods=["GET", "POST", "PUT", "DELETE"]),
        Route(f"{one_ticket}/incidents", reading.incidents),
        Route(one_ticket, reading.ticket),
        Route(one_ticket, writing.update_ticket, methods=["PUT"]),
        Route(one_ticket, writing.delete_ticket, methods=["DELETE"]),
        Route(f"{_V2}/tickets", reading.tickets),
        Route(f"{_V2}/tickets", writing.create_ticket, methods=["POST"]),
        Route(f"{_V2}/incremental/tickets/cursor", reading.changed_tickets),
        Route(f"{_V2}/incremental/ticket_events", ticket_events),
        Route(f"{_V2}/views", reading.views),
        Route(f"{_V2}/views/{{view_id}}", reading.view),
        Route(f"{_V2}/views/{{view_id}}/tickets", reading.view_tickets),
        Route(f"{_V2}/views/{{view_id}}/count", reading.view_count),
        Route(f"{_V2}/problems", reading.problems),
        Route(f"{_V2}/search", reading.search),
        Route(f"{_V2}/search/count", reading.search_count),
        Route(f"{_V2}/search/export", reading.search_export),
        Route(f"{_V2}/users/me", directory.me),
        Route(f"{_V2}/users/search", directory.user_search),
        *_directory("users", "user"),
        *_directory("organizations", "organization"),
        *_directory("groups", "group"),
        *_directory("ticket_fields", "ticket_field"),
        Route(f"{_V2}/satisfaction_ratings", directory.ratings),
        Route(f"{_V2}/satisfaction_ratings/{{id}}", directory.one("ratings", "satisfaction_rating")),
        Route(f"{_V2}/uploads", uploads.upload, methods=["POST"]),
        Route(f"{_V2}/attachments/{{id}}", directory.one("attachments", "attachment")),
        Route("/attachments/token/{token}/", directory.attachment_content),
    ]


def _directory(table: str, singular: str) -> list[Route]:
    return [
        Route(f"{_V2}/{table}", directory.listing(table)),
        Route(f"{_V2}/{table}/show_many", directory.many(table)),
        Route(f"{_V2}/{table}/{{id}}", directory.one(table, singular)),
    ]


async def _refused(_request: Request, refusal: Exception) -> Response:
    if not isinstance(refusal, Refusal):  # pragma: no cover - Starlette hands over what was registered
        raise refusal
    return JSONResponse(refusal.body, refusal.status, refusal.headers)


async def _unknown(_request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 404
    name, words = ("InvalidEndpoint", "Not found") if status == 404 else ("MethodNotAllowed", "Not this way")
    return JSONResponse({"error": name, "description": words}, status)


async def _broken(_request: Request, _error: Exception) -> Response:
    return JSONResponse({"error": "InternalError", "description": "Something went wrong here"}, 500)
