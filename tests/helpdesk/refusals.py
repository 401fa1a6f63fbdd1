"""Answers that refuse, put in the place of what a stand would say."""

from __future__ import annotations

from typing import Any

import httpx

from tests.helpdesk.stands import Stand


def answering(status: int, body: Any = b"", **headers: str) -> httpx.Response:
    """An answer; a text is a plain text."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    if isinstance(body, bytes | str):
        kind = {"Content-Type": "text/plain"} if isinstance(body, str) else {}
        return httpx.Response(status, content=body, headers=kind | named)
    return httpx.Response(status, json=body, headers=named)


def refuses(stand: Stand, part: str, status: int, body: Any = b"", **headers: str) -> None:
    """From now on whatever has ``part`` in its method and address is answered so."""
    stand.server.before = lambda request: (
        answering(status, body, **headers) if part in f"{request.method} {request.url.path}" else None
    )
