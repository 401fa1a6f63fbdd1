"""One origin, and credentials that go nowhere else."""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import TypeAlias

import httpx

from triage.model.errors import HelpdeskFailed, Invalid

Origin: TypeAlias = tuple[str, str, int]
"""Scheme, host and port."""

_PORTS = {"http": 80, "https": 443}
_HIGHEST_PORT = 65_535


def origin_of(url: httpx.URL) -> Origin:
    """Where ``url`` leads, with the port spelled out. Raises `Invalid` for anything but http and https."""
    if url.scheme not in _PORTS or not url.host:
        raise Invalid("this is not a web address", where=shown(url), do="Begin it with https://")
    return url.scheme, url.host, url.port or _PORTS[url.scheme]


def base_url(text: str) -> httpx.URL:
    """The helpdesk's address from a profile, ending in a slash.

    Raises `Invalid` for something that is no web address, or that carries a name and password: those
    would be printed with every error.
    """
    try:
        url = httpx.URL(text.strip())
    except httpx.InvalidURL as error:
        raise Invalid(
            "this is not a web address", where="url of the profile",
            do="Begin it with https://, and put an IPv6 address into [brackets]",
        ) from error  # fmt: skip
    if url.port is not None and not 1 <= url.port <= _HIGHEST_PORT:
        raise Invalid(f"there is no port {url.port}", where="url of the profile",
                      do=f"Use one from 1 to {_HIGHEST_PORT}")  # fmt: skip
    if url.userinfo:
        raise Invalid(
            "the address carries a name or password", where="url of the profile", do="Leave them out"
        )
    origin_of(url)
    return url.copy_with(path=url.path.rstrip("/") + "/", query=None, fragment=None)


def is_loopback(url: httpx.URL) -> bool:
    """Whether it stays on this machine."""
    return url.host in ("localhost", "::1") or url.host.startswith("127.")


def shown(url: httpx.URL) -> str:
    """``url`` as errors may print it: host and path, never a query, name or password."""
    host = url.host if url.port is None else f"{url.host}:{url.port}"
    return f"{host}{url.path}"


class OriginAuth(httpx.Auth):
    """Puts the credential on requests to one origin and stops every other request before it leaves."""

    def __init__(self, origin: Origin, authorization: Callable[[], str]) -> None:
        self._origin = origin
        self._authorization = authorization

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Called by httpx for every request. Raises `HelpdeskFailed` for a foreign origin."""
        if origin_of(request.url) != self._origin:
            raise HelpdeskFailed(
                "a link leads to another server; the token was not sent there", where=shown(request.url)
            )
        request.headers["Authorization"] = self._authorization()
        yield request
