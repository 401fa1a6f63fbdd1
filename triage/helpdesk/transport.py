"""The one way to a helpdesk: HTTP with limits, and with a clear end for everything.

Reads may be repeated and are; writes are sent once and end as one of `triage.model.operation.Outcome`.

What this takes care of, so that no adapter has to:

- the credential goes to one origin only; redirects are never followed, cookies never kept
- a deadline for the whole exchange: a server that drips a byte a second does not hold us
- bodies up to a limit (`triage.helpdesk.body`), uncompressed, so that a small answer cannot unfold into a
  huge one
- strict JSON, parsed outside the event loop when it is large
- each request at its time: `triage.helpdesk.pace` decides when the next one may go
"""

from __future__ import annotations

import asyncio
import json
import logging
import random
from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager, nullcontext
from datetime import UTC, datetime, timedelta
from typing import Any, BinaryIO, Protocol, TypeAlias
from urllib.request import getproxies

import httpx
import stamina

from triage.helpdesk.answer import Answer, http_date, page_name
from triage.helpdesk.body import read_body
from triage.helpdesk.circuit import OutOfReach
from triage.helpdesk.connections import NEVER_SENT, Progress, new_client, shown_proxy, trust_in
from triage.helpdesk.origin import OriginAuth, base_url, is_loopback, origin_of
from triage.helpdesk.pace import WIDEST, Held, Pace
from triage.helpdesk.port import Way
from triage.helpdesk.unreachable import unreachable
from triage.helpdesk.waits import READ_TOTAL_S, Waits
from triage.helpdesk.write_outcome import WriteFailure, sendable, write_outcome
from triage.model.errors import HelpdeskFailed, Refused, TriageError
from triage.model.json_value import Json
from triage.model.operation import NotSent, Throttled, Unknown

READ_DEADLINE_S = 30.0
WRITE_DEADLINE_S = 60.0
READ_ATTEMPTS = 9
ATTACHMENT_HOPS = 3

# Retries are reported as warnings; without a handler Python would write them over the screen.
logging.getLogger("stamina").addHandler(logging.NullHandler())

Query: TypeAlias = Mapping[str, str | int]


class Standing(Protocol):
    """A sign-in that has to be renewed from time to time."""

    async def fresh(self) -> None:
        """Make sure the token holds. Raises `TriageError`."""
        ...

    async def refused(self) -> bool:
        """The token was refused before its time; whether there is another one now."""
        ...


class Transport:
    """Connections to one helpdesk.

    ``authorization`` returns the header's value and is called for each request, so the secret is kept
    nowhere here. ``session`` is asked before each request to make that value hold. ``rights`` says what to
    have granted to an account that may not read. ``clock`` gives UTC; ``transport`` replaces the network in
    tests.
    """

    def __init__(
        self,
        url: str,
        authorization: Callable[[], str],
        *,
        session: Standing | None = None,
        ca_file: str = "",
        rights: str = "",
        transport: httpx.AsyncBaseTransport | None = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        randomness: random.Random | None = None,
    ) -> None:
        self.base = base_url(url)
        self.skew = timedelta(0)
        """The server's clock minus ours, from its latest answer."""
        self._clock = clock
        self._random = randomness or random.Random()
        self.pace = Pace(page_name(self.base), now=clock, randomness=self._random)
        """When the next request may go."""
        self._session = session
        self._ca_file = ca_file
        self._rights = rights
        self._clock_known = False
        auth = OriginAuth(origin_of(self.base), authorization)
        trust = trust_in(ca_file)
        self._reads = new_client(auth, trust, transport, keep_alive=WIDEST)
        # A write never rides on an old connection: one that the server has just closed would turn a
        # write that never left into one that perhaps did.
        self._writes = new_client(auth, trust, transport, keep_alive=0)
        self._strangers = new_client(None, trust, transport, keep_alive=0)

    def __repr__(self) -> str:
        return f"Transport({page_name(self.base)})"

    @property
    def cleartext(self) -> bool:
        """Whether the token crosses a network unencrypted."""
        return self.base.scheme == "http" and not is_loopback(self.base)

    @property
    def way(self) -> Way:
        """How we get there, as far as it is known."""
        here = is_loopback(self.base)
        proxies = {} if here else getproxies()
        return Way(
            encrypted=self.base.scheme == "https" or here,
            trusts=self._ca_file,
            proxy=shown_proxy(proxies.get(self.base.scheme) or proxies.get("all") or ""),
            skew=self.skew if self._clock_known else None,
        )

    def now(self) -> datetime:
        """The time by our own clock (UTC)."""
        return self._clock()

    def server_now(self) -> datetime:
        """The time by the helpdesk's clock, as far as its answers told us."""
        return self._clock() + self.skew

    async def aclose(self) -> None:
        """Close every connection."""
        for client in (self._reads, self._writes, self._strangers):
            await client.aclose()

    async def read(self, path: str, query: Query | None = None) -> Any:
        """The JSON at ``path`` (below the profile's url, or a full link of the same origin).

        Repeated a few times while the helpdesk is unreachable, busy, or cuts its answers. Raises
        `HelpdeskFailed`, or `NotFound` for 404.
        """
        return (await self._read(path, query))[1]

    async def read_tagged(self, path: str, query: Query | None = None) -> tuple[Any, str]:
        """Like `read`, with the answer's ETag (without quotes; empty when there is none)."""
        answer, document = await self._read(path, query)
        return document, answer.headers.get("ETag", "").removeprefix("W/").strip('"')

    async def _read(self, path: str, query: Query | None) -> tuple[Answer, Any]:
        url = self._url(path)
        waits = Waits(self._random, held=lambda: self.pace.hold_s > 0)
        async for attempt in stamina.retry_context(
            on=waits.before_retry, attempts=READ_ATTEMPTS, timeout=None
        ):
            with attempt:
                request = self._reads.build_request("GET", url, params=dict(query) if query else None)
                answer = await self._read_once(request, waits)
                return answer, await answer.document()
        raise AssertionError("the retry loop ends by returning or raising")

    async def _read_once(self, request: httpx.Request, waits: Waits) -> Answer:
        if self._session is not None:
            await self._session.fresh()
        answer = await self._answered(request, waits)
        if answer.status == 401 and self._session is not None and await self._session.refused():
            answer = await self._answered(request, waits)
        if (trouble := answer.trouble(self._rights)) is not None:
            raise trouble
        return answer

    async def _answered(self, request: httpx.Request, waits: Waits) -> Answer:
        try:
            async with self.pace.reading(lambda: waits.time_to_wait_s):
                answer = await self._exchange(self._reads, request, min(READ_DEADLINE_S, waits.left_s))
                self.pace.answered(answer.status, answer.headers)
                return answer
        except (httpx.HTTPError, TimeoutError) as error:
            raise unreachable(error, request.url) from error

    async def write(
        self, method: str, path: str, body: Json, headers: Mapping[str, str] | None = None
    ) -> Answer | WriteFailure:
        """Send one request, once. An `Answer` means the helpdesk said 2xx and all of it arrived.

        While the helpdesk asks us to wait nothing is sent and `Throttled` returned; while it is out of
        reach, `NotSent`.
        """
        content = json.dumps(sendable(body), allow_nan=False).encode()
        return await self._sent_once(
            method, self._url(path), content, {"Content-Type": "application/json", **(headers or {})}
        )

    async def upload(self, path: str, query: Query, content: bytes, media_type: str) -> Answer | WriteFailure:
        """Post the ``content`` of a file, once; the same ends as `write`."""
        url = self._url(path).copy_merge_params(query)
        return await self._sent_once("POST", url, content, {"Content-Type": media_type})

    async def _sent_once(
        self, method: str, url: httpx.URL, content: bytes, headers: Mapping[str, str]
    ) -> Answer | WriteFailure:
        began = Progress()
        request = self._writes.build_request(
            method, url, content=content, headers=headers, extensions={"trace": began}
        )
        try:
            if self._session is not None:
                await self._session.fresh()
        except TriageError as error:
            return NotSent(str(error))
        try:
            async with self.pace.writing():
                answer = await self._exchange(self._writes, request, WRITE_DEADLINE_S)
                self.pace.answered(answer.status, answer.headers)
        except Held as held:
            return Throttled(held.left_s, "account")
        except OutOfReach as error:
            return NotSent(str(error))
        except NEVER_SENT as error:
            return NotSent(str(unreachable(error, request.url)))
        except (httpx.HTTPError, TimeoutError, HelpdeskFailed) as error:
            reason = str(error if isinstance(error, HelpdeskFailed) else unreachable(error, request.url))
            return NotSent(reason) if began.certainly_not_sent else Unknown(reason)
        if answer.status == 401 and await self._another_token():
            # Refused before it was looked at, and the next attempt goes with another token.
            return NotSent("the token had ended before its time; it is renewed")
        return write_outcome(answer)

    async def _another_token(self) -> bool:
        try:
            return self._session is not None and await self._session.refused()
        except TriageError:
            return False

    async def download(self, link: str, sink: BinaryIO, max_bytes: int) -> int:
        """Stream the file behind ``link`` into ``sink``; returns its size.

        The credential goes along only while the link stays with the helpdesk. Files are often kept by
        somebody else, so up to `ATTACHMENT_HOPS` redirects are followed, away from it only to https.
        Raises `Refused` when there are more than ``max_bytes``.
        """
        # A name and password in a link would be sent along, as if they were ours.
        url = self.base.join(link).copy_with(userinfo=b"")
        for _ in range(ATTACHMENT_HOPS + 1):
            home = origin_of(url) == origin_of(self.base)
            if home and self._session is not None:
                await self._session.fresh()
            if not home and url.scheme != "https" and not is_loopback(self.base):
                raise Refused("the file lies on another server without encryption", where=page_name(url))
            try:
                async with self._turn_to_fetch(home), asyncio.timeout(WRITE_DEADLINE_S):
                    moved, size = await self._download_once(home, url, sink, max_bytes)
            except (httpx.HTTPError, TimeoutError) as error:
                raise unreachable(error, url) from error
            if moved is None:
                return size
            url = url.join(moved).copy_with(userinfo=b"")
        raise HelpdeskFailed("the file was moved too often", where=page_name(url))

    def _turn_to_fetch(self, home: bool) -> AbstractAsyncContextManager[None]:
        """Somebody else's server has no part in the helpdesk's pace."""
        return self.pace.reading(lambda: READ_TOTAL_S) if home else nullcontext()

    async def _download_once(
        self, home: bool, url: httpx.URL, sink: BinaryIO, max_bytes: int
    ) -> tuple[str | None, int]:
        client = self._reads if home else self._strangers
        async with client.stream("GET", url) as response:
            if home:
                self.pace.answered(response.status_code, response.headers)
            if response.is_redirect:
                return response.headers["Location"], 0
            answer = Answer(response.status_code, response.headers, b"", page_name(url))
            if (trouble := answer.trouble(self._rights if home else "")) is not None:
                raise trouble
            size = 0
            async for chunk in response.aiter_bytes():
                size += len(chunk)
                if size > max_bytes:
                    raise Refused(f"the file is larger than {max_bytes:,} bytes", where=page_name(url))
                sink.write(chunk)
            return None, size

    def _url(self, path: str) -> httpx.URL:
        try:
            url = self.base.join(path.removeprefix("/") if not path.startswith("//") else path)
        except httpx.InvalidURL:
            raise HelpdeskFailed("a link leads to no address", where=page_name(self.base)) from None
        if origin_of(url) != origin_of(self.base):
            raise HelpdeskFailed("a link leads to another server; it was not followed", where=page_name(url))
        return url

    async def _exchange(self, client: httpx.AsyncClient, request: httpx.Request, deadline_s: float) -> Answer:
        async with asyncio.timeout(deadline_s):
            response = await client.send(request, stream=True)
            try:
                self._note_clock(response.headers)
                where = page_name(request.url)
                return Answer(response.status_code, response.headers, await read_body(response, where), where)
            finally:
                await response.aclose()

    def _note_clock(self, headers: Mapping[str, str]) -> None:
        if (at := http_date(headers.get("Date", ""))) is not None:
            self.skew = at - self._clock()
            self._clock_known = True
