"""Connections to a helpdesk: whose certificates count, what goes through a proxy, what was really sent."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from http.cookiejar import CookieJar, DefaultCookiePolicy
from pathlib import Path

import httpx

from triage import __version__
from triage.helpdesk.origin import OriginAuth, shown
from triage.helpdesk.pace import WIDEST
from triage.model.errors import Invalid

LONGEST_SILENCE_S = 60.0
"""Between two parts of an answer; each exchange has a deadline of its own beside it."""
CONNECT_DEADLINE_S = 10.0
NEVER_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)
"""Failures before anything of a request could leave."""


def new_client(
    auth: OriginAuth | None,
    trust: ssl.SSLContext,
    transport: httpx.AsyncBaseTransport | None,
    *,
    keep_alive: int,
) -> httpx.AsyncClient:
    """A client that follows no redirect, keeps no cookie and asks for no compression.

    ``keep_alive`` is how many connections are kept for a next request; ``transport`` replaces the network.
    """
    return httpx.AsyncClient(
        auth=auth,
        verify=trust,
        transport=transport,
        follow_redirects=False,
        cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
        headers={
            "User-Agent": f"triage/{__version__}",
            "Accept": "application/json",
            "Accept-Encoding": "identity",
        },
        timeout=httpx.Timeout(LONGEST_SILENCE_S, connect=CONNECT_DEADLINE_S),
        limits=httpx.Limits(max_connections=WIDEST, max_keepalive_connections=keep_alive, keepalive_expiry=3),
    )


def trust_in(ca_file: str) -> ssl.SSLContext:
    """Whose certificates count: the system's, or those in ``ca_file``. Raises `Invalid`."""
    if not ca_file:
        return httpx.create_ssl_context()
    try:
        return ssl.create_default_context(cafile=str(Path(ca_file).expanduser()))
    except (OSError, ssl.SSLError) as error:
        raise Invalid(
            "the file of certificates cannot be read", where=ca_file, do="It must hold PEM certificates"
        ) from error


def shown_proxy(text: str) -> str:
    """A proxy as it may be printed: some carry a name and a password."""
    try:
        return shown(httpx.URL(text)) if text else ""
    except httpx.InvalidURL:
        return "an unreadable address"


class Progress:
    """Listens to a request on its way: only what it positively saw makes a write "not sent"."""

    def __init__(self) -> None:
        self._dialled = False
        self._speaking = False

    async def __call__(self, event: str, info: Mapping[str, object]) -> None:
        """Called by httpx at each of its steps."""
        del info
        self._dialled = self._dialled or event.startswith("connection.")
        self._speaking = self._speaking or ".send_request" in event

    @property
    def certainly_not_sent(self) -> bool:
        """Whether a connection was tried, and nothing of the request went out."""
        return self._dialled and not self._speaking
