"""Where faults happen: an ASGI layer that knows the sockets behind the requests and really cuts them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from triage.demo.faults import Fault, Schedule


class Sockets:
    """The open connections by the client's address."""

    def __init__(self) -> None:
        self._open: dict[tuple[str, int], asyncio.Transport] = {}

    def opened(self, transport: asyncio.Transport) -> None:
        """Remember a connection."""
        self._open[transport.get_extra_info("peername")[:2]] = transport

    def closed(self, transport: asyncio.BaseTransport) -> None:
        """Forget a connection."""
        peer = transport.get_extra_info("peername")[:2]
        if self._open.get(peer) is transport:
            del self._open[peer]

    def of(self, scope: Scope) -> asyncio.Transport | None:
        """The connection that a request came by."""
        return self._open.get(tuple(scope["client"] or ()))


def protocol_knowing(sockets: Sockets) -> type[H11Protocol]:
    """uvicorn's HTTP protocol, telling ``sockets`` about its connections."""

    class KnownConnection(H11Protocol):
        def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
            sockets.opened(transport)
            super().connection_made(transport)

        def connection_lost(self, exc: Exception | None) -> None:
            sockets.closed(self.transport)
            super().connection_lost(exc)

    return KnownConnection


@dataclass(slots=True)
class _Heard:
    """An answer held back to be looked at before it is sent."""

    start: Message = field(default_factory=dict)
    body: bytearray = field(default_factory=bytearray)

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.start = message
        else:
            self.body += message.get("body", b"")


class FaultLine:
    """ASGI layer between the server and the helpdesk that makes requests go wrong on schedule."""

    def __init__(self, app: ASGIApp, schedule: Schedule, sockets: Sockets) -> None:
        self._app, self._schedule, self._sockets = app, schedule, sockets
        self._late: set[asyncio.Task[None]] = set()
        self._strike: dict[str, Callable[[Fault, Scope, Receive, Send], Awaitable[None]]] = {
            "status": self._status,
            "delay": self._delay,
            "drop_request": self._drop_request,
            "drop_reply": self._drop_reply,
            "late_apply": self._late_apply,
            "truncate": self._truncate,
            "drip": self._drip,
            "throttle": self._throttle,
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or do to it what the schedule says."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        query = scope["query_string"].decode("latin-1")
        called = f"{scope['path']}?{query}" if query else scope["path"]
        fault = self._schedule.fault_for(scope["method"], called)
        if fault is None:
            await self._app(scope, receive, send)
        else:
            await self._strike[fault.kind](fault, scope, receive, send)

    async def _status(self, fault: Fault, _scope: Scope, receive: Receive, send: Send) -> None:
        await _whole_body(receive)
        body = fault.settings["body"].encode()
        await _answer(send, fault.settings["status"], body, {"content-type": fault.settings["content_type"]})

    async def _throttle(self, fault: Fault, _scope: Scope, receive: Receive, send: Send) -> None:
        await _whole_body(receive)
        headers = {"content-type": "application/json", "retry-after": str(fault.settings["retry_after"])}
        body = b'{"error":"APIRateLimitExceeded","description":"Number of allowed API requests exceeded"}'
        await _answer(send, 429, body, headers)

    async def _delay(self, fault: Fault, scope: Scope, receive: Receive, send: Send) -> None:
        await asyncio.sleep(fault.settings["seconds"])
        await self._app(scope, receive, send)

    async def _drop_request(self, _fault: Fault, scope: Scope, _receive: Receive, _send: Send) -> None:
        await self._cut(scope)

    async def _drop_reply(self, _fault: Fault, scope: Scope, receive: Receive, _send: Send) -> None:
        await self._app(scope, receive, _Heard().send)
        await self._cut(scope)

    async def _late_apply(self, fault: Fault, scope: Scope, receive: Receive, _send: Send) -> None:
        body = await _whole_body(receive)
        await self._cut(scope)
        self._later(self._apply_late(fault.settings["seconds"], scope, body))

    async def _apply_late(self, seconds: float, scope: Scope, body: bytes) -> None:
        await asyncio.sleep(seconds)
        await self._app(scope, _replay(body), _Heard().send)

    async def _truncate(self, fault: Fault, scope: Scope, receive: Receive, send: Send) -> None:
        heard = _Heard()
        await self._app(scope, receive, heard.send)
        part = bytes(heard.body[: int(len(heard.body) * fault.settings["share"])])
        transport = self._sockets.of(scope)
        if fault.settings["how"] == "close" and transport is not None:
            # Written past the server, which would otherwise announce the length or send in chunks.
            head = f"HTTP/1.1 {heard.start['status']} OK\r\ncontent-type: application/json\r\n"
            transport.write(f"{head}connection: close\r\n\r\n".encode() + part)
            transport.close()
            return
        await send(heard.start)
        await send({"type": "http.response.body", "body": part, "more_body": True})
        await self._cut(scope, at_once=False)

    async def _drip(self, fault: Fault, scope: Scope, receive: Receive, send: Send) -> None:
        heard = _Heard()
        await self._app(scope, receive, heard.send)
        await send(heard.start)
        size = fault.settings["bytes"]
        for start in range(0, len(heard.body), size):
            part = bytes(heard.body[start : start + size])
            await send({"type": "http.response.body", "body": part, "more_body": True})
            await asyncio.sleep(fault.settings["every_s"])
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _cut(self, scope: Scope, *, at_once: bool = True) -> None:
        """End the connection: with a reset, or after what was written has left."""
        transport = self._sockets.of(scope)
        if transport is not None:
            transport.abort() if at_once else transport.close()
            await asyncio.sleep(0.01)  # so that the server knows of it before it misses an answer

    def _later(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._late.add(task)
        task.add_done_callback(self._late.discard)


async def _whole_body(receive: Receive) -> bytes:
    body = bytearray()
    while True:
        message = await receive()
        body += message.get("body", b"")
        if message["type"] == "http.disconnect" or not message.get("more_body", False):
            return bytes(body)


def _replay(body: bytes) -> Receive:
    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    return receive


async def _answer(send: Send, status: int, body: bytes, headers: dict[str, str]) -> None:
    raw = [(name.encode(), value.encode()) for name, value in headers.items()]
    raw.append((b"content-length", str(len(body)).encode()))
    await send({"type": "http.response.start", "status": status, "headers": raw})
    await send({"type": "http.response.body", "body": body})
