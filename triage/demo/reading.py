"""The reading half of the API: views, tickets, their threads, search and the incremental export."""

from __future__ import annotations

import base64
import binascii

from starlette.requests import Request
from starlette.responses import Response

from triage.demo import documents, paging, ticket_search
from triage.demo.answers import answer, authors, plain, sideloads
from triage.demo.documents import Document
from triage.demo.helpdesk_state import LARGEST_ID, caller_of, number, numbers, state_of
from triage.demo.paging import CursorPage, NumberedPage, Rows
from triage.demo.records import PRESENT, Selection
from triage.demo.refusal import Refusal, bad_parameter, not_found
from triage.demo.views import VIEWS, View, view_of

EXPORT_LARGEST = 1_000


async def views(request: Request) -> Response:
    """``GET /views``: every view the caller may use."""
    created = float(state_of(request).records.meta("born") or 0)
    texts = [documents.dump(view.document(created)) for view in VIEWS]
    page = paging.asked(request)
    rows = Rows(texts, [view.id for view in VIEWS], more=False, total=len(texts))
    return answer(request, {"views": texts}, paging.tail(request, page, rows))


async def view(request: Request) -> Response:
    """``GET /views/{id}``."""
    created = float(state_of(request).records.meta("born") or 0)
    return answer(request, {"view": documents.dump(_view(request).document(created))}, {})


async def view_tickets(request: Request) -> Response:
    """``GET /views/{id}/tickets``: what is in the view now."""
    return _tickets(request, _view(request).selects(caller_of(request)))


async def view_count(request: Request) -> Response:
    """``GET /views/{id}/count``."""
    shown = _view(request)
    value = state_of(request).records.count(shown.selects(caller_of(request)))
    url = f"{documents.API}/views/{shown.id}/count.json"
    count = {
        "view_id": shown.id,
        "url": url,
        "value": value,
        "pretty": f"{value:,}",
        "fresh": True,
        "active": True,
    }
    return plain(request, {"view_count": count})


async def tickets(request: Request) -> Response:
    """``GET /tickets``: all tickets, or those with ``?external_id=``."""
    external = request.query_params.get("external_id")
    return _tickets(request, PRESENT & Selection("external_id = ?", (external,)) if external else PRESENT)


async def problems(request: Request) -> Response:
    """``GET /problems``: tickets of the type problem."""
    return _tickets(request, PRESENT & Selection("type = 'problem'"))


async def incidents(request: Request) -> Response:
    """``GET /tickets/{id}/incidents``: tickets that name this one as their problem."""
    return _tickets(request, PRESENT & Selection("problem_id = ?", (_ticket_number(request),)))


async def show_many(request: Request) -> Response:
    """``GET /tickets/show_many?ids=``: those that exist, at most 100."""
    texts = state_of(request).records.ticket_texts(numbers(request))
    rest = {"next_page": None, "previous_page": None, "count": len(texts)}
    return answer(request, {"tickets": texts} | sideloads(request, texts), rest)


async def ticket(request: Request) -> Response:
    """``GET /tickets/{id}``."""
    text = state_of(request).records.ticket_text(number(request.path_params["ticket_id"]))
    if text is None:
        raise not_found()
    return answer(request, {"ticket": text} | sideloads(request, [text]), {})


async def audits(request: Request) -> Response:
    """``GET /tickets/{id}/audits``: everything that happened, oldest first unless asked otherwise."""
    rows, page = _thread(request, comments_only=False)
    loaded = [documents.load(text) for text in rows.docs] if "include" in request.query_params else []
    return answer(request, {"audits": rows.docs} | authors(request, loaded), paging.tail(request, page, rows))


async def audit(request: Request) -> Response:
    """``GET /tickets/{id}/audits/{audit_id}``."""
    wanted = Selection("id = ?", (number(request.path_params["audit_id"]),))
    chosen = wanted & Selection("ticket_id = ?", (_ticket_number(request),))
    rows = state_of(request).records.listing("audits", CursorPage(1), chosen)
    if not rows.docs:
        raise not_found()
    return answer(request, {"audit": rows.docs[0]}, {})


async def comments(request: Request) -> Response:
    """``GET /tickets/{id}/comments``: the messages alone."""
    rows, page = _thread(request, comments_only=True)
    loaded = [_comment_of(documents.load(text)) for text in rows.docs]
    texts = [documents.dump(comment) for comment in loaded]
    return answer(request, {"comments": texts} | authors(request, loaded), paging.tail(request, page, rows))


async def search(request: Request) -> Response:
    """``GET /search``: numbered pages up to the 1,000th result."""
    page = paging.asked(request)
    if isinstance(page, CursorPage):
        page = NumberedPage(1, page.size)
    if page.number * page.size > ticket_search.CEILING:
        raise Refusal(
            422,
            "Requested response size was greater than Search Response Limits",
            f"At most {ticket_search.CEILING} results can be read; narrow the query",
        )
    query = request.query_params
    order = ticket_search.order_of(query.get("sort_by", ""), query.get("sort_order", ""))
    rows = _found(request, page, order)
    texts = [_as_result(text) for text in rows.docs]
    rest = {"facets": None, **paging.tail(request, page, rows)}
    return answer(request, {"results": texts} | sideloads(request, rows.docs), rest)


async def search_count(request: Request) -> Response:
    """``GET /search/count``."""
    return plain(request, {"count": _found(request, NumberedPage(1, 1), "id").total or 0})


async def search_export(request: Request) -> Response:
    """``GET /search/export``: every result, by cursor."""
    page = paging.asked(request, EXPORT_LARGEST)
    if isinstance(page, NumberedPage):
        page = CursorPage(page.size)
    rows = _found(request, page, "id")
    rest = {"facets": None, **paging.tail(request, page, rows)}
    return answer(request, {"results": [_as_result(text) for text in rows.docs]}, rest)


async def changed_tickets(request: Request) -> Response:
    """``GET /incremental/tickets/cursor``: changes since a time, then since a cursor.

    The newest `Settings.lag_s` seconds are always left out, as at Zendesk, where an export must not
    overtake writes that are still being applied.
    """
    helpdesk, query = state_of(request), request.query_params
    lag = helpdesk.settings.lag_s
    until = helpdesk.now() - lag
    asked = query.get("per_page", str(EXPORT_LARGEST))
    if not asked.isdigit() or not int(asked):
        raise bad_parameter("per_page must be a positive integer")
    texts, last, end = helpdesk.records.changed_since(
        _export_start(request, until),
        min(int(asked), EXPORT_LARGEST),
        int(until * 1000) if lag else LARGEST_ID,
        with_deleted=query.get("exclude_deleted") != "true",
    )
    cursor = _export_cursor(last)
    rest = {
        "after_url": paging.link(request, cursor=cursor, start_time=None),
        "after_cursor": cursor,
        "before_url": None,
        "before_cursor": None,
        "end_of_stream": end,
    }
    return answer(request, {"tickets": texts} | sideloads(request, texts), rest)


def _export_start(request: Request, until: float) -> tuple[int, int]:
    cursor, start = request.query_params.get("cursor"), request.query_params.get("start_time")
    if cursor:
        return _export_key(cursor)
    if start is None or not start.isdigit():
        raise Refusal(400, "StartTimeMissing", "start_time (Unix seconds) or cursor is required")
    if int(start[:12]) > until:
        raise Refusal(422, "InvalidValue", "Too recent start_time. Use a start_time further back")
    return int(start[:12]) * 1000, -1


def _export_cursor(last: tuple[int, int]) -> str:
    return base64.urlsafe_b64encode(f"{last[0]}.{last[1]}".encode()).decode()


def _export_key(cursor: str) -> tuple[int, int]:
    try:
        text = base64.b64decode(cursor, altchars=b"-_", validate=True).decode()
        changed, _, ticket_id = text.partition(".")
        return int(changed), int(ticket_id)
    except (binascii.Error, ValueError):
        raise Refusal(400, "InvalidValue", "cursor is not one of this export") from None


def _view(request: Request) -> View:
    found = view_of(number(request.path_params["view_id"]))
    if found is None:
        raise not_found()
    return found


def _tickets(request: Request, chosen: Selection) -> Response:
    page = paging.asked(request)
    rows = state_of(request).records.select(chosen, page)
    return answer(
        request, {"tickets": rows.docs} | sideloads(request, rows.docs), paging.tail(request, page, rows)
    )


def _ticket_number(request: Request) -> int:
    ticket_id = number(request.path_params["ticket_id"])
    if state_of(request).records.ticket_text(ticket_id) is None:
        raise not_found()
    return ticket_id


def _thread(request: Request, *, comments_only: bool) -> tuple[Rows, CursorPage | NumberedPage]:
    query, page = request.query_params, paging.asked(request)
    newest_first = query.get("sort", "").startswith("-") or query.get("sort_order") == "desc"
    rows = state_of(request).records.audits(
        _ticket_number(request), page, newest_first=newest_first, comments_only=comments_only
    )
    return rows, page


def _comment_of(audit: Document) -> Document:
    event: Document = next(event for event in audit["events"] if event["type"] == "Comment")
    return {**event, "created_at": audit["created_at"], "via": audit["via"], "metadata": audit["metadata"]}


def _as_result(text: str) -> str:
    return '{"result_type":"ticket",' + text[1:]


def _found(request: Request, page: CursorPage | NumberedPage, order: str) -> Rows:
    helpdesk, query = state_of(request), request.query_params.get("query", "")
    if not query.strip():
        raise Refusal(400, "InvalidValue", "query is required")
    wanted = query if request.query_params.get("filter[type]", "ticket") == "ticket" else "type:other"
    chosen = ticket_search.selection(wanted, helpdesk.records, caller_of(request), helpdesk.now())
    if chosen is None:
        return Rows([], [], more=False, total=0)
    return helpdesk.records.select(chosen, page, order)
