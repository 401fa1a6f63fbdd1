"""The body of an answer, read to its end and no further than a limit."""

from __future__ import annotations

import httpx

from triage.model.errors import HelpdeskFailed

LARGEST_BODY = 32 * 1024 * 1024


class TooLarge(HelpdeskFailed):
    """An answer above `LARGEST_BODY`."""


async def read_body(response: httpx.Response, where: str) -> bytes:
    """All of it. Raises `TooLarge`, and `HelpdeskFailed` for a compressed one: none was asked for."""
    if response.headers.get("Content-Encoding", "identity").lower() not in ("", "identity"):
        raise HelpdeskFailed("sent a compressed answer though none was asked for", where=where,
                             do="A proxy may do this; ask for identity encoding to be kept")  # fmt: skip
    parts, size = [], 0
    async for chunk in response.aiter_bytes():
        size += len(chunk)
        if size > LARGEST_BODY:
            raise TooLarge(
                f"the answer is larger than {LARGEST_BODY // 1024 // 1024} MiB", where=where,
                do="Ask for a smaller queue, or look at this ticket in the browser",
            )  # fmt: skip
        parts.append(chunk)
    return b"".join(parts)
