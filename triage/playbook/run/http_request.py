"""Sending a request that a person consented to, and keeping what came back.

It carries no cookie, no token and no proxy setting of this machine: only the headers the playbook names.
Certificates are always verified. A redirect is followed on the same host only; anywhere else it is the
answer.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, TypeAlias
from urllib.parse import urljoin, urlsplit

from triage.playbook.run.addresses import refusal
from triage.playbook.run.output import HttpReply, Stream
from triage.playbook.run.redaction import Redact, redact
from triage.playbook.run.request import Request

if TYPE_CHECKING:
    import httpx

BODY_LIMIT = 256 * 1024
"""Bytes of a body that are read; the connection is closed after them."""
REDIRECT_LIMIT = 5

Lookup: TypeAlias = Callable[[str, int], Awaitable[Sequence[str]]]
"""Addresses of a host and port, in the order to try them. Raises `OSError`."""


async def look_up(host: str, port: int) -> Sequence[str]:
    """What this machine's resolver says."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(row[4][0]) for row in found))


async def send(
    request: Request,
    *,
    clock: Callable[[], datetime],
    redact: Redact | None = None,
    lookup: Lookup = look_up,
    trust: ssl.SSLContext | None = None,
    timer: Callable[[], float] = time.monotonic,
) -> HttpReply:
    """Send ``request`` and read at most `BODY_LIMIT` bytes; never raises for what the other side does.

    ``trust`` replaces the usual certificate authorities; ``timer`` counts seconds. Cancelling the task closes
    the connection.
    """
    started = clock()
    sending = _Sending(request, lookup, trust, timer, started)
    try:
        async with asyncio.timeout(request.timeout_s):
            await sending.follow()
    except TimeoutError:
        sending.timed_out = True
    except _RefusedError as error:
        sending.problem = str(error)
    except OSError as error:
        sending.problem = f"{request.host}: {error.strerror or error}"
    except UnicodeError:
        # A name with an empty or an endless part: the resolver cannot even be asked.
        sending.problem = f"{request.host} is not a name that can be looked up"
    # Searching for secrets takes a while, and other things must go on meanwhile.
    return await asyncio.to_thread(sending.reply, started, clock(), redact)


class _RefusedError(Exception):
    """Nothing may be sent there."""


@dataclass(slots=True)
class _Sending:
    """One request with its redirects."""

    request: Request
    lookup: Lookup
    trust: ssl.SSLContext | None
    timer: Callable[[], float]
    now: datetime
    status: int | None = None
    head: str = ""
    body: Stream = field(default_factory=lambda: Stream(BODY_LIMIT, 0))
    cut: int = 0
    """Bytes that came beyond the limit before the connection was closed."""
    ms: int | None = None
    cert_days: float | None = None
    problem: str = ""
    fault: str = ""
    """What failed in a way that is an answer: no connection, a bad certificate, no HTTP."""
    timed_out: bool = False

    async def follow(self) -> None:
        """Send, and follow redirects on the same host."""
        import httpx

        url = self.request.url
        began = self.timer()
        try:
            for _ in range(REDIRECT_LIMIT + 1):
                target = await self._one(url)
                if not target or not _same_host(url, target):
                    break
                url = target
        except (httpx.HTTPError, ssl.SSLError) as error:
            self.fault = _words(error)
        self.ms = round((self.timer() - began) * 1000)

    async def _one(self, url: str) -> str:
        """One exchange; where it redirects to, else empty."""
        import httpx

        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
        addresses = await self.lookup(host, port)
        for address in addresses:
            if why := refusal(host, address, self.request.allowed):
                raise _RefusedError(f"{why}. List it in http_allow to allow it")
        last: httpx.HTTPError | None = None
        for address in addresses:
            try:
                return await self._exchange(url, host, address)
            except (httpx.ConnectError, httpx.ConnectTimeout) as error:
                if _about_certificate(error):
                    raise
                last = error
        if last is not None:
            raise last
        raise OSError(f"{host} has no address")

    async def _exchange(self, url: str, host: str, address: str) -> str:
        import httpx

        parts = urlsplit(url)
        shown = f"[{address}]" if ":" in address else address
        port = f":{parts.port}" if parts.port else ""
        there = parts._replace(netloc=shown + port).geturl()
        # The address is the one that was looked at; the name still is what the certificate must be for.
        extensions = {"sni_hostname": host} if parts.scheme == "https" else {}
        headers = {"User-Agent": "triage", "Accept": "*/*", "Accept-Encoding": "identity"}
        headers |= {**self.request.headers, "Host": parts.netloc}
        async with (
            httpx.AsyncClient(
                verify=self.trust or httpx.create_ssl_context(), trust_env=False,
                follow_redirects=False, timeout=self.request.timeout_s + 1,
            ) as client,
            client.stream(self.request.method, there, headers=headers, extensions=extensions) as answer,
        ):  # fmt: skip
            await self._read(answer)
        target = answer.headers.get("location", "") if 300 <= answer.status_code < 400 else ""
        return _joined(url, target) if target else ""

    async def _read(self, answer: httpx.Response) -> None:
        self.status = answer.status_code
        self.cert_days = _days_left(answer, self.now)
        lines = [f"{name}: {value}" for name, value in answer.headers.items()]
        self.head = f"{answer.http_version} {answer.status_code} {answer.reason_phrase}\n" + "\n".join(lines)
        self.body, self.cut = Stream(BODY_LIMIT, 0), 0
        async for chunk in answer.aiter_raw():
            room = BODY_LIMIT - self.body.size
            self.body.feed(chunk[:room])
            self.cut = max(len(chunk) - room, 0)
            if self.cut:
                return

    def reply(self, started: datetime, finished: datetime, known: Redact | None) -> HttpReply:
        """What is kept."""
        text = (
            ""
            if self.body.binary
            else self.body.text() + ("\n[… the rest was not read …]" if self.cut else "")
        )
        out, count = redact(text, self.request.redact, known)
        head, more = redact(self.head, self.request.redact, known)
        return HttpReply(
            started, finished, 0, out, "", self.body.size + self.cut, self.cut, self.body.digest.hexdigest(),
            self.body.binary, count + more, self.timed_out, problem=self.problem, status=self.status,
            ms=self.ms, cert_days=self.cert_days, head=head, fault=self.fault,
        )  # fmt: skip


def _joined(url: str, target: str) -> str:
    """Where ``target`` leads from ``url``; empty for what is no address: then the redirect is the answer."""
    try:
        return urljoin(url, target)
    except ValueError:
        return ""


def _same_host(url: str, target: str) -> bool:
    """Whether a redirect stays where consent was given; a step up to TLS on the same host counts."""
    here, there = urlsplit(url), urlsplit(target)
    try:
        ports = (here.port, there.port)
    except ValueError:
        return False
    same = here.hostname == there.hostname and there.username is None
    if here.scheme == there.scheme:
        return same and ports[0] == ports[1]
    return same and (here.scheme, there.scheme) == ("http", "https") and ports == (None, None)


def _about_certificate(error: BaseException | None) -> bool:
    """Whether TLS, not the network, is what failed: another address would not help."""
    while error is not None:
        if isinstance(error, ssl.SSLError):
            return True
        error = error.__cause__ or error.__context__
    return False


def _days_left(answer: httpx.Response, now: datetime) -> float | None:
    """Days until the server's certificate ends; None without TLS."""
    stream = answer.extensions.get("network_stream")
    tls = stream.get_extra_info("ssl_object") if stream is not None else None
    held = tls.getpeercert() if tls is not None else None
    if not held or "notAfter" not in held:
        return None
    ends = ssl.cert_time_to_seconds(str(held["notAfter"]))
    return (datetime.fromtimestamp(ends, UTC) - now).total_seconds() / 86400


def _words(error: Exception) -> str:
    """What failed, in one line."""
    text = " ".join(str(error).split())
    return text or type(error).__name__
