"""A proxy that loses what it is told to lose."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Literal
from urllib.parse import urlsplit

Loss = Literal["reply", "request"]


class UnreliableProxy:
    """Passes whole requests on; `lose` makes it drop the next one of a method, or the reply to it."""

    def __init__(self, upstream: str) -> None:
        parts = urlsplit(upstream)
        self._host, self._port = parts.hostname or "", parts.port or 80
        self.url = ""
        self.passed: list[str] = []
        """Methods and paths that reached the server."""
        self._losses: dict[str, Loss] = {}

    def lose(self, what: Loss, method: str) -> None:
        """Lose the next request of ``method`` before the server sees it, or its reply after it did."""
        self._losses[method] = what

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            lines = head.decode("latin-1").split("\r\n")
            method, path = lines[0].split(" ")[:2]
            length = next(
                (int(h.partition(":")[2]) for h in lines if h.lower().startswith("content-length:")), 0
            )
            body = await reader.readexactly(length)
            loss = self._losses.pop(method, None)
            if loss == "request":
                return
            self.passed.append(f"{method} {path.partition('?')[0]}")
            reply = await self._forward(head, body)
            if loss != "reply":
                writer.write(reply)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    async def _forward(self, head: bytes, body: bytes) -> bytes:
        reader, writer = await asyncio.open_connection(self._host, self._port)
        # Two words about the connection would let the server pick, and the end of the reply is its close.
        kept = [line for line in head.split(b"\r\n") if not line.lower().startswith(b"connection:")]
        writer.write(b"\r\n".join(kept).replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n", 1) + body)
        try:
            return await reader.read()
        finally:
            writer.close()


@asynccontextmanager
async def unreliable(upstream: str) -> AsyncIterator[UnreliableProxy]:
    """A proxy before ``upstream`` on a port of its own."""
    proxy = UnreliableProxy(upstream)
    server = await asyncio.start_server(proxy.handle, "127.0.0.1", 0)
    proxy.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield proxy
    finally:
        server.close()
        await server.wait_closed()
