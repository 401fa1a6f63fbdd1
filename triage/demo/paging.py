"""Pages of a list: by cursor (``page[size]``, ``page[after]``) or by number (``page``, ``per_page``)."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from starlette.requests import Request

from triage.demo.refusal import bad_parameter

LARGEST = 100
DEEPEST = 10_000
"""Rows that numbered pages reach; behind them are only cursors."""


@dataclass(frozen=True, slots=True)
class CursorPage:
    """``size`` rows after (or before) the row whose key is ``key``."""

    size: int
    key: int | None = None
    backwards: bool = False


@dataclass(frozen=True, slots=True)
class NumberedPage:
    """Page ``number`` (from 1) of ``size`` rows."""

    number: int
    size: int


@dataclass(frozen=True, slots=True)
class Rows:
    """What a page holds: the documents as JSON text, their keys, and what lies beyond."""

    docs: Sequence[str]
    keys: Sequence[int]
    more: bool
    total: int | None = None


def asked(request: Request, largest: int = LARGEST) -> CursorPage | NumberedPage:
    """The page that ``request`` asks for. Raises a 400 `Refusal` for anything unreadable."""
    query = request.query_params
    if "page[size]" in query or "page[after]" in query or "page[before]" in query:
        size = _number(query.get("page[size]", str(largest)), "page[size]", largest, strict=True)
        before = query.get("page[before]")
        token = before or query.get("page[after]")
        return CursorPage(size, decode(token) if token else None, before is not None)
    number = _number(query.get("page", "1"), "page", 1_000_000)
    page = NumberedPage(number, _number(query.get("per_page", str(largest)), "per_page", largest))
    if (page.number - 1) * page.size >= DEEPEST:
        raise bad_parameter(f"Pages end at {DEEPEST} rows; use cursors")
    return page


def _number(text: str, name: str, largest: int, *, strict: bool = False) -> int:
    if not text.isascii() or not text.isdigit() or int(text) < 1:
        raise bad_parameter(f"{name} must be a positive integer")
    if strict and int(text) > largest:
        raise bad_parameter(f"{name} is larger than {largest}")
    return min(int(text), largest)


def encode(key: int) -> str:
    """An opaque cursor for the row with ``key``."""
    return base64.urlsafe_b64encode(f"k:{key}".encode()).decode().rstrip("=")


def decode(token: str) -> int:
    """The key behind a cursor. Raises a 400 `Refusal` when it is none of ours."""
    try:
        text = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True).decode()
        prefix, _, key = text.partition(":")
        if prefix == "k":
            return int(key)
    except (binascii.Error, ValueError):
        pass
    raise bad_parameter("page[after] or page[before] is not a cursor of this list")


def base_of(request: Request) -> str:
    """Scheme and host as the client called them; links must not lead anywhere else."""
    host = request.headers.get("host") or request.url.netloc
    return f"{request.url.scheme}://{host}"


def link(request: Request, path: str | None = None, **changes: str | int | None) -> str:
    """The called address with some query parameters changed (None: left out)."""
    query = {name: value for name, value in request.query_params.items() if name not in changes}
    query |= {name: str(value) for name, value in changes.items() if value is not None}
    called = path or request.scope.get("called_path", request.url.path)
    return f"{base_of(request)}{called}?{urlencode(query)}"


def tail(request: Request, page: CursorPage | NumberedPage, rows: Rows) -> dict[str, object]:
    """What follows the list in the answer: ``meta`` and ``links``, or ``next_page`` and ``count``."""
    if isinstance(page, CursorPage):
        return _cursor_tail(request, page, rows)
    following = link(request, page=page.number + 1) if rows.more else None
    previous = link(request, page=page.number - 1) if page.number > 1 else None
    return {"next_page": following, "previous_page": previous, "count": rows.total}


def _cursor_tail(request: Request, page: CursorPage, rows: Rows) -> dict[str, object]:
    after = encode(rows.keys[-1]) if rows.keys else None
    before = encode(rows.keys[0]) if rows.keys else None
    forth = rows.more if not page.backwards else bool(rows.keys)
    back = rows.more if page.backwards else page.key is not None and bool(rows.keys)
    changes_forth = {"page[size]": page.size, "page[after]": after, "page[before]": None}
    changes_back = {"page[size]": page.size, "page[before]": before, "page[after]": None}
    return {
        "meta": {"has_more": rows.more, "after_cursor": after, "before_cursor": before},
        "links": {
            "next": link(request, None, **changes_forth) if forth else None,
            "prev": link(request, None, **changes_back) if back else None,
        },
    }
