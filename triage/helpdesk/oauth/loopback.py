"""A door on this machine that opens once, for the browser that comes back from signing in."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from triage.helpdesk.oauth.authorize import Attempt, OtherAttempt, code_in
from triage.model.errors import Invalid, Refused

HOST = "127.0.0.1"
_LONGEST_REQUEST = 16_384
_PATIENCE_S = 5.0
_DONE = "Signed in. Close this page and go back to the terminal."
_REFUSED = "Not signed in. The terminal says why."
_STRANGE = "This is not the page you are looking for."


@asynccontextmanager
async def door(attempt: Attempt, port: int) -> AsyncIterator[asyncio.Future[str]]:
    """Listen on ``port`` of this machine; the future gets the code, or why there is none.

    Only an address with this attempt's state is an answer. Anybody else who knocks is sent away and changes
    nothing. Raises `Invalid` where something else listens on the port.
    """
    answered: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    async def knock(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(_PATIENCE_S):
                head = await reader.readuntil(b"\r\n\r\n")
            status, words = _heard(head, attempt, answered)
            writer.write(_page(status, words))
            await writer.drain()
        except (asyncio.IncompleteReadError, asyncio.LimitOverrunError, TimeoutError, ConnectionError):
            pass
        finally:
            writer.close()

    try:
        server = await asyncio.start_server(knock, HOST, port, limit=_LONGEST_REQUEST)
    except OSError as error:
        raise Invalid(f"port {port} is taken on this machine", do="Set oauth_port to another one") from error
    try:
        yield answered
    finally:
        server.close()
        await server.wait_closed()
        if answered.done() and not answered.cancelled():
            answered.exception()


def _heard(head: bytes, attempt: Attempt, answered: asyncio.Future[str]) -> tuple[str, str]:
    method, _, rest = head.decode("latin-1").partition(" ")
    address = rest.split(" ", 1)[0]
    if method != "GET" or answered.done():
        return "404 Not Found", _STRANGE
    try:
        code = code_in(address, attempt)
    except (OtherAttempt, Invalid):
        return "404 Not Found", _STRANGE
    except Refused as refused:
        answered.set_exception(refused)
        return "200 OK", _REFUSED
    answered.set_result(code)
    return "200 OK", _DONE


def _page(status: str, words: str) -> bytes:
    """Nothing of the request is in it, and nothing of it is kept by the browser."""
    body = words.encode()
    head = (
        f"HTTP/1.1 {status}\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: {len(body)}\r\n"
        "Cache-Control: no-store\r\nReferrer-Policy: no-referrer\r\nConnection: close\r\n\r\n"
    )
    return head.encode() + body
